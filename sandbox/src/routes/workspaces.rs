//! `/workspaces`.

use serde_json::json;

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::Scope;

pub(super) fn get(scope: &mut Scope<'_>, _: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::new().with("workspace", &scope.workspace()?))
}

/// Given members replace the current ones. A suspended workspace still works (our choice: Seam does
/// not document what it rejects).
pub(super) fn update(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    scope.update_workspace(call.params.members().clone())?;
    Ok(Reply::new())
}

pub(super) fn list(scope: &mut Scope<'_>, _: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::new().with("workspaces", &json!([scope.workspace()?])))
}
