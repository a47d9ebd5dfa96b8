use seam_session::millis::as_number;
use seam_session::{CallError, ErrorClass, Outcome, Reason};
use serde_wasm_bindgen::to_value;
use wasm_bindgen::JsValue;

use crate::host::{Host, ResponseView};

/// Tells the host why its call failed: what has few values as numbers, in the order in which
/// `pkg/src/thrown.ts` lists them, and code and message as a list of texts. Objects with names
/// would cost 1,500 bytes.
pub(crate) fn fail(host: &Host, failed: CallError<ResponseView>) {
    let error = failed.error;
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
    let texts = to_value(&[&*error.code, &*error.message]).unwrap_or(JsValue::UNDEFINED);
    let retry_after = error.retry_after.map(as_number);
    host.fail(
        class,
        outcome,
        reason,
        texts,
        retry_after,
        failed.response,
        failed.attempt,
    );
}
