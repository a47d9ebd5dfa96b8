//! The transport of browsers: `fetch` with gloo-net, timers with gloo-timers.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use gloo_net::http::{Headers, RequestBuilder};
use js_sys::{Date, Math, Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, RequestCredentials, RequestRedirect, Response, ResponseType};

use super::builder::SeamBuilder;
use super::error::SeamError;
use super::seam::Seam;
use super::transport::{BoxFuture, Transport, TransportFailure};
use crate::clock::Moment;
use crate::millis::millis;

/// The longest timer of a browser, in milliseconds.
const LONGEST_TIMER: u32 = i32::MAX as u32;

#[wasm_bindgen]
extern "C" {
    // gloo-net's `send` is not used: it panics if a `fetch` that the page has replaced returns or
    // throws something else than the platform does.
    #[wasm_bindgen(catch, js_name = fetch)]
    fn fetch(request: &web_sys::Request) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Sends requests with the browser's `fetch`, in a page or a worker.
#[derive(Clone, Copy, Debug, Default)]
pub struct GlooTransport(());

impl GlooTransport {
    /// A transport for this page or worker.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }
}

impl SeamBuilder {
    /// Creates the client, which sends with the browser's `fetch`.
    ///
    /// # Errors
    /// `invalid_token`, `invalid_endpoint` or `invalid_options`.
    pub fn build(self) -> Result<Seam, SeamError> {
        self.build_with(GlooTransport::new())
    }
}

impl Transport for GlooTransport {
    fn send(
        &self,
        request: http::Request<String>,
    ) -> BoxFuture<Result<http::Response<Vec<u8>>, TransportFailure>> {
        Box::pin(send(request))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        let ms = u32::try_from(duration.as_millis()).unwrap_or(LONGEST_TIMER);
        Box::pin(gloo_timers::future::TimeoutFuture::new(
            ms.min(LONGEST_TIMER),
        ))
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        spawn_local(task);
    }

    fn now(&self) -> Moment {
        Moment {
            monotonic: millis(performance_now()),
            wall: millis(Date::now()),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 1000"
    )]
    fn jitter(&self) -> u32 {
        (Math::random() * 1_000.0) as u32
    }
}

/// Aborts the request when it is dropped. After the response this has no effect.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn send(request: http::Request<String>) -> Result<http::Response<Vec<u8>>, TransportFailure> {
    let controller = AbortController::new().map_err(|error| not_built(&error))?;
    let abort = AbortOnDrop(controller);
    let url = request.uri().to_string();
    let headers = Headers::new();
    for (name, value) in request.headers() {
        headers.set(name.as_str(), value.to_str().unwrap_or_default());
    }
    let method = match *request.method() {
        http::Method::PUT => http::Method::PUT,
        _ => http::Method::POST,
    };
    let request = RequestBuilder::new(&url)
        .method(method)
        .headers(headers)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(&abort.0.signal()))
        .body(request.into_body())
        .map_err(|error| TransportFailure::not_built(error.to_string()))?;
    if request.url() != url {
        return Err(TransportFailure::not_built(
            "write the endpoint as the browser does",
        ));
    }
    let request: web_sys::Request = request.into();
    let sent = fetch(&request).map_err(|error| failed(&error))?;
    let response = JsFuture::from(sent).await.map_err(|error| failed(&error))?;
    let response: Response = response.dyn_into().map_err(|other| failed(&other))?;
    let status = match response.type_() {
        ResponseType::Opaqueredirect => 302,
        _ => response.status(),
    };
    let mut built = http::Response::builder().status(status);
    let headers = Headers::from_raw(response.headers());
    for (name, value) in headers.entries() {
        built = built.header(name, value);
    }
    let body = response.array_buffer().map_err(|error| failed(&error))?;
    let body = JsFuture::from(body).await.map_err(|error| failed(&error))?;
    // A status of 0 is that of `Response.error()`.
    built
        .body(Uint8Array::new(&body).to_vec())
        .map_err(TransportFailure::new)
}

fn failed(error: &JsValue) -> TransportFailure {
    TransportFailure::new(text(error))
}

fn not_built(error: &JsValue) -> TransportFailure {
    TransportFailure::not_built(text(error))
}

/// Returns the message of what JavaScript threw.
fn text(error: &JsValue) -> String {
    let error = error.dyn_ref::<js_sys::Error>();
    error.map_or_else(
        || "fetch threw something that is no Error".to_owned(),
        |error| String::from(error.to_string()),
    )
}
