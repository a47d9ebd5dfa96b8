//! Creates access codes.

use serde_json::{Value, json};

use super::access_code::{CODE, is_being_removed, record_event};
use super::code_rules::{self, NewCode};
use super::{backup, frame, number, offline};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::input::Params;
use crate::json::{JsonObject, json_object};
use crate::limits::RateLimited;
use crate::routes::Call;
use crate::state::{NewRecord, Record, Scope, creation};
use crate::time::Millis;

/// A validated code to create.
struct Plan {
    device: Id,
    object: JsonObject,
}

/// A code that a session creates is owned by it, so other guests of the same door do not see it.
pub(in crate::routes) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = call.required_id("device_id")?;
    let key = call.params.text("common_code_key");
    let shared = key.and_then(|it| {
        with_common_key(scope, it)
            .first()?
            .text("code")
            .map(str::to_owned)
    });
    let code = match (call.params.text("code"), shared) {
        (Some(given), Some(shared)) if given != shared => {
            let message = "Access codes with the same common_code_key have the same code";
            return Err(ApiError::invalid_parameter("code", message));
        }
        (Some(given), _) => given.to_owned(),
        (None, Some(shared)) => shared,
        (None, None) => {
            can_program(scope, device, call.params)?;
            let preferred = call.params.number("preferred_code_length");
            number::generate(scope, &[device], preferred)?.unwrap_or_default()
        }
    };
    let mut plan = plan(scope, call.params, device, &code)?;
    plan.object.insert("common_code_key".to_owned(), key.into());
    scope.count_against_limit(&[device], RateLimited::CreateAccessCode)?;
    let (id, attempt) = create_planned(scope, call.params, plan)?;
    let code = scope.access_code_json(scope.record(CODE, id)?);
    Ok(Reply::new()
        .with("access_code", &code)
        .with("action_attempt", &attempt))
}

/// Creates all codes or none: it fails if a device is out of scope or cannot have the code.
pub(in crate::routes) fn create_multiple(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let mut devices = call.params.ids("device_ids").unwrap_or_default();
    devices.sort_unstable();
    devices.dedup();
    if devices.is_empty() {
        let message = "Array must contain at least 1 element(s)";
        return Err(ApiError::invalid_parameter("device_ids", message));
    }
    for device in &devices {
        can_program(scope, *device, call.params)?;
    }
    let preferred = call.params.number("preferred_code_length");
    let shared = match call.params.text("code") {
        Some(given) => Some(given.to_owned()),
        None => number::generate(scope, &devices, preferred)?,
    };
    let may_differ =
        call.params.text("behavior_when_code_cannot_be_shared") == Some("create_random_code");
    // Codes with a custom number are not linked, as documented.
    let are_linked = !call.params.has("code");
    let mut plans = Vec::new();
    for device in devices.iter().copied() {
        let with_shared = match &shared {
            Some(shared) => plan(scope, call.params, device, shared),
            None => Err(ApiError::invalid(
                "The devices have no code length in common",
            )),
        };
        plans.push(match with_shared {
            Err(_) if may_differ => {
                let own = number::generate(scope, &[device], preferred)?.unwrap_or_default();
                (plan(scope, call.params, device, &own)?, false)
            }
            other => (other?, are_linked),
        });
    }
    scope.count_against_limit(&devices, RateLimited::CreateAccessCode)?;
    let mut ids = Vec::new();
    let mut key = None;
    for (plan, is_linked) in plans {
        let id = create_planned(scope, call.params, plan)?.0;
        ids.push(id);
        if is_linked {
            let key = key.get_or_insert_with(|| format!("auto_set_by_create_multiple_{id}"));
            let key = Value::from(key.as_str());
            scope.change(CODE, id, |it| it.insert("common_code_key".to_owned(), key))?;
        }
    }
    let mut codes = Vec::new();
    for id in ids {
        codes.push(scope.access_code_json(scope.record(CODE, id)?));
    }
    Ok(Reply::new().with("access_codes", &codes.into()))
}

