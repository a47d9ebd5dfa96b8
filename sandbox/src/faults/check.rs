//! Turns parameters into a fault. The schema has checked types and bounds; this checks that they
//! fit together.

use serde_json::Value;

use super::fault::{Fault, matches_path};
use crate::error::ApiError;
use crate::json::JsonObject;
use crate::schema;

/// A kind of fault, the parameters that it requires, and those that it takes besides [`COMMON`].
type KindParams = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const COMMON: [&str; 3] = ["fault", "path", "times"];
const KINDS: [KindParams; 8] = [
    ("latency", &["latency_ms"], &["reused_connection"]),
    ("outage", &[], &["reused_connection"]),
    ("rate_limit", &[], &["retry_after", "reused_connection"]),
    ("drop_before", &[], &["reset", "reused_connection"]),
    ("drop_after", &[], &["reset", "reused_connection"]),
    (
        "truncate",
        &[],
        &["after_bytes", "reset", "reused_connection"],
    ),
    (
        "attempt_fails",
        &[],
        &["device_id", "error_type", "error_message"],
    ),
    ("attempt_hangs", &[], &["device_id"]),
];

pub(super) fn fault(id: u64, mut params: JsonObject) -> Result<Fault, ApiError> {
    check_members(&params)?;
    if let Some(path) = params.get("path").and_then(Value::as_str) {
        check_path(path)?;
    }
    params.insert("fault_id".to_owned(), id.into());
    // Fails for an integer above `u64::MAX`, for example.
    serde_json::from_value(Value::Object(params))
        .map_err(|problem| ApiError::invalid(format!("This is not a valid fault: {problem}")))
}

fn check_members(params: &JsonObject) -> Result<(), ApiError> {
    let name = params.get("fault").and_then(Value::as_str);
    let Some((kind, required, optional)) = KINDS.iter().find(|it| Some(it.0) == name) else {
        return Err(ApiError::invalid_parameter("fault", "Required"));
    };
    if let Some(missing) = required.iter().find(|it| !params.contains_key(**it)) {
        return Err(ApiError::invalid_parameter(missing, "Required"));
    }
    let known = |it: &&String| {
        let it = it.as_str();
        COMMON.contains(&it) || required.contains(&it) || optional.contains(&it)
    };
    match params.keys().find(|it| !known(it)) {
        Some(unknown) => Err(ApiError::invalid_parameter(
            unknown,
            &format!("The fault {kind} does not take this parameter"),
        )),
        None => Ok(()),
    }
}

/// Rejects a path that no route has: the fault would silently never apply.
fn check_path(pattern: &str) -> Result<(), ApiError> {
    if schema::documented().any(|it| matches_path(pattern, it.path)) {
        return Ok(());
    }
    Err(ApiError::invalid_parameter(
        "path",
        "No route of the API has this path",
    ))
}
