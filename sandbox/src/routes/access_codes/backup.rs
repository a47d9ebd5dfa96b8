//! Backup access codes. A device with an enabled pool always has a backup: Seam refills the pool,
//! and the sandbox takes no time for that (our choice).

use serde_json::{Value, json};

use super::access_code::{CODE, check_changeable, named, record_event};
use super::device_action::device_of;
use super::number;
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::input::Params;
use crate::json::{JsonObject, json_object};
use crate::routes::Call;
use crate::state::{NewRecord, Record, Scope};
use crate::time;

/// Responds with the backup of a time-bound code. A second request returns the same backup, as
/// documented.
pub(in crate::routes) fn pull_backup_access_code(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let id = named(scope, call, true)?;
    let code = scope.record(CODE, id)?.clone();
    let device = device_of(&code)?;
    scope.device(device)?;
    check_changeable(&code)?;
    if code.text("type") != Some("time_bound") {
        return Err(ApiError::new(
            400,
            "access_code_not_time_bound",
            "Backups can only be used for time_bound access codes.",
        ));
    }
    let pulled = code.linked_id("pulled_backup_access_code_id");
    let known = pulled.filter(|it| scope.record(CODE, *it).is_ok());
    let backup = match known {
        Some(backup) => backup,
        None if scope.has_backup_code(&code) => pull(scope, &code, device)?,
        None => {
            return Err(ApiError::new(
                400,
                "no_backup_access_code_available",
                "There is no backup for this access code",
            ));
        }
    };
    let backup = scope.access_code_json(scope.record(CODE, backup)?);
    Ok(Reply::new()
        .with("access_code", &backup)
        .with("backup_access_code", &backup))
}

/// Takes a code out of the device's pool: it is on the device already, and ends with the code that
/// it replaces.
fn pull(scope: &mut Scope<'_>, code: &Record, device: Id) -> Result<Id, ApiError> {
    let number = number::generate(scope, &[device], None)?;
    let now = time::to_iso(scope.now());
    let object = json!({
        "device_id": device.to_string(),
        "name": null,
        "code": number,
        "common_code_key": null,
        "type": "time_bound",
        "status": "set",
        "starts_at": now,
        "ends_at": code.text("ends_at"),
        "is_managed": true,
        "is_backup": true,
        "is_backup_access_code_available": false,
        "is_external_modification_allowed": false,
        "is_offline_access_code": false,
        "is_one_time_use": false,
        "errors": [],
        "warnings": [],
        "pending_mutations": [],
    });
    let new = NewRecord {
        object: json_object(object),
        owner: code.owner(),
        ..NewRecord::default()
    };
    let backup = scope.create(CODE, new)?;
    scope.change(CODE, backup, |it| {
        let name = format!("Backup {backup} (Seam)");
        it.insert("name".to_owned(), name.into());
    })?;
    scope.follow_access_code(backup)?;
    let warning = json!({
        "warning_code": "using_backup_access_code",
        "message": "A backup access code is used in place of this access code",
        "created_at": now,
    });
    scope.change(CODE, code.id(), |it| {
        let pulled = backup.to_string().into();
        it.insert("pulled_backup_access_code_id".to_owned(), pulled);
        if let Some(Value::Array(warnings)) = it.get_mut("warnings") {
            warnings.push(warning);
        }
    })?;
    let more = json!({ "backup_access_code_id": backup.to_string() });
    record_event(scope, "access_code.backup_access_code_pulled", code, more);
    Ok(backup)
}

/// Checks `use_backup_access_code_pool`: only time-bound codes use the pool, as documented.
pub(super) fn check_params(params: &Params, code: &JsonObject) -> Result<(), ApiError> {
    let wanted = params.flag("use_backup_access_code_pool") == Some(true);
    let is_time_bound = code.get("type").and_then(Value::as_str) == Some("time_bound");
    if wanted && !is_time_bound {
        return Err(ApiError::invalid(
            "Cannot use the backup pool for ongoing codes",
        ));
    }
    Ok(())
}

/// Enables the pool of a device that supports one, with `use_backup_access_code_pool`. It then
/// stays enabled for all codes of the device, as documented.
pub(super) fn enable_pool(
    scope: &mut Scope<'_>,
    params: &Params,
    device: Id,
) -> Result<(), ApiError> {
    if params.flag("use_backup_access_code_pool") != Some(true) {
        return Ok(());
    }
    scope.change_device(device, |it| {
        let properties = it.get_mut("properties").and_then(Value::as_object_mut);
        let supported = "supports_backup_access_code_pool";
        if let Some(properties) = properties.filter(|it| it.get(supported) == Some(&true.into())) {
            let enabled = "backup_access_code_pool_enabled".to_owned();
            properties.insert(enabled, true.into());
        }
    })
}
