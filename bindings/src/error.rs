use seam_session::{Error, Outcome, Reason};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// An error as JavaScript gets it: a list of plain values, in the order in which
/// `pkg/src/thrown.ts` takes it apart, of which it makes a real `Error`. The
/// three JSON texts stay text. A struct with names would cost 1,500 bytes.
#[derive(Serialize)]
struct Thrown<'a>(
    &'a str,
    &'a str,
    &'a str,
    &'a str,
    Option<u16>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<f64>,
);

/// The error as a list: class, code, message, outcome, status, type, request id,
/// data, validation errors, action attempt, reason, milliseconds to wait.
pub(crate) fn thrown(error: &Error) -> JsValue {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a wait fits a float exactly or is for ever"
    )]
    let thrown = Thrown(
        error.class.as_str(),
        &error.code,
        &error.message,
        Outcome::as_str(error.outcome),
        error.status,
        error.error_type.as_deref(),
        error.request_id.as_deref(),
        error.data.as_deref(),
        error.validation_errors.as_deref(),
        error.action_attempt.as_deref(),
        error.reason.map(Reason::as_str),
        error.retry_after.map(|ms| ms as f64),
    );
    serde_wasm_bindgen::to_value(&thrown).unwrap_or(JsValue::UNDEFINED)
}
