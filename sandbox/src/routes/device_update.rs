//! `/devices/update` and `/devices/unmanaged/update`.

use serde_json::{Map, Value, json};

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::input::Params;
use crate::state::{Members, Scope, members};

/// The documented bounds of custom metadata.
const MOST_PAIRS: usize = 50;
const LONGEST_KEY: usize = 40;

/// What is given takes the place of what was there. A device that is made unmanaged is out of
/// everybody's hands, so who was only granted it may not do that (our choice).
pub(super) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("device_id")?;
    scope.device(id)?;
    let unmanages = call.params.flag("is_managed") == Some(false);
    if unmanages && !scope.holds(id) {
        return Err(ApiError::unauthorized(
            "Only who holds the device's account may make it unmanaged",
        ));
    }
    check_metadata(call.params)?;
    let named = scope.change_device(id, |it| {
        take_over_metadata(it, call.params);
        if let Some(enabled) = call.params.flag("backup_access_code_pool_enabled") {
            set_property(it, "backup_access_code_pool_enabled", enabled.into());
        }
        if unmanages {
            it.insert("is_managed".to_owned(), false.into());
        }
        rename(it, call.params)
    })?;
    if let Some(name) = named {
        record(
            scope,
            "device.name_changed",
            id,
            json!({ "device_name": name }),
        );
    }
    if unmanages {
        record(scope, "device.converted_to_unmanaged", id, json!({}));
    }
    Ok(Reply::new())
}

/// A device that is managed already is told as such, with Seam's own type.
pub(super) fn update_unmanaged(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("device_id")?;
    if scope.any_device(id)?.is_managed() {
        return Err(ApiError::new(
            400,
            "device_managed",
            "The device is managed",
        ));
    }
    check_metadata(call.params)?;
    let manages = call.params.flag("is_managed") == Some(true);
    scope.change_device(id, |it| {
        take_over_metadata(it, call.params);
        if manages {
            it.insert("is_managed".to_owned(), true.into());
        }
    })?;
    if manages {
        record(
            scope,
            "device.unmanaged.converted_to_managed",
            id,
            json!({}),
        );
    }
    Ok(Reply::new())
}

fn record(scope: &mut Scope<'_>, event_type: &str, device: Id, more: Value) {
    let mut told = members(more);
    told.insert("device_id".to_owned(), device.to_string().into());
    scope.record(event_type, told, None);
}

fn check_metadata(params: &Params) -> Result<(), ApiError> {
    let Some(metadata) = params.object("custom_metadata") else {
        return Ok(());
    };
    let name = "custom_metadata";
    if metadata.len() > MOST_PAIRS {
        let message = format!("Object must have at most {MOST_PAIRS} keys");
        return Err(ApiError::invalid_parameter(name, &message));
    }
    let long = |it: &String| it.chars().count() > LONGEST_KEY || it.contains('.');
    if metadata.keys().any(long) {
        let message = format!("Keys have at most {LONGEST_KEY} characters, and no period");
        return Err(ApiError::invalid_parameter(name, &message));
    }
    Ok(())
}

/// Laid over what is there; null takes a member away (our choice).
fn take_over_metadata(device: &mut Members, params: &Params) {
    let Some(given) = params.object("custom_metadata") else {
        return;
    };
    let metadata = device
        .entry("custom_metadata")
        .or_insert_with(|| Map::new().into());
    let Some(metadata) = metadata.as_object_mut() else {
        return;
    };
    for (name, value) in given {
        if value.is_null() {
            metadata.remove(name);
        } else {
            metadata.insert(name.clone(), value.clone());
        }
    }
}

/// The new name, if there is one. Null gives the device back the name that its maker has for it.
fn rename(device: &mut Members, params: &Params) -> Option<String> {
    let given = params.members().get("name");
    let within = params.object("properties").and_then(|it| it.get("name"));
    let given = given.or(within)?;
    let appearance = device.get("properties").and_then(|it| it.get("appearance"));
    let own = appearance.and_then(|it| it.get("name"));
    let name = given.as_str().or(own.and_then(Value::as_str))?.to_owned();
    if device.get("display_name").and_then(Value::as_str) == Some(&name) {
        return None;
    }
    device.insert("display_name".to_owned(), name.as_str().into());
    match given.as_str() {
        Some(nickname) => device.insert("nickname".to_owned(), nickname.into()),
        None => device.shift_remove("nickname"),
    };
    set_property(device, "name", name.as_str().into());
    Some(name)
}

fn set_property(device: &mut Members, name: &str, value: Value) {
    if let Some(Value::Object(properties)) = device.get_mut("properties") {
        properties.insert(name.to_owned(), value);
    }
}
