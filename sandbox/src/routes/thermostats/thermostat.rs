//! Finds a thermostat and reads its properties.

use serde_json::Value;

use crate::device_class::DeviceClass;
use crate::error::ApiError;
use crate::ids::Id;
use crate::routes::Call;
use crate::state::{Device, Scope};

/// Returns the thermostat that `device_id` names, if the caller may see it.
pub(super) fn named<'s>(scope: &'s Scope<'_>, call: &Call<'_>) -> Result<&'s Device, ApiError> {
    // In the schema of some of these routes the id is any string.
    let id = call.params.id("device_id");
    let id = id.ok_or_else(|| ApiError::invalid_parameter("device_id", "Invalid uuid"))?;
    of_id(scope, id)
}

pub(super) fn of_id<'s>(scope: &'s Scope<'_>, id: Id) -> Result<&'s Device, ApiError> {
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
pub(super) fn property(device: &Device, name: &str) -> Value {
    let object = device.object();
    let properties = object.get("properties");
    let property = properties.and_then(|it| it.get(name));
    property.cloned().unwrap_or(Value::Null)
}
