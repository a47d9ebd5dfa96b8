//! Updates and deletes access codes.

use serde_json::{Value, json};

use super::access_code::{CODE, check_changeable, check_online, named, of_id};
use super::code_rules::{self, NewCode};
use super::device_action::{count_against_limit, device_of, start_device_action};
use super::{backup, create, frame, number};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::limits::RateLimited;
use crate::routes::Call;
use crate::state::{Record, Scope, to_unmanaged};

pub(in crate::routes) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = named(scope, call, true)?;
    updated_object(scope, call, id)?;
    count_against_limit(scope, &[id], RateLimited::UpdateAccessCode)?;
    let attempt = apply_update(scope, call, id)?;
    Ok(Reply::new().with("action_attempt", &attempt))
}

/// Updates the codes with this key that the caller may see, as if there were no others.
pub(in crate::routes) fn update_multiple(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let key = call.params.text("common_code_key").unwrap_or_default();
    let codes = create::with_common_key(scope, key);
    let ids: Vec<Id> = codes.into_iter().map(Record::id).collect();
    if ids.is_empty() {
        return Err(CODE.resource().not_found());
    }
    for id in &ids {
        updated_object(scope, call, *id)?;
    }
    count_against_limit(scope, &ids, RateLimited::UpdateAccessCode)?;
    for id in ids {
        apply_update(scope, call, id)?;
    }
    Ok(Reply::new())
}

/// The code is shown as `removing` until its device has removed it.
pub(in crate::routes) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = named(scope, call, true)?;
    let code = scope.record(CODE, id)?;
    check_online(code)?;
    count_against_limit(scope, &[id], RateLimited::DeleteAccessCode)?;
    let attempt = scope.delete_on_device(id)?;
    Ok(Reply::new().with("action_attempt", &attempt))
}

/// Returns the updated object, or an error if the update is invalid.
fn updated_object(scope: &Scope<'_>, call: &Call<'_>, id: Id) -> Result<JsonObject, ApiError> {
    let code = of_id(scope, id, true)?;
    let device = device_of(code)?;
    scope.device(device)?;
    check_changeable(code)?;
    let params = call.params;
    let mut object = code.object().clone();
    if params.has("name") {
        object.insert("name".to_owned(), params.text("name").into());
    }
    if let Some(number) = params.text("code") {
        let new = NewCode::of(params, number);
        number::check(scope, device, &new, Some(id))?;
        object.insert("code".to_owned(), number.into());
    }
    for (name, member) in [
        (
            "is_external_modification_allowed",
            "is_external_modification_allowed",
        ),
        (
            "allow_external_modification",
            "is_external_modification_allowed",
        ),
        ("is_one_time_use", "is_one_time_use"),
    ] {
        if let Some(flag) = params.flag(name) {
            object.insert(member.to_owned(), flag.into());
        }
    }
    let before = (
        object.get("starts_at").cloned(),
        object.get("ends_at").cloned(),
    );
    frame::apply_params(&mut object, params, scope.now())?;
    let after = (
        object.get("starts_at").cloned(),
        object.get("ends_at").cloned(),
    );
    if params.has("name") {
        code_rules::check_name(scope, device, params.text("name"), Some(id))?;
    }
    if before != after {
        code_rules::check_start(scope, device, &object)?;
    }
    backup::check_params(params, &object)?;
    if params.flag("is_managed") == Some(false) {
        return Ok(to_unmanaged(&object));
    }
    Ok(object)
}

/// Updates a code, also on its device, and returns the action attempt.
fn apply_update(scope: &mut Scope<'_>, call: &Call<'_>, id: Id) -> Result<Value, ApiError> {
    let object = updated_object(scope, call, id)?;
    if let Some(prefers) = call.params.flag("prefer_native_scheduling") {
        scope.prefer_native_scheduling(id, prefers)?;
    }
    if object.get("is_managed") == Some(&Value::Bool(true)) {
        let device = device_of(scope.record(CODE, id)?)?;
        backup::enable_pool(scope, call.params, device)?;
        return scope.update_on_device(id, object);
    }
    scope.change(CODE, id, |it| *it = object)?;
    let code = scope.record(CODE, id)?.clone();
    let result = json!({ "access_code": scope.access_code_json(&code) });
    start_device_action(scope, &code, "UPDATE_ACCESS_CODE", result, Vec::new())
}
