use std::rc::Rc;

use crate::action_attempt::{self, Next, Pending, Polling};
use crate::answer::Answer;
use crate::client::Client;
use crate::credential::CredentialKind;
use crate::error::{Error, ErrorClass, Outcome, Reason};
use crate::failed::Failed;
use crate::http_response::HttpResponse;
use crate::request::HttpRequest;
use crate::response::{self, Refusal, broken};
use crate::retry::{self, Fault};
use crate::route::{self, Effect, Route};

/// An act has so long from the call, in milliseconds: what has not been sent by
/// then is not sent at all, for nobody expects the door to open any more.
const ACT_WITHIN: u64 = 10_000;

/// What is left of an act's time at `now`; `None` when it is over.
#[inline]
pub(crate) fn act_left(called_at: u64, now: u64) -> Option<u64> {
    let elapsed = now.saturating_sub(called_at);
    ACT_WITHIN.checked_sub(elapsed).filter(|left| *left > 0)
}

/// Settling a bare 401 may take so long, in milliseconds, and has one try.
const SETTLE_WITHIN: u64 = 5_000;

const NO_ATTEMPT: [&str; 3] = [
    "does not speak of the action attempt that was asked for",
    "",
    "",
];

/// What one call asks for beside its parameters.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// The member that the answer must have; none for a route that answers
    /// nothing but `ok`.
    pub response_key: Option<String>,
    /// How to wait for an action attempt in the answer; `None` does not wait.
    pub polling: Option<Polling>,
    /// When the caller made the call, in milliseconds since 1970.
    pub called_at: u64,
}

/// What happened since the last [`Command`].
#[derive(Debug)]
pub enum Event<A = HttpResponse> {
    /// The call begins.
    Start,
    /// The wait is over.
    Waited,
    /// An answer came.
    Response(A),
    /// None came.
    Failed(Failure),
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The network, or the caller's `fetch`, failed.
    Network,
    /// The time for one try was over.
    TimedOut,
    /// The caller's `fetch` gave something that is no `Response`.
    NotAResponse,
    /// The request would have gone to another origin, and was not sent.
    WrongOrigin,
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
    /// The call succeeded, with the body of this answer: an object with the response key.
    Done(A),
    /// The call failed.
    Fail(Box<Failed<A>>),
}

/// What the request that is under way is for.
#[derive(Clone, Debug)]
enum Stage<A> {
    /// What the caller asked for.
    Call,
    /// Whether the session behind a bare 401 still lives.
    Settle(Box<Failed<A>>),
    /// The state of an action attempt.
    Poll(Pending<A>),
}

/// One call, from the first request to the one answer.
#[derive(Clone, Debug)]
pub struct Call<A = HttpResponse> {
    client: Rc<Client>,
    options: CallOptions,
    path: String,
    effect: Effect,
    request: HttpRequest,
    stage: Stage<A>,
    tries: u32,
}

