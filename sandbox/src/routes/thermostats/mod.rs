//! `/thermostats`.

mod climate;
mod presets;
mod programs;
mod schedules;
mod set_points;

pub(super) use climate::{cool, heat, heat_cool, off, set_fan_mode, set_hvac_mode};
pub(super) use presets::{
    create as create_climate_preset, delete as delete_climate_preset,
    update as update_climate_preset,
};
pub(super) use programs::{
    create as create_daily_program, delete as delete_daily_program, update as update_daily_program,
    update_weekly as update_weekly_program,
};
pub(super) use schedules::{
    create as create_schedule, delete as delete_schedule, get as get_schedule,
    list as list_schedules, update as update_schedule,
};

use serde_json::Value;

use super::{Call, devices};
use crate::device_class::DeviceClass;
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::state::{Device, Scope};

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    devices::list_of(scope, call, DeviceClass::Thermostat, "thermostats")
}

/// Returns the thermostat that `device_id` names, if the caller may see it.
fn named<'s>(scope: &'s Scope<'_>, call: &Call<'_>) -> Result<&'s Device, ApiError> {
    // In the schema of some of these routes the id is any string.
    let id = call.params.id("device_id");
    let id = id.ok_or_else(|| ApiError::invalid_parameter("device_id", "Invalid uuid"))?;
    of_id(scope, id)
}

fn of_id<'s>(scope: &'s Scope<'_>, id: Id) -> Result<&'s Device, ApiError> {
    let device = scope.device(id)?;
    if device.class() == DeviceClass::Thermostat {
        Ok(device)
    } else {
        Err(ApiError::new(
            400,
            "capability_not_supported",
            "This device is not a thermostat",
        ))
    }
}

/// Returns a property of the device; null if it does not have the property.
fn property(device: &Device, name: &str) -> Value {
    let object = device.object();
    let properties = object.get("properties");
    let property = properties.and_then(|it| it.get(name));
    property.cloned().unwrap_or(Value::Null)
}

/// Checks that the device has a climate preset of this key.
fn check_preset(device: &Device, key: &str) -> Result<(), ApiError> {
    let presets = property(device, presets::PROPERTY);
    let mut presets = presets.as_array().into_iter().flatten();
    if presets.any(|it| it.get(presets::KEY).and_then(Value::as_str) == Some(key)) {
        Ok(())
    } else {
        Err(ApiError::new(
            400,
            presets::NOT_FOUND,
            format!("The thermostat has no climate preset {key}"),
        ))
    }
}
