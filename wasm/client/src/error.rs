use seam_session::CallError;
use seam_session::millis::as_number;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::host::{JsHost, JsResponse};

/// Passes the error of a call to the host. Enumerations cross as the index of their variant in the
/// core, and a missing reason as 0. Code and message cross as a list of strings, because an object
/// with names would add 1,500 bytes to the module.
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
