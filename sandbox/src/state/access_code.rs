//! Access codes whose device failed to set or update them.

use serde_json::{Value, json};

use super::State;
use super::resource_type::ResourceType;
use super::task_queue::Effect;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::time::{self, Millis};

/// The error of such a code. It is removed when the device has set the code.
const FAILED_TO_SET: &str = "failed_to_set_on_device";

/// The pending mutation of a code that the device has never set.
pub(crate) const CREATING: &str = "creating";

/// The status of a code whose update or removal failed on the device.
pub(crate) const UNKNOWN: &str = "unknown";

impl State {
    /// Records that an action attempt failed: a code that was to be set is not set, and a code that
    /// was to be updated becomes `unknown`, because either number may open the door.
    pub(super) fn record_failed_effects(&mut self, effects: &[Effect], why: &str, at: Millis) {
        for effect in effects {
            if let Effect::Change {
                resource_type: ResourceType::AccessCode,
                id,
                ..
            } = effect
            {
                self.mark_failed_to_set(*id, why, at);
            }
        }
    }

    fn mark_failed_to_set(&mut self, code: Id, why: &str, at: Millis) {
        let error = json!({
            "error_code": FAILED_TO_SET,
            "is_access_code_error": true,
            "message": format!("The device did not set the code: {why}"),
            "created_at": time::to_iso(at),
        });
        let codes = self.records.table_mut(ResourceType::AccessCode);
        let changed = codes.change(code, |it| {
            let mut errors = without_failure(&it.object);
            errors.push(error.clone());
            it.object.insert("errors".to_owned(), errors.into());
            let status = if was_never_set(&it.object) {
                "unset"
            } else {
                UNKNOWN
            };
            it.object.insert("status".to_owned(), status.into());
            (it.linked_id("device_id"), it.owner)
        });
        let Some((Some(device), owner)) = changed else {
            return;
        };
        let of_device = |name: &str| {
            let object = self.devices.get(device).map(super::Device::object);
            let list = object.and_then(|it| it.get(name).cloned());
            list.unwrap_or_else(|| json!([]))
        };
        let fields = json_object(json!({
            "access_code_id": code,
            "device_id": device,
            "access_code_errors": [error],
            "access_code_warnings": [],
            "device_errors": of_device("errors"),
            "device_warnings": of_device("warnings"),
            "connected_account_errors": [],
            "connected_account_warnings": [],
        }));
        self.record_event(at, "access_code.failed_to_set_on_device", fields, owner);
    }
}

fn was_never_set(code: &JsonObject) -> bool {
    let pending = code.get("pending_mutations").and_then(Value::as_array);
    let mut pending = pending.into_iter().flatten();
    pending.any(|it| mutation_code(it) == Some(CREATING))
}

/// Returns the kind of a pending mutation.
pub(crate) fn mutation_code(mutation: &Value) -> Option<&str> {
    mutation.get("mutation_code").and_then(Value::as_str)
}

/// Returns the errors of a code without the one of a failed attempt.
pub(crate) fn without_failure(code: &JsonObject) -> Vec<Value> {
    let errors = code.get("errors").and_then(Value::as_array);
    let mut errors = errors.cloned().unwrap_or_default();
    errors.retain(|it| it.get("error_code").and_then(Value::as_str) != Some(FAILED_TO_SET));
    errors
}
