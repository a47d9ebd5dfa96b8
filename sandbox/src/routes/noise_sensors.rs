//! `/noise_sensors`.

use super::page::Page;
use super::{Call, device_filter};
use crate::error::ApiError;
use crate::http::{Reply, array};
use crate::state::{Class, Device, Scope};

/// The schema names a limit and a cursor here, but no pagination in the answer: there is one page.
pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::asked(call)?;
    let mut found = device_filter::matching(scope, call.params);
    found.retain(|it| it.class() == Class::NoiseSensor);
    let (shown, _) = page.of(call, found);
    let sensors = array(shown.into_iter().map(Device::json));
    Ok(Reply::new()
        .with_text("devices", &sensors)
        .with_text("noise_sensors", &sensors))
}
