use gloo_net::http::{Headers, Request};
use seam_session::millis::as_number;
use seam_session::{Endpoint, HttpRequest, TransportError};
use web_sys::RequestInit;

use crate::host::Host;

/// Begins a try of at most `limit` milliseconds, and builds its request: as a `Request`, and as
/// the init that it was built from, for a `fetch` that does not know this realm's `Request`.
///
/// Without gloo-net's builder, which makes each request twice and takes its URL apart and together
/// again; nor are its `send`, `text` and `binary` used, for they panic on what a caller's `fetch`
/// or abort reason may be.
pub(crate) fn build(
    host: &Host,
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
