//! `/noise_sensors`.

use super::{Call, devices};
use crate::device_class::DeviceClass;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::Scope;

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    devices::list_of(scope, call, DeviceClass::NoiseSensor, "noise_sensors")
}

/// The sensor hears a noise above its first threshold, for a minute (our choice).
pub(super) fn trigger_noise_threshold(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let device = scope.noise_sensor(call.required_id("device_id")?)?;
    scope.trigger_noise(device)?;
    Ok(Reply::new())
}
