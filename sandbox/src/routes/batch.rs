//! The batch that `get_related` returns: lists of resources, of which the caller may include or
//! exclude some by name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Call;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::state::{Device, Record, ResourceType, Scope};

/// What accesses lead to, by id.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) devices: BTreeSet<Id>,
    pub(super) entrances: BTreeSet<Id>,
    /// Accounts beside those of the devices and entrances.
    pub(super) accounts: BTreeSet<Id>,
}

/// The lists of a batch.
#[derive(Debug)]
pub(super) struct Batch<'c> {
    included: Option<Vec<&'c str>>,
    excluded: Vec<&'c str>,
    lists: JsonObject,
}

impl<'c> Batch<'c> {
    /// Returns the managed devices and the entrances, with their accounts and access systems.
    pub(super) fn new(scope: &Scope<'_>, call: &'c Call<'_>, contents: Contents) -> Self {
        let mut batch = Self {
            included: call.params.texts("include"),
            excluded: call.params.texts("exclude").unwrap_or_default(),
            lists: JsonObject::new(),
        };
        let devices = contents.devices.into_iter();
        let devices: Vec<&Device> = devices.filter_map(|it| scope.device(it).ok()).collect();
        let entrances = records(scope, ResourceType::AcsEntrance, contents.entrances);
        let linked = |name: &str| {
            let entrances = entrances.iter();
            entrances.filter_map(|it| it.linked_id(name)).collect()
        };
        let mut accounts: BTreeSet<Id> = linked("connected_account_id");
        accounts.extend(devices.iter().map(|it| it.account()));
        accounts.extend(contents.accounts);
        let systems: BTreeSet<Id> = linked("acs_system_id");
        let devices = devices
            .into_iter()
            .map(|it| Value::Object(it.shown_object()));
        batch.add("devices", devices.collect());
        batch.add_records(scope, ResourceType::ConnectedAccount, accounts);
        batch.add_records(scope, ResourceType::AcsSystem, systems);
        batch.add("acs_entrances", objects(&entrances));
        batch
    }

    /// Adds a list, unless the caller does not want it.
    pub(super) fn add(&mut self, name: &str, list: Value) {
        let included = self.included.as_ref();
        if included.is_none_or(|it| it.contains(&name)) && !self.excluded.contains(&name) {
            self.lists.insert(name.to_owned(), list);
        }
    }

    /// Adds the records with these ids, in this order.
    pub(super) fn add_records(
        &mut self,
        scope: &Scope<'_>,
        resource_type: ResourceType,
        ids: impl IntoIterator<Item = Id>,
    ) {
        let name = match resource_type {
            ResourceType::AccessMethod => "access_methods",
            ResourceType::AcsSystem => "acs_systems",
            _ => "connected_accounts",
        };
        self.add(name, objects(&records(scope, resource_type, ids)));
    }

    pub(super) fn reply(self) -> Reply {
        Reply::new().with("batch", &Value::Object(self.lists))
    }
}

/// Returns the API's objects of these records.
pub(super) fn objects(records: &[&Record]) -> Value {
    records.iter().map(|it| it.to_json()).collect()
}

/// Adds a record to a list that has each record once.
pub(super) fn push_once<'s>(records: &mut Vec<&'s Record>, record: &'s Record) {
    if !records.iter().any(|it| it.id() == record.id()) {
        records.push(record);
    }
}

fn records<'s>(
    scope: &'s Scope<'_>,
    resource_type: ResourceType,
    ids: impl IntoIterator<Item = Id>,
) -> Vec<&'s Record> {
    let records = ids.into_iter().map(|it| scope.record(resource_type, it));
    records.filter_map(Result::ok).collect()
}
