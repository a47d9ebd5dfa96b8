use js_sys::Promise;
use seam_session::millis::millis;
use seam_session::{BodyCheck, Secret};
use wasm_bindgen::prelude::*;
use web_sys::{Request, RequestInit};

#[wasm_bindgen]
extern "C" {
    /// A JavaScript object whose properties are strings.
    #[derive(Clone)]
    pub type StringMap;

    #[wasm_bindgen(method)]
    pub(crate) fn text(this: &StringMap, name: &str) -> Option<String>;

    /// What JavaScript does for one call: `fetch`, timers and the abort signal. Each promise
    /// resolves to a [`JsResponse`] and never rejects. It settles at the latest when the time limit
    /// of the request is over or the caller aborts, whatever the caller's `fetch` does.
    ///
    /// Its string properties describe the call: `kind` (the name of the option that had the token),
    /// `workspaceId`, `endpoint`, `path`, `params` and `responseKey`.
    #[wasm_bindgen(extends = StringMap)]
    pub type JsHost;

    /// Returns monotonic time in milliseconds.
    #[wasm_bindgen(method)]
    pub(crate) fn now(this: &JsHost) -> f64;

    /// Starts the timer of a request, with its time limit in milliseconds. Returns the
    /// `RequestInit` properties that all requests share: the abort signal, and those that prevent
    /// redirects and cookies.
    #[wasm_bindgen(method)]
    pub(crate) fn begin(this: &JsHost, limit: f64) -> RequestInit;

    /// Sends the request, which was built from `init`.
    #[wasm_bindgen(method)]
    pub(crate) fn fetch(this: &JsHost, request: Request, init: RequestInit) -> Promise;

    /// Builds a `Request`; `None` if that fails.
    #[wasm_bindgen(method)]
    pub(crate) fn request(this: &JsHost, url: &str, init: &RequestInit) -> Option<Request>;

    #[wasm_bindgen(method)]
    pub(crate) fn wait(this: &JsHost, ms: f64) -> Promise;

    /// Ends the call: its result is the last response.
    #[wasm_bindgen(method)]
    pub(crate) fn done(this: &JsHost);

    /// Ends the call with an error. `class`, `outcome` and `reason` are indices into lists in
    /// `pkg/src`.
    #[wasm_bindgen(method)]
    pub(crate) fn fail(
        this: &JsHost,
        class: u8,
        outcome: u8,
        reason: u8,
        texts: JsValue,
        retry_after: Option<f64>,
        response: Option<JsResponse>,
        attempt: Option<JsResponse>,
    );

    /// A response with its parsed body, or the reason why there is none.
    #[wasm_bindgen(extends = StringMap)]
    #[derive(Clone)]
    pub type JsResponse;

    /// Returns the HTTP status, 300 for a redirect that the platform hides. A negative number means
    /// that there is no response: -1 the network or the caller's `fetch` failed, -2 the time limit
    /// was over, -3 the caller aborted, -4 `fetch` returned something that is not a `Response`, -5
    /// a wait is over.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn status(this: &JsResponse) -> i16;

    /// Returns the milliseconds of `Retry-After` from now on; a negative number if there is none.
    #[wasm_bindgen(method, js_name = retryAfter)]
    fn retry_after(this: &JsResponse) -> f64;

    /// Returns the index of a [`BodyCheck`]. An empty `member` means that no member is required.
    #[wasm_bindgen(method)]
    fn shape(this: &JsResponse, member: &str) -> u8;
}

impl seam_session::ResponseView for JsResponse {
    /// JavaScript decodes the strings of the body, and redacts them then.
    const REDACTS_LATER: bool = true;

    fn status(&self) -> u16 {
        self.status().unsigned_abs()
    }

    /// JavaScript parses dates; a parser here would be 450 bytes.
    fn retry_after(&self, _: u64) -> Option<u64> {
        let ms = Self::retry_after(self);
        (ms >= 0.0).then(|| millis(ms))
    }

    fn check_body(&self, member: Option<&str>) -> BodyCheck {
        match Self::shape(self, member.unwrap_or_default()) {
            0 => BodyCheck::Ok,
            1 => BodyCheck::MissingKey,
            2 => BodyCheck::Empty,
            3 => BodyCheck::Html,
            _ => BodyCheck::NotJson,
        }
    }

    fn text(&self, path: &str) -> Option<String> {
        StringMap::text(self, path)
    }

    fn redacted(self, _: &Secret) -> Self {
        self
    }
}
