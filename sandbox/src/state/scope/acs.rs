//! Access systems and what is in them, within scope. A session sees, of the systems of its own
//! accounts, everything; of others, what its user identity's own users there have.
//!
//! What a user, a credential or an access group opens is hidden in it as `acs_entrance_ids`; the
//! users of an access group as `acs_user_ids`.

use std::collections::BTreeSet;

use super::Scope;
use super::policy::{AccessPolicy, WritePolicy, about_accounts, about_identity};
use super::session_view::SessionView;
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::State;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;
use crate::time::Millis;

pub(super) static SYSTEM: AccessPolicy = AccessPolicy {
    can_see: |view, system| of_own_account(view, system) || systems(view).contains(&system.id()),
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
    can_see: |view, user| of_own_account(view, user) || is_own_user(view, user),
    candidates: |view, resource_type| {
        with_accounts(view, resource_type, about_identity(view, resource_type))
    },
    write: WritePolicy::ReadOnly,
};

pub(super) static ACCESS_GROUP: AccessPolicy = AccessPolicy {
    can_see: |view, group| {
        let users = users(view);
        let members = group.linked_ids("acs_user_ids");
        of_own_account(view, group) || members.iter().any(|it| users.contains(it))
    },
    candidates: |view, resource_type| {
        with_accounts(view, resource_type, about_users(view, resource_type))
    },
    // A group is of all its users, so one of them must not take it from the others.
    write: WritePolicy::OwnAccounts,
};

pub(super) static CREDENTIAL: AccessPolicy = AccessPolicy {
    can_see: |view, credential| {
        let user = credential.linked_id("acs_user_id");
        of_own_account(view, credential) || user.is_some_and(|it| users(view).contains(&it))
    },
    candidates: |view, resource_type| {
        with_accounts(view, resource_type, about_users(view, resource_type))
    },
    write: WritePolicy::ReadOnly,
};

pub(super) static ENTRANCE: AccessPolicy = AccessPolicy {
    can_see: |view, entrance| {
        of_own_account(view, entrance) || entrances(view).contains(&entrance.id())
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

fn of_own_account(view: SessionView<'_>, record: &Record) -> bool {
    let account = record.linked_id("connected_account_id");
    account.is_some_and(|it| view.has_account(it))
}

fn is_own_user(view: SessionView<'_>, user: &Record) -> bool {
    let identity = user.linked_id("user_identity_id");
    identity.is_some_and(|it| view.is_identity(it))
}

/// The users that the session's identity is in access systems.
fn users(view: SessionView<'_>) -> BTreeSet<Id> {
    let identity = view.session.user_identity().into_iter();
    let users = identity.flat_map(|it| view.state.acs_users_of(it));
    users.map(Record::id).collect()
}

fn systems(view: SessionView<'_>) -> BTreeSet<Id> {
    let identity = view.session.user_identity().into_iter();
    identity
        .flat_map(|it| view.state.acs_systems_of(it))
        .collect()
}

fn entrances(view: SessionView<'_>) -> BTreeSet<Id> {
    let identity = view.session.user_identity().into_iter();
    identity
        .flat_map(|it| view.state.acs_entrances_of(it, view.now))
        .collect()
}

impl Scope<'_> {
    /// The entrances that a user of an access system opens, those that the caller sees, in order.
    pub(crate) fn entrances_of_user(&self, user: Id) -> Result<Vec<&Record>, ApiError> {
        self.record(ResourceType::AcsUser, user)?;
        Ok(self.seen_of(ResourceType::AcsEntrance, self.state.opened_by(user)))
    }

    /// The entrances that a user identity opens, in order.
    pub(crate) fn entrances_of_identity(&self, identity: Id) -> Result<Vec<&Record>, ApiError> {
        self.check_identity(identity)?;
        let entrances = self.state.acs_entrances_of(identity, self.now);
        Ok(self.seen_of(ResourceType::AcsEntrance, entrances))
    }

    /// The access systems in which a user identity is a user, in order.
    pub(crate) fn systems_of_identity(&self, identity: Id) -> Result<Vec<&Record>, ApiError> {
        self.check_identity(identity)?;
        Ok(self.seen_of(ResourceType::AcsSystem, self.state.acs_systems_of(identity)))
    }

    pub(super) fn seen_of(&self, resource_type: ResourceType, ids: BTreeSet<Id>) -> Vec<&Record> {
        let mut records = self.state.records.table(resource_type).get_all(ids);
        records.retain(|it| self.can_see_record(resource_type, it));
        records
    }
}

impl State {
    /// The users that an identity is in access systems.
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

    /// The entrances that an identity's users, and its access grants, open.
    fn acs_entrances_of(&self, identity: Id, now: Millis) -> BTreeSet<Id> {
        let users = self.acs_users_of(identity).map(Record::id);
        users
            .flat_map(|it| self.opened_by(it))
            .chain(self.granted_entrances(identity, now))
            .collect()
    }

    /// The entrances that a user, its credentials and its access groups open.
    fn opened_by(&self, user: Id) -> BTreeSet<Id> {
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

fn about_users(view: SessionView<'_>, resource_type: ResourceType) -> Vec<&Record> {
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
        .chain(about_accounts(view, resource_type))
        .collect()
}
