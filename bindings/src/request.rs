use gloo_net::http::{Method, RequestBuilder};
use seam_session::{Endpoint, HttpRequest};
use web_sys::{Request, RequestCache, RequestCredentials, RequestRedirect};

use crate::host::Host;

/// Begins a try of at most `limit` milliseconds, and builds its request; nothing when that would
/// go to another origin.
///
/// gloo-net builds it; its `send`, `text` and `binary` are not used, for they panic on what a
/// caller's `fetch` or abort reason may be.
pub(crate) fn build(
    host: &Host,
    endpoint: &Endpoint,
    request: HttpRequest,
    limit: Option<u64>,
) -> Option<Request> {
    #[expect(clippy::cast_precision_loss, reason = "what is so long is no limit")]
    let limit = limit.map_or(f64::INFINITY, |ms| ms as f64);
    let method = if request.method == "PUT" {
        Method::PUT
    } else {
        Method::POST
    };
    let mut builder = RequestBuilder::new(&request.url)
        .method(method)
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(&host.begin(limit)));
    if host.browser() {
        builder = builder
            .credentials(RequestCredentials::Omit)
            .cache(RequestCache::NoStore);
    }
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let built: Request = builder.body(request.body).ok()?.into();
    endpoint.owns(&built.url()).then_some(built)
}
