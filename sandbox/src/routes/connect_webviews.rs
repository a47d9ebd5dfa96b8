//! `/connect_webviews`, and the sandbox's own route that completes one.

use serde_json::{Value, json};

use super::page::Page;
use super::{Call, metadata};
use crate::error::ApiError;
use crate::http::Reply;
use crate::input::Params;
use crate::json::{JsonObject, json_object};
use crate::provider;
use crate::state::{Login, Record, ResourceType, Scope};

/// Parameters that become members unchanged.
const SETTABLE: [&str; 5] = [
    "accepted_capabilities",
    "automatically_manage_new_devices",
    "custom_redirect_url",
    "device_selection_mode",
    "wait_for_device_creation",
];

/// A session that creates a webview is associated with it, as documented, and so sees the account
/// that is authorized through it.
pub(super) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    if call.params.has("customer_key") {
        let what = format!("customer_key on {}", call.path);
        return Err(ApiError::not_simulated(&what));
    }
    metadata::check(call.params)?;
    let id = scope.create_webview(wanted(call.params))?;
    let webview = scope.record(ResourceType::ConnectWebview, id)?;
    Ok(Reply::new().with("connect_webview", &webview.to_json()))
}

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("connect_webview_id")?;
    let webview = scope.record(ResourceType::ConnectWebview, id)?;
    Ok(Reply::new().with("connect_webview", &webview.to_json()))
}

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let of_key = call.params.text("user_identifier_key");
    let of_key = of_key.map(|it| scope.webviews_of_key(it));
    let mut found = scope.records(ResourceType::ConnectWebview);
    found.retain(|it| {
        matches_filters(it, call.params) && of_key.as_ref().is_none_or(|ids| ids.contains(&it.id()))
    });
    let (shown, pagination) = page.slice(call, found);
    let webviews = shown.into_iter().map(Record::to_json).collect::<Value>();
    Ok(Reply::new()
        .with("connect_webviews", &webviews)
        .with("pagination", &pagination))
}

pub(super) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    scope.delete_webview(call.required_id("connect_webview_id")?)?;
    Ok(Reply::new())
}

/// `/_sandbox/complete_connect_webview`: completes a webview with a login or a failed login.
/// `devices` are devices as in a seed.
pub(super) fn complete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("connect_webview_id")?;
    let provider = selected_provider(scope.record(ResourceType::ConnectWebview, id)?, call.params)?;
    let devices = call.params.members().get("devices").cloned();
    let devices = devices.map(serde_json::from_value).transpose();
    let devices = devices.map_err(|it| ApiError::invalid(format!("devices: {it}")))?;
    let succeeds = call.params.flag("login_successful") != Some(false);
    let login = succeeds.then(|| Login {
        provider,
        email: call.params.text("email").map(str::to_owned),
        devices,
    });
    let account = scope.complete_webview(id, login)?;
    let webview = scope.record(ResourceType::ConnectWebview, id)?.to_json();
    let account = account.map(|it| scope.record(ResourceType::ConnectedAccount, it));
    let account = account.transpose()?.map(Record::to_json);
    Ok(Reply::new()
        .with("connect_webview", &webview)
        .with("connected_account", &json!(account)))
}

/// Returns the provider that is given, which the webview must accept; by default the first one that
/// it accepts, or `yale` if it accepts any.
fn selected_provider(webview: &Record, params: &Params) -> Result<String, ApiError> {
    let accepted = webview.object().get("accepted_providers");
    let accepted = accepted.and_then(Value::as_array).into_iter().flatten();
    let accepted: Vec<&str> = accepted.filter_map(Value::as_str).collect();
    let is_any_allowed = webview.flag("any_provider_allowed") == Some(true);
    let Some(given) = params.text("provider") else {
        let default = accepted.first().filter(|_| !is_any_allowed);
        return Ok(default.map_or("yale", |it| *it).to_owned());
    };
    if provider::by_key(given).is_none() {
        let message = format!("{given} is no provider that Seam has");
        return Err(ApiError::invalid_parameter("provider", &message));
    }
    if !is_any_allowed && !accepted.contains(&given) {
        let message = format!("The webview accepts only {}", accepted.join(", "));
        return Err(ApiError::invalid_parameter("provider", &message));
    }
    Ok(given.to_owned())
}

/// Returns the members of the webview. The accepted providers decide who may log in.
fn wanted(params: &Params) -> JsonObject {
    let providers = params.texts("accepted_providers");
    let category = params.text("provider_category");
    let excluded = params.texts("excluded_providers").unwrap_or_default();
    let narrowed = providers.is_some() || category.is_some() || !excluded.is_empty();
    let accepted: Vec<String> = match providers {
        Some(named) => named.into_iter().map(str::to_owned).collect(),
        None if narrowed => provider::of_category(category)
            .map(|it| it.key.to_owned())
            .collect(),
        None => Vec::new(),
    };
    let kept = accepted.into_iter();
    let kept = kept.filter(|it| !excluded.contains(&it.as_str()));
    let mut object = json_object(json!({
        "accepted_providers": kept.collect::<Vec<_>>(),
        "any_provider_allowed": !narrowed,
        "custom_metadata": {},
    }));
    for name in SETTABLE {
        let given = params.members().get(name).cloned();
        object.extend(given.map(|value| (name.to_owned(), value)));
    }
    let redirect = params.text("custom_redirect_url");
    let failure = params.text("custom_redirect_failure_url").or(redirect);
    object.insert("custom_redirect_failure_url".to_owned(), json!(failure));
    metadata::merge_params(&mut object, params);
    object
}

fn matches_filters(webview: &Record, params: &Params) -> bool {
    let wanted = params.object("custom_metadata_has");
    let search = params.text("search").map(str::to_lowercase);
    wanted.is_none_or(|it| metadata::has(webview.object(), it))
        && search.is_none_or(|it| matches_search(webview, &it))
        // The sandbox has no customers.
        && !params.has("customer_key")
}

fn matches_search(webview: &Record, text: &str) -> bool {
    let providers = webview.object().get("accepted_providers");
    let mut providers = providers.and_then(Value::as_array).into_iter().flatten();
    let within = |it: &str| it.to_lowercase().contains(text);
    within(&webview.id().to_string())
        || providers.any(|it| it.as_str().is_some_and(within))
        || metadata::matches_search(webview.object(), text)
}
