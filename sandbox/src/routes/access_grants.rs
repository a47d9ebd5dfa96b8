//! `/access_grants`. A grant gives its user identity access to devices, spaces and entrances while
//! it is in force, and creates the access methods that it requests.

use serde_json::{Value, json};

use super::Call;
use super::page::Page;
use super::{access_codes, access_methods, named_members, user_identities};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::input::Params;
use crate::json::{JsonObject, json_object};
use crate::state::{GRANT, NewRecord, Profile, Record, ResourceType, Scope};
use crate::time::{self, Millis};

/// Parameters that the API has and the sandbox does not simulate.
const NOT_SIMULATED: [&str; 3] = ["customization_profile_id", "location", "location_ids"];

pub(super) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    for name in NOT_SIMULATED {
        if params.has(name) {
            return Err(ApiError::not_simulated(&format!("{name} on {}", call.path)));
        }
    }
    access_methods::check_requested(call)?;
    let now = scope.now();
    let starts_at = time_param(params, "starts_at")?.unwrap_or(now);
    let ends_at = time_param(params, "ends_at")?;
    check_times(starts_at, ends_at, now)?;
    let key = params.text("access_grant_key");
    if key.is_some_and(|it| with_key(scope, it).is_some()) {
        return Err(ApiError::new(
            409,
            "access_grant_key_conflict",
            "An access grant with this access_grant_key exists already",
        ));
    }
    let devices = named_members::devices(scope, call)?;
    let entrances = named_members::entrances(scope, call)?;
    let mut spaces = params.ids("space_ids").unwrap_or_default();
    for space in &spaces {
        scope.resolve_space(*space)?;
    }
    for key in params.texts("space_keys").into_iter().flatten() {
        spaces.push(scope.resolve_space_key(key)?);
    }
    let identity = user_identity(scope, params)?;
    let mut object = json_object(json!({
        "user_identity_id": identity,
        "name": params.text("name"),
        "display_name": display_name(params.text("name")),
        "starts_at": time::to_iso(starts_at),
        "ends_at": ends_at.map(time::to_iso),
        "space_ids": spaces,
        "location_ids": spaces,
        "access_method_ids": [],
        "requested_access_methods": access_methods::shown_requests(params, now),
        "pending_mutations": [],
        "errors": [],
        "warnings": [],
    }));
    for name in ["access_grant_key", "reservation_key"] {
        let given = params.text(name).map(Value::from);
        object.extend(given.map(|it| (name.to_owned(), it)));
    }
    let hidden = json_object(json!({ "device_ids": devices, "acs_entrance_ids": entrances }));
    let new = NewRecord {
        object,
        hidden,
        owner: None,
    };
    let id = scope.create(ResourceType::AccessGrant, new)?;
    record_event(scope, "access_grant.created", id, JsonObject::new());
    access_methods::create_requested(scope, id, 0)?;
    let grant = scope.record(ResourceType::AccessGrant, id)?;
    Ok(Reply::new().with("access_grant", &grant.to_json()))
}

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let grant = named(scope, call)?;
    Ok(Reply::new().with("access_grant", &grant.to_json()))
}

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let mut found = scope.records(ResourceType::AccessGrant);
    found.retain(|it| matches_filters(scope, it, call.params));
    let (shown, pagination) = page.slice(call, found);
    let grants = shown.into_iter().map(Record::to_json).collect::<Value>();
    Ok(Reply::new()
        .with("access_grants", &grants)
        .with("pagination", &pagination))
}

pub(super) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let grant = named(scope, call)?;
    let id = grant.id();
    let time_of = |name| grant.text(name).and_then(time::parse);
    let starts_at_before = time_of("starts_at").unwrap_or(grant.created_at());
    let starts_at = time_param(params, "starts_at")?.or(time_of("starts_at"));
    let ends_at = if params.has("ends_at") {
        time_param(params, "ends_at")?
    } else {
        time_of("ends_at")
    };
    let before = times(starts_at_before, time_of("ends_at"));
    let now = scope.now();
    let changes_times = params.has("starts_at") || params.has("ends_at");
    let starts_at = starts_at.unwrap_or(now);
    if changes_times {
        check_times(starts_at, ends_at, now)?;
    }
    scope.change_grant(id, |it| {
        if params.has("name") {
            it.insert("name".to_owned(), json!(params.text("name")));
            let shown = display_name(params.text("name"));
            it.insert("display_name".to_owned(), shown.into());
        }
        it.insert("starts_at".to_owned(), time::to_iso(starts_at).into());
        it.insert("ends_at".to_owned(), json!(ends_at.map(time::to_iso)));
    })?;
    if changes_times && before != times(starts_at, ends_at) {
        let mut fields = json_object(json!({ "starts_at": time::to_iso(starts_at) }));
        let end = ends_at.map(|it| Value::from(time::to_iso(it)));
        fields.extend(end.map(|it| ("ends_at".to_owned(), it)));
        record_event(scope, "access_grant.access_times_changed", id, fields);
        access_codes::update_times_of_grant(scope, id)?;
        scope.reissue_access_methods(id, &before, &times(starts_at, ends_at))?;
    }
    Ok(Reply::new())
}

