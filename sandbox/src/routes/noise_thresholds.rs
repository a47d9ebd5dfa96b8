//! `/noise_sensors/noise_thresholds`.

use serde_json::{Value, json};

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::state::{DeviceAction, NewRecord, Record, ResourceType, Scope};

/// Parameters that become members unchanged.
const SETTABLE: [&str; 5] = [
    "name",
    "starts_daily_at",
    "ends_daily_at",
    "noise_threshold_decibels",
    "noise_threshold_nrs",
];

/// Parameters of which one at most may be given.
const LEVELS: [&str; 2] = ["noise_threshold_decibels", "noise_threshold_nrs"];

/// The level of a threshold that was created with `noise_threshold_nrs`. The OpenAPI requires one, and
/// Seam does not say how it converts (our choice).
const DEFAULT_DECIBELS: u64 = 75;

/// The threshold exists immediately; the action attempt ends when the sensor has it (our choice).
pub(super) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = scope.noise_sensor(call.required_id("device_id")?)?;
    let mut object = given(call)?;
    if !LEVELS.iter().any(|it| object.contains_key(*it)) {
        return Err(ApiError::invalid(
            "Must provide either noise_threshold_decibels or noise_threshold_nrs",
        ));
    }
    object.insert("device_id".to_owned(), device.to_string().into());
    object
        .entry("name")
        .or_insert_with(|| "Noise threshold".into());
    object
        .entry("noise_threshold_decibels")
        .or_insert_with(|| DEFAULT_DECIBELS.into());
    let new = NewRecord {
        object,
        ..NewRecord::default()
    };
    let id = scope.create(ResourceType::NoiseThreshold, new)?;
    let threshold = scope.record(ResourceType::NoiseThreshold, id)?.to_json();
    let result = json!({ "noise_threshold": threshold });
    let attempt = start_device_action(scope, device, "CREATE_NOISE_THRESHOLD", result)?;
    Ok(Reply::new()
        .with("noise_threshold", &threshold)
        .with("action_attempt", &attempt))
}

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let threshold = scope.record(
        ResourceType::NoiseThreshold,
        call.required_id("noise_threshold_id")?,
    )?;
    Ok(Reply::new().with("noise_threshold", &threshold.to_json()))
}

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = scope.device(call.required_id("device_id")?)?.id();
    let found = scope
        .records_referencing(ResourceType::NoiseThreshold, device)
        .into_iter();
    let thresholds = found.map(Record::to_json).collect::<Value>();
    Ok(Reply::new().with("noise_thresholds", &thresholds))
}

pub(super) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (device, id) = named(scope, call)?;
    let given = given(call)?;
    scope.change(ResourceType::NoiseThreshold, id, |it| it.extend(given))?;
    let threshold = scope.record(ResourceType::NoiseThreshold, id)?.to_json();
    let result = json!({ "noise_threshold": threshold });
    let attempt = start_device_action(scope, device, "UPDATE_NOISE_THRESHOLD", result)?;
    Ok(Reply::new().with("action_attempt", &attempt))
}

pub(super) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (device, id) = named(scope, call)?;
    scope.remove(ResourceType::NoiseThreshold, id)?;
    scope.forget_threshold(device, id);
    let attempt = start_device_action(scope, device, "DELETE_NOISE_THRESHOLD", json!({}))?;
    Ok(Reply::new().with("action_attempt", &attempt))
}

/// Returns the ids of the device and the threshold that are named. The threshold must be the
/// device's.
fn named(scope: &Scope<'_>, call: &Call<'_>) -> Result<(Id, Id), ApiError> {
    let device = scope.noise_sensor(call.required_id("device_id")?)?;
    let threshold = scope.record(
        ResourceType::NoiseThreshold,
        call.required_id("noise_threshold_id")?,
    )?;
    if threshold.linked_id("device_id") == Some(device) {
        Ok((device, threshold.id()))
    } else {
        Err(ResourceType::NoiseThreshold.resource().not_found())
    }
}

/// Returns the members that are given. The messages are those of Seam's fake server.
fn given(call: &Call<'_>) -> Result<JsonObject, ApiError> {
    if LEVELS.iter().all(|it| call.params.has(it)) {
        return Err(ApiError::invalid(
            "Cannot provide both noise_threshold_decibels and noise_threshold_nrs",
        ));
    }
    let given = call.params.members().iter();
    let settable = given.filter(|(name, _)| SETTABLE.contains(&name.as_str()));
    let settable = settable.map(|(name, value)| (name.clone(), value.clone()));
    Ok(settable.collect())
}

/// Starts an action on the sensor and returns the action attempt.
fn start_device_action(
    scope: &mut Scope<'_>,
    device: Id,
    action: &'static str,
    result: Value,
) -> Result<Value, ApiError> {
    scope.start_action(DeviceAction {
        device,
        action,
        needs: None,
        result,
        effects: Vec::new(),
    })
}
