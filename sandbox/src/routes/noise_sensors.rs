//! `/noise_sensors`.

use super::{Call, devices};
use crate::device_class::DeviceClass;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::Scope;

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    devices::list_of(scope, call, DeviceClass::NoiseSensor, "noise_sensors")
}
