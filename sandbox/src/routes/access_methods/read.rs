//! Reads and deletes access methods.

use serde_json::Value;

use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::routes::Call;
use crate::state::{Device, GRANT, METHOD, Record, ResourceType, Scope};

const TYPE: ResourceType = ResourceType::AccessMethod;

pub(in crate::routes) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let method = scope.record(TYPE, call.required_id("access_method_id")?)?;
    Ok(Reply::new().with("access_method", &method.to_json()))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "all handlers have the same signature"
)]
pub(in crate::routes) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let key = params.text("access_grant_key");
    let mut found = scope.records(TYPE);
    found.retain(|method| {
        let grant = grant_of(scope, method);
        let covers = |name: &str, ids: &dyn Fn(&Record) -> Vec<Id>| {
            let wanted = params.id(name);
            wanted.is_none_or(|it| grant.is_some_and(|grant| ids(grant).contains(&it)))
        };
        let codes = codes_of(scope, method);
        let devices = |it: &Record| match method.text("mode") {
            Some("code") => codes
                .iter()
                .filter_map(|it| it.linked_id("device_id"))
                .collect(),
            // A key is on no device: it opens all devices of its grant.
            _ => scope
                .devices_of_grant(it)
                .into_iter()
                .map(Device::id)
                .collect(),
        };
        let entrances = |it: &Record| {
            let entrances = scope.entrances_of_grant(it).into_iter();
            entrances.map(Record::id).collect()
        };
        let spaces = |it: &Record| it.linked_ids("space_ids");
        let with_code = |_: &Record| codes.iter().map(|it| it.id()).collect();
        covers("access_grant_id", &|it| vec![it.id()])
            && key.is_none_or(|_| grant.and_then(|it| it.text("access_grant_key")) == key)
            && covers("device_id", &devices)
            && covers("acs_entrance_id", &entrances)
            && covers("space_id", &spaces)
            && covers("access_code_id", &with_code)
    });
    let methods = found.into_iter().map(Record::to_json);
    Ok(Reply::new().with("access_methods", &methods.collect::<Value>()))
}

/// Deletes one method, all of a grant, or all of the grants of a reservation. The grants stay.
pub(in crate::routes) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let methods = match (
        call.params.id("access_method_id"),
        call.params.id("access_grant_id"),
        call.params.text("reservation_key"),
    ) {
        (Some(method), ..) => vec![method],
        (None, Some(grant), _) => {
            scope.record(ResourceType::AccessGrant, grant)?;
            methods_of(scope, grant)
        }
        (None, None, Some(key)) => {
            let grants = scope.records(ResourceType::AccessGrant).into_iter();
            let grants = grants.filter(|it| it.text("reservation_key") == Some(key));
            grants.flat_map(|it| methods_of(scope, it.id())).collect()
        }
        (None, None, None) => return Err(ApiError::required("access_method_id")),
    };
    for method in methods {
        scope.remove_method(method)?;
    }
    Ok(Reply::new())
}

/// Returns the grant of a method.
pub(super) fn grant_of<'s>(scope: &'s Scope<'_>, method: &Record) -> Option<&'s Record> {
    let grant = method.linked_id(GRANT)?;
    scope.record(ResourceType::AccessGrant, grant).ok()
}

/// Returns the ids of the methods of a grant, in order.
pub(in crate::routes) fn methods_of(scope: &Scope<'_>, grant: Id) -> Vec<Id> {
    let methods = scope.records_referencing(TYPE, grant).into_iter();
    methods.map(Record::id).collect()
}

/// Returns the access codes of a method.
fn codes_of<'s>(scope: &'s Scope<'_>, method: &Record) -> Vec<&'s Record> {
    let mut codes = scope.records_referencing(ResourceType::AccessCode, method.id());
    codes.retain(|it| it.linked_id(METHOD) == Some(method.id()));
    codes
}
