//! `/access_methods/unlock_door`

use super::read::grant_of;
use crate::error::ApiError;
use crate::http::Reply;
use crate::routes::Call;
use crate::state::{Record, ResourceType, Scope};

/// Unlocks an entrance of the method's grant. The types of the errors are our choice.
pub(in crate::routes) fn unlock_door(
    scope: &mut Scope<'_>,
    call: &Call<'_>,
) -> Result<Reply, ApiError> {
    let method = call.required_id("access_method_id")?;
    let method = scope.record(ResourceType::AccessMethod, method)?;
    let entrance = call.required_id("acs_entrance_id")?;
    scope.record(ResourceType::AcsEntrance, entrance)?;
    let refused = |message: &str| Err(ApiError::new(400, "access_method_not_usable", message));
    if method.text("mode") != Some("cloud_key") {
        return refused("Only an access method of mode cloud_key unlocks a door");
    }
    if method.flag("is_issued") != Some(true) {
        return refused("The access method is not issued yet");
    }
    let grant = grant_of(scope, method);
    let entrances = grant.map(|it| scope.entrances_of_grant(it));
    let mut entrances = entrances.into_iter().flatten().map(Record::id);
    if !entrances.any(|it| it == entrance) {
        return refused("The access grant does not cover this entrance");
    }
    if !grant.is_some_and(|it| scope.is_in_force(it)) {
        return refused("The access grant is not in force");
    }
    let attempt = scope.start_entrance_action("UNLOCK_DOOR")?;
    Ok(Reply::new().with("action_attempt", &attempt))
}
