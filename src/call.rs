mod client;

use std::sync::Arc;

use crate::action_attempt::{self, AttemptPoller, PollOptions, State};
use crate::call_error::CallError;
use crate::clock::{Moment, Timeline};
use crate::config::Config;
use crate::credential::CredentialKind;
use crate::error::{Error, ErrorClass, Outcome, Reason};
use crate::http_response::HttpResponse;
use crate::request::HttpRequest;
use crate::response::{self, RejectedResponse, invalid_response, network_error};
use crate::response_view::ResponseView;
use crate::retry::{self, RetryClass};
use crate::route::{self, Route, RouteKind};

pub use client::{Client, ClientOptions};

/// An action is not sent later than this after the call, in milliseconds: by then, nobody expects
/// the door to open any more.
pub(crate) const ACTION_TIMEOUT: u64 = 10_000;

/// The time limit of the request that resolves an ambiguous 401, in milliseconds.
const SESSION_PROBE_TIMEOUT: u64 = 5_000;

const NO_ATTEMPT: [&str; 3] = ["has no such action attempt", "", ""];

/// The options of a call.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// The member that the response must have; `None` if it has only `ok`.
    pub response_key: Option<String>,
    /// How to wait for an action attempt in the response; `None` does not wait.
    pub polling: Option<PollOptions>,
    /// When the call was made; by default, when it is first stepped.
    pub called_at: Option<Moment>,
}

/// What happened since the last [`Command`].
#[derive(Debug)]
pub enum Event<A = HttpResponse> {
    /// The call starts.
    Start,
    /// The wait is over.
    Waited,
    /// There was a response.
    Response(A),
    /// There was no response.
    Failed(TransportError),
}

/// Why there was no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportError {
    /// The network, or the host's HTTP client, failed.
    Network,
    /// The time limit of the request was over.
    TimedOut,
    /// The host's HTTP client returned something that is not a response.
    NotAResponse,
    /// The request was not sent, because its URL has another origin than the endpoint.
    WrongOrigin,
    /// The request was not sent, because the host could not build it.
    RequestNotBuilt,
}

/// What to do next.
#[derive(Debug)]
pub enum Command<A = HttpResponse> {
    /// Send this request, then step the call with what happened.
    Send {
        /// The request.
        request: HttpRequest,
        /// Its time limit in milliseconds, if it is shorter than the usual one. When it is over,
        /// the request must be aborted, so that it is not sent later.
        limit: Option<u64>,
    },
    /// Wait this many milliseconds, then step the call.
    Wait(u64),
    /// The call succeeded with this response.
    Done(A),
    /// The call failed.
    Fail(Box<CallError<A>>),
    /// Do nothing: the call does not expect this event. A call that has ended stays ended, so that
    /// a stray event sends nothing.
    Ignore,
}

/// The events that a call expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// [`Event::Start`].
    Start,
    /// [`Event::Response`] or [`Event::Failed`].
    Response,
    /// [`Event::Waited`].
    Timer,
    /// None: the call has ended.
    Nothing,
}

/// The purpose of the current request.
#[derive(Debug)]
enum Stage<A> {
    /// The request of the caller.
    Call,
    /// A lookup of the session, after an ambiguous 401. It holds the error of the 401 and, if that
    /// was the response to a poll, the poller of the attempt.
    ProbeSession(Box<CallError<A>>, Option<AttemptPoller<A>>),
    /// A poll of an action attempt.
    Poll(AttemptPoller<A>),
}

/// One call, from its first request to its result. It cannot be cloned: a second copy would send an
/// action a second time.
#[derive(Debug)]
pub struct Call<A = HttpResponse> {
    config: Arc<Config>,
    options: CallOptions,
    path: String,
    kind: RouteKind,
    request: HttpRequest,
    stage: Stage<A>,
    expected: Expected,
    tries: u32,
    /// Whether a request of the call may have left.
    was_sent: bool,
    /// Monotonic time since the first step.
    timeline: Timeline,
    /// Monotonic time from the call to the first step, in milliseconds.
    before: u64,
}

impl<A: ResponseView> Call<A> {
    pub(crate) fn new(
        config: Arc<Config>,
        route: Route<'_>,
        params: Option<&str>,
        options: CallOptions,
    ) -> Result<Self, Error> {
        route.check(&config.credential)?;
        let params = params.unwrap_or("{}");
        if !params.as_bytes().starts_with(b"{") {
            return Err(not_an_object(route.path));
        }
        let request = HttpRequest::new(&config.endpoint, &config.credential, route, params);
        Ok(Self {
            config,
            options,
            path: route.path.to_owned(),
            kind: route.kind,
            request,
            stage: Stage::Call,
            expected: Expected::Start,
            tries: 0,
            was_sent: false,
            timeline: Timeline::new(0),
            before: 0,
        })
    }

