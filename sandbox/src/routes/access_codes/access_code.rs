//! Access codes as the routes find, change and show them.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::routes::Call;
use crate::state::{Effect, Record, ResourceType, Scope, UNKNOWN, without_failure};
use crate::time::{self, Millis};

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

/// The members of an unmanaged code.
const UNMANAGED_MEMBERS: [&str; 11] = [
    "access_code_id",
    "workspace_id",
    "created_at",
    "device_id",
    "name",
    "code",
    "type",
    "starts_at",
    "ends_at",
    "errors",
    "warnings",
];

/// Converts the object of a managed code to that of an unmanaged one.
pub(super) fn to_unmanaged(object: &JsonObject) -> JsonObject {
    let kept = object
        .iter()
        .filter(|(name, _)| UNMANAGED_MEMBERS.contains(&name.as_str()));
    let mut kept: JsonObject = kept
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    kept.insert("is_managed".to_owned(), false.into());
    kept.insert("status".to_owned(), Value::from("set"));
    kept
}

/// Returns the object at this time. A code is not on its device before and after its time frame.
/// After a failed update its status is unknown, because the device may still use the earlier time
/// frame.
pub(super) fn object_at(code: &Record, now: Millis) -> Value {
    let mut object = code.object().clone();
    let time = |name| code.text(name).and_then(time::parse);
    let early = time("starts_at").is_some_and(|it| now < it);
    let late = time("ends_at").is_some_and(|it| now >= it);
    if (early || late) && code.text("status") != Some(UNKNOWN) {
        object.insert("status".to_owned(), "unset".into());
    }
    object.into()
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

/// Returns the effects of a device that has set a code.
pub(super) fn set_on_device(code: &Record) -> Vec<Effect> {
    let number = code.object().get("code").cloned().unwrap_or(Value::Null);
    let is_set = json!({
        "status": "set",
        "pending_mutations": [],
        "errors": without_failure(code.object()),
    });
    vec![
        Effect::Change {
            resource_type: CODE,
            id: code.id(),
            members: json_object(is_set),
        },
        event_effect(
            "access_code.set_on_device",
            code,
            json!({ "code": number.as_str().unwrap_or_default() }),
        ),
    ]
}
