//! Access systems and what is in them, within scope. A session sees, of the systems of its own
//! accounts, everything; of others, what its user identity's own users there have.
//!
//! What a user, a credential or an access group opens is hidden in it as `acs_entrance_ids`; the
//! users of an access group as `acs_user_ids`.

use std::collections::BTreeSet;

use super::rule::{Changes, Rule, about_accounts, about_identity};
use super::viewer::Viewer;
use crate::ids::Id;
use crate::state::noun::Noun;
use crate::state::thing::Thing;

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
    let users = about_identity(viewer, Noun::AcsUser).into_iter();
    users
        .filter(|it| is_own_user(viewer, it))
        .map(Thing::id)
        .collect()
}

fn systems(viewer: Viewer<'_>) -> BTreeSet<Id> {
    let users = about_identity(viewer, Noun::AcsUser).into_iter();
    users.filter_map(|it| it.linked("acs_system_id")).collect()
}

/// The entrances that those users, their credentials, their access groups and the identity's
/// access grants open.
fn entrances(viewer: Viewer<'_>) -> BTreeSet<Id> {
    let users = about_identity(viewer, Noun::AcsUser).into_iter();
    let credentials = about_users(viewer, Noun::AcsCredential).into_iter();
    let groups = about_users(viewer, Noun::AcsAccessGroup).into_iter();
    users
        .chain(credentials)
        .chain(groups)
        .flat_map(|it| it.linked_all("acs_entrance_ids"))
        .chain(viewer.granted_entrances())
        .collect()
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
