//! A session that looks at the workspace: by what it sees a device, and what is its own. The one
//! place that decides it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::ids::Id;
use crate::state::noun::Noun;
use crate::state::session::ClientSession;
use crate::state::thing::{Asker, Thing};
use crate::state::{Device, State, access_grant};
use crate::time::Millis;

/// Why a session sees a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// The device was granted to this user identity, which is the session's, at this time.
    UserIdentity(Id, Millis),
    /// This access grant, which is of the session's user identity and in force since this time,
    /// names the device or a space that it is in.
    AccessGrant(Id, Millis),
    /// The device is of this account, which is the session's.
    ConnectedAccount(Id),
    /// The device's account was authorised through this webview, which is the session's.
    ConnectWebview(Id),
}

impl Ground {
    /// Since when the session sees what happens on the device.
    fn since(self) -> Millis {
        match self {
            Self::UserIdentity(_, since) | Self::AccessGrant(_, since) => since,
            Self::ConnectedAccount(_) | Self::ConnectWebview(_) => 0,
        }
    }

    pub(crate) fn to_json(self) -> Value {
        match self {
            Self::UserIdentity(id, _) => {
                json!({ "grant": "user_identity", "user_identity_id": id.to_string() })
            }
            Self::AccessGrant(id, _) => {
                json!({ "grant": "access_grant", "access_grant_id": id.to_string() })
            }
            Self::ConnectedAccount(id) => {
                json!({ "grant": "connected_account", "connected_account_id": id.to_string() })
            }
            Self::ConnectWebview(id) => {
                json!({ "grant": "connect_webview", "connect_webview_id": id.to_string() })
            }
        }
    }
}

/// A session and what it looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer<'s> {
    pub(super) state: &'s State,
    pub(super) session: &'s ClientSession,
    pub(super) now: Millis,
}

impl<'s> Viewer<'s> {
    /// By what the session sees this device, managed or not; none if it does not.
    pub(super) fn grounds(self, device: &'s Device) -> impl Iterator<Item = Ground> + 's {
        let session = self.session;
        let identity = session
            .user_identity()
            .and_then(|it| self.state.identities.get(it))
            .and_then(|it| {
                Some(Ground::UserIdentity(
                    it.id(),
                    *it.devices.get(&device.id())?,
                ))
            });
        let grants = self.access_grants().filter_map(move |it| {
            let since = access_grant::since(it, self.now)?;
            access_grant::covers(it, device).then(|| Ground::AccessGrant(it.id(), since))
        });
        let account = session
            .accounts
            .contains(&device.account())
            .then(|| Ground::ConnectedAccount(device.account()));
        let webview = self
            .state
            .webview_of(device.account())
            .filter(|it| session.webviews.contains(it))
            .map(Ground::ConnectWebview);
        identity
            .into_iter()
            .chain(grants)
            .chain(account)
            .chain(webview)
    }

    pub(super) fn sees(self, device: &'s Device) -> bool {
        self.grounds(device).next().is_some()
    }

    /// Since when it sees what happens on this device; none if it does not see it.
    pub(super) fn since(self, device: Id) -> Option<Millis> {
        let device = self.state.devices.get(device)?;
        self.grounds(device).map(Ground::since).min()
    }

    /// Whether it sees the device by its account, as the account's holder does, and not only by
    /// a grant of the device, as a guest does.
    pub(super) fn holds(self, device: Id) -> bool {
        let device = self.state.devices.get(device);
        device.is_some_and(|it| self.holds_account(it.account()))
    }

    /// Whether the account is the session's, directly or through a webview.
    pub(super) fn holds_account(self, account: Id) -> bool {
        let webview = self.state.webview_of(account);
        self.session.accounts.contains(&account)
            || webview.is_some_and(|it| self.session.webviews.contains(&it))
    }

    /// The accounts that are the session's, directly or through a webview.
    pub(super) fn accounts(self) -> BTreeSet<Id> {
        let accounts = self.state.things.of(Noun::ConnectedAccount);
        let authorised = self.session.webviews.iter();
        let authorised = authorised.flat_map(|it| accounts.about(*it)).map(Thing::id);
        self.session
            .accounts
            .iter()
            .copied()
            .chain(authorised)
            .collect()
    }

    /// All devices that the session sees, managed or not, in order. The cost does not grow with
    /// the workspace.
    pub(super) fn devices(self) -> Vec<&'s Device> {
        let table = &self.state.devices;
        let identity = self.session.user_identity();
        let granted = identity.map(|it| self.state.ids_of_identity(it, self.now));
        let mut candidates = granted.unwrap_or_default();
        for account in self.accounts() {
            candidates.extend(table.about(account).map(Device::id));
        }
        let mut devices = table.these_in_order(candidates);
        // The candidates are only an index; what decides is one function.
        devices.retain(|it| self.sees(it));
        devices
    }

