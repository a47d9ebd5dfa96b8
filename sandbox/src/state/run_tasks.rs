//! Runs the scheduled tasks that are due.

use serde_json::json;

use super::State;
use super::access_code::Programmer;
use super::attempt::{ActionAttempt, Progress};
use super::resource_type::ResourceType;
use super::task_queue::{Effect, ScheduledTask, Timer};
use crate::faults::InjectedOutcome;
use crate::ids::Id;
use crate::json::json_object;
use crate::time::Millis;

impl State {
    /// Runs all tasks that are due by now, each at its own time. Returns whether there were any.
    pub(crate) fn run_due_tasks(&mut self, now: Millis) -> bool {
        let mut any = false;
        self.acting_session = None;
        while let Some((at, task)) = self.task_queue.next_until(now) {
            any = true;
            match task {
                ScheduledTask::FinishAttempt(attempt) => {
                    let requester = self.attempts.get(attempt).and_then(|it| it.requester);
                    self.acting_session = requester.map(|it| it.session);
                    self.finish(attempt, at);
                    self.acting_session = None;
                }
                ScheduledTask::ApplyEffects { effects } => self.apply(&effects, at, None),
                ScheduledTask::AdvanceAccessCode(id) => {
                    self.advance_access_code(id, at, Programmer::Sandbox);
                }
                ScheduledTask::ProgramAccessCode(id) => {
                    self.finish_programming(id, at, self.device_outcome(id));
                }
                ScheduledTask::RemoveAccessCode(id) => {
                    self.finish_removal(id, at, self.device_outcome(id));
                }
                ScheduledTask::IssueAccessMethod { method, retry_ms } => {
                    self.issue_access_method(method, retry_ms, at);
                }
                ScheduledTask::Timer(Timer::Schedules(device)) => self.run_schedules(device, at),
                ScheduledTask::Timer(Timer::Room(device)) => self.reach_set_point(device, at),
                ScheduledTask::Timer(Timer::Noise(device)) => self.end_noise(device),
            }
        }
        any
    }

    /// Applies these effects at this time. `attempt` is the action attempt that they belong to.
    pub(super) fn apply(&mut self, effects: &[Effect], at: Millis, attempt: Option<Id>) {
        for effect in effects {
            let done = match effect {
                Effect::DeviceProperties { device, properties } => self
                    .devices
                    .change(*device, |it| it.set_properties(properties)),
                Effect::Change {
                    resource_type,
                    id,
                    members,
                } => {
                    let table = self.records.table_mut(*resource_type);
                    table.change(*id, |it| it.object.extend(members.clone()))
                }
                Effect::AdjustClimate { device, members } => {
                    self.adjust_climate(*device, members, at);
                    Some(())
                }
                Effect::ActivatePreset { device, key } => {
                    self.activate_preset(*device, key, at);
                    Some(())
                }
                Effect::Remove { resource_type, id } => {
                    let removed = self.records.table_mut(*resource_type).remove(*id);
                    removed.map(|_| ())
                }
                Effect::Event {
                    event_type,
                    members,
                    owner,
                } => {
                    let event = self.record_event(at, event_type, members.clone(), *owner);
                    if let Some(attempt) = attempt.filter(|_| event_type.starts_with("lock.")) {
                        self.attempts
                            .change(attempt, |it| it.lock_events.push(event));
                    }
                    Some(())
                }
                Effect::ProgramAccessCode { id } => {
                    self.finish_programming(*id, at, Ok(()));
                    Some(())
                }
                Effect::RemoveAccessCode { id } => {
                    self.finish_removal(*id, at, Ok(()));
                    Some(())
                }
            };
            if done.is_none() {
                return;
            }
        }
    }

    /// Ends a pending attempt. Unless a fault gives another outcome, it succeeds if its device
    /// exists and, where the action needs the device, is online.
    pub(super) fn finish(&mut self, id: Id, at: Millis) {
        let pending = |it: &&ActionAttempt| it.progress == Progress::Pending;
        let Some(attempt) = self.attempts.get(id).filter(pending) else {
            return;
        };
        let failed = |kind: &str, message: &str| Progress::Failed {
            kind: kind.to_owned(),
            message: message.to_owned(),
        };
        let device = attempt.device.map(|it| self.devices.get(it));
        let progress = match (&attempt.injected_outcome, device) {
            (Some(InjectedOutcome::Hang), _) => return,
            (Some(InjectedOutcome::Fail { kind, message }), _) => failed(kind, message),
            (None, Some(None)) => failed("device_not_found", "The device no longer exists"),
            (None, Some(Some(device))) if !device.online() && !attempt.without_device => {
                failed("device_offline", "The device is offline")
            }
            (None, _) => Progress::Succeeded,
        };
        self.attempts.change(id, |it| it.progress = progress);
        let Some(attempt) = self.attempts.get(id) else {
            return;
        };
        let requester = attempt.requester;
        // The API describes these events for devices only.
        let event_type = attempt.event_type().filter(|_| attempt.device.is_some());
        let event = event_type.map(|event_type| {
            let object = attempt.to_json();
            let fields = json_object(json!({
                "action_attempt_id": object.get("action_attempt_id"),
                "action_type": object.get("action_type"),
                "status": object.get("status"),
                "device_id": attempt.device,
            }));
            (event_type, fields)
        });
        let effects = attempt.effects.clone();
        if let Progress::Failed { message, .. } = attempt.progress.clone() {
            self.record_failed_effects(&effects, &message, at);
        } else {
            self.apply(&effects, at, Some(id));
            self.set_code_of_result(id, &effects);
        }
        if let Some((event_type, members)) = event {
            self.record_event(at, &event_type, members, requester);
        }
    }

    /// Sets the access code in the result of an attempt, as it is after the attempt.
    fn set_code_of_result(&mut self, attempt: Id, effects: &[Effect]) {
        let code = effects.iter().find_map(|it| match it {
            Effect::ProgramAccessCode { id } => {
                self.records.table(ResourceType::AccessCode).get(*id)
            }
            _ => None,
        });
        if let Some(code) = code.map(|it| self.access_code_json(it)) {
            let result = json!({ "access_code": code });
            self.attempts.change(attempt, |it| it.result = result);
        }
    }
}
