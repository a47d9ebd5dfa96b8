//! `/action_attempts`.

use serde_json::Value;

use super::Call;
use super::page::Page;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::{ActionAttempt, Scope};

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let attempt = scope.attempt(call.required_id("action_attempt_id")?)?;
    Ok(Reply::new().with("action_attempt", &attempt))
}

/// Lists the attempts with these ids, and those on this device.
///
/// # Errors
///
/// 404 if ids are given and there is no attempt with any of them, as in Seam's own fake server.
pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let page = Page::requested(call)?;
    let mut found = scope.attempts()?;
    if let Some(ids) = call.params.ids("action_attempt_ids") {
        found.retain(|it| ids.contains(&it.id()));
        if found.is_empty() && !ids.is_empty() {
            return Err(ApiError::new(
                404,
                "action_attempts_not_found",
                "Action attempts not found",
            ));
        }
    }
    if let Some(device) = call.params.id("device_id") {
        scope.any_device(device)?;
        found.retain(|it| it.device() == Some(device));
    }
    let (attempts, pagination) = page.slice(call, found);
    let attempts = attempts.into_iter().map(ActionAttempt::to_json);
    Ok(Reply::new()
        .with("action_attempts", &attempts.collect::<Value>())
        .with("pagination", &pagination))
}
