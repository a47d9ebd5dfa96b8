//! Who may see access systems and what is in them. In the systems of its own accounts, a session
//! sees everything; in others, what the users of its user identity have.
//!
//! The hidden member `acs_entrance_ids` of a user, a credential or an access group has the
//! entrances that it gives access to; `acs_user_ids` of an access group has its users.

use std::collections::BTreeSet;

use super::Scope;
use super::policy::{AccessPolicy, WritePolicy, referencing_accounts, referencing_identity};
use super::session_view::SessionView;
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::State;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;
use crate::time::Millis;

pub(super) static SYSTEM: AccessPolicy = AccessPolicy {
    can_see: |view, system| in_own_account(view, system) || systems(view).contains(&system.id()),
    candidates: |view, resource_type| {
        let own = view
            .state
            .records
            .table(resource_type)
            .get_all(systems(view));
        with_accounts(view, resource_type, own)
    },
    write: WritePolicy::ReadOnly,
};

pub(super) static USER: AccessPolicy = AccessPolicy {
    can_see: |view, user| in_own_account(view, user) || is_own_user(view, user),
    candidates: |view, resource_type| {
        with_accounts(
            view,
            resource_type,
            referencing_identity(view, resource_type),
        )
    },
    write: WritePolicy::ReadOnly,
};

pub(super) static ACCESS_GROUP: AccessPolicy = AccessPolicy {
    can_see: |view, group| {
        let users = users(view);
        let members = group.linked_ids("acs_user_ids");
        in_own_account(view, group) || members.iter().any(|it| users.contains(it))
    },
    candidates: |view, resource_type| {
        with_accounts(view, resource_type, referencing_users(view, resource_type))
    },
    // An access group belongs to all its users, so one of them must not delete it for the others.
    write: WritePolicy::OwnAccounts,
};

pub(super) static CREDENTIAL: AccessPolicy = AccessPolicy {
    can_see: |view, credential| {
        let user = credential.linked_id("acs_user_id");
        in_own_account(view, credential) || user.is_some_and(|it| users(view).contains(&it))
    },
    candidates: |view, resource_type| {
        with_accounts(view, resource_type, referencing_users(view, resource_type))
    },
    write: WritePolicy::ReadOnly,
};

pub(super) static ENTRANCE: AccessPolicy = AccessPolicy {
    can_see: |view, entrance| {
        in_own_account(view, entrance) || entrances(view).contains(&entrance.id())
    },
    candidates: |view, resource_type| {
        let own = view
            .state
            .records
            .table(resource_type)
            .get_all(entrances(view));
        with_accounts(view, resource_type, own)
    },
    write: WritePolicy::ReadOnly,
};

fn in_own_account(view: SessionView<'_>, record: &Record) -> bool {
    let account = record.linked_id("connected_account_id");
    account.is_some_and(|it| view.has_account(it))
}

fn is_own_user(view: SessionView<'_>, user: &Record) -> bool {
    let identity = user.linked_id("user_identity_id");
    identity.is_some_and(|it| view.has_identity(it))
}

/// Returns the users in access systems that belong to the session's user identity.
fn users(view: SessionView<'_>) -> BTreeSet<Id> {
    let identity = view.whole_identity().into_iter();
    let users = identity.flat_map(|it| view.state.acs_users_of(it));
    users.map(Record::id).collect()
}

fn systems(view: SessionView<'_>) -> BTreeSet<Id> {
    let identity = view.whole_identity().into_iter();
    identity
        .flat_map(|it| view.state.acs_systems_of(it))
        .collect()
}

fn entrances(view: SessionView<'_>) -> BTreeSet<Id> {
    let identity = view.whole_identity().into_iter();
    let of_users = identity.flat_map(|it| view.state.entrances_of_users(it));
    let of_grants = view
        .access_grants()
        .flat_map(|it| view.state.entrances_of_grant(it));
    of_users.chain(of_grants).collect()
}

impl Scope<'_> {
    /// Returns the entrances that a user of an access system has access to and the caller may see,
    /// in order.
    pub(crate) fn entrances_of_user(&self, user: Id) -> Result<Vec<&Record>, ApiError> {
        self.record(ResourceType::AcsUser, user)?;
        Ok(self.visible_records(
            ResourceType::AcsEntrance,
            self.state.entrances_opened_by(user),
        ))
    }

    /// Returns the entrances that a user identity has access to and the caller may see, in order.
    pub(crate) fn entrances_of_identity(&self, identity: Id) -> Result<Vec<&Record>, ApiError> {
        self.check_identity(identity)?;
        let entrances = self.state.acs_entrances_of(identity, self.now);
        Ok(self.visible_records(ResourceType::AcsEntrance, entrances))
    }

    /// Returns the access systems in which a user identity is a user and that the caller may see,
    /// in order.
    pub(crate) fn systems_of_identity(&self, identity: Id) -> Result<Vec<&Record>, ApiError> {
        self.check_identity(identity)?;
        Ok(self.visible_records(ResourceType::AcsSystem, self.state.acs_systems_of(identity)))
    }

    pub(super) fn visible_records(
        &self,
        resource_type: ResourceType,
        ids: BTreeSet<Id>,
    ) -> Vec<&Record> {
        let mut records = self.state.records.table(resource_type).get_all(ids);
        records.retain(|it| self.can_see_record(resource_type, it));
        records
    }
}

impl State {
    /// Returns the users in access systems that belong to this user identity.
    fn acs_users_of(&self, identity: Id) -> impl Iterator<Item = &Record> {
        let users = self
            .records
            .table(ResourceType::AcsUser)
            .referencing(identity);
        users.filter(move |it| it.linked_id("user_identity_id") == Some(identity))
    }

    fn acs_systems_of(&self, identity: Id) -> BTreeSet<Id> {
        let users = self.acs_users_of(identity);
        users
            .filter_map(|it| it.linked_id("acs_system_id"))
            .collect()
    }

    /// Returns the entrances that an identity has access to, through its users and its access
    /// grants.
    fn acs_entrances_of(&self, identity: Id, now: Millis) -> BTreeSet<Id> {
        let granted = self.granted_entrances(identity, now);
        self.entrances_of_users(identity).chain(granted).collect()
    }

    /// Returns the entrances that the users of an identity have access to.
    fn entrances_of_users(&self, identity: Id) -> impl Iterator<Item = Id> {
        let users = self.acs_users_of(identity).map(Record::id);
        users.flat_map(|it| self.entrances_opened_by(it))
    }

    /// Returns the entrances that a user has access to, with its credentials and access groups.
    fn entrances_opened_by(&self, user: Id) -> BTreeSet<Id> {
        let itself = self
            .records
            .table(ResourceType::AcsUser)
            .get(user)
            .into_iter();
        let credentials = self
            .records
            .table(ResourceType::AcsCredential)
            .referencing(user);
        let groups = self
            .records
            .table(ResourceType::AcsAccessGroup)
            .referencing(user);
        itself
            .chain(credentials)
            .chain(groups)
            .flat_map(|it| it.linked_ids("acs_entrance_ids"))
            .collect()
    }
}

fn referencing_users(view: SessionView<'_>, resource_type: ResourceType) -> Vec<&Record> {
    let records = view.state.records.table(resource_type);
    let users = users(view).into_iter();
    users.flat_map(|it| records.referencing(it)).collect()
}

fn with_accounts<'s>(
    view: SessionView<'s>,
    resource_type: ResourceType,
    own: Vec<&'s Record>,
) -> Vec<&'s Record> {
    own.into_iter()
        .chain(referencing_accounts(view, resource_type))
        .collect()
}
