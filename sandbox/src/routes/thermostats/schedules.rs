//! Schedules of thermostats. They run on the sandbox's clock.

use serde_json::{Value, json};

use super::presets::check_preset;
use super::thermostat::{named, of_id};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::input::Params;
use crate::json::{JsonObject, json_object};
use crate::routes::{Call, time_frame};
use crate::state::{Device, NewRecord, Record, ResourceType, Scope};

const SCHEDULE: ResourceType = ResourceType::ThermostatSchedule;
const ID: &str = "thermostat_schedule_id";

pub(in crate::routes) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    let mut object = json_object(json!({
        "device_id": device.id().to_string(),
        "name": null,
        "is_override_allowed": true,
        "max_override_period_minutes": null,
        "errors": [],
    }));
    check_preset(
        device,
        call.params.text("climate_preset_key").unwrap_or_default(),
    )?;
    apply_params(&mut object, call.params)?;
    let device = device.id();
    check_start(scope, device, None, &object)?;
    let new = NewRecord {
        object,
        ..NewRecord::default()
    };
    let id = scope.create(SCHEDULE, new)?;
    scope.run_schedules(device)?;
    Ok(Reply::new().with(
        "thermostat_schedule",
        &scope.record(SCHEDULE, id)?.to_json(),
    ))
}

pub(in crate::routes) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let schedule = one(scope, call.required_id(ID)?)?.0;
    Ok(Reply::new().with("thermostat_schedule", &schedule.to_json()))
}

pub(in crate::routes) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?.id();
    let mut found = scope.records_referencing(SCHEDULE, device);
    let key = call.params.text("user_identifier_key");
    if key.is_some_and(|it| !scope.devices_of_key(it).contains(&device)) {
        found.clear();
    }
    let schedules = found.into_iter().map(Record::to_json).collect::<Value>();
    Ok(Reply::new().with("thermostat_schedules", &schedules))
}

pub(in crate::routes) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id(ID)?;
    let (schedule, device) = one(scope, id)?;
    let mut object = schedule.object().clone();
    if let Some(key) = call.params.text("climate_preset_key") {
        check_preset(device, key)?;
    }
    let device = device.id();
    apply_params(&mut object, call.params)?;
    check_start(scope, device, Some(id), &object)?;
    scope.change(SCHEDULE, id, |it| *it = object)?;
    scope.run_schedules(device)?;
    Ok(Reply::new())
}

pub(in crate::routes) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (schedule, device) = one(scope, call.required_id(ID)?)?;
    let (id, device) = (schedule.id(), device.id());
    scope.remove(SCHEDULE, id)?;
    scope.run_schedules(device)?;
    Ok(Reply::new())
}

/// Checks that no other schedule of the thermostat starts at the same time, as documented.
fn check_start(
    scope: &Scope<'_>,
    device: Id,
    own: Option<Id>,
    object: &JsonObject,
) -> Result<(), ApiError> {
    let starts_at = object.get("starts_at").and_then(Value::as_str);
    let schedules = scope.records_referencing(SCHEDULE, device);
    let mut others = schedules.into_iter().filter(|it| Some(it.id()) != own);
    if others.any(|it| it.text("starts_at") == starts_at) {
        let message = "Another schedule of the thermostat starts at this time";
        return Err(ApiError::invalid_parameter("starts_at", message));
    }
    Ok(())
}

/// Returns a schedule that the caller may see, and its thermostat, which must be managed.
fn one<'s>(scope: &'s Scope<'_>, id: Id) -> Result<(&'s Record, &'s Device), ApiError> {
    let schedule = scope.record(SCHEDULE, id)?;
    let device = schedule.linked_id("device_id");
    let device = device.ok_or_else(|| SCHEDULE.resource().not_found())?;
    Ok((schedule, of_id(scope, device)?))
}

fn apply_params(object: &mut JsonObject, params: &Params) -> Result<(), ApiError> {
    for name in [
        "climate_preset_key",
        "is_override_allowed",
        "max_override_period_minutes",
        "name",
    ] {
        if let Some(value) = params.members().get(name) {
            object.insert(name.to_owned(), value.clone());
        }
    }
    let (starts_at, ends_at) = time_frame::apply_params(object, params)?;
    if ends_at <= starts_at {
        let message = "Must be after starts_at";
        return Err(ApiError::invalid_parameter("ends_at", message));
    }
    Ok(())
}
