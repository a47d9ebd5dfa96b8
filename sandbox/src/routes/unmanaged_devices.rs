//! `/devices/unmanaged`.

use serde_json::Value;

use super::page::Page;
use super::{Call, device_filter, devices};
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::{Device, Scope};

/// The members of an unmanaged device besides its capability flags, and its properties.
const SHOWN: [&str; 12] = [
    "device_id",
    "device_type",
    "connected_account_id",
    "workspace_id",
    "created_at",
    "capabilities_supported",
    "custom_metadata",
    "errors",
    "warnings",
    "is_managed",
    "location",
    "properties",
];
const PROPERTIES: [&str; 11] = [
    "name",
    "online",
    "manufacturer",
    "image_url",
    "image_alt_text",
    "battery_level",
    "battery",
    "online_access_codes_enabled",
    "offline_access_codes_enabled",
    "accessory_keypad",
    "model",
];

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = devices::named_among(scope, call, false)?;
    if device.is_managed() {
        return Err(ApiError::new(
            400,
            "device_managed",
            "The device is managed",
        ));
    }
    Ok(Reply::new().with("device", &to_json(device)))
}

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let found = device_filter::filter(scope, call.params, scope.unmanaged_devices());
    let (shown, pagination) = page.slice(call, found);
    let devices = shown.into_iter().map(to_json).collect::<Value>();
    Ok(Reply::new()
        .with("devices", &devices)
        .with("pagination", &pagination))
}

fn to_json(device: &Device) -> Value {
    let mut object = device.shown_object();
    object.retain(|name, _| name.starts_with("can_") || SHOWN.contains(&name.as_str()));
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        properties.retain(|name, _| PROPERTIES.contains(&name.as_str()));
    }
    Value::Object(object)
}
