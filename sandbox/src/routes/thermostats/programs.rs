//! Daily programs and the weekly program. The device also shows both among its properties.

use serde_json::{Value, json};

use super::presets::check_preset;
use super::thermostat::{named, of_id, property};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::routes::Call;
use crate::routes::device_object::set_property;
use crate::state::{Device, DeviceAction, NewRecord, Record, ResourceType, Scope};

const PROGRAM: ResourceType = ResourceType::ThermostatDailyProgram;
const ID: &str = "thermostat_daily_program_id";
const FLAG: &str = "can_run_thermostat_programs";
const WEEK: &str = "thermostat_weekly_program";

const DAYS: [&str; 7] = [
    "monday_program_id",
    "tuesday_program_id",
    "wednesday_program_id",
    "thursday_program_id",
    "friday_program_id",
    "saturday_program_id",
    "sunday_program_id",
];

pub(in crate::routes) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    check_runs(device)?;
    let device_id = device.id();
    let periods = periods(device, call)?;
    let object = json!({
        "device_id": device_id.to_string(),
        "name": call.params.text("name"),
        "periods": periods,
    });
    let new = NewRecord {
        object: json_object(object),
        ..NewRecord::default()
    };
    let id = scope.create(PROGRAM, new)?;
    copy_to_device(scope, device_id)?;
    let program = scope.record(PROGRAM, id)?.to_json();
    Ok(Reply::new().with("thermostat_daily_program", &program))
}

pub(in crate::routes) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (id, device) = one(scope, call.required_id(ID)?)?;
    check_runs(of_id(scope, device)?)?;
    let periods = periods(of_id(scope, device)?, call)?;
    let name = Value::from(call.params.text("name"));
    scope.change(PROGRAM, id, |it| {
        it.insert("name".to_owned(), name);
        it.insert("periods".to_owned(), periods.into());
    })?;
    copy_to_device(scope, device)?;
    push_programs(scope, device)
}

/// Deletes a daily program. One that the weekly program uses cannot be deleted, as documented; the
/// type of the error is our choice.
pub(in crate::routes) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (id, device) = one(scope, call.required_id(ID)?)?;
    let week = json_object(property(of_id(scope, device)?, WEEK));
    let text = id.to_string();
    if DAYS
        .iter()
        .any(|it| week.get(*it).and_then(Value::as_str) == Some(&text))
    {
        return Err(ApiError::new(
            409,
            "thermostat_daily_program_in_use",
            "The weekly program of the thermostat uses this daily program",
        ));
    }
    scope.remove(PROGRAM, id)?;
    copy_to_device(scope, device)?;
    Ok(Reply::new())
}

/// The weekly program is replaced as a whole, as documented: days that are not given have no
/// program. It exists immediately, as a daily program does; the action attempt ends when the device
/// has it (our choice).
pub(in crate::routes) fn update_weekly(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    check_runs(device)?;
    let id = device.id();
    let mut week = JsonObject::new();
    for day in DAYS {
        if let Some(program) = call.params.id(day) {
            if one(scope, program)?.1 != id {
                return Err(PROGRAM.resource().not_found());
            }
            week.insert(day.to_owned(), program.to_string().into());
        } else {
            week.insert(day.to_owned(), Value::Null);
        }
    }
    let now = crate::time::to_iso(scope.now());
    week.insert("created_at".to_owned(), now.into());
    scope.change_device(id, |it| set_property(it, WEEK, week.into()))?;
    push_programs(scope, id)
}

/// Checks that the device supports programs, before anything is changed.
fn check_runs(device: &Device) -> Result<(), ApiError> {
    if device.can(FLAG) {
        return Ok(());
    }
    Err(ApiError::new(
        400,
        "capability_not_supported",
        format!("This device does not have {FLAG}"),
    ))
}

/// Returns the program that the caller may see, and its device.
fn one(scope: &Scope<'_>, id: Id) -> Result<(Id, Id), ApiError> {
    let program = scope.record(PROGRAM, id)?;
    let device = program.linked_id("device_id");
    Ok((id, device.ok_or_else(|| PROGRAM.resource().not_found())?))
}

/// Returns the periods of the request, by start.
fn periods(device: &Device, call: &Call<'_>) -> Result<Vec<Value>, ApiError> {
    let given = call.params.members().get("periods");
    let mut periods = given.and_then(Value::as_array).cloned().unwrap_or_default();
    let starts = |it: &Value| it.get("starts_at_time").cloned().map(|it| it.to_string());
    periods.sort_by_key(starts);
    let mut times: Vec<_> = periods.iter().map(starts).collect();
    times.dedup();
    let refused = |message| Err(ApiError::invalid_parameter("periods", message));
    if periods.is_empty() {
        return refused("Array must contain at least 1 element(s)");
    }
    if times.len() < periods.len() {
        return refused("No two periods begin at the same time");
    }
    for period in &periods {
        let key = period.get("climate_preset_key").and_then(Value::as_str);
        check_preset(device, key.unwrap_or_default())?;
    }
    Ok(periods)
}

/// Copies the device's programs to its properties.
fn copy_to_device(scope: &mut Scope<'_>, device: Id) -> Result<(), ApiError> {
    let programs = scope.records_referencing(PROGRAM, device).into_iter();
    let programs = programs.map(Record::to_json).collect::<Value>();
    scope.change_device(device, |it| {
        set_property(it, "thermostat_daily_programs", programs)
    })?;
    Ok(())
}

fn push_programs(scope: &mut Scope<'_>, device: Id) -> Result<Reply, ApiError> {
    let attempt = scope.start_action(DeviceAction {
        device,
        action: "PUSH_THERMOSTAT_PROGRAMS",
        needs: Some(FLAG),
        result: json!({}),
        effects: Vec::new(),
    })?;
    Ok(Reply::new().with("action_attempt", &attempt))
}
