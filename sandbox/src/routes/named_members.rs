//! The devices and entrances that a request names as members of a space, or as what a grant covers.

use super::Call;
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::{ResourceType, Scope};

/// Returns the managed devices of `device_ids`; 400 if there is no such device.
pub(super) fn devices(scope: &Scope<'_>, call: &Call<'_>) -> Result<Vec<Id>, ApiError> {
    let devices = call.params.ids("device_ids").unwrap_or_default();
    for device in &devices {
        scope.resolve_device(*device)?;
    }
    Ok(devices)
}

/// Returns the entrances of `acs_entrance_ids`; 400 if there is no such entrance.
pub(super) fn entrances(scope: &Scope<'_>, call: &Call<'_>) -> Result<Vec<Id>, ApiError> {
    let entrances = call.params.ids("acs_entrance_ids").unwrap_or_default();
    for entrance in &entrances {
        let found = scope.record(ResourceType::AcsEntrance, *entrance);
        found.map_err(|_| ResourceType::AcsEntrance.resource().bad_reference())?;
    }
    Ok(entrances)
}
