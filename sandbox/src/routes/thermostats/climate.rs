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
    let properties = json!({ SETTING: { FAN: mode }, FAN: mode, "is_fan_running": mode == "on" });
    start_adjustment(
        scope,
        id,
        ("SET_FAN_MODE", None),
        properties,
        json!({ FAN: mode }),
    )
}

/// Sets the HVAC mode. Set points that are not given stay unchanged.
fn set_mode(scope: &mut Scope<'_>, call: &Call<'_>, mode: &str) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    let (id, mut setting) = (device.id(), json_object(property(device, SETTING)));
    let (needs, kinds): (_, &[&str]) = match mode {
        "heat" => (Some("can_hvac_heat"), &["heating"]),
        "cool" => (Some("can_hvac_cool"), &["cooling"]),
        "heat_cool" => (Some("can_hvac_heat_cool"), &["heating", "cooling"]),
        "off" => (Some("can_turn_off_hvac"), &[]),
        _ => (None, &[]),
    };
    if needs.is_none() {
        check_available(scope, id, "available_hvac_mode_settings", MODE, mode)?;
    }
    setting.insert(MODE.to_owned(), mode.into());
    set_points::apply_params(&mut setting, call.params, of_id(scope, id)?, kinds)?;
    let mut changed: JsonObject = setting
        .iter()
        .filter(|(name, _)| {
            name.as_str() == MODE
                || kinds
                    .iter()
                    .any(|it| name.starts_with(it) && set_points::is_given(call.params, it))
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // The setting is no longer that of a preset.
    for name in ["climate_preset_key", "climate_preset_mode", "name"] {
        changed.insert(name.to_owned(), Value::Null);
    }
    changed.insert("display_name".to_owned(), "Manual setting".into());
    let fields: JsonObject = setting
        .iter()
        .filter(|(name, _)| name.as_str() == MODE || kinds.iter().any(|it| name.starts_with(it)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let properties = climate_properties(
        of_id(scope, id).map(|it| property(it, "temperature_celsius")),
        &setting,
        &changed,
    );
    start_adjustment(
        scope,
        id,
        ("SET_HVAC_MODE", needs),
        properties,
        fields.into(),
    )
}

/// Returns the properties that change: the setting, and whether the thermostat heats or cools at
/// this room temperature.
fn climate_properties(
    room: Result<Value, ApiError>,
    setting: &JsonObject,
    changed: &JsonObject,
) -> Value {
    let room = room.ok().and_then(|it| it.as_f64());
    let point = |name: &str| setting.get(name).and_then(Value::as_f64);
    let mode = setting
        .get(MODE)
        .and_then(Value::as_str)
        .unwrap_or_default();
    let heats = mode.starts_with("heat") && room < point("heating_set_point_celsius");
    let cools = mode.ends_with("cool")
        && point("cooling_set_point_celsius").is_some_and(|it| room > Some(it));
    json!({ SETTING: changed, "is_heating": heats, "is_cooling": cools })
}

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

fn start_adjustment(
    scope: &mut Scope<'_>,
    device: Id,
    (action, needs): (&'static str, Option<&'static str>),
    properties: Value,
    fields: Value,
) -> Result<Reply, ApiError> {
    let mut fields = json_object(fields);
    fields.insert("device_id".to_owned(), device.to_string().into());
    fields.insert("method".to_owned(), "seam".into());
    let attempt = scope.start_action(DeviceAction {
        device,
        action,
        needs,
        result: json!({}),
        effects: vec![
            Effect::DeviceProperties {
                device,
                properties: json_object(properties),
            },
            Effect::Event {
                event_type: "thermostat.manually_adjusted".to_owned(),
                members: fields,
                owner: None,
            },
        ],
    })?;
    Ok(Reply::new().with("action_attempt", &attempt))
}
