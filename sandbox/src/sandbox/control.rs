//! The routes that are about the sandbox itself: under `/_sandbox/` clock, coverage, state and reset,
//! and the reset of the workspace that Seam documents.

use serde_json::json;

use super::{Sandbox, reset_workspace};
use crate::error::ApiError;
use crate::http::{Reply, Request, Response};
use crate::input;
use crate::schema::{self, DELETE, POST};
use crate::time;

/// The handler of such a route. The caller has presented an API key.
pub(super) type Control = fn(&mut Sandbox, u8, &Request, &mut Response) -> Result<Reply, ApiError>;

pub(super) fn handler(path: &str) -> Option<Control> {
    Some(match path {
        "/_sandbox/clock" => clock,
        "/_sandbox/coverage" => coverage,
        "/_sandbox/reset" => reset,
        "/_sandbox/state" => state,
        "/workspaces/reset_sandbox" => reset_workspace::reset_workspace,
        _ => return None,
    })
}

fn clock(
    sandbox: &mut Sandbox,
    method: u8,
    request: &Request,
    response: &mut Response,
) -> Result<Reply, ApiError> {
    let params = read(method, request)?;
    if method == POST {
        let now = sandbox.clock.now();
        let by = match (params.integer("advance_ms"), params.time("to")) {
            (Some(by), None) => by,
            (None, Some(to)) => to
                .checked_sub(now)
                .ok_or_else(|| ApiError::invalid_parameter("to", "The clock only goes forward"))?,
            _ => return Err(ApiError::invalid("one of advance_ms and to is required")),
        };
        sandbox.clock.advance(by);
        sandbox.state.run_due_tasks(sandbox.clock.now());
        response.changed = true;
    }
    let clock = json!({
        "now": time::to_iso(sandbox.clock.now()),
        "ahead_ms": sandbox.clock.ahead_ms(),
    });
    Ok(Reply::new().with("clock", &clock))
}

fn coverage(
    sandbox: &mut Sandbox,
    method: u8,
    request: &Request,
    _: &mut Response,
) -> Result<Reply, ApiError> {
    let params = read(method, request)?;
    if method == DELETE {
        sandbox.coverage.clear();
        return Ok(Reply::new());
    }
    if params.text("format") == Some("text") {
        return Ok(Reply::Text(sandbox.coverage.to_text()));
    }
    Ok(Reply::new().with("coverage", &sandbox.coverage.to_json()))
}

fn reset(
    sandbox: &mut Sandbox,
    method: u8,
    request: &Request,
    response: &mut Response,
) -> Result<Reply, ApiError> {
    read(method, request)?;
    sandbox
        .reset()
        .map_err(|it| ApiError::invalid(it.to_string()))?;
    response.changed = true;
    Ok(Reply::new())
}

fn state(
    sandbox: &mut Sandbox,
    method: u8,
    request: &Request,
    response: &mut Response,
) -> Result<Reply, ApiError> {
    if method == POST {
        sandbox.restore(&request.body)?;
        response.changed = true;
        return Ok(Reply::new());
    }
    read(method, request)?;
    Ok(Reply::new().with_text("state", &sandbox.saved()?))
}

fn read(method: u8, request: &Request) -> Result<input::Params, ApiError> {
    let route = schema::route(request.path(), method)
        .ok_or_else(|| ApiError::new(404, "not_found", "There is no such route"))?;
    input::read(&route.input, request)
}
