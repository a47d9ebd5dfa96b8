//! Access policies: which records a session may see and change. The table in [`scope`](super)
//! explains them.

use super::session_view::SessionView;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;

/// Which records of a resource type a session may see, and which it may change.
pub(super) struct AccessPolicy {
    /// Returns whether the session may see a record. Nothing else decides it.
    pub(super) can_see: for<'s> fn(SessionView<'s>, &'s Record) -> bool,
    /// Returns the records that the session might see. It uses indexes, so that the cost does not
    /// grow with the workspace; `can_see` then filters the records.
    pub(super) candidates: for<'s> fn(SessionView<'s>, ResourceType) -> Vec<&'s Record>,
    /// Which records a session may create, change and remove.
    pub(super) write: WritePolicy,
}

/// Which records a session may create, change and remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WritePolicy {
    ReadOnly,
    /// Those that it may see, and those of a device that it may see.
    Visible,
    /// Those that it may see and that belong to an account that it has access to.
    OwnAccounts,
}

/// Visible with access to the device.
pub(super) static ON_DEVICE: AccessPolicy = AccessPolicy {
    can_see: |view, record| {
        let device = record.linked_id("device_id");
        device.is_some_and(|it| view.since(it).is_some())
    },
    candidates: referencing_devices,
    write: WritePolicy::Visible,
};

/// Visible to the session's own user identity.
pub(super) static OF_IDENTITY: AccessPolicy = AccessPolicy {
    can_see: |view, record| {
        let identity = record.linked_id("user_identity_id");
        identity.is_some_and(|it| view.has_identity(it))
    },
    candidates: referencing_identity,
    write: WritePolicy::Visible,
};

/// Visible to no session.
pub(super) static NOBODY: AccessPolicy = AccessPolicy {
    can_see: |_, _| false,
    candidates: |_, _| Vec::new(),
    write: WritePolicy::ReadOnly,
};

/// Visible to sessions that are associated with the account, directly or through a webview.
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

/// Visible to sessions that are associated with the webview, as with one that they created.
pub(super) static WEBVIEW: AccessPolicy = AccessPolicy {
    can_see: |view, webview| view.session.webviews().contains(&webview.id()),
    candidates: |view, resource_type| {
        let own = view.session.webviews().iter().copied();
        view.state.records.table(resource_type).get_all(own)
    },
    write: WritePolicy::Visible,
};

/// Returns the records that reference a device that the session sees.
pub(super) fn referencing_devices(
    view: SessionView<'_>,
    resource_type: ResourceType,
) -> Vec<&Record> {
    let records = view.state.records.table(resource_type);
    let devices = view.devices().into_iter();
    devices
        .flat_map(|it| records.referencing(it.id()))
        .collect()
}

/// Returns the records that reference the session's user identity.
pub(super) fn referencing_identity(
    view: SessionView<'_>,
    resource_type: ResourceType,
) -> Vec<&Record> {
    let records = view.state.records.table(resource_type);
    let identity = view.session.user_identity().into_iter();
    identity.flat_map(|it| records.referencing(it)).collect()
}

/// Returns the records that reference an account of the session.
pub(super) fn referencing_accounts(
    view: SessionView<'_>,
    resource_type: ResourceType,
) -> Vec<&Record> {
    let records = view.state.records.table(resource_type);
    let accounts = view.accounts().into_iter();
    accounts.flat_map(|it| records.referencing(it)).collect()
}