/// Returns the codes with this key that the caller may see, without those that are being removed.
pub(super) fn with_common_key<'s>(scope: &'s Scope<'_>, key: &str) -> Vec<&'s Record> {
    let mut codes = scope.records(CODE);
    codes.retain(|it| it.text("common_code_key") == Some(key) && !is_being_removed(it));
    codes
}

/// Checks that the caller may see the device, and that the device can be programmed with such
/// codes. Returns whether the code is an offline one.
fn can_program(scope: &Scope<'_>, device: Id, params: &Params) -> Result<bool, ApiError> {
    let offline = ["is_offline_access_code", "use_offline_access_code"];
    let requested = offline.iter().find_map(|it| params.flag(it));
    let device = scope.device(device)?;
    let online = device.can("can_program_online_access_codes");
    // The default for a lock that only takes offline codes.
    let offline = requested.unwrap_or(!online && device.can("can_program_offline_access_codes"));
    let flag = if offline {
        "can_program_offline_access_codes"
    } else {
        "can_program_online_access_codes"
    };
    if device.can(flag) {
        Ok(offline)
    } else {
        Err(ApiError::new(
            400,
            "capability_not_supported",
            format!("This device does not have {flag}"),
        ))
    }
}

fn plan(scope: &Scope<'_>, params: &Params, device: Id, code: &str) -> Result<Plan, ApiError> {
    let is_offline = can_program(scope, device, params)?;
    if is_offline {
        offline::check_number(params)?;
    }
    number::check(scope, device, &NewCode::of(params, code), None)?;
    number::check_choice(scope, device, params.text("code"))?;
    number::check_room(scope, device)?;
    code_rules::check_name(scope, device, params.text("name"), None)?;
    let external = [
        "is_external_modification_allowed",
        "allow_external_modification",
    ];
    let mut object = new_object(device, code, scope.now());
    object.extend(json_object(json!({
        "name": params.text("name"),
        "is_external_modification_allowed": external.iter().any(|it| params.flag(it) == Some(true)),
        "is_offline_access_code": is_offline,
        "is_one_time_use": params.flag("is_one_time_use") == Some(true),
    })));
    frame::apply_params(&mut object, params, scope.now())?;
    if is_offline {
        let device_type = scope.device(device)?.device_type();
        offline::fit_time_frame(&mut object, device_type, params)?;
    }
    code_rules::check_start(scope, device, &object)?;
    backup::check_params(params, &object)?;
    Ok(Plan { device, object })
}

/// Returns the object of an ongoing code that its device has not set yet.
pub(super) fn new_object(device: Id, code: &str, now: Millis) -> JsonObject {
    json_object(json!({
        "device_id": device,
        "name": null,
        "code": code,
        "common_code_key": null,
        "type": "ongoing",
        "status": "setting",
        "is_managed": true,
        "is_backup_access_code_available": false,
        "is_external_modification_allowed": false,
        "is_offline_access_code": false,
        "is_one_time_use": false,
        "errors": [],
        "warnings": [],
        "pending_mutations": creation(now),
    }))
}

/// Creates the code, also on its device. Returns its id and the action attempt.
fn create_planned(
    scope: &mut Scope<'_>,
    params: &Params,
    plan: Plan,
) -> Result<(Id, Value), ApiError> {
    let Plan { device, object } = plan;
    backup::enable_pool(scope, params, device)?;
    let new = NewRecord {
        object,
        owner: scope.requester(),
        ..NewRecord::default()
    };
    let id = scope.create(CODE, new)?;
    if let Some(prefers) = params.flag("prefer_native_scheduling") {
        scope.prefer_native_scheduling(id, prefers)?;
    }
    let code = scope.record(CODE, id)?.clone();
    record_event(scope, "access_code.created", &code, json!({}));
    let attempt = scope.create_on_device(id)?;
    Ok((id, attempt))
}
