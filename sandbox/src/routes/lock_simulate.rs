//! `/locks/simulate`: what a person does at the keypad of a lock.

use serde_json::json;

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::state::{DeviceAction, Effect, Record, ResourceType, Scope};
use crate::time;

/// A person enters a code. If the device has the code, the door opens, and the event says whose code
/// it was; otherwise access is denied (our choice). The event of a code that belongs to a user is
/// visible to that user only, as the code is.
pub(super) fn keypad_code_entry(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = august_lock(scope, call)?;
    let entered = call.params.text("code").unwrap_or_default();
    let now = scope.now();
    let codes = scope.records_referencing(ResourceType::AccessCode, device);
    let code = codes.into_iter().find(|it| is_on_device(it, entered, now));
    let effects = match code {
        None => vec![event("lock.access_denied", device, json_object(json!({})))],
        Some(code) => {
            let mut opened = event(
                "lock.unlocked",
                device,
                json_object(json!({
                    "method": "keycode",
                    "access_code_id": code.id(),
                    "access_code_is_managed": code.flag("is_managed") != Some(false),
                    "code": entered,
                })),
            );
            if let Effect::Event { owner, .. } = &mut opened {
                *owner = code.owner();
            }
            vec![set_locked(device, false), opened]
        }
    };
    start(scope, device, "SIMULATE_KEYPAD_CODE_ENTRY", effects)
}

/// A person locks the door by a button of the keypad.
pub(super) fn manual_lock_via_keypad(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = august_lock(scope, call)?;
    let fields = json_object(json!({ "method": "manual" }));
    let effects = vec![
        set_locked(device, true),
        event("lock.locked", device, fields),
    ];
    start(scope, device, "SIMULATE_MANUAL_LOCK_VIA_KEYPAD", effects)
}

/// Returns whether the device has this code, and opens with it now.
fn is_on_device(code: &Record, entered: &str, now: time::Millis) -> bool {
    let time = |name: &str| code.text(name).and_then(time::parse);
    code.text("code") == Some(entered)
        && code.text("status") == Some("set")
        && time("starts_at").is_none_or(|it| it <= now)
        && time("ends_at").is_none_or(|it| now < it)
}

/// Returns the device, which must be an August lock, as documented. The type of the error is our
/// choice.
fn august_lock(scope: &Scope<'_>, call: &Call<'_>) -> Result<Id, ApiError> {
    let device = scope.device(call.required_id("device_id")?)?;
    if device.device_type() == "august_lock" {
        return Ok(device.id());
    }
    Err(ApiError::new(
        400,
        "device_type_not_supported",
        format!("{} takes only august_lock", call.path),
    ))
}

fn set_locked(device: Id, locked: bool) -> Effect {
    Effect::DeviceProperties {
        device,
        properties: json_object(json!({ "locked": locked })),
    }
}

fn event(event_type: &str, device: Id, mut members: JsonObject) -> Effect {
    members.insert("device_id".to_owned(), device.to_string().into());
    Effect::Event {
        event_type: event_type.to_owned(),
        members,
        owner: None,
    }
}

fn start(
    scope: &mut Scope<'_>,
    device: Id,
    action: &'static str,
    effects: Vec<Effect>,
) -> Result<Reply, ApiError> {
    let attempt = scope.start_action(DeviceAction {
        device,
        action,
        needs: None,
        result: json!({}),
        effects,
    })?;
    Ok(Reply::new().with("action_attempt", &attempt))
}
