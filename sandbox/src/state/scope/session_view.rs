//! What a session has access to: which devices it sees and through which grants, and which records
//! it owns. Only this module decides that.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::ids::Id;
use crate::state::record::{Record, Requester};
use crate::state::resource_type::ResourceType;
use crate::state::session::ClientSession;
use crate::state::{Device, State, access_grant};
use crate::time::Millis;

/// Why a session sees a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantSource {
    /// The device was granted to the session's user identity, at this time.
    UserIdentity(Id, Millis),
    /// This access grant of the session's user identity, in force since this time, names the device
    /// or one of its spaces.
    AccessGrant(Id, Millis),
    /// The device belongs to this account, with which the session is associated.
    ConnectedAccount(Id),
    /// The device's account was authorized through this webview, with which the session is
    /// associated.
    ConnectWebview(Id),
}

impl GrantSource {
    /// Returns since when the session sees the events of the device.
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

/// A session, with the state and the time that its access is computed from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionView<'s> {
    pub(super) state: &'s State,
    pub(super) session: &'s ClientSession,
    pub(super) now: Millis,
}

impl<'s> SessionView<'s> {
    /// Returns the grants through which the session sees this device, managed or unmanaged.
    pub(super) fn grant_sources(
        self,
        device: &'s Device,
    ) -> impl Iterator<Item = GrantSource> + 's {
        let session = self.session;
        let identity = session
            .user_identity()
            .filter(|it| self.has_identity(*it))
            .and_then(|it| self.state.identities.get(it))
            .and_then(|it| {
                Some(GrantSource::UserIdentity(
                    it.id(),
                    *it.devices.get(&device.id())?,
                ))
            });
        let grants = self.access_grants().filter_map(move |it| {
            let since = access_grant::in_force_since(it, self.now)?;
            let spaces = self.state.records.table(ResourceType::Space);
            let since = access_grant::covers_since(it, device, since, spaces)?;
            Some(GrantSource::AccessGrant(it.id(), since))
        });
        let account = session
            .accounts
            .contains(&device.account())
            .then(|| GrantSource::ConnectedAccount(device.account()));
        let webview = self
            .state
            .webviews_of(device.account())
            .into_iter()
            .find(|it| session.webviews.contains(it))
            .map(GrantSource::ConnectWebview);
        identity
            .into_iter()
            .chain(grants)
            .chain(account)
            .chain(webview)
    }

    pub(super) fn can_see(self, device: &'s Device) -> bool {
        self.grant_sources(device).next().is_some()
    }

    /// Returns the time since which the session sees the events of this device; `None` if it does
    /// not see the device.
    pub(super) fn since(self, device: Id) -> Option<Millis> {
        let device = self.state.devices.get(device)?;
        self.grant_sources(device).map(GrantSource::since).min()
    }

    /// Returns whether the session has access to the device's account. A guest has access only to
    /// the device.
    pub(super) fn has_account_of(self, device: Id) -> bool {
        let device = self.state.devices.get(device);
        device.is_some_and(|it| self.has_account(it.account()))
    }

    /// Returns whether the session is associated with the account, directly or through a webview.
    pub(super) fn has_account(self, account: Id) -> bool {
        let mut webviews = self.state.webviews_of(account).into_iter();
        self.session.accounts.contains(&account)
            || webviews.any(|it| self.session.webviews.contains(&it))
    }

    /// Returns the accounts that the session is associated with, directly or through a webview.
    pub(super) fn accounts(self) -> BTreeSet<Id> {
        let accounts = self.state.records.table(ResourceType::ConnectedAccount);
        let authorized = self.session.webviews.iter();
        let authorized = authorized
            .flat_map(|it| accounts.referencing(*it))
            .map(Record::id);
        self.session
            .accounts
            .iter()
            .copied()
            .chain(authorized)
            .collect()
    }

    /// Returns all devices that the session sees, managed or unmanaged, in order. The cost does not
    /// grow with the workspace.
    pub(super) fn devices(self) -> Vec<&'s Device> {
        let table = &self.state.devices;
        let identity = self.session.user_identity();
        let granted = identity.map(|it| self.state.ids_of_identity(it, self.now));
        let mut candidates = granted.unwrap_or_default();
        for account in self.accounts() {
            candidates.extend(table.referencing(account).map(Device::id));
        }
        let mut devices = table.get_all(candidates);
        // The candidates come from indexes; only `can_see` decides.
        devices.retain(|it| self.can_see(it));
        devices
    }

    /// Returns whether the requester was the session's user identity, or, if it has none, the
    /// session itself. When a session changes to another identity, it no longer owns its earlier
    /// requests. A session of a mobile key owns its own requests and what its access grant created.
    pub(super) fn is_owner(self, requester: Option<Requester>) -> bool {
        let identity = self.session.user_identity();
        let is_own = |it: Requester| {
            it.session == self.session.id() || Some(it.session) == self.session.access_grant
        };
        requester.is_some_and(|it| {
            let as_identity = identity.is_some_and(|id| self.has_identity(id));
            it.user_identity == identity && (as_identity || is_own(it))
        })
    }

    /// Returns whether this is the session's user identity.
    pub(super) fn is_identity(self, id: Id) -> bool {
        self.session.user_identity() == Some(id)
    }

    /// Returns whether this is the session's user identity, and the session has what the identity
    /// has. A session of a mobile key has only what its access grant gives.
    pub(super) fn has_identity(self, id: Id) -> bool {
        self.is_identity(id) && self.session.access_grant.is_none()
    }

    /// Returns the user identity if the session has what the identity has.
    pub(super) fn whole_identity(self) -> Option<Id> {
        let identity = self.session.user_identity();
        identity.filter(|it| self.has_identity(*it))
    }

    /// Returns the access grants in force that give the session access.
    pub(super) fn access_grants(self) -> impl Iterator<Item = &'s Record> {
        let identity = self.session.user_identity().into_iter();
        let only = self.session.access_grant;
        let grants = identity.flat_map(move |it| self.state.access_grants(it, self.now));
        grants.filter(move |it| only.is_none_or(|only| it.id() == only))
    }
}

