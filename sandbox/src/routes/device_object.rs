//! Changes of device objects that several routes make.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::state::{ResourceType, Scope};

/// Records an event about a device.
pub(super) fn record_event(scope: &mut Scope<'_>, event_type: &str, device: Id, more: Value) {
    let mut fields = json_object(more);
    fields.insert("device_id".to_owned(), device.to_string().into());
    scope.record_event(event_type, fields, None);
}

/// Records an event that contains the errors and warnings of the device and of its account.
pub(super) fn record_event_with_errors(
    scope: &mut Scope<'_>,
    event_type: &str,
    device: Id,
    more: Value,
) -> Result<(), ApiError> {
    let shown = scope.any_device(device)?;
    let account = scope.record(ResourceType::ConnectedAccount, shown.account())?;
    let mut fields = json_object(more);
    for (of, object) in [
        ("device", shown.object()),
        ("connected_account", account.object().clone()),
    ] {
        for member in ["errors", "warnings"] {
            let list = object.get(member).cloned().unwrap_or_else(|| json!([]));
            fields.insert(format!("{of}_{member}"), list);
        }
    }
    record_event(scope, event_type, device, Value::Object(fields));
    Ok(())
}

/// Sets a property and returns whether its value changed.
pub(super) fn set_property(device: &mut JsonObject, name: &str, value: Value) -> bool {
    match device.get_mut("properties") {
        Some(Value::Object(properties)) => {
            properties.insert(name.to_owned(), value.clone()) != Some(value)
        }
        _ => false,
    }
}

/// Adds an error to a device or an account. Returns false if there is one with the same code
/// already.
pub(super) fn add_error(object: &mut JsonObject, error: Value) -> bool {
    let errors = object.entry("errors").or_insert_with(|| json!([]));
    let Some(errors) = errors.as_array_mut() else {
        return false;
    };
    let code = error.get("error_code");
    let is_new = errors.iter().all(|it| it.get("error_code") != code);
    if is_new {
        errors.push(error);
    }
    is_new
}

/// Removes the errors with these codes and returns whether there were any.
pub(super) fn remove_errors(object: &mut JsonObject, codes: &[&str]) -> bool {
    let Some(errors) = object.get_mut("errors").and_then(Value::as_array_mut) else {
        return false;
    };
    let before = errors.len();
    errors.retain(|it| {
        let code = it.get("error_code").and_then(Value::as_str);
        code.is_none_or(|it| !codes.contains(&it))
    });
    errors.len() < before
}
