//! `/locks`.

use serde_json::json;

use super::{Call, devices};
use crate::device_class::DeviceClass;
use crate::error::ApiError;
use crate::http::Reply;
use crate::json::json_object;
use crate::state::{DeviceAction, Effect, Scope};

/// A device in scope that is not a lock is not found (our choice).
pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = devices::named(scope, call)?;
    if device.class() != DeviceClass::Lock {
        return Err(Scope::device_not_found());
    }
    Ok(Reply::new()
        .with_text("device", device.json())
        .with_text("lock", device.json()))
}

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    devices::list_of(scope, call, DeviceClass::Lock, "locks")
}

pub(super) fn lock_door(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let event = ("lock.locked", true);
    start_lock_action(scope, call, ("LOCK_DOOR", "can_remotely_lock"), event)
}

pub(super) fn unlock_door(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let event = ("lock.unlocked", false);
    start_lock_action(scope, call, ("UNLOCK_DOOR", "can_remotely_unlock"), event)
}

/// Starts an action that needs a capability flag. The event is recorded when it succeeds.
fn start_lock_action(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
    (action, needs): (&'static str, &'static str),
    (event_type, locked): (&str, bool),
) -> Result<Reply, ApiError> {
    let device = call.required_id("device_id")?;
    let fields = json!({ "device_id": device.to_string(), "method": "remote" });
    let attempt = scope.start_action(DeviceAction {
        device,
        action,
        needs: Some(needs),
        result: json!({ "was_confirmed_by_device": true }),
        effects: vec![
            Effect::DeviceProperties {
                device,
                properties: json_object(json!({ "locked": locked })),
            },
            // Visible to all who see the door; it does not name the requester.
            Effect::Event {
                event_type: event_type.to_owned(),
                members: json_object(fields),
                owner: None,
            },
        ],
    })?;
    Ok(Reply::new().with("action_attempt", &attempt))
}

/// The delay is required when auto-lock is enabled, as documented. Otherwise the lock keeps its own.
pub(super) fn configure_auto_lock(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    const DELAY: &str = "auto_lock_delay_seconds";
    let device = call.required_id("device_id")?;
    scope.device(device)?;
    let enabled = call.params.flag("auto_lock_enabled");
    let delay = call.params.members().get(DELAY);
    if enabled == Some(true) && delay.is_none() {
        return Err(ApiError::required(DELAY));
    }
    let mut properties = json_object(json!({ "auto_lock_enabled": enabled }));
    properties.extend(delay.map(|it| (DELAY.to_owned(), it.clone())));
    let attempt = scope.start_action(DeviceAction {
        device,
        action: "CONFIGURE_AUTO_LOCK",
        needs: Some("can_configure_auto_lock"),
        result: json!({}),
        effects: vec![Effect::DeviceProperties { device, properties }],
    })?;
    Ok(Reply::new().with("action_attempt", &attempt))
}
