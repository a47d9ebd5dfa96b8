use seam_session::{Error, Outcome, Reason};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// An error as JavaScript gets it: plain values, of which it makes a real
/// `Error` of the class that is named. The three JSON texts stay text.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Thrown<'a> {
    name: &'a str,
    code: &'a str,
    message: &'a str,
    outcome: &'a str,
    status_code: Option<u16>,
    r#type: Option<&'a str>,
    request_id: Option<&'a str>,
    data: Option<&'a str>,
    validation_errors: Option<&'a str>,
    action_attempt: Option<&'a str>,
    reason: Option<&'a str>,
    retry_after: Option<f64>,
}

/// The error as a plain object.
pub(crate) fn thrown(error: &Error) -> JsValue {
    let thrown = Thrown {
        name: error.class.as_str(),
        code: &error.code,
        message: &error.message,
        outcome: Outcome::as_str(error.outcome),
        status_code: error.status,
        r#type: error.error_type.as_deref(),
        request_id: error.request_id.as_deref(),
        data: error.data.as_deref(),
        validation_errors: error.validation_errors.as_deref(),
        action_attempt: error.action_attempt.as_deref(),
        reason: error.reason.map(Reason::as_str),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a wait fits a float exactly or is for ever"
        )]
        retry_after: error.retry_after.map(|ms| ms as f64),
    };
    serde_wasm_bindgen::to_value(&thrown).unwrap_or(JsValue::UNDEFINED)
}
