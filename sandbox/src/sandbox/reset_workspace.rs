//! `/workspaces/reset_sandbox`: the workspace returns to its original state.

use super::{Sandbox, start};
use crate::error::ApiError;
use crate::http::{Reply, Request, Response};

/// Resets the workspace, with the keys and the token of the first session that it has now. The
/// clock stays, and so do the injected faults, which are no part of the workspace (our choice).
pub(super) fn reset_workspace(
    sandbox: &mut Sandbox,
    _: u8,
    _: &Request,
    response: &mut Response,
) -> Result<Reply, ApiError> {
    let (mut state, mut demo) = start(&sandbox.options, sandbox.clock)
        .map_err(|it| ApiError::new(500, "internal_server_error", it.to_string()))?;
    state.keep_credentials((&mut sandbox.state, &sandbox.demo), &mut demo);
    let attempt = state.start_reset_attempt(sandbox.clock.now());
    sandbox.state = state;
    sandbox.demo = demo;
    response.changed = true;
    Ok(Reply::new().with("action_attempt", &attempt))
}
