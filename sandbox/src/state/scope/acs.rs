//! Access systems and what is in them, within scope. A session sees, of the systems of its own
//! accounts, everything; of others, what its user identity's own users there have.
//!
//! What a user, a credential or an access group opens is hidden in it as `acs_entrance_ids`; the
//! users of an access group as `acs_user_ids`.

use std::collections::BTreeSet;

use super::Scope;
use super::rule::{Changes, Rule, about_accounts, about_identity};
use super::viewer::Viewer;
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::State;
use crate::state::noun::Noun;
use crate::state::thing::Thing;
use crate::time::Millis;

pub(super) static SYSTEM: Rule = Rule {
    sees: |viewer, system| of_own_account(viewer, system) || systems(viewer).contains(&system.id()),
    candidates: |viewer, noun| {
        let own = viewer.state.things.of(noun).these_in_order(systems(viewer));
        with_accounts(viewer, noun, own)
    },
    changes: Changes::Nothing,
};

pub(super) static USER: Rule = Rule {
    sees: |viewer, user| of_own_account(viewer, user) || is_own_user(viewer, user),
    candidates: |viewer, noun| with_accounts(viewer, noun, about_identity(viewer, noun)),
    changes: Changes::Nothing,
};

pub(super) static ACCESS_GROUP: Rule = Rule {
    sees: |viewer, group| {
        let users = users(viewer);
        let members = group.linked_all("acs_user_ids");
        of_own_account(viewer, group) || members.iter().any(|it| users.contains(it))
    },
    candidates: |viewer, noun| with_accounts(viewer, noun, about_users(viewer, noun)),
    // A group is of all its users, so one of them must not take it from the others.
    changes: Changes::OfItsAccounts,
};

pub(super) static CREDENTIAL: Rule = Rule {
    sees: |viewer, credential| {
        let user = credential.linked("acs_user_id");
        of_own_account(viewer, credential) || user.is_some_and(|it| users(viewer).contains(&it))
    },
    candidates: |viewer, noun| with_accounts(viewer, noun, about_users(viewer, noun)),
    changes: Changes::Nothing,
};

pub(super) static ENTRANCE: Rule = Rule {
    sees: |viewer, entrance| {
        of_own_account(viewer, entrance) || entrances(viewer).contains(&entrance.id())
    },
    candidates: |viewer, noun| {
        let own = viewer
            .state
            .things
            .of(noun)
            .these_in_order(entrances(viewer));
        with_accounts(viewer, noun, own)
    },
    changes: Changes::Nothing,
};

fn of_own_account(viewer: Viewer<'_>, thing: &Thing) -> bool {
    let account = thing.linked("connected_account_id");
    account.is_some_and(|it| viewer.holds_account(it))
}

fn is_own_user(viewer: Viewer<'_>, user: &Thing) -> bool {
    let identity = user.linked("user_identity_id");
    identity.is_some_and(|it| viewer.is_identity(it))
}

/// The users that the session's identity is in access systems.
fn users(viewer: Viewer<'_>) -> BTreeSet<Id> {
    let identity = viewer.session.user_identity().into_iter();
    let users = identity.flat_map(|it| viewer.state.acs_users_of(it));
    users.map(Thing::id).collect()
}

fn systems(viewer: Viewer<'_>) -> BTreeSet<Id> {
    let identity = viewer.session.user_identity().into_iter();
    identity
        .flat_map(|it| viewer.state.acs_systems_of(it))
        .collect()
}

fn entrances(viewer: Viewer<'_>) -> BTreeSet<Id> {
    let identity = viewer.session.user_identity().into_iter();
    identity
        .flat_map(|it| viewer.state.acs_entrances_of(it, viewer.now))
        .collect()
}

impl Scope<'_> {
    /// The entrances that a user of an access system opens, those that the caller sees, in order.
    pub(crate) fn entrances_of_user(&self, user: Id) -> Result<Vec<&Thing>, ApiError> {
        self.thing(Noun::AcsUser, user)?;
        Ok(self.seen_of(Noun::AcsEntrance, self.state.opened_by(user)))
    }

    /// The entrances that a user identity opens, in order.
    pub(crate) fn entrances_of_identity(&self, identity: Id) -> Result<Vec<&Thing>, ApiError> {
        self.check_identity(identity)?;
        let entrances = self.state.acs_entrances_of(identity, self.now);
        Ok(self.seen_of(Noun::AcsEntrance, entrances))
    }

    /// The access systems in which a user identity is a user, in order.
    pub(crate) fn systems_of_identity(&self, identity: Id) -> Result<Vec<&Thing>, ApiError> {
        self.check_identity(identity)?;
        Ok(self.seen_of(Noun::AcsSystem, self.state.acs_systems_of(identity)))
    }

    pub(super) fn seen_of(&self, noun: Noun, ids: BTreeSet<Id>) -> Vec<&Thing> {
        let mut things = self.state.things.of(noun).these_in_order(ids);
        things.retain(|it| self.sees_thing(noun, it));
        things
    }
}

impl State {
    /// The users that an identity is in access systems.
    fn acs_users_of(&self, identity: Id) -> impl Iterator<Item = &Thing> {
        let users = self.things.of(Noun::AcsUser).about(identity);
        users.filter(move |it| it.linked("user_identity_id") == Some(identity))
    }

    fn acs_systems_of(&self, identity: Id) -> BTreeSet<Id> {
        let users = self.acs_users_of(identity);
        users.filter_map(|it| it.linked("acs_system_id")).collect()
    }

    /// The entrances that an identity's users, and its access grants, open.
    fn acs_entrances_of(&self, identity: Id, now: Millis) -> BTreeSet<Id> {
        let users = self.acs_users_of(identity).map(Thing::id);
        users
            .flat_map(|it| self.opened_by(it))
            .chain(self.granted_entrances(identity, now))
            .collect()
    }

    /// The entrances that a user, its credentials and its access groups open.
    fn opened_by(&self, user: Id) -> BTreeSet<Id> {
        let itself = self.things.of(Noun::AcsUser).get(user).into_iter();
        let credentials = self.things.of(Noun::AcsCredential).about(user);
        let groups = self.things.of(Noun::AcsAccessGroup).about(user);
        itself
            .chain(credentials)
            .chain(groups)
            .flat_map(|it| it.linked_all("acs_entrance_ids"))
            .collect()
    }
}

fn about_users(viewer: Viewer<'_>, noun: Noun) -> Vec<&Thing> {
    let things = viewer.state.things.of(noun);
    let users = users(viewer).into_iter();
    users.flat_map(|it| things.about(it)).collect()
}

fn with_accounts<'s>(viewer: Viewer<'s>, noun: Noun, own: Vec<&'s Thing>) -> Vec<&'s Thing> {
    own.into_iter()
        .chain(about_accounts(viewer, noun))
        .collect()
}