impl<A: Answer> Call<A> {
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
            effect: route.effect,
            request,
            stage: Stage::Call,
            tries: 0,
        })
    }

    /// What to do after `event`. `now` is in milliseconds since 1970, `jitter`
    /// from 0 to 1000, evenly spread.
    pub fn step(&mut self, event: Event<A>, now: u64, jitter: u32) -> Command<A> {
        match self.decide(event, now, jitter) {
            Command::Fail(failed) => {
                Command::Fail(failed.redacted(self.client.credential.secret()))
            }
            other => other,
        }
    }

    fn decide(&mut self, event: Event<A>, now: u64, jitter: u32) -> Command<A> {
        let refusal = match event {
            Event::Start | Event::Waited => return self.send(now),
            Event::Response(answer) => {
                let key = match self.stage {
                    Stage::Call => self.options.response_key.as_deref(),
                    Stage::Settle(_) => Some("client_session"),
                    Stage::Poll(_) => Some(action_attempt::RESPONSE_KEY),
                };
                match response::read(answer, &self.path, key, now) {
                    Ok(answer) => return self.answered(answer, now),
                    Err(refusal) => refusal,
                }
            }
            Event::Failed(failure) => failed(&self.path, failure),
        };
        self.refused(refusal, now, jitter)
    }

    fn send(&mut self, now: u64) -> Command<A> {
        let limit = match &self.stage {
            Stage::Call if self.effect == Effect::Act => {
                let Some(left) = act_left(self.options.called_at, now) else {
                    return Command::Fail(Failed::new(Error::new(
                        ErrorClass::Network,
                        "too_late",
                        Outcome::NotSent,
                        &["ten seconds passed before it could be sent, so it was not"],
                    )));
                };
                Some(left)
            }
            Stage::Call => None,
            Stage::Settle(_) => Some(SETTLE_WITHIN),
            Stage::Poll(pending) => Some(pending.limit(now)),
        };
        self.tries += 1;
        Command::Send {
            request: self.request.clone(),
            limit,
        }
    }

    /// Turns to another request in the course of this call; both are reads.
    fn turn_to(&mut self, route: Route<'_>, params: &str) {
        let Client {
            endpoint,
            credential,
            ..
        } = &*self.client;
        self.request = HttpRequest::new(endpoint, credential, route, params);
        route.path.clone_into(&mut self.path);
        self.effect = route.effect;
        self.tries = 0;
    }

    fn answered(&mut self, answer: A, now: u64) -> Command<A> {
        let mut pending = match core::mem::replace(&mut self.stage, Stage::Call) {
            Stage::Settle(mut failed) => {
                failed.error.reason = Some(Reason::OutOfScope);
                failed.error.message += " (the client session is alive: this is outside its scope)";
                return Command::Fail(failed);
            }
            Stage::Call => {
                let polling = self.options.polling.filter(|_| {
                    self.options.response_key.as_deref() == Some(action_attempt::RESPONSE_KEY)
                });
                let Some(polling) = polling else {
                    return Command::Done(answer);
                };
                let Some(pending) = Pending::new(answer.clone(), polling, now) else {
                    return Command::Fail(Failed::new(broken(&self.path, &NO_ATTEMPT)));
                };
                pending
            }
            Stage::Poll(mut pending) => {
                if !pending.update(&answer) {
                    let failed = Failed::new(broken(&self.path, &NO_ATTEMPT));
                    return Command::Fail(pending.lost(failed));
                }
                pending
            }
        };
        match pending.next(now) {
            Next::Done => Command::Done(answer),
            Next::Fail(failed) => Command::Fail(failed),
            Next::Wait(ms) => {
                self.turn_to(route::ATTEMPT, &pending.params());
                self.stage = Stage::Poll(pending);
                Command::Wait(ms)
            }
        }
    }

    fn refused(&mut self, refusal: Refusal<A>, now: u64, jitter: u32) -> Command<A> {
        let Refusal { failed, fault } = refusal;
        let max = self.client.max_retries;
        let again = retry::delay(self.effect, fault, self.tries, max, jitter);
        match core::mem::replace(&mut self.stage, Stage::Call) {
            Stage::Call => {
                if let Some(ms) = again {
                    return Command::Wait(ms);
                }
                if !self.needs_settling(&failed) {
                    return Command::Fail(failed);
                }
                self.turn_to(route::SESSION, "{}");
                self.stage = Stage::Settle(failed);
                self.send(now)
            }
            Stage::Settle(mut original) => {
                let Error { class, reason, .. } = failed.error;
                let is_refused = class == ErrorClass::Unauthorized && failed.is_seams();
                if is_refused || reason == Some(Reason::TokenRefused) {
                    original.error.reason = Some(Reason::TokenRefused);
                }
                Command::Fail(original)
            }
            Stage::Poll(pending) => {
                let may_pass = again.is_some() || fault == Fault::NoAnswer;
                if may_pass && pending.is_over(now) {
                    return Command::Fail(pending.timed_out());
                }
                match again.and_then(|ms| pending.back_off(ms, now)) {
                    Some(ms) => {
                        self.stage = Stage::Poll(pending);
                        Command::Wait(ms)
                    }
                    None => Command::Fail(pending.lost(failed)),
                }
            }
        }
    }

    /// A 401 that does not say whether the session is dead or the thing out of
    /// scope: one question to the server settles it.
    fn needs_settling(&self, failed: &Failed<A>) -> bool {
        failed.error.class == ErrorClass::Unauthorized
            && failed.error.reason.is_none()
            && failed.is_seams()
            && self.path != route::SESSION.path
            && self.client.credential.kind() == CredentialKind::ClientSessionToken
    }
}

/// Parameters that are no JSON object.
pub(crate) fn not_an_object(path: &str) -> Error {
    let message = ["the parameters of ", path, " must be an object"];
    Error::invalid_options("invalid_parameters", &message)
}

fn failed<A: Answer>(path: &str, failure: Failure) -> Refusal<A> {
    let (class, code, outcome, message) = match failure {
        Failure::Network => (
            ErrorClass::Network,
            "network_error",
            Outcome::Unknown,
            " got no answer: the network failed, or the endpoint cannot be reached from here",
        ),
        Failure::TimedOut => (
            ErrorClass::Network,
            "timeout",
            Outcome::Unknown,
            " got no answer in time",
        ),
        Failure::NotAResponse => (
            ErrorClass::InvalidOptions,
            "invalid_fetch",
            Outcome::Unknown,
            " was given to a fetch option that did not answer with a Response",
        ),
        Failure::WrongOrigin => (
            ErrorClass::InvalidOptions,
            "invalid_endpoint",
            Outcome::NotSent,
            " was not sent: its URL is not the endpoint's",
        ),
    };
    let fault = match failure {
        Failure::Network | Failure::TimedOut => Fault::NoAnswer,
        Failure::NotAResponse | Failure::WrongOrigin => Fault::Status(0, None),
    };
    Refusal {
        failed: Failed::new(Error::new(class, code, outcome, &[path, message])),
        fault,
    }
}

#[cfg(test)]
mod tests;
