//! Client sessions within scope.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Caller, Scope, SessionRef, api_key_required, limit_reached};
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::state::State;
use crate::state::resource_type::{CLIENT_SESSION, ResourceType, USER_IDENTITY};
use crate::state::session::ClientSession;
use crate::time::{self, Millis};

/// The number of sessions that may be opened with a publishable key. The key is public, and each
/// new user identifier key is a new session.
const MAX_PUBLICLY_OPENED: usize = 1_000;

/// The message for a request without a session.
const NO_SESSION_GIVEN: &str = "client_session_id or user_identifier_key is required";

/// The associations of a session to open or to change. `None` leaves a member unchanged.
#[derive(Debug, Default)]
pub(crate) struct SessionChange {
    pub(crate) user_identifier_key: Option<String>,
    pub(crate) user_identity: Option<Id>,
    pub(crate) accounts: Option<Vec<Id>>,
    pub(crate) webviews: Option<Vec<Id>>,
    pub(crate) expires_at: Option<Millis>,
}

/// What to do if a matching session exists already. Expired and revoked sessions do not count (our
/// choice, so that nobody is given an unusable token).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfKnown {
    /// Fail if a session has the user identifier key.
    Refuse,
    /// Update and return the session with the user identifier key.
    UpdateByKey,
    /// As `UpdateByKey`; without a key, use the session of the user identity that has no key.
    UpdateByKeyOrIdentity,
}

/// Which sessions to list. `None` does not filter.
#[derive(Debug, Default)]
pub(crate) struct SessionFilter {
    pub(crate) id: Option<String>,
    pub(crate) user_identifier_key: Option<String>,
    pub(crate) without_user_identifier_key: bool,
    pub(crate) user_identity_id: Option<String>,
    pub(crate) webview_id: Option<String>,
}

impl SessionFilter {
    fn matches(&self, session: &ClientSession) -> bool {
        let is = |wanted: &Option<String>, id: Option<Id>| {
            let wanted = wanted.as_deref();
            wanted.is_none_or(|it| id.is_some() && Id::parse(it) == id)
        };
        let key = self.user_identifier_key.as_deref();
        let webview = self.webview_id.as_deref();
        is(&self.id, Some(session.id))
            && is(&self.user_identity_id, session.user_identity)
            && key.is_none_or(|it| session.user_identifier_key() == Some(it))
            && !(self.without_user_identifier_key && session.user_identifier_key.is_some())
            && webview
                .is_none_or(|it| Id::parse(it).is_some_and(|it| session.webviews.contains(&it)))
    }
}

