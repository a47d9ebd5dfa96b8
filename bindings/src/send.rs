use gloo_net::http::{Method, RequestBuilder};
use seam_session::{Endpoint, Event, Failure, HttpRequest, HttpResponse};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, RequestCache, RequestCredentials, RequestRedirect, Response};

use crate::host::{Ended, Host, bytes};

/// The caller aborted: nobody waits for an answer any more.
pub(crate) struct Aborted;

/// Sends `request` and reads its answer to the end.
///
/// gloo-net builds the request; its `send`, `text` and `binary` are not used,
/// for they panic on what a caller's `fetch` or abort reason may be.
pub(crate) async fn send(
    host: &Host,
    endpoint: &Endpoint,
    request: HttpRequest,
    limit: Option<u64>,
) -> Result<Event, Aborted> {
    match try_send(host, endpoint, request, limit).await {
        Ok(response) => Ok(Event::Response(response)),
        Err(Some(failure)) => Ok(Event::Failed(failure)),
        Err(None) => match host.why() {
            Ended::Aborted => Err(Aborted),
            Ended::TimedOut => Ok(Event::Failed(Failure::TimedOut)),
            Ended::NotAResponse => Ok(Event::Failed(Failure::NotAResponse)),
            Ended::Failed => Ok(Event::Failed(Failure::Network)),
        },
    }
}

/// An error of `None` is the host's to explain.
async fn try_send(
    host: &Host,
    endpoint: &Endpoint,
    request: HttpRequest,
    limit: Option<u64>,
) -> Result<HttpResponse, Option<Failure>> {
    let request = build(host, request, limit).map_err(|_| Some(Failure::WrongOrigin))?;
    if !endpoint.owns(&request.url()) {
        return Err(Some(Failure::WrongOrigin));
    }
    let response = JsFuture::from(host.fetch(request))
        .await
        .map_err(|_| None)?;
    let response: Response = response.unchecked_into();
    let header = |name| response.headers().get(name).ok().flatten();
    let (retry_after, request_id) = (header("retry-after"), header("seam-request-id"));
    // A caller's own fetch may have followed a redirect all the same.
    let status = if response.redirected() {
        0
    } else {
        response.status()
    };
    let body = JsFuture::from(host.body(&response))
        .await
        .map_err(|_| None)?;
    Ok(HttpResponse {
        status,
        retry_after,
        request_id,
        body: bytes(body).ok_or(None)?,
    })
}

fn build(
    host: &Host,
    request: HttpRequest,
    limit: Option<u64>,
) -> Result<Request, gloo_net::Error> {
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
    Ok(builder.body(request.body)?.into())
}
