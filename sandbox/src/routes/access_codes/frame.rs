//! The time frame of an access code.

use crate::error::ApiError;
use crate::input::Params;
use crate::json::JsonObject;
use crate::routes::time_frame;
use crate::time::{self, Millis};

/// Sets `starts_at` and `ends_at` from the parameters. The end must be in the future and after the
/// start, and a start needs an end. A code without either is an ongoing one.
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
            return refused("ends_at", "Required for a time-bound access code");
        }
        (Some(_), None) => return refused("ends_at", "Required with starts_at"),
        (Some(start), Some(end)) if end <= start => {
            return refused("ends_at", "Must be after starts_at");
        }
        (_, Some(end)) if params.has("ends_at") && end <= now => {
            return refused("ends_at", "Must be in the future");
        }
        _ => {}
    }
    if ends_at.is_some() && starts_at.is_none() {
        object.insert("starts_at".to_owned(), time::to_iso(now).into());
    }
    let of_type = match ends_at {
        Some(_) => "time_bound",
        None => "ongoing",
    };
    object.insert("type".to_owned(), of_type.into());
    Ok(())
}
