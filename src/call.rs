use std::rc::Rc;

use crate::action_attempt::{self, AttemptPoller, PollOptions, State};
use crate::call_error::CallError;
use crate::client::Client;
use crate::clock::{Moment, Timeline};
use crate::credential::CredentialKind;
use crate::error::{Error, ErrorClass, Outcome, Reason};
use crate::http_response::HttpResponse;
use crate::request::HttpRequest;
use crate::response::{self, RejectedResponse, invalid_response, network_error};
use crate::response_view::ResponseView;
use crate::retry::{self, RetryClass};
use crate::route::{self, Route, RouteKind};

/// An action is not started later than this after the call, in milliseconds: nobody expects the
/// door to open any more.
pub(crate) const ACTION_TIMEOUT: u64 = 10_000;

/// The time limit, in milliseconds, of the one request that resolves a bare 401.
const SESSION_PROBE_TIMEOUT: u64 = 5_000;

const NO_ATTEMPT: [&str; 3] = ["has no such action attempt", "", ""];

/// What one call asks for beside its parameters.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// The member that the response must have; none for a route that answers
    /// nothing but `ok`.
    pub response_key: Option<String>,
    /// How to wait for an action attempt in the response; `None` does not wait.
    pub polling: Option<PollOptions>,
    /// When the caller made the call; the first [`Call::step`], if it is not given.
    pub called_at: Option<Moment>,
}

/// What happened since the last [`Command`].
#[derive(Debug)]
pub enum Event<A = HttpResponse> {
    /// The call begins.
    Start,
    /// The wait is over.
    Waited,
    /// An response came.
    Response(A),
    /// None came.
    Failed(TransportError),
}

/// Why no response came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// The network, or the caller's `fetch`, failed.
    Network,
    /// The time for one try was over.
    TimedOut,
    /// The caller's `fetch` gave something that is no `Response`.
    NotAResponse,
    /// The request would have gone to another origin, and was not sent.
    WrongOrigin,
    /// The request could not be built here, so nothing was sent.
    RequestNotBuilt,
}

/// What to do next.
#[derive(Debug)]
pub enum Command<A = HttpResponse> {
    /// Send this, then come back with what happened.
    Send {
        /// What to send.
        request: HttpRequest,
        /// The longest that it may take, in milliseconds, if that is less than
        /// the time for a try; afterwards it must not be sent any more.
        limit: Option<u64>,
    },
    /// Wait so many milliseconds, then come back.
    Wait(u64),
    /// The call succeeded, with the body of this response: an object with the response key.
    Done(A),
    /// The call failed.
    Fail(Box<CallError<A>>),
    /// Nothing to do: the event is not one that the call waits for. A call that has ended stays
    /// ended, so a stray event sends nothing.
    Ignore,
}

/// The events that a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// [`Event::Start`].
    Start,
    /// [`Event::Response`] or [`Event::Failed`].
    Response,
    /// [`Event::Waited`].
    Timer,
    /// None: it has ended.
    Nothing,
}

/// What the request that is under way is for.
#[derive(Debug)]
enum Stage<A> {
    /// What the caller asked for.
    Call,
    /// Whether the session behind a bare 401 still lives; with the attempt, if it was a poll that
    /// was handle_response so.
    ProbeSession(Box<CallError<A>>, Option<AttemptPoller<A>>),
    /// The state of an action attempt.
    Poll(AttemptPoller<A>),
}

/// One call, from the first request to the one response. It cannot be cloned: a second copy would
/// send an action a second time.
#[derive(Debug)]
pub struct Call<A = HttpResponse> {
    client: Rc<Client>,
    options: CallOptions,
    path: String,
    kind: RouteKind,
    request: HttpRequest,
    stage: Stage<A>,
    waiting: Waiting,
    tries: u32,
    /// Monotonic time since the first step.
    timeline: Timeline,
    /// Monotonic time from the call to the first step, in milliseconds.
    before: u64,
}

