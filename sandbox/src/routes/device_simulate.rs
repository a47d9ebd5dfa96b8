//! `/devices/simulate`: changes of a device from outside of the API.

use serde_json::{Value, json};

use super::Call;
use super::device_object::{add_error, record_event, remove_errors, set_property};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::state::{Device, Scope};
use crate::time;

/// Reverts a disconnection, and also a removal (our choice).
pub(super) fn connect(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    let (id, event_type) = (device.id(), event_type(device, "connected"));
    let changed = scope.change_device(id, |it| {
        let gone = ["device_disconnected", "device_offline", "device_removed"];
        let removed = remove_errors(it, &gone);
        let was_offline = set_property(it, "online", true.into());
        can_simulate(it, true);
        removed || was_offline
    })?;
    if changed {
        record_event(scope, event_type, id, json!({}));
    }
    Ok(Reply::new())
}

pub(super) fn disconnect(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    let (id, event_type) = (device.id(), event_type(device, "disconnected"));
    let error = error(scope, "device_disconnected", "The device is offline");
    let changed = scope.change_device(id, |it| {
        set_property(it, "online", false.into());
        can_simulate(it, false);
        add_error(it, error)
    })?;
    if changed {
        let more = json!({ "error_code": "device_disconnected" });
        record_event_with_errors(scope, event_type, id, more)?;
    }
    Ok(Reply::new())
}

/// The device is removed from its account. It stays in the workspace with an error until its
/// account is deleted, and remains visible (our choice).
pub(super) fn remove(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = named(scope, call)?.id();
    let error = error(
        scope,
        "device_removed",
        "The account no longer has the device",
    );
    let changed = scope.change_device(id, |it| {
        set_property(it, "online", false.into());
        can_simulate(it, false);
        it.insert("can_simulate_removal".to_owned(), false.into());
        add_error(it, error)
    })?;
    if changed {
        record_event(scope, "device.removed", id, json!({}));
    }
    Ok(Reply::new())
}

pub(super) fn connect_to_hub(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = of_type(scope, call, &["august_lock", "ttlock_lock"])?;
    let changed = scope.change_device(id, |it| {
        let removed = remove_errors(it, &["hub_disconnected"]);
        removed && set_property(it, "online", true.into())
    })?;
    if changed {
        record_event(scope, "device.connected", id, json!({}));
    }
    Ok(Reply::new())
}

pub(super) fn disconnect_from_hub(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device_types = ["august_lock", "ttlock_lock", "igloohome_lock"];
    let id = of_type(scope, call, &device_types)?;
    let error = error(
        scope,
        "hub_disconnected",
        "The hub of the device is offline",
    );
    let changed = scope.change_device(id, |it| {
        set_property(it, "online", false.into());
        add_error(it, error)
    })?;
    if changed {
        let more = json!({ "error_code": "hub_disconnected" });
        record_event_with_errors(scope, "device.disconnected", id, more)?;
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

fn event_type(device: &Device, what: &str) -> &'static str {
    match (device.is_managed(), what) {
        (true, "connected") => "device.connected",
        (false, "connected") => "device.unmanaged.connected",
        (true, _) => "device.disconnected",
        (false, _) => "device.unmanaged.disconnected",
    }
}

fn error(scope: &Scope<'_>, code: &str, message: &str) -> Value {
    json!({
        "error_code": code,
        "message": message,
        "is_device_error": true,
        "created_at": time::to_iso(scope.now()),
    })
}

/// Sets which simulations are possible now.
fn can_simulate(device: &mut JsonObject, is_connected: bool) {
    device.insert("can_simulate_connection".to_owned(), (!is_connected).into());
    device.insert("can_simulate_disconnection".to_owned(), is_connected.into());
    device.insert("can_simulate_removal".to_owned(), true.into());
}

/// Records an event that contains the device's errors.
fn record_event_with_errors(
    scope: &mut Scope<'_>,
    event_type: &str,
    id: Id,
    more: Value,
) -> Result<(), ApiError> {
    let mut device = scope.any_device(id)?.object();
    let mut fields = json_object(more);
    for (name, member) in [("device_errors", "errors"), ("device_warnings", "warnings")] {
        let list = device.shift_remove(member).unwrap_or_else(|| json!([]));
        fields.insert(name.to_owned(), list);
    }
    for name in ["connected_account_errors", "connected_account_warnings"] {
        fields.insert(name.to_owned(), json!([]));
    }
    record_event(scope, event_type, id, Value::Object(fields));
    Ok(())
}
