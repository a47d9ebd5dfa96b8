//! `/_sandbox/explain`: by which grant a session sees a device, or why not.

use serde_json::{Value, json};

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::{Scope, SessionRef};

pub(super) fn explain(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = call.required_id("device_id")?;
    let token = call
        .params
        .text("client_session_token")
        .map(SessionRef::Token);
    let id = call.params.id("client_session_id").map(SessionRef::Id);
    let session = token.or(id).ok_or_else(|| {
        ApiError::invalid("client_session_token or client_session_id is required")
    })?;
    let explanation = scope.explain(session, device)?;
    let because: Vec<Value> = explanation.because.iter().map(|it| it.to_json()).collect();
    Ok(Reply::new()
        .with("device_id", &json!(device.to_string()))
        .with("visible", &json!(!because.is_empty()))
        .with("because", &Value::Array(because))
        .with("reason", &json!(explanation.reason)))
}
