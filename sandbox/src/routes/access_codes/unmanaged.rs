//! `/access_codes/unmanaged`, and the simulation of a code that is set on the keypad.

use serde_json::json;

use super::access_code::{CODE, event_effect, named, record_event};
use super::code_rules::NewCode;
use super::device_action::{count_against_limit, device_of, start_device_action};
use super::number;
use super::read::{one, paged};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::json_object;
use crate::limits::RateLimited;
use crate::routes::Call;
use crate::state::{NewRecord, Scope};

/// The device types of which Seam simulates codes that are set at the lock: those that its own fake
/// server takes.
const SIMULATED: [&str; 1] = ["august_lock"];

/// The code has no owner, because it was set at the lock.
pub(in crate::routes) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = call.required_id("device_id")?;
    let number = call.params.text("code").unwrap_or_default();
    let of_type = scope.device(device)?.device_type();
    if !SIMULATED.contains(&of_type) {
        return Err(ApiError::new(
            400,
            "device_type_not_supported",
            format!(
                "Device type \"{of_type}\" is not supported for simulating creation of unmanaged \
                 codes"
            ),
        ));
    }
    number::check(scope, device, &NewCode::of(call.params, number), None)?;
    let object = json!({
        "device_id": device.to_string(),
        "name": call.params.text("name"),
        "code": number,
        "type": "ongoing",
        "status": "set",
        "is_managed": false,
        "errors": [],
        "warnings": [],
    });
    let new = NewRecord {
        object: json_object(object),
        ..NewRecord::default()
    };
    let id = scope.create(CODE, new)?;
    let code = scope.record(CODE, id)?.clone();
    record_event(scope, "access_code.unmanaged.created", &code, json!({}));
    Ok(Reply::new().with("access_code", &scope.access_code_json(&code)))
}

pub(in crate::routes) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let code = one(scope, call, false)?;
    Ok(Reply::new().with("access_code", &scope.access_code_json(code)))
}

pub(in crate::routes) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = call.required_id("device_id")?;
    scope.device(device)?;
    paged(scope, call, scope.records_referencing(CODE, device), false)
}

pub(in crate::routes) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = named(scope, call, false)?;
    count_against_limit(scope, &[id], RateLimited::DeleteAccessCode)?;
    let code = scope.remove(CODE, id)?;
    let removed = event_effect("access_code.unmanaged.removed", &code, json!({}));
    let attempt =
        start_device_action(scope, &code, "DELETE_ACCESS_CODE", json!({}), vec![removed])?;
    Ok(Reply::new().with("action_attempt", &attempt))
}

pub(in crate::routes) fn convert_to_managed(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let id = named(scope, call, false)?;
    manage(scope, call, id)
}

/// With `is_managed: true` converts the code; otherwise changes nothing.
pub(in crate::routes) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = named(scope, call, false)?;
    if call.params.flag("is_managed") == Some(true) {
        manage(scope, call, id)
    } else {
        Ok(Reply::new())
    }
}

fn manage(scope: &mut Scope<'_>, call: &Call<'_>, id: Id) -> Result<Reply, ApiError> {
    scope.device(device_of(scope.record(CODE, id)?)?)?;
    let external = [
        "is_external_modification_allowed",
        "allow_external_modification",
    ];
    let external = external.iter().any(|it| call.params.flag(it) == Some(true));
    scope.change(CODE, id, |it| {
        it.extend(json_object(json!({
            "common_code_key": null,
            "is_managed": true,
            "is_backup_access_code_available": false,
            "is_external_modification_allowed": external,
            "is_offline_access_code": false,
            "is_one_time_use": false,
            "pending_mutations": [],
        })));
    })?;
    scope.follow_access_code(id)?;
    let code = scope.record(CODE, id)?.clone();
    record_event(
        scope,
        "access_code.unmanaged.converted_to_managed",
        &code,
        json!({}),
    );
    Ok(Reply::new())
}
