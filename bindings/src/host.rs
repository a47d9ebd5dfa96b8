use js_sys::{ArrayBuffer, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Request, Response};

/// Why a promise of the host's did not end as it should.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The network failed, or the caller's `fetch` did.
    Failed,
    /// The time for one try was over.
    TimedOut,
    /// The caller aborted, and has been told.
    Aborted,
    /// The caller's `fetch` gave something that is no `Response`.
    NotAResponse,
}

#[wasm_bindgen]
extern "C" {
    /// What JavaScript does for one call: its `fetch`, timers and abort signal.
    /// Each promise settles at the latest when the time for a try is over or
    /// the caller aborts, whatever the caller's `fetch` does.
    pub type Host;

    /// Begins a try, which may take `limit` milliseconds at most: starts its
    /// timer and gives the signal for its request.
    #[wasm_bindgen(method)]
    pub(crate) fn begin(this: &Host, limit: f64) -> AbortSignal;

    /// Whether this runtime's `Request` knows cookies and caches; workerd's does not.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn browser(this: &Host) -> bool;

    #[wasm_bindgen(method)]
    pub(crate) fn fetch(this: &Host, request: Request) -> Promise;

    #[wasm_bindgen(method)]
    pub(crate) fn body(this: &Host, response: &Response) -> Promise;

    #[wasm_bindgen(method)]
    pub(crate) fn wait(this: &Host, ms: f64) -> Promise;

    /// 0 failed, 1 timed out, 2 aborted, 3 not a response.
    #[wasm_bindgen(method, getter)]
    fn ended(this: &Host) -> u8;
}

impl Host {
    pub(crate) fn why(&self) -> Ended {
        match self.ended() {
            1 => Ended::TimedOut,
            2 => Ended::Aborted,
            3 => Ended::NotAResponse,
            _ => Ended::Failed,
        }
    }
}

/// The bytes of a body, or nothing when they do not fit in memory.
pub(crate) fn bytes(buffer: JsValue) -> Option<Vec<u8>> {
    let array = js_sys::Uint8Array::new(&buffer.unchecked_into::<ArrayBuffer>());
    let length = array.length() as usize;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).ok()?;
    bytes.resize(length, 0);
    array.copy_to(&mut bytes);
    Some(bytes)
}
