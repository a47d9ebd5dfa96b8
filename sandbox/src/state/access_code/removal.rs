//! The end of a code: removed from its device, it no longer exists.

use serde_json::json;

use super::mutations::{self, DELETING, has_mutation, was_never_set};
use super::{failures, is_offline, number_of, status};
use crate::ids::Id;
use crate::state::State;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;
use crate::state::task_queue::ScheduledTask;
use crate::time::{self, Millis};

/// The hidden member of a code that is being removed, and that is not on its device.
const NOT_ON_DEVICE: &str = "not_on_device";

/// Returns whether the device has to remove a code.
pub(in crate::state) fn is_on_device(code: &Record) -> bool {
    let is_gone = code.hidden.contains_key(NOT_ON_DEVICE);
    !is_gone && !was_never_set(code.object()) && !is_offline(code)
}

impl State {
    /// A code is to be deleted, by an action attempt.
    pub(in crate::state) fn request_code_removal(&mut self, id: Id, at: Millis) {
        self.begin_removal(id, at);
        let being_deleted = json!([{
            "warning_code": "being_deleted",
            "message": "The access code is being deleted",
            "created_at": time::to_iso(at),
        }]);
        self.set_code_members(id, json!({ "warnings": being_deleted }));
        let Some(code) = self.managed_code(id).cloned() else {
            return;
        };
        let more = json!({ "requested_mutations": [{ "mutation_code": DELETING }] });
        self.record_code_event(at, "access_code.mutations_requested", &code, more);
    }

    /// A code is to be deleted, because its access method is. A code that is no longer managed
    /// stays on its device.
    pub(in crate::state) fn remove_access_code(&mut self, id: Id, at: Millis) {
        if self.managed_code(id).is_some() {
            self.request_code_removal(id, at);
            self.schedule_removal(id, at);
        }
    }

    /// The time frame of a code has ended.
    pub(super) fn end_access_code(&mut self, id: Id, at: Millis) {
        self.begin_removal(id, at);
        self.schedule_removal(id, at);
    }

    fn schedule_removal(&mut self, id: Id, at: Millis) {
        if self.managed_code(id).is_some_and(is_on_device) {
            let due = at.saturating_add(self.attempt_ms);
            self.task_queue
                .add(due, ScheduledTask::RemoveAccessCode(id));
        } else {
            self.finish_removal(id, at, Ok(()));
        }
    }

    fn begin_removal(&mut self, id: Id, at: Millis) {
        let codes = self.records.table_mut(ResourceType::AccessCode);
        codes.change(id, |it| {
            if !has_mutation(&it.object, DELETING) && !is_on_device(it) {
                it.hidden.insert(NOT_ON_DEVICE.to_owned(), true.into());
            }
            let pending = mutations::deletion(at);
            it.object.insert("pending_mutations".to_owned(), pending);
            it.object
                .insert("status".to_owned(), status::REMOVING.into());
            it.object.shift_remove("is_scheduled_on_device");
        });
    }

    /// The device was to remove a code, and this is the outcome. A code that was never on its
    /// device has no event of its removal from there, as documented.
    pub(in crate::state) fn finish_removal(
        &mut self,
        id: Id,
        at: Millis,
        outcome: Result<(), &str>,
    ) {
        let Some(code) = self.managed_code(id).cloned() else {
            return;
        };
        if !has_mutation(code.object(), DELETING) {
            return;
        }
        if let Err(why) = outcome {
            self.mark_failed(&code, &failures::FAILED_TO_REMOVE, why, at);
            return;
        }
        let codes = self.records.table_mut(ResourceType::AccessCode);
        codes.remove(id);
        if is_on_device(&code) {
            self.record_code_event(at, "access_code.removed_from_device", &code, json!({}));
        }
        let number = json!({ "code": number_of(&code) });
        self.record_code_event(at, "access_code.deleted", &code, number);
    }
}
