use seam_session::CallError;
use seam_session::millis::as_number;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::host::{JsHost, JsResponse};

/// Passes the error of a call to the host. Enumerations cross as numbers, by the order of their
/// variants in the core, and a missing reason as 0; code and message as a list of strings. An
/// object with names would cost 1,500 bytes.
pub(crate) fn fail(host: &JsHost, call_error: CallError<JsResponse>) {
    let error = call_error.error;
    let texts = to_js(&[&*error.code, &*error.message]);
    let retry_after = error.retry_after.map(as_number);
    host.fail(
        error.class as u8,
        error.outcome as u8,
        error.reason.map_or(0, |reason| reason as u8 + 1),
        texts,
        retry_after,
        call_error.response,
        call_error.attempt,
    );
}

fn to_js(value: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or(JsValue::UNDEFINED)
}
