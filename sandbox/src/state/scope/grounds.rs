//! By what a session sees a device: the one place that decides it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Scope;
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::session::ClientSession;
use crate::state::{Device, State};
use crate::time::Millis;

/// Why a session sees a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// The device was granted to this user identity, which is the session's.
    UserIdentity(Id),
    /// The device is of this account, which is the session's.
    ConnectedAccount(Id),
    /// The device's account was authorised through this webview, which is the session's.
    ConnectWebview(Id),
}

/// Whether a session sees a device, and by what.
#[derive(Debug)]
pub(crate) struct Explanation {
    pub(crate) because: Vec<Ground>,
    /// Why it does not.
    pub(crate) reason: Option<String>,
}

impl Ground {
    pub(crate) fn to_json(self) -> Value {
        match self {
            Self::UserIdentity(id) => {
                json!({ "grant": "user_identity", "user_identity_id": id.to_string() })
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

/// How a session is named.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SessionRef<'a> {
    Token(&'a str),
    Id(Id),
}

impl Scope<'_> {
    /// By what the session sees the device, or why it does not.
    pub(crate) fn explain(
        &mut self,
        session: SessionRef<'_>,
        device: Id,
    ) -> Result<Explanation, ApiError> {
        let now = self.now;
        let state = self.owner()?;
        let session = match session {
            SessionRef::Token(token) => state.tokens.get(token).copied(),
            SessionRef::Id(id) => Some(id),
        };
        Ok(state.explain(session, device, now))
    }
}

impl State {
    /// By what the session sees this device; none if it does not. The one place that decides it.
    pub(super) fn grounds<'a>(
        &'a self,
        session: &'a ClientSession,
        device: &'a Device,
    ) -> impl Iterator<Item = Ground> + 'a {
        let identity = session
            .user_identity
            .and_then(|it| self.identities.get(it))
            .filter(|it| it.devices.contains(&device.id()))
            .map(|it| Ground::UserIdentity(it.id));
        let account = session
            .accounts
            .contains(&device.account())
            .then(|| Ground::ConnectedAccount(device.account()));
        let webview = self
            .accounts
            .get(&device.account())
            .filter(|it| session.webviews.contains(&it.webview()))
            .map(|it| Ground::ConnectWebview(it.webview()));
        identity.into_iter().chain(account).chain(webview)
    }

    pub(super) fn sees(&self, session: &ClientSession, device: &Device) -> bool {
        self.grounds(session, device).next().is_some()
    }

    /// All devices that the session sees, in order; its cost does not grow with the workspace.
    pub(super) fn visible(&self, session: &ClientSession) -> Vec<&Device> {
        let granted = session
            .user_identity
            .and_then(|it| self.identities.get(it))
            .map(|it| &it.devices);
        let mut accounts: BTreeSet<Id> = session.accounts.clone();
        if !session.webviews.is_empty() {
            let authorised = self.accounts.values();
            accounts.extend(
                authorised
                    .filter(|it| session.webviews.contains(&it.webview()))
                    .map(|it| it.id),
            );
        }
        let of_accounts = accounts
            .iter()
            .filter_map(|it| self.devices_by_account.get(it));
        let candidates = granted.into_iter().chain(of_accounts).flatten().copied();
        let mut devices = self.devices.these_in_order(candidates);
        // The candidates are only an index; what decides is one function.
        devices.retain(|it| self.sees(session, it));
        devices
    }

    fn explain(&self, session: Option<Id>, device: Id, now: Millis) -> Explanation {
        let no = |reason: String| Explanation {
            because: Vec::new(),
            reason: Some(reason),
        };
        let Some(session) = session.and_then(|it| self.sessions.get(it)) else {
            return no("There is no such client session".to_owned());
        };
        let Some(device) = self.devices.get(device) else {
            return no("There is no such device".to_owned());
        };
        if session.revoked_at.is_some() {
            return no("The client session is revoked".to_owned());
        }
        if session.check_alive(now).is_err() {
            return no("The client session has expired".to_owned());
        }
        let because: Vec<_> = self.grounds(session, device).collect();
        let reason = because.is_empty().then(|| {
            let identity = session.user_identity.map_or_else(
                || "the session has no user identity".to_owned(),
                |it| format!("the device is not granted to user identity {it}"),
            );
            format!(
                "{identity}, and its connected account {} is none of the session's, neither \
                 directly nor through a webview",
                device.account()
            )
        });
        Explanation { because, reason }
    }
}
