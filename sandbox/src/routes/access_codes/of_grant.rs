//! Access codes that an access grant puts on its devices.

use serde_json::{Value, json};

use super::access_code::{CODE, is_being_removed, is_managed, record_event};
use super::code_rules::NewCode;
use super::{create, number};
use crate::error::ApiError;
use crate::fnv::fnv_1a;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::state::{Device, GRANT, METHOD, NewRecord, Record, ResourceType, Scope};

/// An access code of an access method.
#[derive(Debug)]
pub(in crate::routes) struct GrantCode<'a> {
    pub(in crate::routes) device: Id,
    pub(in crate::routes) number: &'a str,
    pub(in crate::routes) grant: Id,
    pub(in crate::routes) method: Id,
}

/// Returns whether a device takes access codes.
pub(in crate::routes) fn takes_codes(device: &Device) -> bool {
    device.can("can_program_online_access_codes")
}

/// Returns a number that is free on all these devices; `None` if they have no code length in
/// common.
pub(in crate::routes) fn common_number(
    scope: &Scope<'_>,
    devices: &[Id],
) -> Result<Option<String>, ApiError> {
    number::generate(scope, devices, None)
}

/// Returns a number of four digits for a method that is on no device. It depends only on the method.
pub(in crate::routes) fn number_of_method(method: Id) -> String {
    number::of_bits(fnv_1a(method.hex().into_bytes()))
}

/// Returns whether a device has room for another code.
pub(in crate::routes) fn has_room(scope: &Scope<'_>, device: Id) -> bool {
    number::check_room(scope, device).is_ok()
}

/// Returns whether a device takes this number, which was chosen, and has no code with it.
pub(in crate::routes) fn is_free(scope: &Scope<'_>, device: Id, number: &str) -> bool {
    let new = NewCode {
        number,
        name: None,
        starts_at: None,
        ends_at: None,
    };
    number::check(scope, device, &new, None).is_ok()
        && number::check_choice(scope, device, Some(number)).is_ok()
}

/// Creates the access code, named after the guest, for the times of the grant. It is visible to the
/// guest and to no other guest of the same door.
pub(in crate::routes) fn create_of_grant(
    scope: &mut Scope<'_>,
    code: &GrantCode<'_>,
) -> Result<(), ApiError> {
    let grant = scope.record(ResourceType::AccessGrant, code.grant)?;
    let mut object = create::new_object(code.device, code.number, scope.now());
    object.insert("name".to_owned(), guest_name(scope, grant));
    object.extend(frame_of(grant));
    let new = NewRecord {
        object,
        hidden: json_object(json!({ GRANT: code.grant, METHOD: code.method })),
        owner: Scope::owner_of(grant),
    };
    let id = scope.create(CODE, new)?;
    let code = scope.record(CODE, id)?.clone();
    record_event(scope, "access_code.created", &code, json!({}));
    scope.create_on_device(id)?;
    Ok(())
}

/// Gives the access codes of a grant its times. Those that have ended are created again, with the
/// same number unless another code of the device has it by now.
pub(in crate::routes) fn update_times_of_grant(
    scope: &mut Scope<'_>,
    grant: Id,
) -> Result<(), ApiError> {
    let frame = frame_of(scope.record(ResourceType::AccessGrant, grant)?);
    let codes = scope.records_referencing(CODE, grant).into_iter();
    let codes: Vec<Record> = codes.cloned().collect();
    for code in codes {
        let device = code.linked_id("device_id");
        // What is not managed is no longer changed through the API.
        let is_device_managed = device.is_some_and(|it| scope.device(it).is_ok());
        if !is_managed(&code) || !is_device_managed || is_being_removed(&code) {
            continue;
        }
        let mut object = code.object().clone();
        for name in ["starts_at", "ends_at"] {
            object.shift_remove(name);
        }
        object.extend(frame.clone());
        if object != *code.object() {
            scope.update_on_device(code.id(), object)?;
        }
    }
    replace_ended_codes(scope, grant)
}

/// Creates the codes again that devices no longer have, or are about to remove, because the times of
/// the grant had ended.
fn replace_ended_codes(scope: &mut Scope<'_>, grant: Id) -> Result<(), ApiError> {
    let methods = scope.records_referencing(ResourceType::AccessMethod, grant);
    let of_code = methods
        .into_iter()
        .filter(|it| it.text("mode") == Some("code"));
    let of_code: Vec<Record> = of_code.cloned().collect();
    for method in of_code {
        let Some(number) = method.text("code") else {
            // Its codes have not been set yet, so none has ended.
            continue;
        };
        for device in method.linked_ids("device_ids") {
            let has_code = scope
                .records_referencing(CODE, method.id())
                .into_iter()
                .any(|it| it.linked_id("device_id") == Some(device) && !is_being_removed(it));
            let Ok(managed) = scope.device(device) else {
                continue;
            };
            if has_code || !takes_codes(managed) {
                continue;
            }
            let codes = scope.records_referencing(CODE, device).into_iter();
            let mut others = codes.filter(|it| it.linked_id(METHOD) != Some(method.id()));
            let other_number = if others.any(|it| it.text("code") == Some(number)) {
                common_number(scope, &[device])?
            } else {
                None
            };
            let code = GrantCode {
                device,
                number: other_number.as_deref().unwrap_or(number),
                grant,
                method: method.id(),
            };
            create_of_grant(scope, &code)?;
        }
    }
    Ok(())
}

/// Returns the time frame of a grant's codes. A grant without an end has ongoing codes.
fn frame_of(grant: &Record) -> JsonObject {
    let ends_at = grant.object().get("ends_at").filter(|it| !it.is_null());
    let Some(ends_at) = ends_at else {
        return json_object(json!({ "type": "ongoing" }));
    };
    json_object(json!({
        "type": "time_bound",
        "starts_at": grant.object().get("starts_at"),
        "ends_at": ends_at,
    }))
}

/// Returns the guest's full name, or else the name of the grant.
fn guest_name(scope: &Scope<'_>, grant: &Record) -> Value {
    let identity = grant.linked_id("user_identity_id");
    let guest = scope.identity_where(|it| Some(it.id()) == identity).ok();
    let name = guest.and_then(|it| it.profile().full_name.clone());
    name.or_else(|| grant.text("display_name").map(str::to_owned))
        .into()
}
