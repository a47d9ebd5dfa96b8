//! The sandbox's WebAssembly boundary: one class, JSON text in and out.

use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Options, Request, Sandbox};

/// A Seam workspace in memory.
#[wasm_bindgen(js_name = Sandbox)]
#[derive(Debug)]
pub struct WasmSandbox(Sandbox);

#[wasm_bindgen(js_class = Sandbox)]
impl WasmSandbox {
    /// A sandbox of these options (JSON text), at this time in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// If the options are no valid options, or the seed does not hold together.
    #[wasm_bindgen(constructor)]
    pub fn new(options_json: &str, now_ms: f64) -> Result<WasmSandbox, JsError> {
        let options: Options = serde_json::from_str(options_json)?;
        Ok(Self(Sandbox::new(options, millis(now_ms))?))
    }

    /// Answers a request whose headers are a JSON array of `[name, value]`, with JSON text:
    /// `{"status", "headers": [[name, value]], "body", "delay_ms"}`. Headers that cannot be read
    /// count as none.
    pub fn handle(
        &mut self,
        method: &str,
        target: &str,
        headers_json: &str,
        body: &[u8],
        now_ms: f64,
    ) -> String {
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: serde_json::from_str(headers_json).unwrap_or_default(),
            body: body.to_vec(),
        };
        let response = self.0.handle(&request, millis(now_ms));
        serde_json::to_string(&response).unwrap_or_default()
    }

    /// What one needs to know to call it, as JSON text.
    #[must_use]
    pub fn info(&self) -> String {
        serde_json::to_string(&self.0.info()).unwrap_or_default()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast saturates, and takes NaN for 0"
)]
fn millis(now_ms: f64) -> u64 {
    now_ms as u64
}
