//! Access methods of mode `code`: a number on every device of a grant that takes access codes.

use serde_json::{Value, json};

use super::method;
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::json_object;
use crate::routes::access_codes::{self, GrantCode};
use crate::state::{Device, ResourceType, Scope};
use crate::time;

/// Creates the methods of one request and returns their ids. All devices get the same number if
/// they have a code length in common; otherwise each device gets a method with a number of its own
/// (our choice, because a method has one number). A grant for entrances alone gets a number of four
/// digits that is on no device.
pub(super) fn create(
    scope: &mut Scope<'_>,
    grant: Id,
    wanted: Option<&str>,
) -> Result<Vec<Id>, ApiError> {
    let record = scope.record(ResourceType::AccessGrant, grant)?;
    let covered = scope.devices_of_grant(record);
    let has_entrances = !scope.entrances_of_grant(record).is_empty();
    let takes_codes = |it: &&Device| access_codes::takes_codes(it);
    let (able, unable): (Vec<&Device>, Vec<&Device>) = covered.into_iter().partition(takes_codes);
    let able = able.into_iter().map(Device::id);
    let (able, full): (Vec<Id>, Vec<Id>) = able.partition(|it| access_codes::has_room(scope, *it));
    let mut missing: Vec<Id> = unable.into_iter().map(Device::id).collect();
    warn_about(scope, grant, &missing)?;
    if able.is_empty() && has_entrances {
        return Ok(vec![create_one(scope, grant, &[], wanted)?]);
    }
    if able.is_empty() {
        missing.extend(full);
        let message = "No device of the access grant takes another access code";
        record_failure(scope, grant, message, &missing)?;
        return Ok(Vec::new());
    }
    if !full.is_empty() {
        let message = "Some devices have no room for another access code";
        record_failure(scope, grant, message, &full)?;
    }
    if access_codes::common_number(scope, &able)?.is_some() {
        return Ok(vec![create_one(scope, grant, &able, wanted)?]);
    }
    able.iter()
        .map(|it| create_one(scope, grant, &[*it], wanted))
        .collect()
}

/// Creates one method with its access codes.
fn create_one(
    scope: &mut Scope<'_>,
    grant: Id,
    devices: &[Id],
    wanted: Option<&str>,
) -> Result<Id, ApiError> {
    let free = access_codes::common_number(scope, devices)?;
    let method = method::create(scope, grant, "code", devices)?;
    let free = free.unwrap_or_else(|| access_codes::number_of_method(method));
    for device in devices {
        let number = match wanted {
            Some(wanted) if access_codes::is_free(scope, *device, wanted) => wanted,
            Some(wanted) => {
                warn_unavailable(scope, grant, *device, wanted, &free)?;
                &free
            }
            None => &free,
        };
        access_codes::create_of_grant(
            scope,
            &GrantCode {
                device: *device,
                number,
                grant,
                method,
            },
        )?;
    }
    if devices.is_empty() {
        let number = wanted.unwrap_or(&free).to_owned();
        scope.change(ResourceType::AccessMethod, method, |it| {
            it.insert("code".to_owned(), number.into());
        })?;
    }
    Ok(method)
}

/// Adds a warning for each device that takes no access codes.
fn warn_about(scope: &mut Scope<'_>, grant: Id, devices: &[Id]) -> Result<(), ApiError> {
    for device in devices {
        let warning = json!({
            "warning_code": "device_does_not_support_access_codes",
            "message": "The device does not take access codes",
            "created_at": time::to_iso(scope.now()),
            "device_id": device,
        });
        push(scope, grant, "warnings", warning)?;
    }
    Ok(())
}

fn warn_unavailable(
    scope: &mut Scope<'_>,
    grant: Id,
    device: Id,
    wanted: &str,
    number: &str,
) -> Result<(), ApiError> {
    let warning = json!({
        "warning_code": "requested_code_unavailable",
        "message": "The device does not take the requested code, or has it already",
        "created_at": time::to_iso(scope.now()),
        "device_id": device,
        "original_code": wanted,
        "new_code": number,
    });
    push(scope, grant, "warnings", warning)
}

/// Records that these devices of the grant get no access code.
fn record_failure(
    scope: &mut Scope<'_>,
    grant: Id,
    message: &str,
    devices: &[Id],
) -> Result<(), ApiError> {
    let error = json!({
        "error_code": "cannot_create_requested_access_methods",
        "message": message,
        "created_at": time::to_iso(scope.now()),
        "missing_device_ids": devices,
    });
    push(scope, grant, "errors", error)?;
    let fields = json_object(json!({
        "access_grant_id": grant,
        "error_message": message,
        "missing_device_ids": devices,
    }));
    let event_type = "access_grant.could_not_create_requested_access_methods";
    scope.record_event(event_type, fields, None);
    Ok(())
}

fn push(scope: &mut Scope<'_>, grant: Id, name: &str, entry: Value) -> Result<(), ApiError> {
    scope.change(ResourceType::AccessGrant, grant, |it| {
        method::append(it, name, [entry]);
    })
}
