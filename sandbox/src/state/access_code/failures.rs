//! Access codes whose device failed to set, update or remove them.

use serde_json::{Value, json};

use super::mutations::was_never_set;
use super::status;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::state::State;
use crate::state::record::Record;
use crate::state::task_queue::Effect;
use crate::time::{self, Millis};

/// A kind of failure.
pub(super) struct Failure {
    /// The error that the code has until it succeeds.
    error_code: &'static str,
    event_type: &'static str,
    what: &'static str,
}

static FAILED_TO_SET: Failure = Failure {
    error_code: "failed_to_set_on_device",
    event_type: "access_code.failed_to_set_on_device",
    what: "did not set",
};

pub(super) static FAILED_TO_REMOVE: Failure = Failure {
    error_code: "failed_to_remove_from_device",
    event_type: "access_code.failed_to_remove_from_device",
    what: "did not remove",
};

impl State {
    /// Records that an action attempt failed: a code that was to be set is not set, and one that
    /// was to be removed is still on its device.
    pub(in crate::state) fn record_failed_effects(
        &mut self,
        effects: &[Effect],
        why: &str,
        at: Millis,
    ) {
        for effect in effects {
            match effect {
                Effect::ProgramAccessCode { id } => self.finish_programming(*id, at, Err(why)),
                Effect::RemoveAccessCode { id } => self.finish_removal(*id, at, Err(why)),
                _ => {}
            }
        }
    }

    /// A code that was to be updated becomes `unknown`, because either number may open the door.
    pub(super) fn mark_failed_to_set(&mut self, code: &Record, why: &str, at: Millis) {
        let status = if was_never_set(code.object()) {
            status::UNSET
        } else {
            status::UNKNOWN
        };
        self.set_code_members(code.id(), json!({ "status": status }));
        self.mark_failed(code, &FAILED_TO_SET, why, at);
    }

    pub(super) fn mark_failed(&mut self, code: &Record, failure: &Failure, why: &str, at: Millis) {
        let error = json!({
            "error_code": failure.error_code,
            "is_access_code_error": true,
            "message": format!("The device {} the code: {why}", failure.what),
            "created_at": time::to_iso(at),
        });
        let mut errors = without_failure(code.object());
        errors.push(error.clone());
        self.set_code_members(code.id(), json!({ "errors": errors }));
        let device = code.linked_id("device_id");
        let more = json!({
            "access_code_errors": [error],
            "access_code_warnings": [],
            "device_errors": self.list_of_device(device, "errors"),
            "device_warnings": self.list_of_device(device, "warnings"),
            "connected_account_errors": [],
            "connected_account_warnings": [],
        });
        self.record_code_event(at, failure.event_type, code, more);
    }

    fn list_of_device(&self, device: Option<Id>, name: &str) -> Value {
        let device = device.and_then(|it| self.devices.get(it));
        let list = device.and_then(|it| it.object().get(name).cloned());
        list.unwrap_or_else(|| json!([]))
    }
}

/// Returns whether the last operation on the device failed.
pub(super) fn has_failed(code: &JsonObject) -> bool {
    errors(code).any(is_failure)
}

/// Returns the errors of a code without those of a failed operation.
pub(super) fn without_failure(code: &JsonObject) -> Vec<Value> {
    errors(code).filter(|it| !is_failure(it)).cloned().collect()
}

fn errors(code: &JsonObject) -> impl Iterator<Item = &Value> {
    let errors = code.get("errors").and_then(Value::as_array);
    errors.into_iter().flatten()
}

fn is_failure(error: &Value) -> bool {
    let code = error.get("error_code").and_then(Value::as_str);
    [&FAILED_TO_SET, &FAILED_TO_REMOVE]
        .iter()
        .any(|it| Some(it.error_code) == code)
}
