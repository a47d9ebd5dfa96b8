//! The time frame of an access code.

use serde_json::Value;

use crate::error::ApiError;
use crate::input::Params;
use crate::json::JsonObject;
use crate::routes::time_frame;
use crate::time::Millis;

/// Sets `starts_at` and `ends_at` from the parameters. The end must be in the future and after the
/// start, and one of the two needs the other; only a one-time-use offline code may have a start
/// alone. A code without either is an ongoing one.
pub(super) fn apply_params(
    object: &mut JsonObject,
    params: &Params,
    now: Millis,
) -> Result<(), ApiError> {
    if params.text("type") == Some("ongoing") {
        for name in ["starts_at", "ends_at"] {
            if params.text(name).is_some() {
                let message = "An ongoing access code has no time frame";
                return Err(ApiError::invalid_parameter(name, message));
            }
            object.shift_remove(name);
        }
    }
    let (starts_at, ends_at) = time_frame::apply_params(object, params)?;
    let refused = |name, message: &str| Err(ApiError::invalid_parameter(name, message));
    match (starts_at, ends_at) {
        (None, None) if params.text("type") == Some("time_bound") => {
            return Err(ApiError::invalid(
                "'time_bound' Access codes must include both starts_at and ends_at",
            ));
        }
        (Some(_), None) if is_one_time_offline(object) => {}
        (Some(_), None) | (None, Some(_)) => {
            return Err(ApiError::invalid(
                "Both starts_at and ends_at must be provided if one is",
            ));
        }
        (Some(start), Some(end)) if end <= start => {
            return refused("ends_at", "Must be after starts_at");
        }
        (_, Some(end)) if params.has("ends_at") && end <= now => {
            return refused("ends_at", "Must be in the future");
        }
        _ => {}
    }
    let of_type = match ends_at {
        Some(_) => "time_bound",
        None => "ongoing",
    };
    object.insert("type".to_owned(), of_type.into());
    Ok(())
}

fn is_one_time_offline(code: &JsonObject) -> bool {
    let is_true = |name| code.get(name) == Some(&Value::Bool(true));
    is_true("is_offline_access_code") && is_true("is_one_time_use")
}
