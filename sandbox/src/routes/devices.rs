//! `/devices`.

use super::page::Page;
use super::{Call, device_filter};
use crate::error::ApiError;
use crate::http::{Reply, array};
use crate::state::{Device, Scope};

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    Ok(Reply::new().with_text("device", device.json()))
}

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::asked(call)?;
    let found = device_filter::matching(scope, call.params);
    let (shown, pagination) = page.of(call, found, Device::key);
    Ok(Reply::new()
        .with_text("devices", &array(shown.into_iter().map(Device::json)))
        .with("pagination", &pagination))
}

/// The device of `device_id`, or of `name`; both must agree where both are given (our choice).
pub(super) fn named<'s>(scope: &'s Scope<'_>, call: &Call<'_>) -> Result<&'s Device, ApiError> {
    match (call.params.id("device_id"), call.params.text("name")) {
        (Some(id), None) => scope.device(id),
        (None, Some(name)) => scope.device_named(name),
        (Some(id), Some(name)) => {
            let device = scope.device(id)?;
            if device.display_name() == name {
                Ok(device)
            } else {
                Err(Scope::no_such_device())
            }
        }
        (None, None) => Err(ApiError::invalid("device_id or name is required")),
    }
}
