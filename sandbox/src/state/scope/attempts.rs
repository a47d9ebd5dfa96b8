//! Action attempts within scope.

use serde_json::Value;

use super::resource::ACTION_ATTEMPT;
use super::{Caller, Scope};
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::attempt::{ATTEMPT_MS, Action, ActionAttempt, Progress};
use crate::state::session::ClientSession;

impl Scope<'_> {
    /// Asks a device that the caller sees for an action; gives the pending attempt's object. A
    /// device that cannot do it is told at once, one that is offline when the attempt is due (both
    /// our choice).
    pub(crate) fn act(&mut self, device: Id, action: Action) -> Result<Value, ApiError> {
        if !self.device(device)?.can(action.flag()) {
            return Err(ApiError::new(
                400,
                "capability_not_supported",
                format!("This device does not have {}", action.flag()),
            ));
        }
        let session = self.session();
        let attempt = ActionAttempt {
            id: Id::version_4(0),
            device,
            action,
            progress: Progress::Pending,
            session: session.map(ClientSession::id),
            user_identity: session.and_then(ClientSession::user_identity),
        };
        let state = &mut *self.state;
        let id = state.entropy.id();
        let attempt = ActionAttempt { id, ..attempt };
        let object = attempt.to_json();
        state.asked += 1;
        state
            .pending
            .insert((self.now.saturating_add(ATTEMPT_MS), state.asked), id);
        state.attempts.insert(id, attempt);
        Ok(object)
    }

    /// The action attempt of this id, if the caller sees it.
    pub(crate) fn attempt(&self, id: Id) -> Result<Value, ApiError> {
        let attempt = self.state.attempts.get(&id);
        attempt
            .filter(|it| self.sees_attempt(it))
            .map(ActionAttempt::to_json)
            .ok_or_else(|| self.refusal(attempt.is_some(), &ACTION_ATTEMPT))
    }

    fn sees_attempt(&self, attempt: &ActionAttempt) -> bool {
        match self.caller {
            Caller::Workspace => true,
            Caller::Session(session) => {
                let identity = self.session().and_then(ClientSession::user_identity);
                // A session that moved to another identity leaves its attempts behind.
                let asked = attempt.user_identity == identity
                    && (identity.is_some() || attempt.session == Some(session));
                let device = self.state.devices.get(attempt.device);
                asked && device.is_some_and(|it| self.sees_device(it))
            }
            Caller::Publishable => false,
        }
    }
}
