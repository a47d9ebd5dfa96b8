//! Builds the device object of the API from a seed.

use serde_json::{Value, json};

use super::{SeedDevice, SeedError};
use crate::device_class::DeviceClass;
use crate::json::{JsonObject, json_object};
use crate::time::{self, Millis};
use crate::{picture, provider};

/// Returns the defaults for devices of this class, as JSON text.
fn model(class: DeviceClass) -> &'static str {
    match class {
        DeviceClass::Lock => include_str!("lock.json"),
        DeviceClass::Thermostat => include_str!("thermostat.json"),
        DeviceClass::NoiseSensor => include_str!("noise_sensor.json"),
        DeviceClass::Other => include_str!("other.json"),
    }
}

/// Returns the device object without its ids.
///
/// # Errors
///
/// If `properties.online` is not a boolean.
pub(crate) fn object(seed: &SeedDevice, created_at: Millis) -> Result<JsonObject, SeedError> {
    let about = |problem: &dyn std::fmt::Display| {
        SeedError::new(format!("device \"{}\": {problem}", seed.display_name))
    };
    let mut object = identity(seed, created_at);
    let model =
        serde_json::from_str(model(DeviceClass::of(&seed.device_type))).map_err(|it| about(&it))?;
    merge(&mut object, &model);
    merge(&mut object, &seed.rest);
    let online = object.get("properties").and_then(|it| it.get("online"));
    let Some(online) = online.and_then(Value::as_bool) else {
        return Err(about(&"properties.online must be true or false"));
    };
    for (flag, is_possible) in [
        ("can_simulate_connection", !online),
        ("can_simulate_disconnection", online),
    ] {
        if object.contains_key(flag) && !seed.rest.contains_key(flag) {
            object.insert(flag.to_owned(), is_possible.into());
        }
    }
    if !online && !seed.rest.contains_key("errors") {
        let offline = json!([{
            "error_code": "device_disconnected",
            "message": "The device is offline",
            "is_device_error": true,
            "created_at": time::to_iso(created_at),
        }]);
        object.insert("errors".to_owned(), offline);
    }
    Ok(object)
}

/// Returns the members that follow from the type and the name.
fn identity(seed: &SeedDevice, created_at: Millis) -> JsonObject {
    let name = &seed.display_name;
    let maker = provider::manufacturer(&seed.device_type);
    let maker_name = capitalized(maker);
    let (image_url, image_alt_text) = picture::of_device(DeviceClass::of(&seed.device_type));
    let object = json!({
        "device_type": seed.device_type,
        "display_name": name,
        "created_at": time::to_iso(created_at),
        "is_managed": true,
        "space_ids": [],
        "custom_metadata": {},
        "errors": [],
        "warnings": [],
        "location": { "location_name": "Main Street 1", "time_zone": "UTC", "timezone": "UTC" },
        "device_manufacturer": { "manufacturer": maker, "display_name": maker_name },
        "device_provider": {
            "device_provider_name": maker,
            "display_name": maker_name,
            "provider_category": "stable",
        },
        "properties": {
            "name": name,
            "appearance": { "name": name },
            "image_url": image_url,
            "image_alt_text": image_alt_text,
            "manufacturer": maker,
            "model": { "display_name": maker_name, "manufacturer_display_name": maker_name },
        },
    });
    let mut object = json_object(object);
    for flag in provider::simulations(maker) {
        object.insert(
            flag.to_owned(),
            (flag != "can_simulate_hub_connection").into(),
        );
    }
    object
}

/// Turns the key of a provider into a name: `four_suites` becomes `Four suites`.
pub(crate) fn capitalized(key: &str) -> String {
    let mut name = key.replace('_', " ");
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}

/// Merges `over` into `under`, recursively. A null removes a member, or stays if there is none.
pub(super) fn merge(under: &mut JsonObject, over: &JsonObject) {
    for (name, value) in over {
        match (under.get_mut(name), value) {
            (Some(Value::Object(inner)), Value::Object(value)) => merge(inner, value),
            (Some(_), Value::Null) => {
                under.remove(name);
            }
            _ => {
                under.insert(name.clone(), value.clone());
            }
        }
    }
}