impl Scope<'_> {
    /// Opens a session, or updates an existing one, and returns its object.
    pub(crate) fn open_session(
        &mut self,
        wanted: SessionChange,
        if_known: IfKnown,
    ) -> Result<Value, ApiError> {
        let by_publishable_key = match self.caller {
            Caller::Workspace => false,
            Caller::Publishable => true,
            Caller::Session(_) => return Err(api_key_required()),
        };
        if by_publishable_key {
            check_publishable(&wanted)?;
        }
        let now = self.now;
        check_expiry(&wanted, now)?;
        let state = &mut *self.state;
        state.check_references(&wanted)?;
        let id = match state.known_session(&wanted, if_known, now) {
            Some(_) if if_known == IfKnown::Refuse => {
                return Err(ApiError::new(
                    400,
                    "client_session_token_already_exists",
                    "A client session with this user_identifier_key exists already; \
                     /client_sessions/get_or_create returns it",
                ));
            }
            Some(id) if by_publishable_key => id,
            Some(id) => {
                state.change_session(id, |it| it.apply_change(wanted))?;
                id
            }
            None if by_publishable_key => {
                state.make_room(now)?;
                let id = state.add_session(wanted, now);
                state.change_session(id, |it| it.is_publicly_opened = true)?;
                id
            }
            None => state.add_session(wanted, now),
        };
        state.session_json(id, now)
    }

    /// Returns the session with this id and key. A session that calls finds only itself, also
    /// without an id or a key.
    pub(crate) fn find_session(
        &self,
        id: Option<Id>,
        key: Option<&str>,
    ) -> Result<Value, ApiError> {
        let named = |it: &&ClientSession| it.has_id_and_key(id, key);
        let everyone = self.state.sessions.in_order();
        let found = match self.caller {
            Caller::Workspace if id.is_none() && key.is_none() => {
                return Err(ApiError::invalid(NO_SESSION_GIVEN));
            }
            // If several sessions have the key, one that is alive is returned.
            Caller::Workspace => everyone
                .filter(named)
                .max_by_key(|it| (it.check_alive(self.now).is_ok(), it.created_at)),
            Caller::Session(_) => self.session().filter(named),
            Caller::Publishable => None,
        };
        if let Some(session) = found {
            return self.state.session_json(session.id, self.now);
        }
        let exists = self.state.sessions.in_order().any(|it| named(&it));
        Err(self.refusal(exists, &CLIENT_SESSION))
    }

    /// Returns the sessions that match the filter, including revoked and expired ones (our choice:
    /// they exist until they are deleted).
    pub(crate) fn list_sessions(&mut self, filter: &SessionFilter) -> Result<Vec<Value>, ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        let found = state.sessions.in_order().filter(|it| filter.matches(it));
        found.map(|it| state.session_json(it.id, now)).collect()
    }

    /// Adds associations to the session that is alive and has this id and key. Accounts and
    /// webviews are added; a user identity replaces the current one (our choice).
    pub(crate) fn extend_session(
        &mut self,
        id: Option<Id>,
        more: SessionChange,
    ) -> Result<Value, ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        if id.is_none() && more.user_identifier_key.is_none() {
            return Err(ApiError::invalid(NO_SESSION_GIVEN));
        }
        state.check_references(&more)?;
        let key = more.user_identifier_key.as_deref();
        let counts =
            |it: &&ClientSession| it.has_id_and_key(id, key) && it.check_alive(now).is_ok();
        let found = state.sessions.in_order().find(counts);
        let id = found
            .map(ClientSession::id)
            .ok_or_else(|| CLIENT_SESSION.not_found())?;
        state.change_session(id, |session| {
            session.accounts.extend(more.accounts.into_iter().flatten());
            session.webviews.extend(more.webviews.into_iter().flatten());
            session.user_identity = more.user_identity.or(session.user_identity);
        })?;
        state.session_json(id, now)
    }

    /// Returns the sessions with this user identifier key that are alive. A session finds only
    /// those with its own key.
    pub(super) fn sessions_of_key(&self, key: &str) -> Vec<&ClientSession> {
        let may_ask = match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => self
                .session()
                .is_some_and(|it| it.user_identifier_key() == Some(key)),
            Caller::Publishable => false,
        };
        let sessions =
            self.state.sessions.in_order().filter(|it| {
                it.user_identifier_key() == Some(key) && it.check_alive(self.now).is_ok()
            });
        if may_ask {
            sessions.collect()
        } else {
            Vec::new()
        }
    }

    /// Revokes a session. It stays in the list.
    pub(crate) fn revoke_session(&mut self, id: Id) -> Result<(), ApiError> {
        let now = self.now;
        self.require_api_key()?.change_session(id, |it| {
            it.revoked_at.get_or_insert(now);
        })
    }

    /// Expires a session now.
    pub(crate) fn expire_session(&mut self, id: Id) -> Result<(), ApiError> {
        let now = self.now;
        self.require_api_key()?.change_session(id, |it| {
            it.expires_at = it.expires_at.min(now);
        })
    }

    /// Returns the id of a session.
    pub(crate) fn session_id(&mut self, name: SessionRef<'_>) -> Result<Id, ApiError> {
        let found = self
            .require_api_key()?
            .session_of(name)
            .map(ClientSession::id);
        found.ok_or_else(|| CLIENT_SESSION.not_found())
    }

    pub(crate) fn delete_session(&mut self, id: Id) -> Result<(), ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        state.change_session(id, |_| ())?;
        state.remove_session(id, now);
        Ok(())
    }
}

/// A session that has ended before it begins is a mistake (our choice): often the caller computes
/// the time from its own clock, and the sandbox's has been moved.
fn check_expiry(wanted: &SessionChange, now: Millis) -> Result<(), ApiError> {
    if wanted.expires_at.is_some_and(|it| it <= now) {
        return Err(ApiError::invalid_parameter(
            "expires_at",
            &format!(
                "The sandbox's clock is at {}, and /_sandbox/clock moves it: give a later time",
                time::to_iso(now)
            ),
        ));
    }
    Ok(())
}

/// A publishable key is public, so it must not give access to a user's devices.
fn check_publishable(wanted: &SessionChange) -> Result<(), ApiError> {
    if wanted.user_identifier_key.is_none() {
        return Err(ApiError::new(
            400,
            "publishable_key_requires_user_identifier_key",
            "A publishable key requires a user_identifier_key",
        ));
    }
    if wanted.accounts.is_some() || wanted.webviews.is_some() || wanted.user_identity.is_some() {
        return Err(ApiError::new(
            403,
            "publishable_keys_must_create_empty_client_sessions",
            "A publishable key can only open sessions that are associated with nothing",
        ));
    }
    Ok(())
}

