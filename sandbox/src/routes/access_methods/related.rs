//! `get_related`: access grants or access methods together with what belongs to them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::read::{grant_of, methods_of};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::routes::Call;
use crate::routes::batch::{Batch, Contents, objects, push_once};
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
        push_once(&mut grants, scope.record(ResourceType::AccessGrant, id)?);
    }
    for key in keys {
        let known = scope.records(ResourceType::AccessGrant).into_iter();
        let mut known = known.filter(|it| it.text("access_grant_key") == Some(key));
        let not_found = || ResourceType::AccessGrant.resource().not_found();
        push_once(&mut grants, known.next().ok_or_else(not_found)?);
    }
    let methods = grants.iter().flat_map(|it| methods_of(scope, it.id()));
    let mut batch = Batch::new(scope, call, contents(scope, &grants));
    batch.add("user_identities", identities(scope, &grants));
    batch.add("acs_access_groups", json!([]));
    batch.add_records(scope, ResourceType::AccessMethod, methods);
    Ok(batch.reply())
}

/// `/access_methods/get_related`
pub(in crate::routes) fn get_related(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let (mut methods, mut grants) = (Vec::new(), Vec::new());
    for id in call.params.ids("access_method_ids").unwrap_or_default() {
        push_once(&mut methods, scope.record(ResourceType::AccessMethod, id)?);
    }
    for grant in methods.iter().filter_map(|it| grant_of(scope, it)) {
        push_once(&mut grants, grant);
    }
    let mut batch = Batch::new(scope, call, contents(scope, &grants));
    batch.add("access_grants", objects(&grants));
    batch.add("access_methods", objects(&methods));
    batch.add("acs_credentials", json!([]));
    Ok(batch.reply())
}

fn contents(scope: &Scope<'_>, grants: &[&Record]) -> Contents {
    let mut contents = Contents::default();
    for grant in grants {
        let devices = scope.devices_of_grant(grant).into_iter();
        contents.devices.extend(devices.map(Device::id));
        let entrances = scope.entrances_of_grant(grant).into_iter();
        contents.entrances.extend(entrances.map(Record::id));
    }
    contents
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