    /// Returns what to do after `event`. `jitter` is random, from 0 to 1000. The wall time of `now`
    /// is used only before an action is sent and when a response arrives.
    pub fn step(&mut self, event: Event<A>, now: Moment, jitter: u32) -> Command<A> {
        let kind = match event {
            Event::Start => Expected::Start,
            Event::Waited => Expected::Timer,
            Event::Response(_) | Event::Failed(_) => Expected::Response,
        };
        if self.expected != kind {
            return Command::Ignore;
        }
        if kind == Expected::Start {
            let called_at = *self.options.called_at.get_or_insert(now);
            self.timeline = Timeline::new(now.monotonic);
            self.before = now.monotonic.saturating_sub(called_at.monotonic);
        }
        // A request that failed may have been sent. One that could not be built was not, but it
        // ends the call.
        let was_sent = self.was_sent || matches!(event, Event::Response(_));
        self.was_sent = was_sent || kind == Expected::Response;
        let command = match self.decide(event, now, jitter) {
            Command::Fail(mut error) => {
                if was_sent && error.error.outcome == Outcome::NotSent {
                    // This request was not sent, but an earlier one was.
                    error.error.outcome = Outcome::Unknown;
                }
                Command::Fail(error.redacted(self.config.credential.secret()))
            }
            other => other,
        };
        self.expected = match command {
            Command::Send { .. } => Expected::Response,
            Command::Wait(_) => Expected::Timer,
            _ => Expected::Nothing,
        };
        command
    }

    fn decide(&mut self, event: Event<A>, now: Moment, jitter: u32) -> Command<A> {
        let time = self.timeline.advance(now.monotonic);
        let rejected = match event {
            Event::Start | Event::Waited => return self.send(now, time),
            Event::Response(response) => {
                let key = match self.stage {
                    Stage::Call => self.options.response_key.as_deref(),
                    Stage::ProbeSession(..) => Some("client_session"),
                    Stage::Poll(_) => Some(action_attempt::RESPONSE_KEY),
                };
                match response::read(response, &self.path, key, now.wall) {
                    Ok(response) => return self.handle_response(response, time),
                    Err(rejected) => rejected,
                }
            }
            Event::Failed(error) => transport_error(&self.path, error),
        };
        self.handle_rejection(rejected, now, time, jitter)
    }

    fn send(&mut self, now: Moment, time: u64) -> Command<A> {
        let limit = match &self.stage {
            Stage::Call if self.kind == RouteKind::Action => {
                let called_at = self.options.called_at.unwrap_or(now);
                let wall = now.wall.saturating_sub(called_at.wall);
                let elapsed = self.before.saturating_add(time).max(wall);
                if elapsed >= ACTION_TIMEOUT {
                    return Command::Fail(CallError::new(Error::new(
                        ErrorClass::Network,
                        "too_late",
                        Outcome::NotSent,
                        &["it was not sent: ten seconds had passed"],
                    )));
                }
                Some(ACTION_TIMEOUT - elapsed)
            }
            Stage::Call => None,
            Stage::ProbeSession(_, None) => Some(SESSION_PROBE_TIMEOUT),
            Stage::ProbeSession(_, Some(poller)) | Stage::Poll(poller) => Some(poller.limit(time)),
        };
        self.tries += 1;
        Command::Send {
            request: self.request.clone(),
            limit,
        }
    }

    /// Switches to another request, which is a read.
    fn switch_request(&mut self, route: Route<'_>, params: &str) {
        let Config {
            endpoint,
            credential,
            ..
        } = &*self.config;
        self.request = HttpRequest::new(endpoint, credential, route, params);
        route.path.clone_into(&mut self.path);
        self.kind = route.kind;
        self.tries = 0;
    }

    fn handle_response(&mut self, response: A, time: u64) -> Command<A> {
        let poller = match core::mem::replace(&mut self.stage, Stage::Call) {
            Stage::ProbeSession(mut error, _) => {
                error.error.reason = Some(Reason::OutOfScope);
                error.error.message +=
                    ": the client session is alive, and this is outside its scope";
                return Command::Fail(error);
            }
            Stage::Call => {
                let options = self.options.polling.filter(|_| {
                    self.options.response_key.as_deref() == Some(action_attempt::RESPONSE_KEY)
                });
                let Some(options) = options else {
                    return Command::Done(response);
                };
                let Some(poller) = AttemptPoller::new(response.clone(), options, time) else {
                    return Command::Fail(CallError::new(invalid_response(
                        &self.path,
                        &NO_ATTEMPT,
                    )));
                };
                poller
            }
            Stage::Poll(mut poller) => {
                // A response about something else changes nothing.
                poller.update(&response);
                poller
            }
        };
        match poller.state() {
            State::Pending => self.poll_later(poller, 0, time),
            State::Succeeded => Command::Done(response),
            State::Failed => Command::Fail(poller.attempt_error()),
        }
    }

