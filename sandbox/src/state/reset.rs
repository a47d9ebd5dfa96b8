//! What a state that replaces another keeps of it when the workspace is reset.

use serde_json::{Value, json};

use super::attempt::{ActionAttempt, Progress};
use super::task_queue::ScheduledTask;
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
        let attempt = ActionAttempt {
            id,
            created_at: now,
            action: "RESET_SANDBOX_WORKSPACE".to_owned(),
            device: None,
            progress: Progress::Pending,
            result: json!({}),
            effects: Vec::new(),
            requester: None,
            injected_outcome: None,
            without_device: false,
            lock_events: Vec::new(),
        };
        self.attempts.insert(attempt);
        if self.attempt_ms == 0 {
            self.finish(id, now);
        } else {
            let due = now.saturating_add(self.attempt_ms);
            self.task_queue.add(due, ScheduledTask::FinishAttempt(id));
        }
        self.count_attempt(id, None);
        let attempt = self.attempts.get(id).map(ActionAttempt::to_json);
        attempt.unwrap_or_default()
    }
}
