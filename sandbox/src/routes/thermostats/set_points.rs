//! Set points, which may be given in Celsius or Fahrenheit.

use serde_json::Value;

use super::thermostat::property;
use crate::error::ApiError;
use crate::input::Params;
use crate::json::JsonObject;
use crate::state::Device;

/// Sets the given set points of these kinds (`heating`, `cooling`) in both units. Each must be
/// within the device's range, and heating and cooling must be at least the device's minimum
/// difference apart.
pub(super) fn apply_params(
    setting: &mut JsonObject,
    params: &Params,
    device: &Device,
    kinds: &[&str],
) -> Result<(), ApiError> {
    for kind in kinds {
        let name = |unit| format!("{kind}_set_point_{unit}");
        let celsius = params.number(&name("celsius"));
        let fahrenheit = params.number(&name("fahrenheit"));
        if celsius.is_some() && fahrenheit.is_some() {
            let (celsius, fahrenheit) = (name("celsius"), name("fahrenheit"));
            let message = format!("You cannot set both {celsius} and {fahrenheit}");
            return Err(ApiError::invalid(message));
        }
        let Some(celsius) = celsius.or(fahrenheit.map(to_celsius)) else {
            continue;
        };
        let bound = |which: &str| {
            let bound = property(device, &format!("{which}_{}", name("celsius")));
            bound.as_f64()
        };
        if bound("min").is_some_and(|it| celsius < it)
            || bound("max").is_some_and(|it| celsius > it)
        {
            let unit = if fahrenheit.is_some() {
                "fahrenheit"
            } else {
                "celsius"
            };
            let message = "Outside of the range of the thermostat";
            return Err(ApiError::invalid_parameter(&name(unit), message));
        }
        set(setting, kind, celsius, fahrenheit);
    }
    check_delta(setting, device)
}

/// Checks that the set points of these kinds are given. The messages are those of Seam's fake
/// server.
pub(super) fn require(params: &Params, kinds: &[&str]) -> Result<(), ApiError> {
    let missing = kinds.iter().find(|it| !is_given(params, it));
    let Some(kind) = missing else {
        return Ok(());
    };
    Err(ApiError::invalid(if kinds.len() > 1 {
        "You must set both a heating setpoint and a cooling setpoint".to_owned()
    } else {
        format!("You must set either {kind}_set_point_celsius or {kind}_set_point_fahrenheit")
    }))
}

fn is_given(params: &Params, kind: &str) -> bool {
    let name = |unit| format!("{kind}_set_point_{unit}");
    params.has(&name("celsius")) || params.has(&name("fahrenheit"))
}

fn set(setting: &mut JsonObject, kind: &str, celsius: f64, fahrenheit: Option<f64>) {
    let fahrenheit = fahrenheit.unwrap_or_else(|| to_fahrenheit(celsius));
    for (unit, value) in [("celsius", celsius), ("fahrenheit", fahrenheit)] {
        setting.insert(format!("{kind}_set_point_{unit}"), rounded(value));
    }
}

/// Checks the minimum difference, which keeps the thermostat from heating and cooling at once.
fn check_delta(setting: &JsonObject, device: &Device) -> Result<(), ApiError> {
    if setting.get("hvac_mode_setting").and_then(Value::as_str) != Some("heat_cool") {
        return Ok(());
    }
    let point = |kind: &str| {
        let point = setting.get(&format!("{kind}_set_point_celsius"));
        point.and_then(Value::as_f64)
    };
    let delta = property(device, "min_heating_cooling_delta_celsius");
    match (point("heating"), point("cooling"), delta.as_f64()) {
        (Some(heating), Some(cooling), Some(delta)) if cooling - heating < delta => {
            Err(ApiError::invalid_parameter(
                "cooling_set_point_celsius",
                &format!("Must be at least {delta} degrees Celsius above the heating set point"),
            ))
        }
        _ => Ok(()),
    }
}

pub(super) fn to_celsius(fahrenheit: f64) -> f64 {
    (fahrenheit - 32.0) / 1.8
}

fn to_fahrenheit(celsius: f64) -> f64 {
    celsius * 1.8 + 32.0
}

fn rounded(degrees: f64) -> Value {
    ((degrees * 100.0).round() / 100.0).into()
}
