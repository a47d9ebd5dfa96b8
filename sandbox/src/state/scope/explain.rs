//! Explains why a session sees a device, for `/_sandbox/explain`.

use super::Scope;
use super::session_view::{GrantSource, SessionView};
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::State;
use crate::state::session::ClientSession;
use crate::time::Millis;

/// Why a session sees a device or not.
#[derive(Debug)]
pub(crate) struct Explanation {
    pub(crate) because: Vec<GrantSource>,
    /// Why it does not see the device.
    pub(crate) reason: Option<String>,
}

/// A reference to a session.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SessionRef<'a> {
    Token(&'a str),
    Id(Id),
}

impl Scope<'_> {
    /// Returns the grants through which the session sees the device, or why it does not.
    pub(crate) fn explain(
        &mut self,
        session: SessionRef<'_>,
        device: Id,
    ) -> Result<Explanation, ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        Ok(state.explain(state.session_of(session), device, now))
    }
}

impl State {
    pub(super) fn session_of(&self, name: SessionRef<'_>) -> Option<&ClientSession> {
        match name {
            SessionRef::Token(token) => self.sessions.get_by_name(token),
            SessionRef::Id(id) => self.sessions.get(id),
        }
    }

    fn explain(&self, session: Option<&ClientSession>, device: Id, now: Millis) -> Explanation {
        let no = |reason: String| Explanation {
            because: Vec::new(),
            reason: Some(reason),
        };
        let Some(session) = session else {
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
        let view = SessionView {
            state: self,
            session,
            now,
        };
        let because: Vec<_> = view.grant_sources(device).collect();
        let reason = because.is_empty().then(|| {
            let identity = session.user_identity().map_or_else(
                || "the session has no user identity".to_owned(),
                |it| format!("the device is not granted to user identity {it}"),
            );
            format!(
                "{identity}, and the session is not associated with its connected account {}, neither \
                 directly nor through a webview",
                device.account()
            )
        });
        Explanation { because, reason }
    }
}
