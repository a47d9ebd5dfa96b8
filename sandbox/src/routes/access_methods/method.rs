//! Creates one access method.

use serde_json::{Value, json};

use super::request;
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::state::{GRANT, NewRecord, ResourceType, Scope};
use crate::time;

/// Creates an access method, which is issued later, and returns its id.
pub(super) fn create(
    scope: &mut Scope<'_>,
    grant: Id,
    mode: &str,
    devices: &[Id],
) -> Result<Id, ApiError> {
    let provisioning = json!({
        "mutation_code": "provisioning_access",
        "message": "The access method is to be set on the devices",
        "created_at": time::to_iso(scope.now()),
        "from": { "device_ids": [] },
        "to": { "device_ids": devices },
    });
    let object = json_object(json!({
        "mode": mode,
        "display_name": request::display_name(mode),
        "is_issued": false,
        "issued_at": null,
        "pending_mutations": [provisioning],
        "errors": [],
        "warnings": [],
    }));
    let method = scope.create(
        ResourceType::AccessMethod,
        NewRecord {
            object,
            hidden: json_object(json!({ GRANT: grant, "device_ids": devices })),
            owner: None,
        },
    )?;
    scope.record_method_event("access_method.created", method, grant)?;
    Ok(method)
}

/// Appends to a list of an object, which is created if it does not exist.
pub(super) fn append(object: &mut JsonObject, name: &str, more: impl IntoIterator<Item = Value>) {
    let list = object.entry(name.to_owned()).or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.extend(more);
    }
}
