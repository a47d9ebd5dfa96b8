//! Action attempts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::record::Requester;
use super::table::{Key, Row};
use super::task_queue::Effect;
use crate::faults::InjectedOutcome;
use crate::ids::Id;
use crate::json::json_object;
use crate::time::Millis;

/// How long an attempt is pending.
pub(super) const ATTEMPT_MS: Millis = 400;

/// The number of attempts that are kept. The oldest finished ones are removed.
pub(super) const MAX_ATTEMPTS: usize = 20_000;

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
}

impl Row for ActionAttempt {
    fn key(&self) -> Key {
        (self.created_at, 0, self.id)
    }

    fn references(&self) -> Vec<Id> {
        self.device.into_iter().collect()
    }
}

impl ActionAttempt {
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
    fn event_type(&self) -> Option<String> {
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

impl State {
    /// Ends a pending attempt. Unless a fault gives another outcome, it succeeds if its device
    /// exists and is online.
    pub(super) fn finish(&mut self, id: Id, at: Millis) {
        let Some(attempt) = self.attempts.get(id) else {
            return;
        };
        let failed = |kind: &str, message: &str| Progress::Failed {
            kind: kind.to_owned(),
            message: message.to_owned(),
        };
        let device = attempt.device.map(|it| self.devices.get(it));
        let progress = match (&attempt.injected_outcome, device) {
            (Some(InjectedOutcome::Hang), _) => return,
            (Some(InjectedOutcome::Fail { kind, message }), _) => failed(kind, message),
            (None, Some(None)) => failed("device_not_found", "The device no longer exists"),
            (None, Some(Some(device))) if !device.online() => {
                failed("device_offline", "The device is offline")
            }
            (None, _) => Progress::Succeeded,
        };
        self.attempts.change(id, |it| it.progress = progress);
        let Some(attempt) = self.attempts.get(id) else {
            return;
        };
        let requester = attempt.requester;
        let event = attempt.event_type().map(|event_type| {
            let object = attempt.to_json();
            let fields = json_object(json!({
                "action_attempt_id": object.get("action_attempt_id"),
                "action_type": object.get("action_type"),
                "status": object.get("status"),
                "device_id": attempt.device,
            }));
            (event_type, fields)
        });
        let effects = attempt.effects.clone();
        if let Progress::Failed { message, .. } = attempt.progress.clone() {
            self.record_failed_effects(&effects, &message, at);
        } else {
            self.apply(&effects, at);
        }
        if let Some((event_type, members)) = event {
            self.record_event(at, &event_type, members, requester);
        }
    }
}
