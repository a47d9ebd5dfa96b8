#![expect(
    clippy::unnecessary_box_returns,
    reason = "an error is boxed where it is made, and moved often"
)]

use std::borrow::Cow;

use crate::answer::Answer;
use crate::error::{Error, ErrorClass, Outcome};
use crate::failed::Failed;
use crate::text::joined;

/// How soon an attempt is asked for the first time; most end well before the
/// interval is over.
const FIRST_POLL: u64 = 250;

/// How long the last poll may take when the time to wait is up already.
const LAST_LOOK: u64 = 1_000;

/// The member of an answer that holds an action attempt.
pub(crate) const RESPONSE_KEY: &str = "action_attempt";

/// How to wait for an action attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// How long to wait in all, in milliseconds.
    pub timeout: u64,
    /// The longest pause between two polls, in milliseconds; at least 1.
    pub interval: u64,
}

impl Polling {
    /// Takes what a caller asked for, in milliseconds.
    ///
    /// # Errors
    /// `invalid_options` when the timeout is negative, the interval not above
    /// zero, or either no number; the official SDK's rule.
    pub fn new(timeout: f64, interval: f64) -> Result<Self, Error> {
        let invalid = |what| {
            Err(Error::invalid_options(
                "invalid_options",
                &["waitForActionAttempt: ", what],
            ))
        };
        if timeout.is_nan() || timeout < 0.0 {
            return invalid("timeout must not be negative");
        }
        if interval.is_nan() || interval <= 0.0 {
            return invalid("pollingInterval must be greater than zero");
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "neither is negative, and infinity saturates"
        )]
        Ok(Self {
            timeout: timeout as u64,
            interval: (interval as u64).max(1),
        })
    }
}

impl Default for Polling {
    /// Ten seconds, asking each second: the official SDK's.
    fn default() -> Self {
        Self {
            timeout: 10_000,
            interval: 1_000,
        }
    }
}

/// An action attempt that is being waited for.
#[derive(Clone, Debug)]
pub(crate) struct Pending<A> {
    polling: Polling,
    deadline: u64,
    pause: u64,
    id: String,
    answer: A,
}

/// What an action attempt's latest state asks for.
pub(crate) enum Next<A> {
    /// It succeeded.
    Done,
    /// Ask again in so many milliseconds.
    Wait(u64),
    /// It failed, or the time is up.
    Fail(Box<Failed<A>>),
}

impl<A: Answer> Pending<A> {
    /// The attempt in `answer`, to be waited for; nothing when it cannot be, for it is no attempt
    /// or has no id to ask by.
    pub(crate) fn new(answer: A, polling: Polling, now: u64) -> Option<Self> {
        let id = id_in(&answer)?;
        Some(Self {
            polling,
            deadline: now.saturating_add(polling.timeout),
            pause: FIRST_POLL.min(polling.interval),
            id,
            answer,
        })
    }

    /// The parameters that ask for it.
    pub(crate) fn params(&self) -> String {
        joined(&["{\"action_attempt_id\":\"", &self.id, "\"}"])
    }

    /// Takes over the state that a poll's `answer` gives; false when it speaks of
    /// something else.
    pub(crate) fn update(&mut self, answer: &A) -> bool {
        let same = id_in(answer).is_some_and(|id| id == self.id);
        if same {
            self.answer = answer.clone();
        }
        same
    }

    /// How long a poll may take from `now`, in milliseconds. The last look,
    /// taken when the time is up, gets a second.
    pub(crate) fn limit(&self, now: u64) -> u64 {
        self.deadline.saturating_sub(now).max(LAST_LOOK)
    }

    /// How long to wait after a poll that failed and may be repeated after
    /// `ms`; nothing when the time is up.
    pub(crate) fn back_off(&self, ms: u64, now: u64) -> Option<u64> {
        let left = self.deadline.saturating_sub(now);
        (left > 0).then_some(ms.min(left))
    }

    /// Whether the time is up.
    pub(crate) fn is_over(&self, now: u64) -> bool {
        now >= self.deadline
    }

    /// What to do now.
    pub(crate) fn next(&mut self, now: u64) -> Next<A> {
        match self.answer.text("action_attempt.status").as_deref() {
            Some("success") => return Next::Done,
            Some("error") => return Next::Fail(self.failed()),
            _ if self.is_over(now) => return Next::Fail(self.timed_out()),
            _ => {}
        }
        let wait = self.pause.min(self.deadline - now);
        self.pause = (self.pause * 2).min(self.polling.interval);
        Next::Wait(wait)
    }

    /// Ties an error met while polling to the attempt, of which it says nothing.
    pub(crate) fn lost(&self, mut failed: Box<Failed<A>>) -> Box<Failed<A>> {
        failed.error.outcome = Outcome::Unknown;
        failed.attempt = Some(self.answer.clone());
        failed
    }

