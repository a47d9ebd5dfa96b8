//! What a state that replaces another keeps of it when the workspace is reset.

use serde_json::Value;

use super::attempt::ActionAttempt;
use super::workspace::Workspace;
use super::{Demo, State};
use crate::json::JsonObject;
use crate::time::Millis;

impl State {
    /// Keeps the keys of an earlier state, the token of its first session, and the injected faults,
    /// which are taken from it.
    pub(crate) fn keep_credentials(&mut self, before: (&mut Self, &Demo), demo: &mut Demo) {
        let (state, demo_before) = before;
        self.faults = std::mem::take(&mut state.faults);
        self.workspace = Workspace {
            id: self.workspace.id,
            name: self.workspace.name.clone(),
            settings: JsonObject::new(),
            ..state.workspace.clone()
        };
        let session = self.sessions.get_by_name(&demo.client_session_token);
        if let Some(session) = session.map(super::ClientSession::id) {
            let token = demo_before.client_session_token.clone();
            self.sessions
                .change(session, |it| it.token.clone_from(&token));
            demo.client_session_token = token;
        }
    }

    /// Starts the action attempt of a reset that is done, and returns its object.
    pub(crate) fn start_reset_attempt(&mut self, now: Millis) -> Value {
        let id = self.entropy.id();
        let attempt = ActionAttempt::without_device(id, now, "RESET_SANDBOX_WORKSPACE");
        self.add_attempt(attempt, false, now);
        let attempt = self.attempts.get(id).map(ActionAttempt::to_json);
        attempt.unwrap_or_default()
    }
}
