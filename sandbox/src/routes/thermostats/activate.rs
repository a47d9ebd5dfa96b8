//! Activates climate presets, and sets the fallback preset and the temperature threshold.

use serde_json::json;

use super::climate::check_override;
use super::presets::{KEY, check_preset};
use super::set_points::to_celsius;
use super::thermostat::named;
use crate::error::ApiError;
use crate::http::Reply;
use crate::input::Params;
use crate::routes::Call;
use crate::state::{DeviceAction, Effect, Scope};

pub(in crate::routes) fn activate_preset(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    let key = call.params.text(KEY).unwrap_or_default();
    check_preset(device, key)?;
    let device = device.id();
    check_override(scope, device)?;
    let attempt = scope.start_action(DeviceAction {
        device,
        action: "ACTIVATE_CLIMATE_PRESET",
        needs: None,
        result: json!({}),
        effects: vec![Effect::ActivatePreset {
            device,
            key: key.to_owned(),
        }],
    })?;
    Ok(Reply::new().with("action_attempt", &attempt))
}

pub(in crate::routes) fn set_fallback_preset(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    let key = call.params.text(KEY).unwrap_or_default();
    check_preset(device, key)?;
    let device = device.id();
    scope.set_fallback_preset(device, key)?;
    Ok(Reply::new())
}

/// The new threshold replaces the current one; a limit that is not given is removed, as documented.
pub(in crate::routes) fn set_threshold(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = named(scope, call)?.id();
    let lower = limit(call.params, "lower_limit")?;
    let upper = limit(call.params, "upper_limit")?;
    if let (Some(lower), Some(upper)) = (lower, upper)
        && lower >= upper
    {
        return Err(ApiError::invalid(
            "The lower limit must be below the upper limit",
        ));
    }
    scope.set_temperature_threshold(device, (lower, upper))?;
    Ok(Reply::new())
}

/// Returns a limit in Celsius, which may be given in either unit.
fn limit(params: &Params, name: &str) -> Result<Option<f64>, ApiError> {
    let (celsius, fahrenheit) = (format!("{name}_celsius"), format!("{name}_fahrenheit"));
    match (params.number(&celsius), params.number(&fahrenheit)) {
        (Some(_), Some(_)) => Err(ApiError::invalid(format!(
            "You cannot set both {celsius} and {fahrenheit}"
        ))),
        (celsius, fahrenheit) => Ok(celsius.or(fahrenheit.map(to_celsius))),
    }
}