    fn failed(&self) -> Box<Failed<A>> {
        let mut error = Error::new(
            ErrorClass::ActionAttemptFailed,
            "action_attempt_failed",
            // The device may have moved before it failed.
            Outcome::Unknown,
            &["the action attempt failed"],
        );
        if let Some(message) = self.answer.text("action_attempt.error.message") {
            error.message = message;
        }
        if let Some(code) = self.answer.text("action_attempt.error.type") {
            error.code = Cow::Owned(code);
        }
        self.lost(Failed::new(error))
    }

    pub(crate) fn timed_out(&self) -> Box<Failed<A>> {
        self.lost(Failed::new(Error::new(
            ErrorClass::ActionAttemptTimeout,
            "action_attempt_timeout",
            Outcome::Unknown,
            &[
                "the action attempt was still pending when the time to wait was over; it may yet \
                 be carried out: actionAttempts.get tells",
            ],
        )))
    }
}

/// The id of the attempt in an answer, fit to stand in JSON as it is.
fn id_in<A: Answer>(answer: &A) -> Option<String> {
    let id = answer.text("action_attempt.action_attempt_id")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (!id.is_empty() && id.bytes().all(plain)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_response::HttpResponse;

    fn body(status: &str) -> String {
        format!(
            r#"{{"ok":true,"action_attempt":{{"action_attempt_id":"a-1","status":"{status}",
            "error":{{"type":"jammed","message":"it is stuck"}}}}}}"#
        )
    }

    fn answer(body: &str) -> HttpResponse {
        HttpResponse {
            body: body.as_bytes().to_vec(),
            ..HttpResponse::default()
        }
    }

    fn pending(polling: Polling) -> Pending<HttpResponse> {
        Pending::new(answer(&body("pending")), polling, 0).unwrap()
    }

    #[test]
    fn asks_early_and_then_at_growing_pauses_up_to_the_interval_and_the_deadline() {
        let mut pending = pending(Polling::default());
        let mut now = 0;
        let mut pauses = Vec::new();
        let error = loop {
            match pending.next(now) {
                Next::Wait(ms) => {
                    pauses.push(ms);
                    now += ms;
                }
                Next::Fail(failed) => break failed.error,
                Next::Done => panic!("it did not"),
            }
        };
        assert_eq!(pauses[..4], [250, 500, 1_000, 1_000]);
        assert_eq!(now, 10_000);
        assert_eq!(error.class, ErrorClass::ActionAttemptTimeout);
        assert_eq!(error.outcome, Outcome::Unknown);
    }

    #[test]
    fn a_time_out_of_nothing_does_not_ask_at_all() {
        let polling = Polling {
            timeout: 0,
            interval: 1,
        };
        assert!(matches!(pending(polling).next(0), Next::Fail(_)));
    }

    #[test]
    fn ends_with_the_attempt_that_succeeded_even_when_time_is_up() {
        let mut pending = pending(Polling::default());
        assert!(pending.update(&answer(&body("success"))));
        assert!(matches!(pending.next(99_999), Next::Done));
    }

    #[test]
    fn a_failed_attempt_is_an_error_with_the_attempts_own_code() {
        let mut pending = pending(Polling::default());
        assert!(pending.update(&answer(&body("error"))));
        let Next::Fail(failed) = pending.next(1) else {
            panic!("it did not")
        };
        assert!(failed.action_attempt().unwrap().contains("a-1"));
        let error = failed.error;
        assert_eq!(error.class, ErrorClass::ActionAttemptFailed);
        assert_eq!(error.code, "jammed");
        assert_eq!(error.message, "it is stuck");
    }

    #[test]
    fn takes_only_times_that_can_be_waited() {
        for (timeout, interval) in [(-1.0, 1.0), (f64::NAN, 1.0), (1.0, 0.0), (1.0, f64::NAN)] {
            let error = Polling::new(timeout, interval).unwrap_err();
            assert_eq!(error.code, "invalid_options", "{timeout} {interval}");
        }
        let polling = Polling::new(f64::INFINITY, 0.5).unwrap();
        assert_eq!((polling.timeout, polling.interval), (u64::MAX, 1));
    }

    #[test]
    fn cannot_be_waited_for_without_an_id_to_ask_by() {
        for body in [
            "{}",
            "x",
            r#"{"action_attempt":null}"#,
            r#"{"action_attempt":"x"}"#,
            r#"{"action_attempt":{"status":"pending"}}"#,
            r#"{"action_attempt":{"action_attempt_id":""}}"#,
            r#"{"action_attempt":{"action_attempt_id":"a\",\"x\":\"1"}}"#,
        ] {
            let pending = Pending::new(answer(body), Polling::default(), 0);
            assert!(pending.is_none(), "{body}");
        }
    }

    #[test]
    fn an_answer_about_another_attempt_is_not_taken_for_this_one() {
        let other = r#"{"action_attempt":{"action_attempt_id":"b-2","status":"success"}}"#;
        let mut pending = pending(Polling::default());
        assert!(!pending.update(&answer(other)));
        assert!(!pending.update(&answer("{}")));
        assert!(matches!(pending.next(0), Next::Wait(_)));
    }
}
