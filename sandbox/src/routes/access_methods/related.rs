//! `get_related`: access grants or access methods together with what belongs to them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::read::{grant_of, methods_of};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::routes::Call;
use crate::state::{Device, Record, ResourceType, Scope};

/// `/access_grants/get_related`
pub(in crate::routes) fn get_related_of_grants(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let ids = call.params.ids("access_grant_ids").unwrap_or_default();
    let keys = call.params.texts("access_grant_keys").unwrap_or_default();
    if ids.is_empty() && keys.is_empty() {
        let message = "access_grant_ids or access_grant_keys is required";
        return Err(ApiError::invalid(message));
    }
    let mut grants = Vec::new();
    for id in ids {
        grants.push(scope.record(ResourceType::AccessGrant, id)?);
    }
    for key in keys {
        let known = scope.records(ResourceType::AccessGrant).into_iter();
        let mut known = known.filter(|it| it.text("access_grant_key") == Some(key));
        let not_found = || ResourceType::AccessGrant.resource().not_found();
        grants.push(known.next().ok_or_else(not_found)?);
    }
    let mut methods = BTreeSet::new();
    for grant in &grants {
        methods.extend(methods_of(scope, grant.id()));
    }
    let mut batch = Batch::of(scope, call, &grants);
    batch.add("user_identities", identities(scope, &grants));
    batch.add("acs_access_groups", json!([]));
    batch.add(
        "access_methods",
        records(scope, ResourceType::AccessMethod, methods),
    );
    Ok(Reply::new().with("batch", &Value::Object(batch.members)))
}

/// `/access_methods/get_related`
pub(in crate::routes) fn get_related(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let ids = call.params.ids("access_method_ids").unwrap_or_default();
    let mut methods = Vec::new();
    for id in ids {
        methods.push(scope.record(ResourceType::AccessMethod, id)?);
    }
    let mut grants: Vec<&Record> = Vec::new();
    for grant in methods.iter().filter_map(|it| grant_of(scope, it)) {
        if !grants.iter().any(|it| it.id() == grant.id()) {
            grants.push(grant);
        }
    }
    let mut batch = Batch::of(scope, call, &grants);
    batch.add("access_grants", objects(&grants));
    batch.add("access_methods", objects(&methods));
    batch.add("acs_credentials", json!([]));
    Ok(Reply::new().with("batch", &Value::Object(batch.members)))
}

/// The lists of a response, without those that the caller has excluded.
struct Batch<'c> {
    included: Option<Vec<&'c str>>,
    excluded: Vec<&'c str>,
    members: JsonObject,
}

impl<'c> Batch<'c> {
    /// Returns the lists of what the grants give access to.
    fn of(scope: &Scope<'_>, call: &'c Call<'_>, grants: &[&Record]) -> Self {
        let mut batch = Self {
            included: call.params.texts("include"),
            excluded: call.params.texts("exclude").unwrap_or_default(),
            members: JsonObject::new(),
        };
        let (mut devices, mut entrances) = (BTreeSet::new(), BTreeSet::new());
        for grant in grants {
            devices.extend(scope.devices_of_grant(grant).into_iter().map(Device::id));
            entrances.extend(scope.entrances_of_grant(grant).into_iter().map(Record::id));
        }
        let found: Vec<&Device> = devices
            .iter()
            .filter_map(|it| scope.device(*it).ok())
            .collect();
        let of_entrances = |name: &str| -> BTreeSet<Id> {
            let entrances = entrances.iter();
            let entrances =
                entrances.filter_map(|it| scope.record(ResourceType::AcsEntrance, *it).ok());
            entrances.filter_map(|it| it.linked_id(name)).collect()
        };
        let mut accounts: BTreeSet<Id> = found.iter().map(|it| it.account()).collect();
        accounts.extend(of_entrances("connected_account_id"));
        let systems = of_entrances("acs_system_id");
        let found = found.into_iter().map(|it| Value::Object(it.shown_object()));
        batch.add("devices", found.collect());
        batch.add(
            "connected_accounts",
            records(scope, ResourceType::ConnectedAccount, accounts),
        );
        batch.add(
            "acs_systems",
            records(scope, ResourceType::AcsSystem, systems),
        );
        batch.add(
            "acs_entrances",
            records(scope, ResourceType::AcsEntrance, entrances),
        );
        batch
    }

    fn add(&mut self, name: &str, list: Value) {
        let included = self.included.as_ref();
        if included.is_none_or(|it| it.contains(&name)) && !self.excluded.contains(&name) {
            self.members.insert(name.to_owned(), list);
        }
    }
}

fn objects(records: &[&Record]) -> Value {
    records.iter().map(|it| it.to_json()).collect()
}

fn records(scope: &Scope<'_>, resource_type: ResourceType, ids: BTreeSet<Id>) -> Value {
    let records = ids.into_iter();
    let records = records.filter_map(|it| scope.record(resource_type, it).ok());
    records.map(Record::to_json).collect()
}

fn identities(scope: &Scope<'_>, grants: &[&Record]) -> Value {
    let wanted: BTreeSet<Id> = grants
        .iter()
        .filter_map(|it| it.linked_id("user_identity_id"))
        .collect();
    let all = scope.all_identities().into_iter();
    let of_grants = all.filter(|it| wanted.contains(&it.id()));
    of_grants.map(|it| scope.identity_json(it)).collect()
}