impl State {
    /// Returns the devices of a user identity, managed or unmanaged, in order: those granted
    /// directly, and those of its access grants in force.
    pub(super) fn devices_of_identity(&self, identity: Id, now: Millis) -> Vec<&Device> {
        let ids = self.ids_of_identity(identity, now);
        self.devices.get_all(ids)
    }

    fn ids_of_identity(&self, identity: Id, now: Millis) -> BTreeSet<Id> {
        let direct = self.identities.get(identity).into_iter();
        let mut ids: BTreeSet<Id> = direct.flat_map(|it| it.devices.keys().copied()).collect();
        for grant in self.access_grants(identity, now) {
            ids.extend(self.devices_of_grant(grant));
        }
        ids
    }

    /// Returns the entrances of the access grants in force of a user identity.
    pub(super) fn granted_entrances(&self, identity: Id, now: Millis) -> impl Iterator<Item = Id> {
        self.access_grants(identity, now)
            .flat_map(|it| self.entrances_of_grant(it))
    }

    /// Returns the access grants in force of a user identity.
    fn access_grants(&self, identity: Id, now: Millis) -> impl Iterator<Item = &Record> {
        let grants = self
            .records
            .table(ResourceType::AccessGrant)
            .referencing(identity);
        grants.filter(move |it| access_grant::in_force_since(it, now).is_some())
    }

    /// Returns all devices that a session sees, managed or unmanaged, in order.
    pub(super) fn visible_devices<'s>(
        &'s self,
        session: &'s ClientSession,
        now: Millis,
    ) -> Vec<&'s Device> {
        let view = SessionView {
            state: self,
            session,
            now,
        };
        view.devices()
    }
}
