//! Spaces as the routes find and show them.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::input::Params;
use crate::json::{JsonObject, json_object};
use crate::routes::Call;
use crate::routes::page::Page;
use crate::state::{Record, ResourceType, Scope, SpaceMembers};

pub(super) const SPACE: ResourceType = ResourceType::Space;

pub(in crate::routes) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let space = named(scope, call.params)?;
    Ok(Reply::new().with("space", &to_json(scope, space)))
}

pub(in crate::routes) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let mut found = scope.records(SPACE);
    found.retain(|it| matches_filters(scope, it, call.params));
    let (shown, pagination) = page.slice(call, found);
    let spaces = shown.into_iter().map(|it| to_json(scope, it));
    Ok(Reply::new()
        .with("spaces", &spaces.collect::<Value>())
        .with("pagination", &pagination))
}

/// Returns the space that `space_id` or `space_key` names.
pub(super) fn named<'s>(scope: &'s Scope<'_>, params: &Params) -> Result<&'s Record, ApiError> {
    let key = params.text("space_key");
    let space = match (params.id("space_id"), key) {
        (Some(id), _) => {
            Some(scope.record(SPACE, id)?).filter(|it| key.is_none() || it.text("space_key") == key)
        }
        (None, Some(key)) => scope.space_with_key(key),
        (None, None) => {
            return Err(ApiError::invalid("space_id or space_key is required"));
        }
    };
    space.ok_or_else(|| SPACE.resource().not_found())
}

/// Returns the API's object, with the numbers of managed devices and of entrances.
pub(super) fn to_json(scope: &Scope<'_>, space: &Record) -> Value {
    let mut object = space.object().clone();
    let members = scope.space_members(space.id()).unwrap_or_default();
    let devices = managed_devices(scope, &members);
    object.insert("device_count".to_owned(), devices.len().into());
    let entrances = members.entrances.len();
    object.insert("acs_entrance_count".to_owned(), entrances.into());
    object.into()
}

pub(super) fn managed_devices(scope: &Scope<'_>, members: &SpaceMembers) -> Vec<Id> {
    let devices = members.devices.iter().copied();
    devices.filter(|it| scope.device(*it).is_ok()).collect()
}

fn matches_filters(scope: &Scope<'_>, space: &Record, params: &Params) -> bool {
    let is = |name: &str| {
        params
            .text(name)
            .is_none_or(|it| space.text(name) == Some(it))
    };
    let parent = params.id("parent_space_id");
    let search = params.text("search").map(str::to_lowercase);
    let account = params.id("connected_account_id");
    is("space_key")
        && is("parent_space_key")
        && parent.is_none_or(|_| space.linked_id("parent_space_id") == parent)
        && search.is_none_or(|it| {
            let members = ["name", "space_key"].into_iter();
            let mut members = members.filter_map(|name| space.text(name));
            members.any(|text| text.to_lowercase().contains(&it))
        })
        && account.is_none_or(|it| has_account(scope, space, it))
        // The sandbox has no customers.
        && !params.has("customer_key")
}

/// Returns whether the space has a device or an entrance of the account, as the filter is
/// documented, or was associated with the account.
fn has_account(scope: &Scope<'_>, space: &Record, account: Id) -> bool {
    let members = scope.space_members(space.id()).unwrap_or_default();
    let mut devices = members.devices.iter();
    let mut entrances = members.entrances.iter();
    let of_account = |it: &Id| {
        let entrance = scope.record(ResourceType::AcsEntrance, *it).ok();
        entrance.and_then(|it| it.linked_id("connected_account_id")) == Some(account)
    };
    devices.any(|it| {
        scope
            .any_device(*it)
            .is_ok_and(|it| it.account() == account)
    }) || entrances.any(of_account)
        || space.linked_ids("connected_account_ids").contains(&account)
}

/// Records an event about a space with the members that it has.
pub(super) fn record_event(
    scope: &mut Scope<'_>,
    event_type: &str,
    space: &JsonObject,
    members: &SpaceMembers,
) {
    let mut about = json_object(json!({
        "device_ids": members.devices,
        "acs_entrance_ids": members.entrances,
    }));
    for name in ["space_id", "space_key"] {
        let value = space.get(name).cloned();
        about.extend(value.map(|it| (name.to_owned(), it)));
    }
    scope.record_event(event_type, about, None);
}
