use seam_session::millis::as_number;
use seam_session::{CallError, ErrorClass, Outcome, Reason};
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::host::{JsHost, JsResponse};

/// Passes the error of a call to the host. Enumerations cross as numbers, in the order that
/// `pkg/src` lists them; code and message as a list of strings. An object with names would cost
/// 1,500 bytes.
pub(crate) fn fail(host: &JsHost, call_error: CallError<JsResponse>) {
    let error = call_error.error;
    let class = match error.class {
        ErrorClass::Api => 0,
        ErrorClass::Unauthorized => 1,
        ErrorClass::InvalidInput => 2,
        ErrorClass::InvalidResponse => 3,
        ErrorClass::Network => 4,
        ErrorClass::InvalidToken => 5,
        ErrorClass::InvalidOptions => 6,
        ErrorClass::ActionAttemptFailed => 7,
        ErrorClass::ActionAttemptTimeout => 8,
    };
    let outcome = match error.outcome {
        Outcome::NotSent => 0,
        Outcome::Refused => 1,
        Outcome::Unknown => 2,
    };
    let reason = match error.reason {
        None => 0,
        Some(Reason::TokenRefused) => 1,
        Some(Reason::OutOfScope) => 2,
    };
    let texts = to_js(&[&*error.code, &*error.message]);
    let retry_after = error.retry_after.map(as_number);
    host.fail(
        class,
        outcome,
        reason,
        texts,
        retry_after,
        call_error.response,
        call_error.attempt,
    );
}

fn to_js(value: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or(JsValue::UNDEFINED)
}
