//! The parameters `starts_at` and `ends_at` of records that have both.

use serde_json::Value;

use crate::error::ApiError;
use crate::input::Params;
use crate::json::JsonObject;
use crate::time::{self, Millis};

/// Sets the given times, and returns the object's `starts_at` and `ends_at` after that.
pub(super) fn apply_params(
    object: &mut JsonObject,
    params: &Params,
) -> Result<(Option<Millis>, Option<Millis>), ApiError> {
    for name in ["starts_at", "ends_at"] {
        if let Some(text) = params.text(name) {
            let time = time::parse(text);
            let time = time.ok_or_else(|| ApiError::invalid_parameter(name, "Invalid date"))?;
            object.insert(name.to_owned(), time::to_iso(time).into());
        }
    }
    let time = |name: &str| {
        let text = object.get(name).and_then(Value::as_str);
        text.and_then(time::parse)
    };
    Ok((time("starts_at"), time("ends_at")))
}
