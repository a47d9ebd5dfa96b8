//! `/locks`.

use super::page::Page;
use super::{Call, device_filter, devices};
use crate::error::ApiError;
use crate::http::{Reply, array};
use crate::state::{Action, Class, Device, Scope};

/// A device in scope that is no lock is answered as one that does not exist (our choice).
pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = devices::named(scope, call)?;
    if device.class() != Class::Lock {
        return Err(Scope::no_such_device());
    }
    Ok(Reply::new()
        .with_text("device", device.json())
        .with_text("lock", device.json()))
}

/// The schema names a limit and a cursor here, but no pagination in the answer: there is one page.
pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::asked(call)?;
    let mut found = device_filter::matching(scope, call.params);
    found.retain(|it| it.class() == Class::Lock);
    let (shown, _) = page.of(call, found, Device::key);
    let locks = array(shown.into_iter().map(Device::json));
    Ok(Reply::new()
        .with_text("devices", &locks)
        .with_text("locks", &locks))
}

pub(super) fn lock_door(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    act(scope, call, Action::Lock)
}

pub(super) fn unlock_door(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    act(scope, call, Action::Unlock)
}

fn act(scope: &mut Scope<'_>, call: &Call<'_>, action: Action) -> Result<Reply, ApiError> {
    let attempt = scope.act(call.required_id("device_id")?, action)?;
    Ok(Reply::new().with("action_attempt", &attempt))
}
