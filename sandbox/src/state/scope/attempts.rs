//! Action attempts within scope.

use serde_json::Value;

use super::{Caller, Scope};
use crate::error::ApiError;
use crate::ids::Id;
use crate::limits::Limited;
use crate::state::agenda::Deed;
use crate::state::attempt::{ATTEMPT_MS, Act, ActionAttempt, MOST_ATTEMPTS, Progress};
use crate::state::noun::ACTION_ATTEMPT;

impl Scope<'_> {
    /// Asks a device that the caller sees for an action; gives the pending attempt's object. A
    /// device that cannot do it is told at once, one that is offline when the attempt is due (both
    /// our choice).
    pub(crate) fn act(&mut self, act: Act) -> Result<Value, ApiError> {
        let device = self.device(act.device)?;
        if let Some(flag) = act.needs.filter(|it| !device.can(it)) {
            return Err(ApiError::new(
                400,
                "capability_not_supported",
                format!("This device does not have {flag}"),
            ));
        }
        if let Some(limited) = Limited::of_action(act.action) {
            self.limit(&[act.device], limited)?;
        }
        let asker = self.asker();
        let (now, path) = (self.now, self.path);
        let state = &mut *self.state;
        let id = state.entropy.id();
        let attempt = ActionAttempt {
            id,
            created_at: now,
            action: act.action.to_owned(),
            device: Some(act.device),
            progress: Progress::Pending,
            result: act.result,
            effects: act.effects,
            asker,
            forced: state.faults.force(path, act.device),
        };
        let object = attempt.to_json();
        let due = now.saturating_add(ATTEMPT_MS);
        state.agenda.add(due, Deed::Finish(id));
        state.attempts.insert(attempt);
        if state.attempts.len() > MOST_ATTEMPTS {
            let in_order = || state.attempts.in_order();
            let done = in_order().find(|it| it.progress != Progress::Pending);
            // Where none is done, the oldest never will be.
            let gone = done.or_else(|| in_order().next()).map(|it| it.id);
            gone.and_then(|it| state.attempts.remove(it));
        }
        Ok(object)
    }

    /// The action attempt of this id, if the caller sees it.
    pub(crate) fn attempt(&self, id: Id) -> Result<Value, ApiError> {
        let attempt = self.state.attempts.get(id);
        attempt
            .filter(|it| self.sees_attempt(it))
            .map(ActionAttempt::to_json)
            .ok_or_else(|| self.refusal(attempt.is_some(), &ACTION_ATTEMPT))
    }

    fn sees_attempt(&self, attempt: &ActionAttempt) -> bool {
        match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => {
                let owns = self.viewer().is_some_and(|it| it.owns(attempt.asker));
                let device = attempt.device.and_then(|it| self.state.devices.get(it));
                owns && device.is_some_and(|it| self.sees_device(it))
            }
            Caller::Publishable => false,
        }
    }
}
