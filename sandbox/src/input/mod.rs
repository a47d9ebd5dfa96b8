//! Reads and validates the parameters of a request.

mod format;
mod params;
mod query;
mod validate;

pub(crate) use params::Params;
pub(crate) use query::to_query;
pub(crate) use validate::check;

use serde_json::Value;

use crate::error::ApiError;
use crate::http::Request;
use crate::json::JsonObject;
use crate::schema::Schema;

/// Returns the parameters from the query string and the JSON body, validated. The body takes
/// precedence (our choice; clients send either).
///
/// # Errors
///
/// 400 if the body is not a JSON object or a parameter does not fit the schema.
pub(crate) fn read(schema: &'static Schema, request: &Request) -> Result<Params, ApiError> {
    let mut given = query::read(schema, request.query());
    given.extend(body(request)?);
    validate::check(schema, given).map(Params::new)
}

fn body(request: &Request) -> Result<JsonObject, ApiError> {
    if request.body.is_empty() {
        return Ok(JsonObject::new());
    }
    if !is_json(request.header("content-type")) {
        return Err(ApiError::new(
            400,
            "invalid_content_type",
            "The body's content-type must be application/json",
        ));
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(members)) => Ok(members),
        // The Go SDK sends it for a call without parameters.
        Ok(Value::Null) => Ok(JsonObject::new()),
        Ok(other) => Err(ApiError::invalid(format!(
            "Expected object, received {}",
            validate::name_of(&other)
        ))),
        Err(problem) => Err(ApiError::invalid(format!(
            "The body is not valid JSON: line {}, column {}",
            problem.line(),
            problem.column()
        ))),
    }
}

/// A body without a content type counts as JSON (our choice).
fn is_json(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|it| {
        let essence = it.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    })
}
