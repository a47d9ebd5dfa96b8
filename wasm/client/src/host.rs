use js_sys::Promise;
use seam_session::millis::millis;
use seam_session::{BodyCheck, Secret};
use wasm_bindgen::prelude::*;
use web_sys::{Request, RequestInit};

#[wasm_bindgen]
extern "C" {
    /// Something of JavaScript's that has texts by name.
    #[derive(Clone)]
    pub type Texts;

    #[wasm_bindgen(method)]
    pub(crate) fn text(this: &Texts, name: &str) -> Option<String>;

    /// What JavaScript does for one call: its `fetch`, timers and abort signal.
    /// Each promise settles at the latest when the time for a try is over or
    /// the caller aborts, whatever the caller's `fetch` does; it resolves to an
    /// [`ResponseView`] and never rejects.
    ///
    /// Its texts are what the call is made of: `kind`, the name of the option that the `token`
    /// came in, `workspaceId`, `endpoint`, `path`, `params` and `responseKey`.
    #[wasm_bindgen(extends = Texts)]
    pub type Host;

    /// Monotonic time in milliseconds.
    #[wasm_bindgen(method)]
    pub(crate) fn now(this: &Host) -> f64;

    /// Begins a try, which may take `limit` milliseconds at most: starts its timer, and gives what
    /// is the same for each request: the signal, and that neither redirects are followed nor cookies
    /// sent.
    #[wasm_bindgen(method)]
    pub(crate) fn begin(this: &Host, limit: f64) -> RequestInit;

    /// Sends the request; `init` is what it was built from.
    #[wasm_bindgen(method)]
    pub(crate) fn fetch(this: &Host, request: Request, init: RequestInit) -> Promise;

    /// The request; nothing if it cannot be built here.
    #[wasm_bindgen(method)]
    pub(crate) fn request(this: &Host, url: &str, init: &RequestInit) -> Option<Request>;

    #[wasm_bindgen(method)]
    pub(crate) fn wait(this: &Host, ms: f64) -> Promise;

    /// The call is over: the answer that came last is the one it asked for.
    #[wasm_bindgen(method)]
    pub(crate) fn done(this: &Host);

    /// The call failed. `pkg/src/thrown.ts` knows what the numbers and the list stand for.
    #[wasm_bindgen(method)]
    pub(crate) fn fail(
        this: &Host,
        class: u8,
        outcome: u8,
        reason: u8,
        texts: JsValue,
        retry_after: Option<f64>,
        answer: Option<ResponseView>,
        attempt: Option<ResponseView>,
    );

    /// An answer with its body as JavaScript parsed it, or what happened instead.
    #[wasm_bindgen(extends = Texts)]
    #[derive(Clone)]
    pub type ResponseView;

    /// The HTTP status, 300 for a redirect that is hidden; below 0 there is no answer, and it says why: -1 the
    /// network or the caller's `fetch` failed, -2 the time for the try was over, -3 the caller
    /// aborted, -4 `fetch` gave no `Response`, -5 it was only a wait, and that is over.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn status(this: &ResponseView) -> i16;

    /// Milliseconds that `Retry-After` asks to wait from now on; below 0 if it asks nothing.
    #[wasm_bindgen(method, js_name = retryAfter)]
    fn retry_after(this: &ResponseView) -> f64;

    /// 0 to 4, in the order of [`BodyCheck`]; an empty `member` stands for none.
    #[wasm_bindgen(method)]
    fn shape(this: &ResponseView, member: &str) -> u8;
}

impl seam_session::ResponseView for ResponseView {
    /// JavaScript decodes the body's strings, and does it then (`pkg/src/thrown.ts`).
    const REDACTS_LATER: bool = true;

    fn status(&self) -> u16 {
        self.status().unsigned_abs()
    }

    /// JavaScript has a parser of dates and the clock; here they would be 450 bytes.
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
        Texts::text(self, path)
    }

    fn redacted(self, _: &Secret) -> Self {
        self
    }
}
