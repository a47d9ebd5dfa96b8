//! Whether a device is online, and the errors and flags that depend on it.

use serde_json::Value;

use super::State;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::time::Millis;

impl State {
    /// Does what was due while a device was offline, if it is online now.
    pub(super) fn catch_up(&mut self, device: Id, now: Millis) {
        if self.devices.get(device).is_some_and(super::Device::online) {
            self.retry_access_codes(device, now);
            self.run_schedules(device, now);
        }
    }
}

/// The errors with which a device cannot be online.
const ERRORS: [&str; 5] = [
    "device_disconnected",
    "device_offline",
    "device_removed",
    "hub_disconnected",
    "account_disconnected",
];

/// Removes these errors and, if no other one prevents it, brings the device online. Returns whether
/// it came online.
pub(crate) fn restore(device: &mut JsonObject, errors: &[&str]) -> bool {
    let code = |it: &Value| {
        let code = it.get("error_code").and_then(Value::as_str);
        code.unwrap_or_default().to_owned()
    };
    if let Some(Value::Array(list)) = device.get_mut("errors") {
        list.retain(|it| !errors.contains(&code(it).as_str()));
        if list.iter().any(|it| ERRORS.contains(&code(it).as_str())) {
            return false;
        }
    }
    set_flags(device, true);
    set_online(device, true)
}

/// Returns whether that changed the device.
pub(crate) fn set_online(device: &mut JsonObject, online: bool) -> bool {
    match device.get_mut("properties") {
        Some(Value::Object(properties)) => {
            properties.insert("online".to_owned(), online.into()) != Some(online.into())
        }
        _ => false,
    }
}

/// Sets which simulations of a connection are possible now.
pub(crate) fn set_flags(device: &mut JsonObject, is_connected: bool) {
    set_flag(device, "can_simulate_connection", !is_connected);
    set_flag(device, "can_simulate_disconnection", is_connected);
    set_flag(device, "can_simulate_removal", true);
}

/// Sets which simulations of a hub are possible now.
pub(crate) fn set_hub_flags(device: &mut JsonObject, is_connected: bool) {
    set_flag(device, "can_simulate_hub_connection", !is_connected);
    set_flag(device, "can_simulate_hub_disconnection", is_connected);
}

/// Sets a flag, if the device has it.
pub(crate) fn set_flag(device: &mut JsonObject, flag: &str, value: bool) {
    if let Some(current) = device.get_mut(flag) {
        *current = value.into();
    }
}
