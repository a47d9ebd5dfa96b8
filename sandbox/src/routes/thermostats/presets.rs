//! Climate presets, which are members of their device.

use serde_json::{Value, json};

use super::set_points;
use super::thermostat::{named, property};
use crate::error::ApiError;
use crate::http::Reply;
use crate::input::Params;
use crate::json::{JsonObject, json_object};
use crate::routes::Call;
use crate::routes::device_object::set_property;
use crate::state::{Device, ResourceType, Scope, limit_reached};

pub(super) const PROPERTY: &str = "available_climate_presets";
pub(super) const KEY: &str = "climate_preset_key";
/// Seam publishes no type, so this is our choice, in Seam's pattern.
pub(super) const NOT_FOUND: &str = "climate_preset_not_found";

/// The number of presets that a thermostat may have.
const MAX_PRESETS: usize = 100;

/// Parameters that become members unchanged.
const SETTABLE: [&str; 4] = [
    "climate_preset_mode",
    "ecobee_metadata",
    "fan_mode_setting",
    "hvac_mode_setting",
];

pub(in crate::routes) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    let key = key(call);
    let mut presets = all(device);
    if presets.iter().any(|it| is(it, key)) {
        return Err(ApiError::new(
            409,
            "duplicate_climate_preset",
            "The thermostat has a climate preset of this key already",
        ));
    }
    if presets.len() >= MAX_PRESETS {
        return Err(limit_reached(&format!("{MAX_PRESETS} climate presets")));
    }
    let mut preset = json_object(json!({
        KEY: key,
        "name": null,
        "display_name": key,
        "can_edit": true,
        "can_delete": true,
        "can_use_with_thermostat_daily_programs": true,
        "manual_override_allowed": true,
    }));
    apply_params(&mut preset, call.params, device)?;
    presets.push(preset.into());
    keep(scope, call, presets)
}

pub(in crate::routes) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    let mut presets = all(device);
    let preset = found(&mut presets, key(call), "can_edit")?;
    let mut changed = json_object(preset.clone());
    apply_params(&mut changed, call.params, device)?;
    *preset = changed.into();
    keep(scope, call, presets)
}

pub(in crate::routes) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    let mut presets = all(device);
    let key = key(call);
    found(&mut presets, key, "can_delete")?;
    if is_used(scope, device, key) {
        return Err(ApiError::new(
            409,
            "climate_preset_in_use",
            "A schedule or a program of the thermostat uses this climate preset",
        ));
    }
    presets.retain(|it| !is(it, key));
    keep(scope, call, presets)
}

/// Returns whether a schedule, a program or the fallback uses this preset. It is our choice that
/// such a preset cannot be deleted.
fn is_used(scope: &Scope<'_>, device: &Device, key: &str) -> bool {
    let of_key = |it: &Value| is(it, key);
    let mut schedules = scope
        .records_referencing(ResourceType::ThermostatSchedule, device.id())
        .into_iter();
    let programs = scope.records_referencing(ResourceType::ThermostatDailyProgram, device.id());
    let mut periods = programs.into_iter().flat_map(|it| {
        let periods = it.object().get("periods").and_then(Value::as_array);
        periods.into_iter().flatten()
    });
    schedules.any(|it| it.text(KEY) == Some(key))
        || periods.any(of_key)
        || property(device, "fallback_climate_preset_key").as_str() == Some(key)
}

fn apply_params(preset: &mut JsonObject, params: &Params, device: &Device) -> Result<(), ApiError> {
    for name in SETTABLE {
        if let Some(value) = params.members().get(name) {
            preset.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(allowed) = params.flag("manual_override_allowed") {
        preset.insert("manual_override_allowed".to_owned(), allowed.into());
    }
    if let Some(name) = params.text("name") {
        preset.insert("name".to_owned(), name.into());
        preset.insert("display_name".to_owned(), name.into());
    }
    set_points::apply_params(preset, params, device, &["heating", "cooling"])
}

fn keep(scope: &mut Scope<'_>, call: &Call<'_>, presets: Vec<Value>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?.id();
    scope.change_device(device, |it| set_property(it, PROPERTY, presets.into()))?;
    Ok(Reply::new())
}

/// Returns the preset with this key. Its flag `allows` must be true.
fn found<'p>(presets: &'p mut [Value], key: &str, allows: &str) -> Result<&'p mut Value, ApiError> {
    let preset = presets.iter_mut().find(|it| is(it, key));
    let preset = preset.ok_or_else(|| {
        let message = format!("The thermostat has no climate preset {key}");
        ApiError::new(404, NOT_FOUND, message)
    })?;
    if preset.get(allows) == Some(&Value::Bool(true)) {
        Ok(preset)
    } else {
        Err(ApiError::invalid_parameter(
            KEY,
            &format!("This climate preset does not have {allows}"),
        ))
    }
}

fn all(device: &Device) -> Vec<Value> {
    match property(device, PROPERTY) {
        Value::Array(presets) => presets,
        _ => Vec::new(),
    }
}

fn is(preset: &Value, key: &str) -> bool {
    preset.get(KEY).and_then(Value::as_str) == Some(key)
}

fn key<'c>(call: &Call<'c>) -> &'c str {
    call.params.text(KEY).unwrap_or_default()
}

/// Checks that the device has a climate preset with this key.
pub(super) fn check_preset(device: &Device, key: &str) -> Result<(), ApiError> {
    let presets = property(device, PROPERTY);
    let mut presets = presets.as_array().into_iter().flatten();
    if presets.any(|it| it.get(KEY).and_then(Value::as_str) == Some(key)) {
        Ok(())
    } else {
        Err(ApiError::new(
            400,
            NOT_FOUND,
            format!("The thermostat has no climate preset {key}"),
        ))
    }
}