pub(super) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("access_grant_id")?;
    scope.remove_grant(id)?;
    Ok(Reply::new())
}

/// Returns the user identity that is named, or a new one. It is created last, so that a failed
/// request creates none.
fn user_identity(scope: &mut Scope<'_>, params: &Params) -> Result<Id, ApiError> {
    if let Some(id) = params.id("user_identity_id") {
        return scope.resolve_identity(id);
    }
    let mut profile = Profile::default();
    if let Some(given) = params.nested("user_identity") {
        user_identities::apply_params(&mut profile, &given);
    }
    scope.create_identity(profile)
}

fn named<'s>(scope: &'s Scope<'_>, call: &Call<'_>) -> Result<&'s Record, ApiError> {
    let key = call.params.text("access_grant_key");
    match (call.params.id("access_grant_id"), key) {
        (Some(id), _) => {
            let grant = scope.record(ResourceType::AccessGrant, id)?;
            Some(grant).filter(|it| key.is_none() || it.text("access_grant_key") == key)
        }
        (None, Some(key)) => with_key(scope, key),
        (None, None) => {
            return Err(ApiError::invalid(
                "access_grant_id or access_grant_key is required",
            ));
        }
    }
    .ok_or_else(|| ResourceType::AccessGrant.resource().not_found())
}

fn with_key<'s>(scope: &'s Scope<'_>, key: &str) -> Option<&'s Record> {
    let mut grants = scope.records(ResourceType::AccessGrant).into_iter();
    grants.find(|it| it.text("access_grant_key") == Some(key))
}

fn matches_filters(scope: &Scope<'_>, grant: &Record, params: &Params) -> bool {
    let ids = params.ids("access_grant_ids");
    let key = params.members().get("access_grant_key");
    let entrances = grant.linked_ids("acs_entrance_ids");
    let system = params.id("acs_system_id");
    let in_system = |it: &Id| {
        let entrance = scope.record(ResourceType::AcsEntrance, *it).ok();
        entrance.and_then(|it| it.linked_id("acs_system_id")) == system
    };
    let code = params.id("access_code_id");
    let code_grant = code.and_then(|it| scope.record(ResourceType::AccessCode, it).ok());
    let code_grant = code_grant.and_then(|it| it.linked_id(GRANT));
    let identity = params.id("user_identity_id");
    let reservation = params.text("reservation_key");
    let names =
        |list: &str, id: Option<Id>| id.is_none_or(|id| grant.linked_ids(list).contains(&id));
    ids.is_none_or(|it| it.contains(&grant.id()))
        && key.is_none_or(|it| grant.text("access_grant_key") == it.as_str())
        && identity.is_none_or(|_| grant.linked_id("user_identity_id") == identity)
        && reservation.is_none_or(|_| grant.text("reservation_key") == reservation)
        && names("device_ids", params.id("device_id"))
        && names("acs_entrance_ids", params.id("acs_entrance_id"))
        && names("space_ids", params.id("space_id"))
        && names("space_ids", params.id("location_id"))
        && (system.is_none() || entrances.iter().any(in_system))
        && code.is_none_or(|_| code_grant == Some(grant.id()))
        // There are no customers.
        && !params.has("customer_key")
}

/// Returns the times as pending mutations show them.
fn times(starts_at: Millis, ends_at: Option<Millis>) -> Value {
    json!({ "starts_at": time::to_iso(starts_at), "ends_at": ends_at.map(time::to_iso) })
}

fn display_name(name: Option<&str>) -> String {
    name.unwrap_or("Access grant").to_owned()
}

/// Parses a time that the schema accepts as any string.
fn time_param(params: &Params, name: &str) -> Result<Option<Millis>, ApiError> {
    let text = params.text(name);
    let read =
        |it| time::parse(it).ok_or_else(|| ApiError::invalid_parameter(name, "Invalid date"));
    text.map(read).transpose()
}

/// A grant must end in the future and after it starts, as documented.
fn check_times(starts_at: Millis, ends_at: Option<Millis>, now: Millis) -> Result<(), ApiError> {
    let Some(ends_at) = ends_at else {
        return Ok(());
    };
    if ends_at <= now {
        return Err(ApiError::invalid_parameter(
            "ends_at",
            "Must be in the future",
        ));
    }
    if ends_at <= starts_at {
        return Err(ApiError::invalid_parameter(
            "ends_at",
            "Must be after starts_at",
        ));
    }
    Ok(())
}

fn record_event(scope: &mut Scope<'_>, event_type: &str, id: Id, mut fields: JsonObject) {
    fields.insert("access_grant_id".to_owned(), id.to_string().into());
    scope.record_event(event_type, fields, None);
}