    /// Polls the attempt after the next pause, or after `retry_after` milliseconds if they are more.
    /// Errors are not counted: only the deadline ends the polling.
    fn poll_later(
        &mut self,
        mut poller: AttemptPoller<A>,
        retry_after: u64,
        time: u64,
    ) -> Command<A> {
        let Some(wait) = poller.next_pause(retry_after, time) else {
            return Command::Fail(poller.timed_out());
        };
        self.switch_request(route::ATTEMPT, &poller.params());
        self.stage = Stage::Poll(poller);
        Command::Wait(wait)
    }

    fn handle_rejection(
        &mut self,
        rejected: RejectedResponse<A>,
        now: Moment,
        time: u64,
        jitter: u32,
    ) -> Command<A> {
        let RejectedResponse { mut error, class } = rejected;
        let poller = match core::mem::replace(&mut self.stage, Stage::Call) {
            Stage::Call => {
                let max = self.config.max_retries;
                if let Some(ms) = retry::delay(self.kind, class, self.tries, max, jitter) {
                    return Command::Wait(ms);
                }
                None
            }
            Stage::ProbeSession(mut original, poller) => {
                let is_rejected =
                    error.error.class == ErrorClass::Unauthorized && error.is_from_seam();
                if is_rejected || error.error.reason == Some(Reason::TokenRefused) {
                    original.error.reason = Some(Reason::TokenRefused);
                } else if let Some(poller) = poller {
                    // The reason is still unknown; the next poll may show it.
                    return self.poll_later(poller, 0, time);
                }
                return Command::Fail(original);
            }
            Stage::Poll(poller) => {
                // A 401 of a proxy does not concern the session.
                let is_from_proxy =
                    error.error.class == ErrorClass::Unauthorized && !error.is_from_seam();
                if is_from_proxy || class.is_transient() {
                    let retry_after = error.error.retry_after.unwrap_or(0);
                    return self.poll_later(poller, retry_after, time);
                }
                error = poller.with_attempt_context(error);
                Some(poller)
            }
        };
        if !self.is_ambiguous_unauthorized(&error) {
            return Command::Fail(error);
        }
        if let Some(poller) = poller.as_ref().filter(|poller| poller.is_over(time)) {
            return Command::Fail(poller.timed_out());
        }
        self.switch_request(route::SESSION, "{}");
        self.stage = Stage::ProbeSession(error, poller);
        self.send(now, time)
    }

    /// Whether a 401 leaves open if the session is invalid or the request is outside its scope. A
    /// request for the session resolves it.
    fn is_ambiguous_unauthorized(&self, error: &CallError<A>) -> bool {
        error.error.class == ErrorClass::Unauthorized
            && error.error.reason.is_none()
            && error.is_from_seam()
            && self.path != route::SESSION.path
            && self.config.credential.kind() == CredentialKind::ClientSessionToken
    }
}

/// The error of parameters that are not a JSON object.
pub(crate) fn not_an_object(path: &str) -> Error {
    let message = ["the parameters of ", path, " must be an object"];
    Error::invalid_options("invalid_parameters", &message)
}

fn transport_error<A: ResponseView>(path: &str, error: TransportError) -> RejectedResponse<A> {
    let described = match error {
        TransportError::Network => network_error(path),
        TransportError::TimedOut => Error::new(
            ErrorClass::Network,
            "timeout",
            Outcome::Unknown,
            &[path, " got no answer in time"],
        ),
        TransportError::NotAResponse => Error::new(
            ErrorClass::InvalidOptions,
            "invalid_fetch",
            Outcome::Unknown,
            &[
                path,
                " was sent by a custom fetch that returned no Response",
            ],
        ),
        TransportError::WrongOrigin => Error::new(
            ErrorClass::InvalidOptions,
            "invalid_endpoint",
            Outcome::NotSent,
            &[
                path,
                " was not sent: write the endpoint as `new URL(endpoint)` does",
            ],
        ),
        TransportError::RequestNotBuilt => Error::new(
            ErrorClass::InvalidOptions,
            "request_not_built",
            Outcome::NotSent,
            &[path, " was not sent: its Request could not be built here"],
        ),
    };
    let class = match error {
        TransportError::Network | TransportError::TimedOut => RetryClass::NoResponse,
        TransportError::NotAResponse
        | TransportError::WrongOrigin
        | TransportError::RequestNotBuilt => RetryClass::Final,
    };
    RejectedResponse {
        error: CallError::new(described),
        class,
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
