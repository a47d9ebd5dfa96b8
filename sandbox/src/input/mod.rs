//! From a request to the parameters that a route declares, or to the errors they make.

mod format;
mod params;
mod query;
mod validate;

pub(crate) use params::Params;
pub(crate) use query::to_query;
pub(crate) use validate::check;

use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::http::Request;
use crate::schema::Schema;

/// The parameters of a request: of its query string, and of its JSON body if it has one, the
/// body's first (our choice; clients send the one or the other).
pub(crate) fn read(schema: &'static Schema, request: &Request) -> Result<Params, ApiError> {
    let mut given = query::read(schema, request.query());
    given.extend(body(request)?);
    validate::check(schema, given).map(Params::new)
}

fn body(request: &Request) -> Result<Map<String, Value>, ApiError> {
    if request.body.is_empty() {
        return Ok(Map::new());
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

/// A body without a type is taken for JSON (our choice).
fn is_json(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|it| {
        let essence = it.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    })
}
