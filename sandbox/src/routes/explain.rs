//! `/_sandbox/explain`: through which grants a session sees a device, or why it does not.

use serde_json::{Value, json};

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::Scope;

pub(super) fn explain(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = call.required_id("device_id")?;
    let explanation = scope.explain(call.named_session()?, device)?;
    let because: Vec<Value> = explanation.because.iter().map(|it| it.to_json()).collect();
    Ok(Reply::new()
        .with("device_id", &json!(device.to_string()))
        .with("visible", &json!(!because.is_empty()))
        .with("because", &Value::Array(because))
        .with("reason", &json!(explanation.reason)))
}
