//! The rules by which a session sees and changes things: one for each noun, as the table in
//! [`scope`](super) says.

use super::session_view::SessionView;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;

/// Which things of a noun a session sees, and whether it changes them.
pub(super) struct AccessPolicy {
    /// Whether the session sees this thing. Nothing else decides it.
    pub(super) can_see: for<'s> fn(SessionView<'s>, &'s Record) -> bool,
    /// The things that come into question, found without looking at the whole workspace; those
    /// that the session does not see are left out afterwards.
    pub(super) candidates: for<'s> fn(SessionView<'s>, ResourceType) -> Vec<&'s Record>,
    /// What a session may make, change and remove.
    pub(super) write: WritePolicy,
}

/// What a session may make, change and remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WritePolicy {
    ReadOnly,
    /// What it sees, and what is about a device that it sees.
    Visible,
    /// What it sees and is of an account that it holds.
    OwnAccounts,
}

/// Whoever sees the device.
pub(super) static ON_DEVICE: AccessPolicy = AccessPolicy {
    can_see: |view, record| {
        let device = record.linked_id("device_id");
        device.is_some_and(|it| view.since(it).is_some())
    },
    candidates: about_devices,
    write: WritePolicy::Visible,
};

/// The session whose user identity it is of.
pub(super) static OF_IDENTITY: AccessPolicy = AccessPolicy {
    can_see: |view, record| {
        let identity = record.linked_id("user_identity_id");
        identity.is_some_and(|it| view.is_identity(it))
    },
    candidates: about_identity,
    write: WritePolicy::Visible,
};

/// No session.
pub(super) static NOBODY: AccessPolicy = AccessPolicy {
    can_see: |_, _| false,
    candidates: |_, _| Vec::new(),
    write: WritePolicy::ReadOnly,
};

/// The session that the account is associated with, directly or through a webview.
pub(super) static ACCOUNT: AccessPolicy = AccessPolicy {
    can_see: |view, account| view.has_account(account.id()),
    candidates: |view, resource_type| {
        view.state
            .records
            .table(resource_type)
            .get_all(view.accounts())
    },
    write: WritePolicy::ReadOnly,
};

/// The session that the webview is associated with, as one that it made is.
pub(super) static WEBVIEW: AccessPolicy = AccessPolicy {
    can_see: |view, webview| view.session.webviews().contains(&webview.id()),
    candidates: |view, resource_type| {
        let own = view.session.webviews().iter().copied();
        view.state.records.table(resource_type).get_all(own)
    },
    write: WritePolicy::Visible,
};

/// The things that are about the devices that the session sees.
pub(super) fn about_devices(view: SessionView<'_>, resource_type: ResourceType) -> Vec<&Record> {
    let records = view.state.records.table(resource_type);
    let devices = view.devices().into_iter();
    devices
        .flat_map(|it| records.referencing(it.id()))
        .collect()
}

/// The things that are about the session's user identity.
pub(super) fn about_identity(view: SessionView<'_>, resource_type: ResourceType) -> Vec<&Record> {
    let records = view.state.records.table(resource_type);
    let identity = view.session.user_identity().into_iter();
    identity.flat_map(|it| records.referencing(it)).collect()
}

/// The things that are about the session's accounts.
pub(super) fn about_accounts(view: SessionView<'_>, resource_type: ResourceType) -> Vec<&Record> {
    let records = view.state.records.table(resource_type);
    let accounts = view.accounts().into_iter();
    accounts.flat_map(|it| records.referencing(it)).collect()
}
