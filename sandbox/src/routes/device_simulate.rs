//! `/devices/simulate`: changes of a device from outside of the API.

use serde_json::{Value, json};

use super::Call;
use super::device_object::{add_error, record_event, record_event_with_errors, remove_errors};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::state::{Device, Scope, connection};
use crate::time;

/// The simulations of a connection. Which of them is possible depends on the device's state.
const CONNECTION_FLAGS: [&str; 3] = [
    "can_simulate_connection",
    "can_simulate_disconnection",
    "can_simulate_removal",
];

/// Reverts a disconnection, and also a removal (our choice). A device whose account or hub is
/// disconnected stays offline.
pub(super) fn connect(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = with_simulation(scope, call)?;
    let (id, event_type) = (device.id(), device.event_type("connected"));
    let errors = ["device_disconnected", "device_offline", "device_removed"];
    if scope.change_device(id, |it| connection::restore(it, &errors))? {
        record_event(scope, &event_type, id, json!({}));
    }
    Ok(Reply::new())
}

pub(super) fn disconnect(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = with_simulation(scope, call)?;
    let (id, event_type) = (device.id(), device.event_type("disconnected"));
    let error = error(scope, "device_disconnected", "The device is offline");
    let changed = scope.change_device(id, |it| {
        connection::set_flags(it, false);
        add_error(it, error);
        connection::set_online(it, false)
    })?;
    if changed {
        let more = json!({ "error_code": "device_disconnected" });
        record_event_with_errors(scope, &event_type, id, more)?;
    }
    Ok(Reply::new())
}

/// The device is removed from its account. It stays in the workspace with an error until its
/// account is deleted, and remains visible (our choice).
pub(super) fn remove(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = with_simulation(scope, call)?.id();
    let error = error(
        scope,
        "device_removed",
        "The account no longer has the device",
    );
    let changed = scope.change_device(id, |it| {
        connection::set_online(it, false);
        connection::set_flags(it, false);
        connection::set_flag(it, "can_simulate_removal", false);
        add_error(it, error)
    })?;
    if changed {
        record_event(scope, "device.removed", id, json!({}));
    }
    Ok(Reply::new())
}

pub(super) fn connect_to_hub(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = of_type(scope, call, &["august_lock", "ttlock_lock"])?;
    let event_type = scope.any_device(id)?.event_type("connected");
    let changed = scope.change_device(id, |it| {
        connection::set_hub_flags(it, true);
        connection::restore(it, &["hub_disconnected"])
    })?;
    if changed {
        record_event(scope, &event_type, id, json!({}));
    }
    Ok(Reply::new())
}

pub(super) fn disconnect_from_hub(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device_types = ["august_lock", "ttlock_lock", "igloohome_lock"];
    let id = of_type(scope, call, &device_types)?;
    let event_type = scope.any_device(id)?.event_type("disconnected");
    let error = error(
        scope,
        "hub_disconnected",
        "The hub of the device is offline",
    );
    let changed = scope.change_device(id, |it| {
        connection::set_hub_flags(it, false);
        add_error(it, error);
        connection::set_online(it, false)
    })?;
    if changed {
        let more = json!({ "error_code": "hub_disconnected" });
        record_event_with_errors(scope, &event_type, id, more)?;
    }
    Ok(Reply::new())
}

pub(super) fn paid_subscription(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = of_type(scope, call, &["nuki_lock"])?;
    let error = error(
        scope,
        "subscription_required",
        "The subscription has expired",
    );
    if call.params.flag("is_expired") == Some(true) {
        if scope.change_device(id, |it| add_error(it, error))? {
            let event_type = "device.error.subscription_required";
            record_event_with_errors(scope, event_type, id, json!({}))?;
        }
    } else if scope.change_device(id, |it| remove_errors(it, &["subscription_required"]))? {
        let event_type = "device.error.subscription_required.resolved";
        record_event(scope, event_type, id, json!({}));
    }
    Ok(Reply::new())
}

fn named<'s>(scope: &'s Scope<'_>, call: &Call<'_>) -> Result<&'s Device, ApiError> {
    scope.any_device(call.required_id("device_id")?)
}

/// Returns the device if it has flags for simulating its connection. Seam documents them for August
/// and Yale only; a seed may set them on any device. The type of the error is our choice.
fn with_simulation<'s>(scope: &'s Scope<'_>, call: &Call<'_>) -> Result<&'s Device, ApiError> {
    let device = named(scope, call)?;
    let object = device.object();
    let has_flag = |it: &&str| object.get(*it).is_some_and(Value::is_boolean);
    if CONNECTION_FLAGS.iter().any(has_flag) {
        return Ok(device);
    }
    Err(ApiError::new(
        400,
        "device_type_not_supported",
        format!(
            "{} takes only devices with a flag can_simulate_..., which are those of August and Yale",
            call.path
        ),
    ))
}

/// Returns the device if the API simulates this for its type. The type of the error is our choice.
fn of_type(scope: &Scope<'_>, call: &Call<'_>, device_types: &[&str]) -> Result<Id, ApiError> {
    let device = named(scope, call)?;
    if device_types.contains(&device.device_type()) {
        return Ok(device.id());
    }
    Err(ApiError::new(
        400,
        "device_type_not_supported",
        format!("{} takes only {}", call.path, device_types.join(", ")),
    ))
}

fn error(scope: &Scope<'_>, code: &str, message: &str) -> Value {
    json!({
        "error_code": code,
        "message": message,
        "is_device_error": true,
        "created_at": time::to_iso(scope.now()),
    })
}
