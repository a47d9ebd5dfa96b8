use gloo_net::http::{Headers, Request};
use seam_session::millis::as_number;
use seam_session::{Endpoint, HttpRequest, TransportError};
use web_sys::RequestInit;

use crate::host::JsHost;

/// Starts a request with a time limit in milliseconds, and builds it. Returns it as a `Request`,
/// and as the `RequestInit` that it was built from, for a `fetch` that accepts only the `Request`
/// of its own realm.
///
/// gloo-net's builder is not used, because it creates each request twice and parses its URL.
/// gloo-net's `send`, `text` and `binary` are not used, because they can panic on what a caller's
/// `fetch` returns or on an abort reason.
pub(crate) fn build(
    host: &JsHost,
    endpoint: &Endpoint,
    request: &HttpRequest,
    limit: Option<u64>,
) -> Result<(web_sys::Request, RequestInit), TransportError> {
    let limit = limit.map_or(f64::INFINITY, as_number);
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value);
    }
    let init = host.begin(limit);
    init.set_method(request.method);
    init.set_headers(&headers.into_raw());
    init.set_body(&request.body.as_str().into());
    let built = host
        .request(&request.url, &init)
        .ok_or(TransportError::RequestNotBuilt)?;
    let built = Request::from(built);
    if endpoint.owns(&built.url()) {
        Ok((built.into(), init))
    } else {
        Err(TransportError::WrongOrigin)
    }
}
