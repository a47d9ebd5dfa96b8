//! `/phones`.

use serde_json::json;

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::json::json_object;
use crate::state::{ResourceType, Scope};

/// Removes the phone (our choice).
pub(super) fn deactivate(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    // In the schema this id is any string.
    let id = call.params.id("device_id");
    let id = id.ok_or_else(|| ApiError::invalid_parameter("device_id", "Invalid uuid"))?;
    scope.remove(ResourceType::Phone, id)?;
    let fields = json!({ "device_id": id.to_string() });
    scope.record_event("phone.deactivated", json_object(fields), None);
    Ok(Reply::new())
}