impl ClientSession {
    /// Returns whether the session has this id and this key, as far as they are given.
    fn has_id_and_key(&self, id: Option<Id>, key: Option<&str>) -> bool {
        id.is_none_or(|it| self.id == it)
            && key.is_none_or(|it| self.user_identifier_key() == Some(it))
    }

    /// Applies the change. Lists replace the current ones, as documented.
    fn apply_change(&mut self, wanted: SessionChange) {
        if let Some(accounts) = wanted.accounts {
            self.accounts = accounts.into_iter().collect();
        }
        if let Some(webviews) = wanted.webviews {
            self.webviews = webviews.into_iter().collect();
        }
        self.user_identity = wanted.user_identity.or(self.user_identity);
        self.expires_at = wanted.expires_at.unwrap_or(self.expires_at);
    }
}

impl State {
    pub(in crate::state) fn add_session(&mut self, wanted: SessionChange, now: Millis) -> Id {
        let id = self.entropy.id();
        let token = self.entropy.token("seam_cst1", 8);
        let mut session = ClientSession {
            id,
            token,
            created_at: now,
            expires_at: ClientSession::default_end(now),
            revoked_at: None,
            user_identifier_key: wanted.user_identifier_key.clone(),
            user_identity: None,
            accounts: BTreeSet::new(),
            webviews: BTreeSet::new(),
            is_publicly_opened: false,
            access_grant: None,
        };
        session.apply_change(wanted);
        self.sessions.insert(session);
        id
    }

    /// Makes room for one more session that is opened with a publishable key: at the limit, the
    /// oldest one that is expired or revoked is removed. One that is alive never is (our choice),
    /// because otherwise whoever has the key could end the sessions of other users.
    fn make_room(&mut self, now: Millis) -> Result<(), ApiError> {
        let public = || {
            let sessions = self.sessions.in_order();
            sessions.filter(|it| it.is_publicly_opened)
        };
        if public().count() < MAX_PUBLICLY_OPENED {
            return Ok(());
        }
        let dead = public().find(|it| it.check_alive(now).is_err());
        let dead = dead.map(ClientSession::id).ok_or_else(|| {
            limit_reached(&format!(
                "{MAX_PUBLICLY_OPENED} sessions that a publishable key opened"
            ))
        })?;
        self.remove_session(dead, now);
        Ok(())
    }

    /// Removes a session and records the event.
    pub(in crate::state) fn remove_session(&mut self, id: Id, now: Millis) {
        if self.sessions.remove(id).is_some() {
            let mut members = JsonObject::new();
            members.insert("client_session_id".to_owned(), id.to_string().into());
            self.record_event(now, "client_session.deleted", members, None);
        }
    }

    fn change_session<R>(
        &mut self,
        id: Id,
        change: impl FnOnce(&mut ClientSession) -> R,
    ) -> Result<R, ApiError> {
        self.sessions
            .change(id, change)
            .ok_or_else(|| CLIENT_SESSION.not_found())
    }

    fn session_json(&self, id: Id, now: Millis) -> Result<Value, ApiError> {
        let session = self.sessions.get(id);
        let session = session.ok_or_else(|| CLIENT_SESSION.not_found())?;
        let devices = self.visible_devices(session, now).into_iter();
        let count = devices.filter(|it| it.is_managed()).count();
        Ok(session.to_json(self.workspace.id, count))
    }

    fn known_session(&self, wanted: &SessionChange, if_known: IfKnown, now: Millis) -> Option<Id> {
        let by_identity = if_known == IfKnown::UpdateByKeyOrIdentity;
        // A session of a mobile key is never one of the whole user identity.
        let same = |it: &&ClientSession| match wanted.user_identifier_key.as_deref() {
            Some(key) => it.user_identifier_key() == Some(key),
            None => {
                by_identity
                    && wanted.user_identity.is_some()
                    && it.user_identity == wanted.user_identity
                    && it.user_identifier_key.is_none()
                    && it.access_grant.is_none()
            }
        };
        let mut known = self.sessions.in_order().filter(same);
        known
            .find(|it| it.check_alive(now).is_ok())
            .map(ClientSession::id)
    }

    fn check_references(&self, wanted: &SessionChange) -> Result<(), ApiError> {
        if wanted
            .user_identity
            .is_some_and(|it| !self.identities.contains(it))
        {
            return Err(USER_IDENTITY.bad_reference());
        }
        for (resource_type, ids) in [
            (ResourceType::ConnectedAccount, &wanted.accounts),
            (ResourceType::ConnectWebview, &wanted.webviews),
        ] {
            let table = self.records.table(resource_type);
            if ids.iter().flatten().any(|it| !table.contains(*it)) {
                return Err(resource_type.resource().bad_reference());
            }
        }
        Ok(())
    }
}
