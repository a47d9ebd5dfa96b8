//! Actions on the device of an access code.

use serde_json::Value;

use super::access_code::CODE;
use crate::error::ApiError;
use crate::ids::Id;
use crate::limits::RateLimited;
use crate::state::{DeviceAction, Effect, Record, Scope};

/// Counts a change of these codes for the rate limits of their devices, which the caller must be
/// able to see.
pub(super) fn count_against_limit(
    scope: &mut Scope<'_>,
    codes: &[Id],
    what: RateLimited,
) -> Result<(), ApiError> {
    let mut devices = Vec::new();
    for code in codes {
        let device = device_of(scope.record(CODE, *code)?)?;
        devices.push(scope.device(device)?.id());
    }
    scope.count_against_limit(&devices, what)
}

/// Starts an action on the code's device and returns the action attempt.
pub(super) fn start_device_action(
    scope: &mut Scope<'_>,
    code: &Record,
    action: &'static str,
    result: Value,
    effects: Vec<Effect>,
) -> Result<Value, ApiError> {
    scope.start_action(DeviceAction {
        device: device_of(code)?,
        action,
        needs: None,
        result,
        effects,
    })
}

pub(super) fn device_of(code: &Record) -> Result<Id, ApiError> {
    code.linked_id("device_id")
        .ok_or_else(|| CODE.resource().not_found())
}
