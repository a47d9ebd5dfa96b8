//! `/noise_sensors`.

use super::{Call, devices};
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::{Class, Scope};

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    devices::list_of(scope, call, Class::NoiseSensor, "noise_sensors")
}
