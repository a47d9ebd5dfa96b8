//! Access codes as the routes find and show them.

use serde_json::Value;

use crate::error::ApiError;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::routes::Call;
use crate::state::{DELETING, Effect, Record, ResourceType, Scope, has_mutation};

pub(super) const CODE: ResourceType = ResourceType::AccessCode;

/// Returns a code that the caller may see. A managed one is not found by the routes for unmanaged
/// ones, and the other way round.
pub(super) fn of_id<'s>(
    scope: &'s Scope<'_>,
    id: Id,
    managed: bool,
) -> Result<&'s Record, ApiError> {
    let code = scope.record(CODE, id)?;
    if is_managed(code) == managed {
        Ok(code)
    } else {
        Err(CODE.resource().not_found())
    }
}

/// Returns the id of the code that `access_code_id` names; it must be on the device of `device_id`,
/// if that is given.
pub(super) fn named(scope: &Scope<'_>, call: &Call<'_>, managed: bool) -> Result<Id, ApiError> {
    let code = of_id(scope, call.required_id("access_code_id")?, managed)?;
    match call.params.id("device_id") {
        Some(device) if code.linked_id("device_id") != Some(device) => {
            Err(CODE.resource().not_found())
        }
        _ => Ok(code.id()),
    }
}

pub(super) fn is_managed(code: &Record) -> bool {
    code.flag("is_managed") != Some(false)
}

pub(super) fn is_offline(code: &Record) -> bool {
    code.flag("is_offline_access_code") == Some(true)
}

/// Returns whether the code is being removed. It is still shown, but can no longer be changed, and
/// its number is free (our choice).
pub(super) fn is_being_removed(code: &Record) -> bool {
    has_mutation(code.object(), DELETING)
}

/// Checks that a managed code can be changed.
///
/// # Errors
///
/// 404 if it is being removed (our choice); 400 if it is an offline code, which the API cannot
/// change, as documented. The type is our choice.
pub(super) fn check_changeable(code: &Record) -> Result<(), ApiError> {
    if is_being_removed(code) {
        return Err(CODE.resource().not_found());
    }
    check_online(code)
}

/// Checks that a managed code is not an offline code.
pub(super) fn check_online(code: &Record) -> Result<(), ApiError> {
    if is_offline(code) {
        return Err(ApiError::new(
            400,
            "offline_access_code_not_modifiable",
            "An offline access code can be neither updated nor deleted",
        ));
    }
    Ok(())
}

/// Records an event about a code, visible to those who may see the code.
pub(super) fn record_event(scope: &mut Scope<'_>, event_type: &str, code: &Record, more: Value) {
    let (members, owner) = (event_members(code, more), code.owner());
    scope.record_event(event_type, members, owner);
}

/// The same as an effect. The event belongs to the code's owner even if an API key made the
/// request.
pub(super) fn event_effect(event_type: &str, code: &Record, more: Value) -> Effect {
    Effect::Event {
        event_type: event_type.to_owned(),
        members: event_members(code, more),
        owner: code.owner(),
    }
}

fn event_members(code: &Record, more: Value) -> JsonObject {
    let mut about = json_object(more);
    about.insert("access_code_id".to_owned(), code.id().to_string().into());
    let device = code.object().get("device_id").cloned();
    about.insert("device_id".to_owned(), device.unwrap_or(Value::Null));
    about
}
