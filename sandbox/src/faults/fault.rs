//! A fault: what it does, to which requests, and how often.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::Id;

/// A fault. `/_sandbox/faults` takes and returns it as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Fault {
    #[serde(rename = "fault_id")]
    id: u64,
    #[serde(flatten)]
    kind: FaultKind,
    /// The path of a route, or a prefix followed by `*`.
    #[serde(default = "every_path")]
    path: String,
    /// How often the fault still applies; `None` until it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device_id: Option<Id>,
    #[serde(default, skip_serializing_if = "is_false")]
    reused_connection: bool,
}

/// What a fault does.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub(super) enum FaultKind {
    /// Delays the response.
    Latency { latency_ms: u64 },
    /// Responds with 503 and an empty body, as Seam's own fake server does.
    Outage {},
    /// Responds with 429 and a `Retry-After` header, in seconds.
    RateLimit {
        #[serde(default = "one")]
        retry_after: u64,
    },
    /// Ends the connection before the request is handled.
    DropBefore {
        #[serde(default)]
        reset: bool,
    },
    /// Handles the request and ends the connection before the response.
    DropAfter {
        #[serde(default)]
        reset: bool,
    },
    /// Handles the request and ends the connection within the body of the response.
    Truncate {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_bytes: Option<usize>,
        #[serde(default)]
        reset: bool,
    },
    /// Makes an action attempt fail with this error.
    AttemptFails {
        #[serde(default = "error_type")]
        error_type: String,
        #[serde(default = "error_message")]
        error_message: String,
    },
    /// Leaves an action attempt pending.
    AttemptHangs {},
}

fn every_path() -> String {
    "*".to_owned()
}

fn one() -> u64 {
    1
}

fn error_type() -> String {
    "unknown_error".to_owned()
}

fn error_message() -> String {
    "An injected fault of the sandbox made this fail".to_owned()
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde requires a reference"
)]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Fault {
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn kind(&self) -> &FaultKind {
        &self.kind
    }

    pub(super) fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    pub(super) fn matches_request(&self, path: &str, reused_connection: bool) -> bool {
        !self.applies_to_attempts()
            && matches_path(&self.path, path)
            && (reused_connection || !self.reused_connection)
    }

    pub(super) fn matches_attempt(&self, path: &str, device: Id) -> bool {
        self.applies_to_attempts()
            && matches_path(&self.path, path)
            && self.device_id.is_none_or(|it| it == device)
    }

    fn applies_to_attempts(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::AttemptFails { .. } | FaultKind::AttemptHangs {}
        )
    }

    pub(super) fn count_down(&mut self) {
        self.times = self.times.map(|it| it.saturating_sub(1));
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.times == Some(0)
    }
}

/// Returns whether the pattern matches the path.
pub(super) fn matches_path(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => pattern == path,
    }
}
