//! The rules by which a session sees and changes things: one for each noun, as the table in
//! [`scope`](super) says.

use super::viewer::Viewer;
use super::{access_codes, acs, events};
use crate::state::noun::Noun;
use crate::state::thing::Thing;

/// Which things of a noun a session sees, and whether it changes them.
pub(super) struct Rule {
    /// Whether the session sees this thing. Nothing else decides it.
    pub(super) sees: for<'s> fn(Viewer<'s>, &'s Thing) -> bool,
    /// The things that come into question, found without looking at the whole workspace; those
    /// that the session does not see are left out afterwards.
    pub(super) candidates: for<'s> fn(Viewer<'s>, Noun) -> Vec<&'s Thing>,
    /// What a session may make, change and remove.
    pub(super) changes: Changes,
}

/// What a session may make, change and remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changes {
    Nothing,
    /// What it sees, and what is about a device that it sees.
    WhatItSees,
    /// What it sees and is of an account that it holds.
    OfItsAccounts,
}

/// Whoever sees the device.
static ON_DEVICE: Rule = Rule {
    sees: |viewer, thing| {
        let device = thing.linked("device_id");
        device.is_some_and(|it| viewer.since(it).is_some())
    },
    candidates: about_devices,
    changes: Changes::WhatItSees,
};

/// The session whose user identity it is of.
static OF_IDENTITY: Rule = Rule {
    sees: |viewer, thing| {
        let identity = thing.linked("user_identity_id");
        identity.is_some_and(|it| viewer.is_identity(it))
    },
    candidates: about_identity,
    changes: Changes::WhatItSees,
};

/// No session.
static NOBODY: Rule = Rule {
    sees: |_, _| false,
    candidates: |_, _| Vec::new(),
    changes: Changes::Nothing,
};

/// The session that the account is associated with, directly or through a webview.
static ACCOUNT: Rule = Rule {
    sees: |viewer, account| viewer.holds_account(account.id()),
    candidates: |viewer, noun| {
        viewer
            .state
            .things
            .of(noun)
            .these_in_order(viewer.accounts())
    },
    changes: Changes::Nothing,
};

/// The session that the webview is associated with, as one that it made is.
static WEBVIEW: Rule = Rule {
    sees: |viewer, webview| viewer.session.webviews().contains(&webview.id()),
    candidates: |viewer, noun| {
        let own = viewer.session.webviews().iter().copied();
        viewer.state.things.of(noun).these_in_order(own)
    },
    changes: Changes::WhatItSees,
};

/// The rule of a noun.
pub(super) fn of(noun: Noun) -> &'static Rule {
    match noun {
        Noun::AccessCode => &access_codes::RULE,
        Noun::AccessGrant | Noun::AcsEncoder => &NOBODY,
        Noun::AcsAccessGroup => &acs::ACCESS_GROUP,
        Noun::AcsCredential => &acs::CREDENTIAL,
        Noun::AcsEntrance => &acs::ENTRANCE,
        Noun::AcsSystem => &acs::SYSTEM,
        Noun::AcsUser => &acs::USER,
        Noun::ConnectWebview => &WEBVIEW,
        Noun::ConnectedAccount => &ACCOUNT,
        Noun::Event => &events::RULE,
        Noun::NoiseThreshold | Noun::ThermostatDailyProgram | Noun::ThermostatSchedule => {
            &ON_DEVICE
        }
        Noun::Phone => &OF_IDENTITY,
    }
}

/// The things that are about the devices that the session sees.
pub(super) fn about_devices(viewer: Viewer<'_>, noun: Noun) -> Vec<&Thing> {
    let things = viewer.state.things.of(noun);
    let devices = viewer.devices().into_iter();
    devices.flat_map(|it| things.about(it.id())).collect()
}

/// The things that are about the session's user identity.
pub(super) fn about_identity(viewer: Viewer<'_>, noun: Noun) -> Vec<&Thing> {
    let things = viewer.state.things.of(noun);
    let identity = viewer.session.user_identity().into_iter();
    identity.flat_map(|it| things.about(it)).collect()
}

/// The things that are about the session's accounts.
pub(super) fn about_accounts(viewer: Viewer<'_>, noun: Noun) -> Vec<&Thing> {
    let things = viewer.state.things.of(noun);
    let accounts = viewer.accounts().into_iter();
    accounts.flat_map(|it| things.about(it)).collect()
}
