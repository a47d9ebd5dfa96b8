//! Creates, updates and deletes spaces.

use serde_json::{Value, json};

use super::members;
use super::space::{SPACE, named, record_event, to_json};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::input::Params;
use crate::json::{JsonObject, json_object};
use crate::routes::{Call, named_members};
use crate::state::{NewRecord, Record, ResourceType, Scope, SpaceMembers};

pub(in crate::routes) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    if params.has("customer_key") {
        let what = format!("customer_key on {}", call.path);
        return Err(ApiError::not_simulated(&what));
    }
    let key = params.text("space_key");
    if key.is_some_and(|it| scope.space_with_key(it).is_some()) {
        // The type is our choice, by the pattern of other keys.
        return Err(ApiError::new(
            409,
            "space_key_conflict",
            "A space with this space_key exists already",
        ));
    }
    let members = SpaceMembers {
        devices: named_members::devices(scope, call)?.into_iter().collect(),
        entrances: named_members::entrances(scope, call)?.into_iter().collect(),
    };
    let accounts = params.ids("connected_account_ids").unwrap_or_default();
    for account in &accounts {
        let found = scope.record(ResourceType::ConnectedAccount, *account);
        found.map_err(|_| ResourceType::ConnectedAccount.resource().bad_reference())?;
    }
    let mut object = JsonObject::new();
    set_name(&mut object, params);
    object.extend(key.map(|it| ("space_key".to_owned(), it.into())));
    set_customer_data(&mut object, params);
    let new = NewRecord {
        object,
        hidden: json_object(json!({ "connected_account_ids": accounts })),
        owner: None,
    };
    let id = scope.create(SPACE, new)?;
    scope.set_space_members(id, &members)?;
    let object = scope.record(SPACE, id)?.object().clone();
    record_event(scope, "space.created", &object, &members);
    reply(scope, id)
}

pub(in crate::routes) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let id = named(scope, params)?.id();
    let parent = parent(scope, params)?.map(|it| {
        let key = it.text("space_key").map(str::to_owned);
        (it.id(), key)
    });
    if parent.as_ref().is_some_and(|(it, _)| *it == id) {
        return Err(ApiError::invalid("A space cannot be its own parent"));
    }
    let mut members = scope.space_members(id)?;
    if params.has("device_ids") {
        members.devices = named_members::devices(scope, call)?.into_iter().collect();
    }
    if params.has("acs_entrance_ids") {
        members.entrances = named_members::entrances(scope, call)?.into_iter().collect();
    }
    scope.change(SPACE, id, |it| {
        if params.has("name") {
            set_name(it, params);
        }
        set_customer_data(it, params);
        if let Some((parent, key)) = parent {
            it.insert("parent_space_id".to_owned(), parent.to_string().into());
            match key {
                Some(key) => it.insert("parent_space_key".to_owned(), key.into()),
                None => it.shift_remove("parent_space_key"),
            };
        }
    })?;
    members::set(scope, id, &members)?;
    reply(scope, id)
}

pub(in crate::routes) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("space_id")?;
    let object = scope.record(SPACE, id)?.object().clone();
    let members = scope.remove_space(id)?;
    record_event(scope, "space.deleted", &object, &members);
    Ok(Reply::new())
}

fn reply(scope: &Scope<'_>, id: Id) -> Result<Reply, ApiError> {
    let space = scope.record(SPACE, id)?;
    Ok(Reply::new().with("space", &to_json(scope, space)))
}

fn set_name(space: &mut JsonObject, params: &Params) {
    let name = Value::from(params.text("name").unwrap_or_default());
    space.insert("name".to_owned(), name.clone());
    space.insert("display_name".to_owned(), name);
}

/// Given members replace the current ones, and a null removes one, as documented.
fn set_customer_data(space: &mut JsonObject, params: &Params) {
    let Some(given) = params.object("customer_data") else {
        return;
    };
    let data = space.entry("customer_data").or_insert_with(|| json!({}));
    if let Some(data) = data.as_object_mut() {
        data.extend(given.clone());
        data.retain(|_, it| !it.is_null());
    }
}

/// Returns the space that is to be the parent.
fn parent<'s>(scope: &'s Scope<'_>, params: &Params) -> Result<Option<&'s Record>, ApiError> {
    let not_found = || SPACE.resource().bad_reference();
    match (
        params.id("parent_space_id"),
        params.text("parent_space_key"),
    ) {
        (Some(id), _) => scope.record(SPACE, id).map(Some).map_err(|_| not_found()),
        (None, Some(key)) => scope.space_with_key(key).map(Some).ok_or_else(not_found),
        (None, None) => Ok(None),
    }
}
