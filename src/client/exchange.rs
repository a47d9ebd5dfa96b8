//! Plays one call of the core to its end.

use std::time::Duration;

use futures_util::future::{Either, select};
use http::header::{HeaderMap, HeaderValue};

use super::error::{SeamError, SharedError, without_secret};
use super::response::ApiResponse;
use super::transport::{Transport, TransportFailure};
use crate::call::{Call, Command, Event, TransportError};
use crate::error::{Error, ErrorClass, Outcome};
use crate::request::HttpRequest;
use crate::route::RouteKind;
use crate::secret::Secret;

/// The headers that have the token.
const SENSITIVE: [&str; 3] = [
    "authorization",
    "client-session-token",
    "seam-publishable-key",
];

/// What the requests of a call have in common.
pub(crate) struct Exchange<'a> {
    pub(crate) transport: &'a dyn Transport,
    /// The time limit of one attempt.
    pub(crate) timeout: Duration,
    /// The headers that the app has added.
    pub(crate) headers: &'a HeaderMap,
    /// The token, which no error shows.
    pub(crate) secret: &'a Secret,
    pub(crate) path: &'a str,
    pub(crate) kind: RouteKind,
    /// Whether the caller parses the bodies of successes.
    pub(crate) is_page: bool,
}

impl Exchange<'_> {
    /// Executes the commands of `call` until it ends. When this future is dropped, the request in
    /// flight is cancelled and no other one follows.
    ///
    /// # Errors
    /// As the core decides, with the transport's error as its source.
    pub(crate) async fn run(&self, mut call: Call<ApiResponse>) -> Result<ApiResponse, SeamError> {
        let transport = self.transport;
        let mut event = Event::Start;
        let mut source = None;
        let mut attempts = 0_u32;
        loop {
            let jitter = transport.jitter();
            event = match call.step(event, transport.now(), jitter) {
                Command::Send { request, limit } => {
                    attempts += 1;
                    tracing::debug!(method = request.method, url = request.url, attempts, "send");
                    match self.attempt(request, limit).await {
                        Ok(response) => {
                            tracing::debug!(status = response.status().as_u16(), "response");
                            Event::Response(ApiResponse::new(response, self.is_page))
                        }
                        Err((error, cause)) => {
                            tracing::debug!(?error, "no response");
                            source = cause;
                            Event::Failed(error)
                        }
                    }
                }
                Command::Wait(ms) => {
                    tracing::debug!(ms, "wait");
                    transport.sleep(Duration::from_millis(ms)).await;
                    Event::Waited
                }
                Command::Done(response) => return Ok(response),
                Command::Fail(error) => {
                    let source = source.filter(|_| error.response.is_none());
                    return Err(SeamError::of_call(*error, self.path, self.kind, source));
                }
                // The events follow the commands, so the core expects each.
                Command::Ignore => return Err(unexpected()),
            }
        }
    }

    /// Sends a request once. At its time limit, it is cancelled.
    async fn attempt(
        &self,
        request: HttpRequest,
        limit: Option<u64>,
    ) -> Result<http::Response<Vec<u8>>, (TransportError, Option<SharedError>)> {
        let failure = |failure: TransportFailure| {
            let error = if failure.is_sent {
                TransportError::Network
            } else {
                TransportError::RequestNotBuilt
            };
            (error, Some(without_secret(failure.source, self.secret)))
        };
        let request = self
            .build(request)
            .map_err(|error| failure(TransportFailure::not_built(error)))?;
        let limit = limit.map_or(self.timeout, |ms| {
            self.timeout.min(Duration::from_millis(ms))
        });
        let sent = self.transport.send(request);
        match select(sent, self.transport.sleep(limit)).await {
            Either::Left((result, _)) => result.map_err(failure),
            Either::Right(_) => Err((TransportError::TimedOut, None)),
        }
    }

    fn build(&self, request: HttpRequest) -> Result<http::Request<String>, http::Error> {
        let mut built = http::Request::builder()
            .method(request.method)
            .uri(request.url);
        for (name, value) in request.headers {
            let mut value = HeaderValue::try_from(value)?;
            // Debug output hides it.
            value.set_sensitive(SENSITIVE.contains(&name));
            built = built.header(name, value);
        }
        let mut request = built.body(request.body)?;
        for (name, value) in self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        Ok(request)
    }
}

/// The error of a command that the core does not give here.
fn unexpected() -> SeamError {
    SeamError::new(Error::new(
        ErrorClass::InvalidResponse,
        "invalid_response",
        Outcome::Unknown,
        &["the call has ended before its response"],
    ))
}