impl<A: ResponseView> Call<A> {
    pub(crate) fn new(
        client: Rc<Client>,
        route: Route<'_>,
        params: Option<&str>,
        options: CallOptions,
    ) -> Result<Self, Error> {
        route.check(&client.credential)?;
        let params = params.unwrap_or("{}");
        if !params.as_bytes().starts_with(b"{") {
            return Err(not_an_object(route.path));
        }
        let request = HttpRequest::new(&client.endpoint, &client.credential, route, params);
        Ok(Self {
            client,
            options,
            path: route.path.to_owned(),
            kind: route.kind,
            request,
            stage: Stage::Call,
            waiting: Waiting::Start,
            tries: 0,
            timeline: Timeline::new(0),
            before: 0,
        })
    }

    /// What to do after `event`. `jitter` is from 0 to 1000, evenly spread. The wall time of
    /// `now` matters only before an action is sent and when a response arrives.
    pub fn step(&mut self, event: Event<A>, now: Moment, jitter: u32) -> Command<A> {
        let expected = match event {
            Event::Start => Waiting::Start,
            Event::Waited => Waiting::Timer,
            Event::Response(_) | Event::Failed(_) => Waiting::Response,
        };
        if self.waiting != expected {
            return Command::Ignore;
        }
        if expected == Waiting::Start {
            let called_at = *self.options.called_at.get_or_insert(now);
            self.timeline = Timeline::new(now.monotonic);
            self.before = now.monotonic.saturating_sub(called_at.monotonic);
        }
        let command = match self.decide(event, now, jitter) {
            Command::Fail(failed) => {
                Command::Fail(failed.redacted(self.client.credential.secret()))
            }
            other => other,
        };
        self.waiting = match command {
            Command::Send { .. } => Waiting::Response,
            Command::Wait(_) => Waiting::Timer,
            _ => Waiting::Nothing,
        };
        command
    }

