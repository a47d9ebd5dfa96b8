//! What the sandbox does with a code as time passes: it programs the code ahead of its start, and
//! removes it at its end.

use serde_json::json;

use super::mutations::{self, has_mutation, was_never_set};
use super::scheduling::{Scheduling, Times};
use super::{failures, number_of, status};
use crate::ids::Id;
use crate::state::State;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;
use crate::state::task_queue::ScheduledTask;
use crate::time::Millis;

/// Who programs a code that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::state) enum Programmer {
    /// An action attempt of the request that is being handled.
    Attempt,
    /// The sandbox itself, as Seam does without a request.
    Sandbox,
}

impl State {
    /// Does what is due for a code at this time, and schedules what is due next.
    pub(in crate::state) fn advance_access_code(&mut self, id: Id, at: Millis, by: Programmer) {
        let Some(code) = self.managed_code(id).cloned() else {
            return;
        };
        if has_mutation(code.object(), mutations::DELETING) {
            return;
        }
        let times = self.times_of(&code);
        if times.ends_at.is_some_and(|it| it <= at) {
            self.end_access_code(id, at);
            return;
        }
        if was_never_set(code.object()) {
            self.advance_creation(&code, &times, at, by);
        } else if code.text("status") == Some(status::UNSET) && times.starts_at <= at {
            self.activate(&code, at);
        }
        if let Some(next) = times.next_after(at) {
            self.task_queue
                .add(next, ScheduledTask::AdvanceAccessCode(id));
        }
    }

    /// Defers the programming of a code that the device never had, or programs it.
    fn advance_creation(&mut self, code: &Record, times: &Times, at: Millis, by: Programmer) {
        let id = code.id();
        let is_deferred = has_mutation(code.object(), mutations::DEFERRING);
        if at < times.programmed_at {
            self.set_code_members(
                id,
                json!({
                    "status": status::UNSET,
                    "pending_mutations": mutations::deferral(at, times.programmed_at),
                }),
            );
            return;
        }
        // At its start a code that failed before is tried again.
        let is_failed = failures::has_failed(code.object()) && times.starts_at == at;
        if is_deferred || is_failed {
            self.set_code_members(
                id,
                json!({
                    "status": status_while_pending(times, at),
                    "pending_mutations": mutations::creation(at),
                }),
            );
            if by == Programmer::Sandbox {
                self.program_access_code_later(id, at);
            }
        } else if times.is_scheduled(at) {
            self.set_code_members(id, json!({ "status": status::UNSET }));
        }
    }

    /// The device has activated a code at its start.
    fn activate(&mut self, code: &Record, at: Millis) {
        let codes = self.records.table_mut(ResourceType::AccessCode);
        codes.change(code.id(), |it| {
            it.object.insert("status".to_owned(), status::SET.into());
            it.object.shift_remove("is_scheduled_on_device");
        });
        let number = json!({ "code": number_of(code) });
        self.record_code_event(at, "access_code.set_on_device", code, number);
    }

    /// Gives a seeded code the status that it has at the start of the sandbox. No event is
    /// recorded.
    pub(in crate::state) fn start_access_code(&mut self, id: Id, now: Millis) {
        let Some(code) = self.managed_code(id) else {
            return;
        };
        let times = self.times_of(code);
        let is_set = code.text("status") == Some(status::SET);
        if is_set && now < times.programmed_at {
            let pending = mutations::deferral(now, times.programmed_at);
            self.set_code_members(
                id,
                json!({ "status": status::UNSET, "pending_mutations": pending }),
            );
        } else if is_set && times.is_scheduled(now) {
            let is_native = times.scheduling == Scheduling::Native;
            self.set_code_members(id, json!({ "status": status::UNSET }));
            if is_native {
                self.set_code_members(id, json!({ "is_scheduled_on_device": true }));
            }
        }
        self.advance_access_code(id, now, Programmer::Sandbox);
    }

    /// Tries again what failed on a device, because the device is online again. Seam documents that
    /// it keeps trying; when, is our choice.
    pub(in crate::state) fn retry_access_codes(&mut self, device: Id, at: Millis) {
        let codes = self.records.table(ResourceType::AccessCode);
        let failed = codes
            .referencing(device)
            .filter(|it| it.linked_id("device_id") == Some(device))
            .filter(|it| failures::has_failed(it.object()))
            .map(Record::id);
        for id in failed.collect::<Vec<_>>() {
            let Some(code) = self.managed_code(id) else {
                continue;
            };
            if has_mutation(code.object(), mutations::DELETING) {
                let due = at.saturating_add(self.attempt_ms);
                self.task_queue
                    .add(due, ScheduledTask::RemoveAccessCode(id));
            } else {
                let status = status_while_pending(&self.times_of(code), at);
                self.set_code_members(id, json!({ "status": status }));
                self.program_access_code_later(id, at);
            }
        }
    }

    fn program_access_code_later(&mut self, id: Id, at: Millis) {
        let due = at.saturating_add(self.attempt_ms);
        self.task_queue
            .add(due, ScheduledTask::ProgramAccessCode(id));
    }
}

/// Returns the status of a code that is being programmed.
pub(super) fn status_while_pending(times: &Times, at: Millis) -> &'static str {
    let is_deferred = times.scheduling == Scheduling::JustInTime && at < times.programmed_at;
    if is_deferred || times.is_scheduled(at) {
        status::UNSET
    } else {
        status::SETTING
    }
}
