//! The list of thermostats.

use crate::device_class::DeviceClass;
use crate::error::ApiError;
use crate::http::Reply;
use crate::routes::{Call, devices};
use crate::state::Scope;

pub(in crate::routes) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    devices::list_of(scope, call, DeviceClass::Thermostat, "thermostats")
}
