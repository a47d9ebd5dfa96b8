//! Reads access codes.

use serde_json::{Value, json};

use super::access_code::{CODE, is_managed, named};
use super::number;
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::routes::Call;
use crate::routes::page::Page;
use crate::state::{GRANT, Record, ResourceType, Scope};

/// The filters of which a list needs at least one.
const REQUIRED_FILTERS: [&str; 8] = [
    "access_code_ids",
    "access_grant_id",
    "access_grant_key",
    "access_method_id",
    "customer_key",
    "device_id",
    "search",
    "user_identifier_key",
];

pub(in crate::routes) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let code = one(scope, call, true)?;
    Ok(Reply::new().with("access_code", &scope.access_code_json(code)))
}

/// At least one filter is required, as by the official clients and Seam's own fake server.
pub(in crate::routes) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    if !REQUIRED_FILTERS.iter().any(|it| call.params.has(it)) {
        let message = format!("One of {} is required", REQUIRED_FILTERS.join(", "));
        return Err(ApiError::invalid(message));
    }
    let device = call.params.id("device_id");
    if let Some(device) = device {
        scope.device(device)?;
    }
    let found = match device {
        Some(device) => scope.records_referencing(CODE, device),
        None => scope.records(CODE),
    };
    paged(scope, call, found, true)
}

/// Returns what a new code would be. Nothing is created.
pub(in crate::routes) fn generate_code(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = call.required_id("device_id")?;
    let code = number::generate(scope, &[device], None)?;
    let id = Id::version_4(u128::from(number::seed(scope, &[device])));
    let generated = json!({
        "access_code_id": id.to_string(),
        "workspace_id": scope.workspace()?.get("workspace_id"),
        "created_at": crate::time::to_iso(scope.now()),
        "device_id": device.to_string(),
        "name": null,
        "code": code,
        "common_code_key": null,
        "type": "ongoing",
        "status": "unset",
        "is_managed": true,
        "is_backup_access_code_available": false,
        "is_external_modification_allowed": false,
        "is_offline_access_code": false,
        "is_one_time_use": false,
        "errors": [],
        "warnings": [],
        "pending_mutations": [],
    });
    Ok(Reply::new().with("generated_code", &generated))
}

/// Returns the requested code, by its id or by its device and number.
pub(super) fn one<'s>(
    scope: &'s Scope<'_>,
    call: &Call<'_>,
    managed: bool,
) -> Result<&'s Record, ApiError> {
    let (device, number) = (call.params.id("device_id"), call.params.text("code"));
    if call.params.has("access_code_id") {
        if number.is_some() {
            return Err(ApiError::invalid(
                r#"Both "access_code_id" and "code" can not be provided"#,
            ));
        }
        return scope.record(CODE, named(scope, call, managed)?);
    }
    let (device, number) = match (device, number) {
        (Some(device), Some(number)) => (device, number),
        (None, None) => {
            return Err(ApiError::invalid(
                r#"Either "access_code_id" OR "code" and "device_id" must be provided"#,
            ));
        }
        _ => {
            return Err(ApiError::invalid(
                r#"Both "device_id" and "code" must be provided if one is"#,
            ));
        }
    };
    scope.device(device)?;
    let code = number::code_on_device(scope, device, number);
    code.filter(|it| is_managed(it) == managed)
        .ok_or_else(|| CODE.resource().not_found())
}

/// Responds with a page of the codes that match the filters.
pub(super) fn paged(
    scope: &Scope<'_>,
    call: &Call<'_>,
    mut found: Vec<&Record>,
    managed: bool,
) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let params = call.params;
    found.retain(|it| is_managed(it) == managed);
    if let Some(ids) = params.ids("access_code_ids") {
        found.retain(|it| ids.contains(&it.id()));
    }
    for name in ["access_grant_id", "access_method_id"] {
        if let Some(id) = params.id(name) {
            found.retain(|it| it.linked_id(name) == Some(id));
        }
    }
    if let Some(text) = params.text("search") {
        let text = text.to_lowercase();
        found.retain(|it| {
            let members = ["name", "code", "access_code_id"];
            let mut members = members.iter().filter_map(|name| it.text(name));
            members.any(|it| it.to_lowercase().contains(&text))
        });
    }
    if let Some(key) = params.text("user_identifier_key") {
        let devices = scope.devices_of_key(key);
        found.retain(|it| {
            it.linked_id("device_id")
                .is_some_and(|it| devices.contains(&it))
        });
    }
    if let Some(key) = params.text("access_grant_key") {
        // A grant is out of a session's scope, so its key has no codes for a session.
        let grants = scope.records(ResourceType::AccessGrant).into_iter();
        let mut grants = grants.filter(|it| it.text("access_grant_key") == Some(key));
        let grant = grants.next().map(Record::id);
        found.retain(|it| grant.is_some() && it.linked_id(GRANT) == grant);
    }
    // The sandbox has no customers.
    if params.has("customer_key") {
        found.clear();
    }
    let (codes, pagination) = page.slice(call, found);
    let codes = codes.into_iter().map(|it| scope.access_code_json(it));
    Ok(Reply::new()
        .with("access_codes", &codes.collect::<Value>())
        .with("pagination", &pagination))
}
