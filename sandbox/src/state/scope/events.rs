//! Events within scope: by what each is about.

use super::rule::{Changes, Rule};
use super::viewer::Viewer;
use crate::state::noun::Noun;
use crate::state::thing::Thing;

/// The members of an event that say what it is about, where it is about no device: the first that
/// is there decides.
const ABOUT: [(&str, Noun); 6] = [
    ("connect_webview_id", Noun::ConnectWebview),
    ("acs_credential_id", Noun::AcsCredential),
    ("acs_user_id", Noun::AcsUser),
    ("acs_entrance_id", Noun::AcsEntrance),
    ("acs_access_group_id", Noun::AcsAccessGroup),
    ("acs_system_id", Noun::AcsSystem),
];

/// Who sees what the event is about: a device's events since the session sees the device, and what
/// is about another guest's own only by who holds the account. What is about nothing that a
/// session sees, the workspace above all, it is not shown.
pub(super) static RULE: Rule = Rule {
    sees,
    candidates: |viewer, noun| {
        let log = viewer.state.things.of(noun);
        let mut about = Vec::new();
        about.extend(viewer.devices().into_iter().map(crate::state::Device::id));
        about.extend(viewer.accounts());
        about.extend(viewer.session.webviews());
        about.extend(viewer.session.user_identity());
        about.push(viewer.session.id());
        for noun in ABOUT.map(|(_, noun)| noun) {
            let seen = (super::rule::of(noun).candidates)(viewer, noun).into_iter();
            about.extend(seen.map(Thing::id));
        }
        let about = about.into_iter();
        about.flat_map(|it| log.about(it)).collect()
    },
    changes: Changes::Nothing,
};

fn sees(viewer: Viewer<'_>, event: &Thing) -> bool {
    if let Some(device) = event.linked("device_id") {
        let since = viewer.since(device);
        // An attempt is seen by nobody but who asked for it, so is the event of its end.
        let is_own = event.asker.is_some() || event.linked("action_attempt_id").is_some();
        let private = is_own && !viewer.owns(event.asker) && !viewer.holds(device);
        return since.is_some_and(|it| it <= event.created_at()) && !private;
    }
    if let Some(session) = event.linked("client_session_id") {
        return session == viewer.session.id();
    }
    for (name, noun) in ABOUT {
        if let Some(id) = event.linked(name) {
            let thing = viewer.state.things.of(noun).get(id);
            return thing.is_some_and(|it| (super::rule::of(noun).sees)(viewer, it));
        }
    }
    if let Some(account) = event.linked("connected_account_id") {
        return viewer.holds_account(account);
    }
    let identity = event.linked("user_identity_id");
    identity.is_some_and(|it| viewer.is_identity(it))
}
