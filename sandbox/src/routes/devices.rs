//! `/devices`.

use super::page::Page;
use super::{Call, device_filter};
use crate::device_class::DeviceClass;
use crate::error::ApiError;
use crate::http::{Reply, array};
use crate::state::{Device, Scope};

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = named(scope, call)?;
    Ok(Reply::new().with_text("device", device.json()))
}

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let found = device_filter::matching(scope, call.params);
    let (shown, pagination) = page.slice(call, found);
    Ok(Reply::new()
        .with_text("devices", &array(shown.into_iter().map(Device::json)))
        .with("pagination", &pagination))
}

/// Returns the managed device that `device_id` or `name` names.
pub(super) fn named<'s>(scope: &'s Scope<'_>, call: &Call<'_>) -> Result<&'s Device, ApiError> {
    let device = named_among(scope, call, true)?;
    scope.device(device.id())
}

/// Returns the device with this `device_id`, or the first managed (or unmanaged) one with this
/// `name`. If both are given they must name the same device (our choice).
pub(super) fn named_among<'s>(
    scope: &'s Scope<'_>,
    call: &Call<'_>,
    managed: bool,
) -> Result<&'s Device, ApiError> {
    let name = call.params.text("name");
    let device = match (call.params.id("device_id"), name) {
        (Some(id), _) => scope.any_device(id)?,
        (None, Some(name)) => scope.device_by_name(name, managed)?,
        (None, None) => return Err(ApiError::invalid("device_id or name is required")),
    };
    if name.is_none_or(|it| device.display_name() == it) {
        Ok(device)
    } else {
        Err(Scope::device_not_found())
    }
}

/// Lists the devices of one class, also as a member `name`. The schema has a limit and a cursor
/// here, but no pagination in the response, so there is one page.
pub(super) fn list_of(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
    class: DeviceClass,
    name: &str,
) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let mut found = device_filter::matching(scope, call.params);
    found.retain(|it| it.class() == class);
    let (shown, _) = page.slice(call, found);
    let devices = array(shown.into_iter().map(Device::json));
    Ok(Reply::new()
        .with_text("devices", &devices)
        .with_text(name, &devices))
}
