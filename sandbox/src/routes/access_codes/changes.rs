//! Updates and deletes access codes, and pulls backup codes.

use serde_json::{Value, json};

use super::access_code::{
    CODE, event_effect, named, object_at, of_id, record_event, set_on_device, to_unmanaged,
};
use super::device_action::{count_against_limit, device_of, start_device_action};
use super::{create, frame, number, pending};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::limits::RateLimited;
use crate::routes::Call;
use crate::state::{NewRecord, Record, Scope};

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

/// The API no longer shows the code; the action attempt ends when the device has removed it (our
/// choice).
pub(in crate::routes) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = named(scope, call, true)?;
    count_against_limit(scope, &[id], RateLimited::DeleteAccessCode)?;
    let code = scope.remove(CODE, id)?;
    let number = code.text("code").unwrap_or_default();
    record_event(
        scope,
        "access_code.deleted",
        &code,
        json!({ "code": number }),
    );
    let removed = event_effect("access_code.removed_from_device", &code, json!({}));
    let attempt =
        start_device_action(scope, &code, "DELETE_ACCESS_CODE", json!({}), vec![removed])?;
    Ok(Reply::new().with("action_attempt", &attempt))
}

/// The backup replaces the code, for the same person and time frame.
pub(in crate::routes) fn pull_backup_access_code(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let id = named(scope, call, true)?;
    let code = scope.record(CODE, id)?.clone();
    if code.flag("is_backup_access_code_available") != Some(true) {
        return Err(ApiError::new(
            400,
            "no_backup_access_code_available",
            "There is no backup for this access code",
        ));
    }
    let device = device_of(&code)?;
    let number = number::generate(scope, &[device], None)?;
    let mut object = code.object().clone();
    for name in ["access_code_id", "created_at", "workspace_id"] {
        object.shift_remove(name);
    }
    for (name, value) in [
        ("code", Value::from(number)),
        ("is_backup", true.into()),
        ("is_backup_access_code_available", false.into()),
        ("status", "set".into()),
        ("errors", json!([])),
        ("pending_mutations", json!([])),
    ] {
        object.insert(name.to_owned(), value);
    }
    let backup = scope.create(
        CODE,
        NewRecord {
            object,
            owner: code.owner(),
            ..NewRecord::default()
        },
    )?;
    scope.change(CODE, id, |it| {
        let pulled = backup.to_string().into();
        it.insert("pulled_backup_access_code_id".to_owned(), pulled);
        it.insert("is_backup_access_code_available".to_owned(), false.into())
    })?;
    record_event(
        scope,
        "access_code.backup_access_code_pulled",
        &code,
        json!({ "backup_access_code_id": backup.to_string() }),
    );
    let backup = object_at(scope.record(CODE, backup)?, scope.now());
    Ok(Reply::new()
        .with("access_code", &backup)
        .with("backup_access_code", &backup))
}

/// Returns the updated object, or an error if the update is invalid.
fn updated_object(scope: &Scope<'_>, call: &Call<'_>, id: Id) -> Result<JsonObject, ApiError> {
    let code = of_id(scope, id, true)?;
    let device = device_of(code)?;
    scope.device(device)?;
    let params = call.params;
    let mut object = code.object().clone();
    if params.has("name") {
        object.insert("name".to_owned(), params.text("name").into());
    }
    if let Some(number) = params.text("code") {
        number::check(scope, device, number, Some(id))?;
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
    frame::apply_params(&mut object, params, scope.now())?;
    if params.flag("is_managed") == Some(false) {
        return Ok(to_unmanaged(&object));
    }
    Ok(object)
}

/// Updates a code, also on its device, and returns the action attempt.
fn apply_update(scope: &mut Scope<'_>, call: &Call<'_>, id: Id) -> Result<Value, ApiError> {
    let object = updated_object(scope, call, id)?;
    let before = of_id(scope, id, true)?.clone();
    let managed = object.get("is_managed") == Some(&Value::Bool(true));
    let pending = pending::update(before.object(), &object, scope.now());
    scope.change(CODE, id, |it| {
        *it = object;
        if managed {
            it.insert("status".to_owned(), "setting".into());
            it.insert("pending_mutations".to_owned(), pending);
        }
    })?;
    let code = scope.record(CODE, id)?.clone();
    record_changes(scope, &before, &code);
    let effects = if managed {
        set_on_device(&code)
    } else {
        Vec::new()
    };
    let result = json!({ "access_code": code.to_json() });
    start_device_action(scope, &code, "UPDATE_ACCESS_CODE", result, effects)
}

fn record_changes(scope: &mut Scope<'_>, before: &Record, after: &Record) {
    let frames: [(&str, &[&str]); 3] = [
        ("access_code.name_changed", &["name"]),
        ("access_code.code_changed", &["code"]),
        ("access_code.time_frame_changed", &["starts_at", "ends_at"]),
    ];
    let members_of = |of: &Record, names| pending::members_of(of.object(), names);
    let mut is_changed = false;
    for (event_type, names) in frames {
        let (from, to) = (members_of(before, names), members_of(after, names));
        if from != to {
            is_changed = true;
            let description = format!("{} changed through the API", names.join(" and "));
            let more = json!({ "from": from, "to": to, "description": description });
            record_event(scope, event_type, after, more);
        }
    }
    if is_changed {
        record_event(scope, "access_code.changed", after, json!({}));
    }
}
