//! Action attempts within scope.

use serde_json::Value;

use super::{Caller, Scope, api_key_required};
use crate::error::ApiError;
use crate::ids::Id;
use crate::limits::RateLimited;
use crate::state::State;
use crate::state::attempt::{ActionAttempt, DeviceAction, Progress};
use crate::state::quota::Group;
use crate::state::record::Requester;
use crate::state::resource_type::ACTION_ATTEMPT;
use crate::state::task_queue::ScheduledTask;
use crate::time::Millis;

impl Scope<'_> {
    /// Starts an action on a device that the caller may see, and returns the object of the attempt,
    /// which is pending unless attempts are set to end at once. A missing capability is an error at
    /// once; an offline device makes the attempt fail when it ends (both our choice).
    pub(crate) fn start_action(&mut self, action: DeviceAction) -> Result<Value, ApiError> {
        self.start(action, false)
    }

    /// The same. An action `without_device` succeeds while its device is offline.
    pub(super) fn start(
        &mut self,
        action: DeviceAction,
        without_device: bool,
    ) -> Result<Value, ApiError> {
        let device = self.device(action.device)?;
        if let Some(flag) = action.needs.filter(|it| !device.can(it)) {
            return Err(ApiError::new(
                400,
                "capability_not_supported",
                format!("This device does not have {flag}"),
            ));
        }
        if let Some(limited) = RateLimited::of_action(action.action) {
            self.count_against_limit(&[action.device], limited)?;
        }
        let requester = self.requester();
        let (now, path) = (self.now, self.path);
        let state = &mut *self.state;
        let id = state.entropy.id();
        let attempt = ActionAttempt {
            id,
            created_at: now,
            action: action.action.to_owned(),
            device: Some(action.device),
            progress: Progress::Pending,
            result: action.result,
            effects: action.effects,
            requester,
            injected_outcome: state.faults.inject_outcome(path, action.device),
            without_device,
            lock_events: Vec::new(),
        };
        self.add_attempt(attempt)
    }

    /// Starts an action on an entrance, and returns the object of the attempt. Faults are injected by
    /// device, so they do not concern it.
    pub(crate) fn start_entrance_action(&mut self, action: &str) -> Result<Value, ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        let id = state.entropy.id();
        let attempt = ActionAttempt::without_device(id, now, action);
        self.add_attempt(attempt)
    }

    /// Adds a pending attempt and returns its object.
    fn add_attempt(&mut self, attempt: ActionAttempt) -> Result<Value, ApiError> {
        let id = attempt.id;
        self.state
            .add_attempt(attempt, self.waits_for_attempts, self.now);
        self.attempt(id)
    }

    /// Returns the object of an action attempt that the caller may see.
    pub(crate) fn attempt(&self, id: Id) -> Result<Value, ApiError> {
        let attempt = self.state.attempts.get(id);
        attempt
            .filter(|it| self.can_see_attempt(it))
            .map(ActionAttempt::to_json)
            .ok_or_else(|| self.refusal(attempt.is_some(), &ACTION_ATTEMPT))
    }

    /// Returns all action attempts, in order. The API has no such list for client sessions.
    pub(crate) fn attempts(&self) -> Result<Vec<&ActionAttempt>, ApiError> {
        match self.caller {
            Caller::Workspace => Ok(self.state.attempts.in_order().collect()),
            Caller::Session(_) | Caller::Publishable => Err(api_key_required()),
        }
    }

    /// Returns the id of the action attempt that caused an event of a lock, if the caller may see the
    /// attempt.
    pub(super) fn attempt_of_event(&self, event: Id) -> Option<Id> {
        let mut attempts = self.state.attempts.referencing(event);
        attempts
            .find(|it| it.is_named_in_events() && self.can_see_attempt(it))
            .map(|it| it.id)
    }

    fn can_see_attempt(&self, attempt: &ActionAttempt) -> bool {
        match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => {
                let is_own = self.view().is_some_and(|it| it.is_owner(attempt.requester));
                let device = attempt.device.and_then(|it| self.state.devices.get(it));
                is_own && device.is_some_and(|it| self.can_see_device(it))
            }
            Caller::Publishable => false,
        }
    }
}

impl State {
    /// Adds a pending attempt. It ends later, or now if `at_once` or if attempts are set to end at
    /// once.
    pub(in crate::state) fn add_attempt(
        &mut self,
        attempt: ActionAttempt,
        at_once: bool,
        now: Millis,
    ) {
        let (id, requester) = (attempt.id, attempt.requester);
        self.attempts.insert(attempt);
        if self.attempt_ms == 0 || at_once {
            self.finish(id, now);
        } else {
            let due = now.saturating_add(self.attempt_ms);
            self.task_queue.add(due, ScheduledTask::FinishAttempt(id));
        }
        self.count_attempt(id, requester);
    }

    /// Counts an attempt. If the requester has too many, its oldest finished one is removed, or else
    /// its oldest.
    pub(in crate::state) fn count_attempt(&mut self, id: Id, requester: Option<Requester>) {
        let attempts = &self.attempts;
        let is_finished = |id| {
            let attempt = attempts.get(id);
            attempt.is_none_or(|it| it.progress != Progress::Pending)
        };
        let group = requester.map_or(Group::BackEnd, |it| Group::Attempts(it.session));
        let surplus = self.attempt_quota.add(group, id, is_finished);
        surplus.and_then(|it| self.attempts.remove(it));
    }
}
