//! Creates the access methods that a grant requests.

use serde_json::{Value, json};

use super::request::{self, REQUESTED};
use super::{code, method};
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::routes::Call;
use crate::state::{Device, ResourceType, Scope};

/// `/access_grants/request_access_methods`
pub(in crate::routes) fn request(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    request::check_requested(call)?;
    let grant = call.required_id("access_grant_id")?;
    let known = scope.record(ResourceType::AccessGrant, grant)?;
    let already = known.object().get(REQUESTED).and_then(Value::as_array);
    let already = already.map_or(0, Vec::len);
    let more = request::shown_requests(call.params, scope.now());
    scope.change(ResourceType::AccessGrant, grant, |it| {
        method::append(it, REQUESTED, more);
    })?;
    create_requested(scope, grant, already)?;
    let grant = scope.record(ResourceType::AccessGrant, grant)?;
    Ok(Reply::new().with("access_grant", &grant.to_json()))
}

/// Creates the access methods that the grant requests, from this position of its
/// `requested_access_methods` on. What cannot be created is an error or a warning of the grant, as
/// documented, and not of the request.
pub(in crate::routes) fn create_requested(
    scope: &mut Scope<'_>,
    grant: Id,
    from: usize,
) -> Result<(), ApiError> {
    let object = scope.record(ResourceType::AccessGrant, grant)?.object();
    let requested = object.get(REQUESTED).and_then(Value::as_array);
    let requested = requested.cloned().unwrap_or_default();
    let mut methods = Vec::new();
    for (position, wanted) in requested.iter().enumerate().skip(from) {
        let created = match request::mode(wanted) {
            Some("code") => {
                let number = wanted.get("code").and_then(Value::as_str);
                code::create(scope, grant, number)?
            }
            Some(mode) => vec![create_key(scope, grant, mode)?],
            None => Vec::new(),
        };
        scope.change(ResourceType::AccessGrant, grant, |it| {
            let ids = || created.iter().map(|it| json!(it));
            method::append(it, "access_method_ids", ids());
            let requests = it.get_mut(REQUESTED).and_then(Value::as_array_mut);
            let of_request = requests.and_then(|it| it.get_mut(position));
            if let Some(of_request) = of_request.and_then(Value::as_object_mut) {
                method::append(of_request, "created_access_method_ids", ids());
            }
        })?;
        methods.extend(created);
    }
    // Only when all exist, because the last one to be issued completes the grant.
    for method in methods {
        scope.schedule_issue(method)?;
    }
    Ok(())
}

/// Creates a method of mode `mobile_key` or `cloud_key` and returns its id.
fn create_key(scope: &mut Scope<'_>, grant: Id, mode: &str) -> Result<Id, ApiError> {
    let devices = scope.devices_of_grant(scope.record(ResourceType::AccessGrant, grant)?);
    let devices: Vec<Id> = devices.into_iter().map(Device::id).collect();
    let method = method::create(scope, grant, mode, &devices)?;
    if mode == "mobile_key" {
        scope.add_mobile_key(method, grant)?;
    }
    Ok(method)
}
