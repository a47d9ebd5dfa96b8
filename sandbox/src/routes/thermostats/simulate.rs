//! `/thermostats/simulate`: changes of a thermostat from outside of the API.

use super::climate::{ADJUSTED, Adjustment, adjustment};
use super::set_points::to_celsius;
use super::thermostat::{named, of_id};
use crate::error::ApiError;
use crate::http::Reply;
use crate::routes::Call;
use crate::state::Scope;

/// A person adjusts the thermostat. If the active schedule allows no override, it is restored at
/// once.
pub(in crate::routes) fn hvac_mode_adjusted(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = named(scope, call)?.id();
    let mode = call.params.text("hvac_mode").unwrap_or_default();
    let (needs, adjustment) = adjustment(scope, call, mode)?;
    if let Some(flag) = needs.filter(|it| of_id(scope, device).is_ok_and(|device| !device.can(it)))
    {
        return Err(ApiError::new(
            400,
            "capability_not_supported",
            format!("This device does not have {flag}"),
        ));
    }
    let Adjustment {
        members,
        mut fields,
    } = adjustment;
    fields.insert("device_id".to_owned(), device.to_string().into());
    fields.insert("method".to_owned(), "external".into());
    scope.check_online(device)?;
    scope.record_event(ADJUSTED, fields, None);
    scope.adjust_thermostat(device, &members)?;
    Ok(Reply::new())
}

pub(in crate::routes) fn temperature_reached(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = named(scope, call)?.id();
    let celsius = call.params.number("temperature_celsius");
    let fahrenheit = call.params.number("temperature_fahrenheit");
    let celsius = match (celsius, fahrenheit) {
        (Some(celsius), None) => celsius,
        (None, Some(fahrenheit)) => to_celsius(fahrenheit),
        _ => {
            return Err(ApiError::invalid(
                "One of temperature_celsius and temperature_fahrenheit is required",
            ));
        }
    };
    scope.report_temperature(device, celsius)?;
    Ok(Reply::new())
}
