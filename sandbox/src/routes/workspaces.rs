//! `/workspaces`.

use serde_json::json;

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::Scope;

pub(super) fn get(scope: &mut Scope<'_>, _: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::new().with("workspace", &scope.workspace()?))
}

pub(super) fn list(scope: &mut Scope<'_>, _: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::new().with("workspaces", &json!([scope.workspace()?])))
}
