//! `/connected_accounts`.

use serde_json::{Value, json};

use super::page::Page;
use super::{Call, device_object, metadata};
use crate::error::ApiError;
use crate::http::Reply;
use crate::input::Params;
use crate::json::json_object;
use crate::state::{Device, Record, ResourceType, Scope, connection};
use crate::time;

/// Parameters that become members unchanged.
const SETTABLE: [&str; 3] = [
    "accepted_capabilities",
    "automatically_manage_new_devices",
    "display_name",
];

/// Returns the account with this id, or with this email address of its user.
pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let account = match call.params.id("connected_account_id") {
        Some(id) => scope.record(ResourceType::ConnectedAccount, id)?,
        None => with_email(scope, call.params.text("email"))
            .ok_or_else(|| ResourceType::ConnectedAccount.resource().not_found())?,
    };
    Ok(Reply::new().with("connected_account", &account.to_json()))
}

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let of_key = call.params.text("user_identifier_key");
    let of_key = of_key.map(|it| scope.accounts_of_key(it));
    let mut found = scope.records(ResourceType::ConnectedAccount);
    found.retain(|it| {
        matches_filters(scope, it, call.params)
            && of_key.as_ref().is_none_or(|ids| ids.contains(&it.id()))
    });
    let (shown, pagination) = page.slice(call, found);
    let accounts = shown.into_iter().map(Record::to_json).collect::<Value>();
    Ok(Reply::new()
        .with("connected_accounts", &accounts)
        .with("pagination", &pagination))
}

/// Given members replace the current ones. The metadata is replaced as a whole, as documented.
pub(super) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("connected_account_id")?;
    if call.params.has("customer_key") {
        let what = format!("customer_key on {}", call.path);
        return Err(ApiError::not_simulated(&what));
    }
    metadata::check(call.params)?;
    scope.change(ResourceType::ConnectedAccount, id, |it| {
        for name in SETTABLE {
            let given = call.params.members().get(name).cloned();
            it.extend(given.map(|value| (name.to_owned(), value)));
        }
        if let Some(given) = call.params.object("custom_metadata") {
            let kept = given.iter().filter(|(_, value)| !value.is_null());
            let kept = kept.map(|(name, value)| (name.clone(), value.clone()));
            it.insert("custom_metadata".to_owned(), Value::Object(kept.collect()));
        }
    })?;
    let account = scope.record(ResourceType::ConnectedAccount, id)?;
    Ok(Reply::new().with("connected_account", &account.to_json()))
}

pub(super) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    scope.delete_account(call.required_id("connected_account_id")?)?;
    Ok(Reply::new())
}

/// The account is disconnected: it and its devices get an error, and the devices go offline. To
/// reconnect it, its user logs in through a webview.
pub(super) fn simulate_disconnect(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let id = call.required_id("connected_account_id")?;
    let created_at = time::to_iso(scope.now());
    let error = json!({
        "error_code": "account_disconnected",
        "message": "The account is disconnected",
        "created_at": created_at,
        "is_connected_account_error": true,
        "is_bridge_error": false,
    });
    let is_new = scope.change(ResourceType::ConnectedAccount, id, |it| {
        device_object::add_error(it, error.clone())
    })?;
    if !is_new {
        return Ok(Reply::new());
    }
    let fields = json_object(json!({
        "connected_account_id": id,
        "connected_account_errors": [error],
        "connected_account_warnings": [],
    }));
    scope.record_event("connected_account.disconnected", fields, None);
    let on_device = json!({
        "error_code": "account_disconnected",
        "message": "The account of the device is disconnected",
        "created_at": created_at,
        "is_connected_account_error": true,
        "is_device_error": false,
    });
    for device in scope.devices_of_account(id) {
        let event_type = scope.any_device(device)?.event_type("disconnected");
        let was_online = scope.change_device(device, |it| {
            device_object::add_error(it, on_device.clone());
            connection::set_flags(it, false);
            connection::set_online(it, false)
        })?;
        if was_online {
            let more = json!({ "error_code": "account_disconnected" });
            device_object::record_event_with_errors(scope, &event_type, device, more)?;
        }
    }
    Ok(Reply::new())
}

/// Requests a sync. The sandbox's accounts are always in sync, so nothing changes (our choice).
pub(super) fn sync(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("connected_account_id")?;
    scope.record(ResourceType::ConnectedAccount, id)?;
    Ok(Reply::new())
}

fn with_email<'s>(scope: &'s Scope<'_>, email: Option<&str>) -> Option<&'s Record> {
    let has = |it: &&Record| user(it, "email") == email && email.is_some();
    scope
        .records(ResourceType::ConnectedAccount)
        .into_iter()
        .find(has)
}

/// Returns a member of the account's user identifier.
fn user<'a>(account: &'a Record, member: &str) -> Option<&'a str> {
    let user = account.object().get("user_identifier")?;
    user.get(member)?.as_str()
}

fn matches_filters(scope: &Scope<'_>, account: &Record, params: &Params) -> bool {
    let wanted = params.object("custom_metadata_has");
    let search = params.text("search").map(str::to_lowercase);
    let space = params.id("space_id");
    let is_in = |it: &&Device| {
        it.account() == account.id() && space.is_some_and(|id| it.space_ids().contains(&id))
    };
    wanted.is_none_or(|it| metadata::has(account.object(), it))
        && search.is_none_or(|it| matches_search(account, &it))
        && (space.is_none() || scope.devices().iter().any(is_in))
        // The sandbox has no customers.
        && !params.has("customer_key")
}

/// Looks where Seam documents that the search looks.
fn matches_search(account: &Record, text: &str) -> bool {
    let within = |it: &str| it.to_lowercase().contains(text);
    let named = ["connected_account_id", "account_type"];
    let named = named.into_iter().filter_map(|it| account.text(it));
    let users = ["username", "email", "phone"];
    let users = users.into_iter().filter_map(|it| user(account, it));
    named.chain(users).any(within) || metadata::matches_search(account.object(), text)
}
