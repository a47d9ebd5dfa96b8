//! `/workspaces`.

use serde_json::json;

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::Scope;

pub(super) fn get(scope: &mut Scope<'_>, _: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::new().with("workspace", &scope.workspace()?))
}

/// What is given takes the place of what was there. A suspended workspace says so and works on
/// (our choice: the documentation does not say what it refuses).
pub(super) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    scope.update_workspace(call.params.members().clone())?;
    Ok(Reply::new())
}

pub(super) fn list(scope: &mut Scope<'_>, _: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::new().with("workspaces", &json!([scope.workspace()?])))
}
