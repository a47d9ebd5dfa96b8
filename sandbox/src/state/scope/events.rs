//! Who may see an event: whoever may see what the event is about.

use super::acs;
use super::policy::{self, AccessPolicy, WritePolicy};
use super::session_view::SessionView;
use crate::state::Device;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;

/// For events that are about no device: the member that names the subject, the subject's type and
/// its policy. The first member that an event has decides.
static SUBJECTS: [(&str, ResourceType, &AccessPolicy); 6] = [
    (
        "connect_webview_id",
        ResourceType::ConnectWebview,
        &policy::WEBVIEW,
    ),
    (
        "acs_credential_id",
        ResourceType::AcsCredential,
        &acs::CREDENTIAL,
    ),
    ("acs_user_id", ResourceType::AcsUser, &acs::USER),
    ("acs_entrance_id", ResourceType::AcsEntrance, &acs::ENTRANCE),
    (
        "acs_access_group_id",
        ResourceType::AcsAccessGroup,
        &acs::ACCESS_GROUP,
    ),
    ("acs_system_id", ResourceType::AcsSystem, &acs::SYSTEM),
];

/// Events of a device are visible from the time at which the session was given access to it. An
/// event about another guest's access code or action attempt is visible only with access to the
/// device's account. An event without a visible subject, such as one about the workspace, is
/// visible to no session.
pub(super) static POLICY: AccessPolicy = AccessPolicy {
    can_see,
    candidates: |view, resource_type| {
        let log = view.state.records.table(resource_type);
        let mut subjects = Vec::new();
        subjects.extend(view.devices().into_iter().map(Device::id));
        subjects.extend(view.accounts());
        subjects.extend(view.session.webviews());
        subjects.extend(view.session.user_identity());
        subjects.push(view.session.id());
        for (_, resource_type, policy) in &SUBJECTS {
            let candidates = (policy.candidates)(view, *resource_type).into_iter();
            subjects.extend(candidates.map(Record::id));
        }
        let subjects = subjects.into_iter();
        subjects.flat_map(|it| log.referencing(it)).collect()
    },
    write: WritePolicy::ReadOnly,
};

fn can_see(view: SessionView<'_>, event: &Record) -> bool {
    if let Some(device) = event.linked_id("device_id") {
        let since = view.since(device);
        // Only the requester sees an action attempt, so the event of its end is private too.
        let has_owner = event.owner.is_some() || event.linked_id("action_attempt_id").is_some();
        let is_private = has_owner && !view.is_owner(event.owner) && !view.has_account_of(device);
        return since.is_some_and(|it| it <= event.created_at()) && !is_private;
    }
    if let Some(session) = event.linked_id("client_session_id") {
        return session == view.session.id();
    }
    if event.linked_id("access_grant_id").is_some() {
        // Grants are the back end's. An event of one may also name an entrance that others see.
        return false;
    }
    for (name, resource_type, policy) in &SUBJECTS {
        if let Some(id) = event.linked_id(name) {
            let subject = view.state.records.table(*resource_type).get(id);
            return subject.is_some_and(|it| (policy.can_see)(view, it));
        }
    }
    if let Some(account) = event.linked_id("connected_account_id") {
        return view.has_account(account);
    }
    let identity = event.linked_id("user_identity_id");
    identity.is_some_and(|it| view.has_identity(it))
}
