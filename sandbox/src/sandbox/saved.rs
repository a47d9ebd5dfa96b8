//! Saves a sandbox as JSON and restores it: workspace, keys and tokens, clock, faults and limits.
//! The counts of requests are not saved, because they belong to the run.

use serde::{Deserialize, Serialize};

use super::Sandbox;
use super::clock::Clock;
use crate::error::ApiError;
use crate::state::{Demo, State};

/// The version of the format.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Saved<'a> {
    format: u32,
    clock: Clock,
    demo: &'a Demo,
    workspace: &'a State,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Loaded {
    format: u32,
    clock: Clock,
    demo: Demo,
    workspace: State,
}

/// The body of the request. The response of `GET /_sandbox/state` can be sent back unchanged.
#[derive(Deserialize)]
struct Posted {
    state: Loaded,
}

impl Sandbox {
    /// Returns the state as JSON text.
    pub(super) fn saved(&self) -> Result<String, ApiError> {
        let saved = Saved {
            format: FORMAT,
            clock: self.clock,
            demo: &self.demo,
            workspace: &self.state,
        };
        serde_json::to_string(&saved)
            .map_err(|it| ApiError::new(500, "internal_server_error", it.to_string()))
    }

    /// Restores the state in this body. Changes nothing if that fails.
    pub(super) fn restore(&mut self, body: &[u8]) -> Result<(), ApiError> {
        let Posted { state } = serde_json::from_slice(body).map_err(|problem| {
            // The parser's own message might quote a token.
            ApiError::invalid(format!(
                "This is no state of a sandbox: line {}, column {}",
                problem.line(),
                problem.column()
            ))
        })?;
        if state.format != FORMAT {
            return Err(ApiError::invalid(format!(
                "This state has format {}, and this version of the sandbox reads {FORMAT}",
                state.format
            )));
        }
        self.state = state.workspace;
        self.state.ensure_personal_access_token();
        self.demo = state.demo;
        self.clock.resume(state.clock);
        // Earlier versions kept schedules without running them.
        self.state.start_schedules(self.clock.now());
        Ok(())
    }
}
