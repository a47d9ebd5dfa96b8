use gloo_net::http::{Headers, Request};
use seam_session::{Endpoint, HttpRequest};
use wasm_bindgen::JsValue;
use web_sys::{RequestCache, RequestCredentials, RequestInit, RequestRedirect};

use crate::host::Host;

/// Begins a try of at most `limit` milliseconds, and builds its request with `body`; nothing when
/// that would go to another origin.
///
/// Without gloo-net's builder, which makes each request twice and takes its URL apart and together
/// again; nor are its `send`, `text` and `binary` used, for they panic on what a caller's `fetch`
/// or abort reason may be.
pub(crate) fn build(
    host: &Host,
    endpoint: &Endpoint,
    request: &HttpRequest,
    body: &JsValue,
    limit: Option<u64>,
) -> Option<web_sys::Request> {
    #[expect(clippy::cast_precision_loss, reason = "what is so long is no limit")]
    let limit = limit.map_or(f64::INFINITY, |ms| ms as f64);
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value);
    }
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_headers(&headers.into_raw());
    init.set_body(body);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&host.begin(limit)));
    if host.browser() {
        init.set_credentials(RequestCredentials::Omit);
        init.set_cache(RequestCache::NoStore);
    }
    let built = web_sys::Request::new_with_str_and_init(&request.url, &init).ok()?;
    let built = Request::from(built);
    endpoint.owns(&built.url()).then(|| built.into())
}
