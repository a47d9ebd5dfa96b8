//! Sets the HVAC mode, the set points and the fan mode of a thermostat.

use serde_json::{Value, json};

use super::set_points;
use super::thermostat::{named, of_id, property};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::routes::Call;
use crate::state::{DeviceAction, Effect, Scope};

const SETTING: &str = "current_climate_setting";
const MODE: &str = "hvac_mode_setting";
const FAN: &str = "fan_mode_setting";

pub(in crate::routes) fn heat(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    set_mode(scope, call, "heat")
}

pub(in crate::routes) fn cool(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    set_mode(scope, call, "cool")
}

pub(in crate::routes) fn heat_cool(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    set_mode(scope, call, "heat_cool")
}

pub(in crate::routes) fn off(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    set_mode(scope, call, "off")
}

pub(in crate::routes) fn set_hvac_mode(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let mode = call.params.text(MODE).unwrap_or_default();
    set_mode(scope, call, mode)
}

pub(in crate::routes) fn set_fan_mode(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    let id = device.id();
    let mode = call.params.text(FAN).or(call.params.text("fan_mode"));
    let mode = mode.ok_or_else(|| ApiError::required(FAN))?;
    check_available(scope, id, "available_fan_mode_settings", FAN, mode)?;
    let members = json_object(json!({ FAN: mode }));
    start_adjustment(scope, id, ("SET_FAN_MODE", None), members.clone(), members)
}

/// Sets the HVAC mode.
fn set_mode(scope: &mut Scope<'_>, call: &Call<'_>, mode: &str) -> Result<Reply, ApiError> {
    let id = named(scope, call)?.id();
    let (needs, adjustment) = adjustment(scope, call, mode)?;
    let Adjustment { members, fields } = adjustment;
    start_adjustment(scope, id, ("SET_HVAC_MODE", needs), members, fields)
}

/// What an adjustment of the HVAC mode changes.
pub(super) struct Adjustment {
    /// The members of the climate setting; null for those that are removed.
    pub(super) members: JsonObject,
    /// The members of the event.
    pub(super) fields: JsonObject,
}

/// Returns the capability flag that the mode of the request needs, and what it changes. The set
/// points of the mode are required, as documented.
pub(super) fn adjustment(
    scope: &Scope<'_>,
    call: &Call<'_>,
    mode: &str,
) -> Result<(Option<&'static str>, Adjustment), ApiError> {
    let device = named(scope, call)?;
    let (needs, kinds): (_, &[&str]) = match mode {
        "heat" => (Some("can_hvac_heat"), &["heating"]),
        "cool" => (Some("can_hvac_cool"), &["cooling"]),
        "heat_cool" => (Some("can_hvac_heat_cool"), &["heating", "cooling"]),
        "off" => (Some("can_turn_off_hvac"), &[]),
        _ => (None, &[]),
    };
    if needs.is_none() {
        check_available(
            scope,
            device.id(),
            "available_hvac_mode_settings",
            MODE,
            mode,
        )?;
    }
    set_points::require(call.params, kinds)?;
    let mut setting = json_object(property(device, SETTING));
    setting.insert(MODE.to_owned(), mode.into());
    set_points::apply_params(&mut setting, call.params, device, kinds)?;
    setting.retain(|name, _| name == MODE || kinds.iter().any(|it| name.starts_with(it)));
    let fields = setting.clone();
    let mut members = setting;
    // The setting is no longer that of a preset.
    for name in OF_PRESET {
        members.insert(name.to_owned(), Value::Null);
    }
    members.insert("display_name".to_owned(), "Manual setting".into());
    members.insert("manual_override_allowed".to_owned(), true.into());
    Ok((needs, Adjustment { members, fields }))
}

/// The members of a climate setting that only presets have.
const OF_PRESET: [&str; 7] = [
    "can_delete",
    "can_edit",
    "can_use_with_thermostat_daily_programs",
    "climate_preset_key",
    "climate_preset_mode",
    "ecobee_metadata",
    "name",
];

fn check_available(
    scope: &Scope<'_>,
    device: Id,
    available: &str,
    name: &str,
    mode: &str,
) -> Result<(), ApiError> {
    let available = property(of_id(scope, device)?, available);
    let mut available = available.as_array().into_iter().flatten();
    if available.any(|it| it == mode) {
        Ok(())
    } else {
        let message = format!("This thermostat does not have {mode}");
        Err(ApiError::invalid_parameter(name, &message))
    }
}

/// A schedule that allows no override refuses the adjustment (our choice).
pub(super) fn check_override(scope: &Scope<'_>, device: Id) -> Result<(), ApiError> {
    let schedule = property(of_id(scope, device)?, "active_thermostat_schedule");
    if schedule.get("is_override_allowed") != Some(&Value::Bool(false)) {
        return Ok(());
    }
    Err(ApiError::new(
        400,
        "manual_override_not_allowed",
        "The active thermostat schedule allows no override",
    ))
}

fn start_adjustment(
    scope: &mut Scope<'_>,
    device: Id,
    (action, needs): (&'static str, Option<&'static str>),
    members: JsonObject,
    mut fields: JsonObject,
) -> Result<Reply, ApiError> {
    check_override(scope, device)?;
    fields.insert("device_id".to_owned(), device.to_string().into());
    fields.insert("method".to_owned(), "seam".into());
    let attempt = scope.start_action(DeviceAction {
        device,
        action,
        needs,
        result: json!({}),
        effects: vec![
            Effect::AdjustClimate { device, members },
            Effect::Event {
                event_type: ADJUSTED.to_owned(),
                members: fields,
                owner: None,
            },
        ],
    })?;
    Ok(Reply::new().with("action_attempt", &attempt))
}

/// The event of an adjustment by a person or through the API.
pub(super) const ADJUSTED: &str = "thermostat.manually_adjusted";