    /// Whether this is what the session's own user identity asked for, or, for a session without
    /// one, what it asked for itself. A session that moved to another identity leaves its own
    /// behind.
    pub(super) fn owns(self, asker: Option<Asker>) -> bool {
        let identity = self.session.user_identity();
        asker.is_some_and(|it| {
            it.user_identity == identity && (identity.is_some() || it.session == self.session.id())
        })
    }

    /// Whether this is the session's own user identity.
    pub(super) fn is_identity(self, id: Id) -> bool {
        self.session.user_identity() == Some(id)
    }

    fn access_grants(self) -> impl Iterator<Item = &'s Thing> {
        let identity = self.session.user_identity().into_iter();
        identity.flat_map(move |it| self.state.access_grants(it, self.now))
    }
}

impl State {
    /// The devices of a user identity, managed or not, in order: those granted to it directly, and
    /// those of its access grants that are in force.
    pub(super) fn devices_of_identity(&self, identity: Id, now: Millis) -> Vec<&Device> {
        let ids = self.ids_of_identity(identity, now);
        self.devices.these_in_order(ids)
    }

    fn ids_of_identity(&self, identity: Id, now: Millis) -> BTreeSet<Id> {
        let direct = self.identities.get(identity).into_iter();
        let mut ids: BTreeSet<Id> = direct.flat_map(|it| it.devices.keys().copied()).collect();
        for grant in self.access_grants(identity, now) {
            ids.extend(grant.linked_all("device_ids"));
            let spaces = grant.linked_all("space_ids").into_iter();
            let in_spaces = spaces.flat_map(|it| self.devices.about(it));
            let covered = in_spaces.filter(|it| access_grant::covers(grant, it));
            ids.extend(covered.map(Device::id));
        }
        ids
    }

    /// The entrances that the access grants of a user identity open, those in force.
    pub(super) fn granted_entrances(&self, identity: Id, now: Millis) -> impl Iterator<Item = Id> {
        let entrances = self.things.of(Noun::AcsEntrance);
        let of_spaces = move |it: &Thing| {
            let spaces = it.linked_all("space_ids").into_iter();
            let entrances = spaces.flat_map(move |space| {
                let about = entrances.about(space);
                about.filter(move |it| it.linked_all("space_ids").contains(&space))
            });
            entrances.map(Thing::id).collect::<Vec<_>>()
        };
        self.access_grants(identity, now)
            .flat_map(move |it| [it.linked_all("acs_entrance_ids"), of_spaces(it)].concat())
    }

    /// The access grants of a user identity that are in force.
    fn access_grants(&self, identity: Id, now: Millis) -> impl Iterator<Item = &Thing> {
        let grants = self.things.of(Noun::AccessGrant).about(identity);
        grants.filter(move |it| access_grant::since(it, now).is_some())
    }

    /// All devices that a session sees, managed or not, in order.
    pub(super) fn visible<'s>(
        &'s self,
        session: &'s ClientSession,
        now: Millis,
    ) -> Vec<&'s Device> {
        let viewer = Viewer {
            state: self,
            session,
            now,
        };
        viewer.devices()
    }

    /// The webview through which an account was authorised.
    pub(super) fn webview_of(&self, account: Id) -> Option<Id> {
        let account = self.things.of(Noun::ConnectedAccount).get(account)?;
        account.linked("connect_webview_id")
    }
}
