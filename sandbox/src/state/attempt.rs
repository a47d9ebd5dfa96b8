//! Action attempts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::record::Requester;
use super::table::{Key, Row};
use super::task_queue::Effect;
use crate::faults::InjectedOutcome;
use crate::ids::Id;
use crate::time::Millis;

/// How long an attempt is pending by default.
pub(super) const ATTEMPT_MS: Millis = 400;

/// An action that is requested of a device.
#[derive(Debug)]
pub(crate) struct DeviceAction {
    /// The device, which the caller must be able to see.
    pub(crate) device: Id,
    /// The `action_type` of the API, such as `LOCK_DOOR`.
    pub(crate) action: &'static str,
    /// The capability flag that the device needs.
    pub(crate) needs: Option<&'static str>,
    /// The `result` of a successful attempt.
    pub(crate) result: Value,
    /// The changes that a successful attempt makes.
    pub(crate) effects: Vec<Effect>,
}

/// The progress of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Progress {
    Pending,
    Succeeded,
    Failed { kind: String, message: String },
}

/// An action attempt. The API's object has neither the device nor the requester, which decide who
/// may see it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ActionAttempt {
    pub(super) id: Id,
    pub(super) created_at: Millis,
    /// The `action_type` of the API.
    pub(super) action: String,
    pub(super) device: Option<Id>,
    pub(super) progress: Progress,
    /// The `result` of a successful attempt.
    pub(super) result: Value,
    pub(super) effects: Vec<Effect>,
    /// The session that requested it; `None` for the API key.
    #[serde(rename = "asker")]
    pub(super) requester: Option<Requester>,
    #[serde(default, rename = "forced")]
    pub(super) injected_outcome: Option<InjectedOutcome>,
    /// Whether the action succeeds while its device is offline.
    #[serde(default)]
    pub(super) without_device: bool,
    /// The `lock.` events that it caused.
    #[serde(default)]
    pub(super) lock_events: Vec<Id>,
}

impl Row for ActionAttempt {
    fn key(&self) -> Key {
        (self.created_at, 0, self.id)
    }

    fn references(&self) -> Vec<Id> {
        let events = self.lock_events.iter().copied();
        self.device.into_iter().chain(events).collect()
    }
}

impl ActionAttempt {
    /// Returns a pending attempt that concerns no device, for the API key.
    pub(super) fn without_device(id: Id, created_at: Millis, action: &str) -> Self {
        Self {
            id,
            created_at,
            action: action.to_owned(),
            device: None,
            progress: Progress::Pending,
            result: json!({}),
            effects: Vec::new(),
            requester: None,
            injected_outcome: None,
            without_device: true,
            lock_events: Vec::new(),
        }
    }

    pub(crate) fn id(&self) -> Id {
        self.id
    }

    /// Returns the device of the action.
    pub(crate) fn device(&self) -> Option<Id> {
        self.device
    }

    /// Returns whether the API names the attempt in the events of locks that it causes: it is
    /// documented for those that lock or unlock a door.
    pub(super) fn is_named_in_events(&self) -> bool {
        matches!(self.action.as_str(), "LOCK_DOOR" | "UNLOCK_DOOR")
    }

    /// Returns the API's object.
    pub(crate) fn to_json(&self) -> Value {
        let (status, result, error) = match &self.progress {
            Progress::Pending => ("pending", Value::Null, Value::Null),
            Progress::Succeeded => ("success", self.result.clone(), Value::Null),
            Progress::Failed { kind, message } => (
                "error",
                Value::Null,
                json!({ "type": kind, "message": message }),
            ),
        };
        json!({
            "action_attempt_id": self.id.to_string(),
            "action_type": self.action,
            "status": status,
            "result": result,
            "error": error,
        })
    }

    /// Returns the type of the event of its end. The API has one for some actions only.
    pub(super) fn event_type(&self) -> Option<String> {
        let with_event = [
            "LOCK_DOOR",
            "UNLOCK_DOOR",
            "SIMULATE_KEYPAD_CODE_ENTRY",
            "SIMULATE_MANUAL_LOCK_VIA_KEYPAD",
        ];
        let name = with_event.iter().find(|it| **it == self.action)?;
        let end = match self.progress {
            Progress::Succeeded => "succeeded",
            _ => "failed",
        };
        Some(format!("action_attempt.{}.{end}", name.to_lowercase()))
    }
}
