//! `/action_attempts`.

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::Scope;

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let attempt = scope.attempt(call.required_id("action_attempt_id")?)?;
    Ok(Reply::new().with("action_attempt", &attempt))
}
