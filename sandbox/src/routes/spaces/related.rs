//! `/spaces/get_related`: spaces with what is in them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::space::{SPACE, managed_devices, to_json, with_key};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::routes::Call;
use crate::state::{Record, ResourceType, Scope, SpaceMembers};

/// The lists of a batch. There are no access methods.
const LISTS: [&str; 6] = [
    "spaces",
    "devices",
    "acs_entrances",
    "connected_accounts",
    "acs_systems",
    "access_methods",
];

pub(in crate::routes) fn get_related(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let spaces = spaces(scope, call)?;
    let included = call.params.texts("include");
    let excluded = call.params.texts("exclude").unwrap_or_default();
    let mut batch = JsonObject::new();
    let mut members = SpaceMembers::default();
    let mut accounts = BTreeSet::new();
    for space in &spaces {
        let of_space = scope.space_members(space.id())?;
        members.devices.extend(of_space.devices);
        members.entrances.extend(of_space.entrances);
        accounts.extend(space.linked_ids("connected_account_ids"));
    }
    let entrances = records(scope, ResourceType::AcsEntrance, &members.entrances);
    let systems: BTreeSet<Id> = linked(&entrances, "acs_system_id").collect();
    accounts.extend(linked(&entrances, "connected_account_id"));
    let mut devices = Vec::new();
    for id in managed_devices(scope, &members) {
        let device = scope.device(id)?;
        accounts.insert(device.account());
        devices.push(Value::Object(device.shown_object()));
    }
    let objects = |records: Vec<&Record>| records.into_iter().map(Record::to_json).collect();
    for name in LISTS {
        let is_included = included.as_ref().is_none_or(|it| it.contains(&name));
        if !is_included || excluded.contains(&name) {
            continue;
        }
        let list: Value = match name {
            "spaces" => spaces.iter().map(|it| to_json(scope, it)).collect(),
            "devices" => std::mem::take(&mut devices).into(),
            "acs_entrances" => objects(entrances.clone()),
            "connected_accounts" => {
                objects(records(scope, ResourceType::ConnectedAccount, &accounts))
            }
            "acs_systems" => objects(records(scope, ResourceType::AcsSystem, &systems)),
            _ => Value::Array(Vec::new()),
        };
        batch.insert(name.to_owned(), list);
    }
    Ok(Reply::new().with("batch", &batch.into()))
}

/// Returns the spaces that are named by id or key.
fn spaces<'s>(scope: &'s Scope<'_>, call: &Call<'_>) -> Result<Vec<&'s Record>, ApiError> {
    let ids = call.params.ids("space_ids");
    let keys = call.params.texts("space_keys");
    if ids.is_none() && keys.is_none() {
        return Err(ApiError::invalid("space_ids or space_keys is required"));
    }
    let mut spaces = Vec::new();
    for id in ids.into_iter().flatten() {
        spaces.push(scope.record(SPACE, id)?);
    }
    for key in keys.into_iter().flatten() {
        let space = with_key(scope, key);
        spaces.push(space.ok_or_else(|| SPACE.resource().not_found())?);
    }
    spaces.dedup_by_key(|it| it.id());
    Ok(spaces)
}

fn records<'s>(
    scope: &'s Scope<'_>,
    resource_type: ResourceType,
    ids: &BTreeSet<Id>,
) -> Vec<&'s Record> {
    let found = ids.iter().map(|it| scope.record(resource_type, *it));
    found.filter_map(Result::ok).collect()
}

fn linked<'r>(records: &'r [&Record], name: &'r str) -> impl Iterator<Item = Id> + 'r {
    records.iter().filter_map(move |it| it.linked_id(name))
}
