//! One fault: what it does, to which requests, and how often.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::Id;

/// A fault. Its JSON is what `/_sandbox/faults` takes and gives.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Fault {
    #[serde(rename = "fault_id")]
    id: u64,
    #[serde(flatten)]
    kind: FaultKind,
    /// A route's path, or the beginning of some and `*`.
    #[serde(default = "every_path")]
    path: String,
    /// So often it still strikes; without it, until it is taken away.
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
    /// The answer is so much late.
    Latency { latency_ms: u64 },
    /// 503 with an empty body, as Seam's own fake has it.
    Outage {},
    /// 429 with `Retry-After`, in seconds.
    RateLimit {
        #[serde(default = "one")]
        retry_after: u64,
    },
    /// The connection ends before anything is done.
    DropBefore {
        #[serde(default)]
        reset: bool,
    },
    /// All is done, and the connection ends before anything is answered.
    DropAfter {
        #[serde(default)]
        reset: bool,
    },
    /// All is done, and the connection ends within the body.
    Truncate {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_bytes: Option<usize>,
        #[serde(default)]
        reset: bool,
    },
    /// An action attempt ends with this error.
    AttemptFails {
        #[serde(default = "error_type")]
        error_type: String,
        #[serde(default = "error_message")]
        error_message: String,
    },
    /// An action attempt stays pending.
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
    "The sandbox was told to let this fail".to_owned()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
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

    pub(super) fn fits_request(&self, path: &str, reused_connection: bool) -> bool {
        !self.is_of_attempts()
            && covers(&self.path, path)
            && (reused_connection || !self.reused_connection)
    }

    pub(super) fn fits_attempt(&self, path: &str, device: Id) -> bool {
        self.is_of_attempts()
            && covers(&self.path, path)
            && self.device_id.is_none_or(|it| it == device)
    }

    fn is_of_attempts(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::AttemptFails { .. } | FaultKind::AttemptHangs {}
        )
    }

    pub(super) fn count_down(&mut self) {
        self.times = self.times.map(|it| it.saturating_sub(1));
    }

    pub(super) fn is_over(&self) -> bool {
        self.times == Some(0)
    }
}

/// Whether this pattern covers the path.
pub(super) fn covers(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => pattern == path,
    }
}
