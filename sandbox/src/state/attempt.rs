//! An action attempt: asked for now, done a moment later.

use serde_json::{Value, json};

use crate::ids::Id;
use crate::time::Millis;

/// How long an attempt stays pending.
pub(crate) const ATTEMPT_MS: Millis = 400;

/// What is asked of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Lock,
    Unlock,
}

/// How far an attempt is.
#[derive(Debug)]
pub(super) enum Progress {
    Pending,
    Succeeded,
    Failed {
        kind: &'static str,
        message: &'static str,
    },
}

/// An action attempt. The API's object does not tell the device nor who asked; scope needs both.
#[derive(Debug)]
pub(crate) struct ActionAttempt {
    pub(super) id: Id,
    pub(super) device: Id,
    pub(super) action: Action,
    pub(super) progress: Progress,
    /// The session that asked; none if it was the API key.
    pub(super) session: Option<Id>,
    /// The user identity that the session belonged to when it asked.
    pub(super) user_identity: Option<Id>,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Lock => "LOCK_DOOR",
            Self::Unlock => "UNLOCK_DOOR",
        }
    }

    /// The flag that a device must have for it.
    pub(crate) fn flag(self) -> &'static str {
        match self {
            Self::Lock => "can_remotely_lock",
            Self::Unlock => "can_remotely_unlock",
        }
    }

    /// The state of the lock when it is done.
    pub(super) fn locks(self) -> bool {
        self == Self::Lock
    }
}

impl ActionAttempt {
    /// The object of the API.
    pub(crate) fn to_json(&self) -> Value {
        let (status, result, error) = match &self.progress {
            Progress::Pending => ("pending", Value::Null, Value::Null),
            Progress::Succeeded => (
                "success",
                json!({ "was_confirmed_by_device": true }),
                Value::Null,
            ),
            Progress::Failed { kind, message } => (
                "error",
                Value::Null,
                json!({ "type": kind, "message": message }),
            ),
        };
        json!({
            "action_attempt_id": self.id.to_string(),
            "action_type": self.action.name(),
            "status": status,
            "result": result,
            "error": error,
        })
    }
}
