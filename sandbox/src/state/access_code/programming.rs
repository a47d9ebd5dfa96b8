//! Updates of codes, and what a device does when it is programmed.

use serde_json::{Value, json};

use super::lifecycle::{Programmer, status_while_pending};
use super::mutations::{self, has_mutation, was_never_set};
use super::scheduling::Scheduling;
use super::{failures, is_offline, number_of, status};
use crate::ids::Id;
use crate::json::JsonObject;
use crate::state::State;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;
use crate::time::Millis;

impl State {
    /// Gives a code this object, which the device then has to be programmed with.
    pub(in crate::state) fn request_code_update(&mut self, id: Id, object: JsonObject, at: Millis) {
        let Some(before) = self.managed_code(id).cloned() else {
            return;
        };
        let requested = mutations::requested(before.object(), &object);
        let pending = mutations::after_update(before.object(), &object, at);
        let codes = self.records.table_mut(ResourceType::AccessCode);
        codes.change(id, |it| {
            it.object = object;
            it.object.insert("pending_mutations".to_owned(), pending);
        });
        let Some(code) = self.managed_code(id).cloned() else {
            return;
        };
        let status = status_while_pending(&self.times_of(&code), at);
        self.set_code_members(id, json!({ "status": status }));
        if !requested.is_empty() {
            let more = json!({ "requested_mutations": requested });
            self.record_code_event(at, "access_code.mutations_requested", &code, more);
        }
        if was_never_set(code.object()) {
            // Nothing changes on the device, which does not have the code.
            let changed = mutations::change_events(&requested).pop();
            if let Some((event_type, more)) = changed {
                self.record_code_event(at, event_type, &code, more);
            }
        }
        self.advance_access_code(id, at, Programmer::Attempt);
    }

    /// The device was to be programmed with a code, and this is the outcome.
    pub(in crate::state) fn finish_programming(
        &mut self,
        id: Id,
        at: Millis,
        outcome: Result<(), &str>,
    ) {
        let Some(before) = self.managed_code(id).cloned() else {
            return;
        };
        if has_mutation(before.object(), mutations::DELETING) {
            return;
        }
        if let Err(why) = outcome {
            self.mark_failed_to_set(&before, why, at);
            return;
        }
        if has_mutation(before.object(), mutations::DEFERRING) {
            return;
        }
        let times = self.times_of(&before);
        let on_device = !was_never_set(before.object());
        // A code whose start was moved far into the future leaves a lock that cannot keep it.
        let leaves = times.scheduling == Scheduling::JustInTime && at < times.programmed_at;
        let is_scheduled = !leaves && times.is_scheduled(at);
        let (status, pending) = match (leaves, is_scheduled) {
            (true, _) => (status::UNSET, mutations::deferral(at, times.programmed_at)),
            (_, true) => (status::UNSET, json!([])),
            _ => (status::SET, json!([])),
        };
        let codes = self.records.table_mut(ResourceType::AccessCode);
        codes.change(id, |it| {
            let errors = failures::without_failure(&it.object).into();
            it.object.insert("status".to_owned(), status.into());
            it.object.insert("errors".to_owned(), errors);
            it.object.insert("pending_mutations".to_owned(), pending);
            if is_scheduled && !is_offline(it) {
                let flag = "is_scheduled_on_device".to_owned();
                it.object.insert(flag, true.into());
            } else {
                it.object.shift_remove("is_scheduled_on_device");
            }
        });
        let mutations: Vec<Value> = mutations::pending(before.object()).cloned().collect();
        for (event_type, more) in mutations::change_events(&mutations) {
            self.record_code_event(at, event_type, &before, more);
        }
        if leaves && on_device {
            self.record_code_event(at, "access_code.removed_from_device", &before, json!({}));
        } else if let Some(event_type) = set_event(&before, status, is_scheduled) {
            let number = json!({ "code": number_of(&before) });
            self.record_code_event(at, event_type, &before, number);
        }
        self.advance_access_code(id, at, Programmer::Sandbox);
    }

    /// Returns the outcome of an operation on the device of a code, without an action attempt.
    pub(in crate::state) fn device_outcome(&self, code: Id) -> Result<(), &'static str> {
        let code = self.managed_code(code);
        let device = code.and_then(|it| self.devices.get(it.linked_id("device_id")?));
        match device {
            Some(device) if device.online() => Ok(()),
            _ => Err("The device is offline"),
        }
    }
}

/// Returns the event of a device that has set a code, if it did anything.
fn set_event(before: &Record, status: &str, is_scheduled: bool) -> Option<&'static str> {
    let was_scheduled = before.flag("is_scheduled_on_device") == Some(true);
    let is_pending = mutations::pending(before.object()).next().is_some();
    if is_scheduled {
        let is_new = !was_scheduled || is_pending;
        (is_new && !is_offline(before)).then_some("access_code.scheduled_on_device")
    } else {
        let was_set = before.text("status") == Some(status);
        (!was_set || is_pending).then_some("access_code.set_on_device")
    }
}
