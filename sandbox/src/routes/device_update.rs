//! `/devices/update` and `/devices/unmanaged/update`.

use serde_json::{Value, json};

use super::device_object::{record_event, set_property};
use super::{Call, metadata};
use crate::error::ApiError;
use crate::http::Reply;
use crate::input::Params;
use crate::json::JsonObject;
use crate::state::Scope;

/// Given members replace the current ones. An unmanaged device can no longer be used by anybody, so
/// making it unmanaged needs access to its account (our choice).
pub(super) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("device_id")?;
    scope.device(id)?;
    let unmanages = call.params.flag("is_managed") == Some(false);
    if unmanages && !scope.has_account_of(id) {
        return Err(ApiError::unauthorized(
            "Only a session with access to the device's account may make the device unmanaged",
        ));
    }
    metadata::check(call.params)?;
    let named = scope.change_device(id, |it| {
        metadata::merge_params(it, call.params);
        if let Some(enabled) = call.params.flag("backup_access_code_pool_enabled") {
            set_property(it, "backup_access_code_pool_enabled", enabled.into());
        }
        if unmanages {
            it.insert("is_managed".to_owned(), false.into());
        }
        rename(it, call.params)
    })?;
    if let Some(name) = named {
        record_event(
            scope,
            "device.name_changed",
            id,
            json!({ "device_name": name }),
        );
    }
    if unmanages {
        scope.unmanage_access_codes(id)?;
        record_event(scope, "device.converted_to_unmanaged", id, json!({}));
    }
    Ok(Reply::new())
}

/// For a device that is managed already the error has Seam's own type.
pub(super) fn update_unmanaged(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("device_id")?;
    if scope.any_device(id)?.is_managed() {
        return Err(ApiError::new(
            400,
            "device_managed",
            "The device is managed",
        ));
    }
    metadata::check(call.params)?;
    let manages = call.params.flag("is_managed") == Some(true);
    scope.change_device(id, |it| {
        metadata::merge_params(it, call.params);
        if manages {
            it.insert("is_managed".to_owned(), true.into());
        }
    })?;
    if manages {
        record_event(
            scope,
            "device.unmanaged.converted_to_managed",
            id,
            json!({}),
        );
    }
    Ok(Reply::new())
}

/// Sets the name and returns it, if there is one. Null restores the provider's name.
fn rename(device: &mut JsonObject, params: &Params) -> Option<String> {
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