    fn decide(&mut self, event: Event<A>, now: Moment, jitter: u32) -> Command<A> {
        let time = self.timeline.advance(now.monotonic);
        let refusal = match event {
            Event::Start | Event::Waited => return self.send(now, time),
            Event::Response(response) => {
                let key = match self.stage {
                    Stage::Call => self.options.response_key.as_deref(),
                    Stage::ProbeSession(..) => Some("client_session"),
                    Stage::Poll(_) => Some(action_attempt::RESPONSE_KEY),
                };
                match response::read(response, &self.path, key, now.wall) {
                    Ok(response) => return self.handle_response(response, time),
                    Err(refusal) => refusal,
                }
            }
            Event::Failed(error) => transport_error(&self.path, error),
        };
        self.handle_rejection(refusal, now, time, jitter)
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
            Stage::ProbeSession(_, Some(pending)) | Stage::Poll(pending) => {
                Some(pending.limit(time))
            }
        };
        self.tries += 1;
        Command::Send {
            request: self.request.clone(),
            limit,
        }
    }

    /// Turns to another request in the course of this call; both are reads.
    fn switch_request(&mut self, route: Route<'_>, params: &str) {
        let Client {
            endpoint,
            credential,
            ..
        } = &*self.client;
        self.request = HttpRequest::new(endpoint, credential, route, params);
        route.path.clone_into(&mut self.path);
        self.kind = route.kind;
        self.tries = 0;
    }

    fn handle_response(&mut self, response: A, time: u64) -> Command<A> {
        let pending = match core::mem::replace(&mut self.stage, Stage::Call) {
            Stage::ProbeSession(mut failed, _) => {
                failed.error.reason = Some(Reason::OutOfScope);
                failed.error.message +=
                    ": the client session is alive, and this is outside its scope";
                return Command::Fail(failed);
            }
            Stage::Call => {
                let polling = self.options.polling.filter(|_| {
                    self.options.response_key.as_deref() == Some(action_attempt::RESPONSE_KEY)
                });
                let Some(polling) = polling else {
                    return Command::Done(response);
                };
                let Some(pending) = AttemptPoller::new(response.clone(), polling, time) else {
                    return Command::Fail(CallError::new(invalid_response(
                        &self.path,
                        &NO_ATTEMPT,
                    )));
                };
                pending
            }
            Stage::Poll(mut pending) => {
                // An response that speaks of something else is as good as none.
                pending.update(&response);
                pending
            }
        };
        match pending.state() {
            State::Pending => self.poll_later(pending, 0, time),
            State::Succeeded => Command::Done(response),
            State::Failed => Command::Fail(pending.failed()),
        }
    }

    /// Polls the attempt after its next pause, or after the `asked` milliseconds if they are more.
    /// Network errors do not count: only the deadline ends it.
    fn poll_later(&mut self, mut pending: AttemptPoller<A>, asked: u64, time: u64) -> Command<A> {
        let Some(wait) = pending.next_pause(asked, time) else {
            return Command::Fail(pending.timed_out());
        };
        self.switch_request(route::ATTEMPT, &pending.params());
        self.stage = Stage::Poll(pending);
        Command::Wait(wait)
    }

    fn handle_rejection(
        &mut self,
        refusal: RejectedResponse<A>,
        now: Moment,
        time: u64,
        jitter: u32,
    ) -> Command<A> {
        let RejectedResponse { mut failed, fault } = refusal;
        let pending = match core::mem::replace(&mut self.stage, Stage::Call) {
            Stage::Call => {
                let max = self.client.max_retries;
                if let Some(ms) = retry::delay(self.kind, fault, self.tries, max, jitter) {
                    return Command::Wait(ms);
                }
                None
            }
            Stage::ProbeSession(mut original, pending) => {
                let is_refused =
                    failed.error.class == ErrorClass::Unauthorized && failed.is_from_seam();
                if is_refused || failed.error.reason == Some(Reason::TokenRefused) {
                    original.error.reason = Some(Reason::TokenRefused);
                } else if let Some(pending) = pending {
                    // Nobody could tell: the next poll may.
                    return self.poll_later(pending, 0, time);
                }
                return Command::Fail(original);
            }
            Stage::Poll(pending) => {
                // A 401 of a proxy says nothing of the session.
                let of_proxy =
                    failed.error.class == ErrorClass::Unauthorized && !failed.is_from_seam();
                if of_proxy || fault.may_pass() {
                    let asked = failed.error.retry_after.unwrap_or(0);
                    return self.poll_later(pending, asked, time);
                }
                failed = pending.lost(failed);
                Some(pending)
            }
        };
        if !self.is_ambiguous_unauthorized(&failed) {
            return Command::Fail(failed);
        }
        if let Some(pending) = pending.as_ref().filter(|pending| pending.is_over(time)) {
            return Command::Fail(pending.timed_out());
        }
        self.switch_request(route::SESSION, "{}");
        self.stage = Stage::ProbeSession(failed, pending);
        self.send(now, time)
    }

    /// A 401 that does not say whether the session is dead or the thing out of
    /// scope: one question to the server settles it.
    fn is_ambiguous_unauthorized(&self, failed: &CallError<A>) -> bool {
        failed.error.class == ErrorClass::Unauthorized
            && failed.error.reason.is_none()
            && failed.is_from_seam()
            && self.path != route::SESSION.path
            && self.client.credential.kind() == CredentialKind::ClientSessionToken
    }
}

/// Parameters that are no JSON object.
pub(crate) fn not_an_object(path: &str) -> Error {
    let message = ["the parameters of ", path, " must be an object"];
    Error::invalid_options("invalid_parameters", &message)
}

fn transport_error<A: ResponseView>(path: &str, failure: TransportError) -> RejectedResponse<A> {
    let error = match failure {
        TransportError::Network => network_error(path),
        TransportError::TimedOut => Error::new(
            ErrorClass::Network,
            "timeout",
            Outcome::Unknown,
            &[path, " got no response in time"],
        ),
        TransportError::NotAResponse => Error::new(
            ErrorClass::InvalidOptions,
            "invalid_fetch",
            Outcome::Unknown,
            &[path, " was given to a fetch option that gave no Response"],
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
    let fault = match failure {
        TransportError::Network | TransportError::TimedOut => RetryClass::NoResponse,
        TransportError::NotAResponse
        | TransportError::WrongOrigin
        | TransportError::RequestNotBuilt => RetryClass::Final,
    };
    RejectedResponse {
        failed: CallError::new(error),
        fault,
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
