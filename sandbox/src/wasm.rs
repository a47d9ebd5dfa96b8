//! The WebAssembly boundary: one class, with JSON text in and out.

use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Connection, Options, Request, Response, Sandbox};

/// A Seam workspace in memory.
#[wasm_bindgen(js_name = Sandbox)]
#[derive(Debug)]
pub struct WasmSandbox {
    sandbox: Sandbox,
    body: String,
}

#[wasm_bindgen(js_class = Sandbox)]
impl WasmSandbox {
    /// Creates a sandbox. `options_json` has the options, `now_ms` is the time in milliseconds
    /// since 1970.
    ///
    /// # Errors
    ///
    /// If an option is invalid or the seed is inconsistent.
    #[wasm_bindgen(constructor)]
    pub fn new(options_json: &str, now_ms: f64) -> Result<WasmSandbox, JsError> {
        let options: Options = serde_json::from_str(options_json)?;
        Ok(Self {
            sandbox: Sandbox::new(options, millis(now_ms))?,
            body: String::new(),
        })
    }

    /// Handles a request and returns everything but the body as JSON text. `headers_json` is a JSON
    /// array of alternating names and values; if it is invalid, there are no headers.
    pub fn handle(
        &mut self,
        method: String,
        target: String,
        headers_json: &str,
        body: Vec<u8>,
        reused_connection: bool,
        now_ms: f64,
    ) -> String {
        let request = Request {
            method,
            target,
            headers: pairs(headers_json),
            body,
        };
        let connection = if reused_connection {
            Connection::Reused
        } else {
            Connection::Fresh
        };
        let response = self.sandbox.handle_on(connection, &request, millis(now_ms));
        self.take(response)
    }

    /// Returns the response to a request whose body is not read yet, if the body cannot change it:
    /// for example because the credential is refused.
    #[wasm_bindgen(js_name = handleHead)]
    pub fn handle_head(
        &mut self,
        method: String,
        target: String,
        headers_json: &str,
        now_ms: f64,
    ) -> Option<String> {
        let request = Request {
            method,
            target,
            headers: pairs(headers_json),
            body: Vec::new(),
        };
        let response = self.sandbox.handle_head(&request, millis(now_ms))?;
        Some(self.take(response))
    }

    /// Returns the body of the last response, once.
    pub fn body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.body).into_bytes()
    }

    /// Returns the address of the sandbox and the credentials that it takes, as JSON text.
    #[must_use]
    pub fn info(&self) -> String {
        serde_json::to_string(&self.sandbox.info()).unwrap_or_default()
    }
}

impl WasmSandbox {
    /// Keeps the body for [`body`](Self::body), and returns the rest as JSON text.
    fn take(&mut self, mut response: Response) -> String {
        self.body = std::mem::take(&mut response.body);
        serde_json::to_string(&response).unwrap_or_default()
    }
}

fn pairs(headers_json: &str) -> Vec<(String, String)> {
    let texts: Vec<String> = serde_json::from_str(headers_json).unwrap_or_default();
    let mut texts = texts.into_iter();
    let mut pairs = Vec::new();
    while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
        pairs.push((name, value));
    }
    pairs
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and NaN becomes 0"
)]
fn millis(now_ms: f64) -> u64 {
    now_ms as u64
}
