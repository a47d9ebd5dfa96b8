use std::borrow::Cow;

use crate::error::{Error, ErrorClass, Outcome};
use crate::json::Json;

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
        let invalid = |what| Err(Error::invalid_options("invalid_options", what));
        if timeout.is_nan() || timeout < 0.0 {
            return invalid("waitForActionAttempt: timeout must not be negative");
        }
        if interval.is_nan() || interval <= 0.0 {
            return invalid("waitForActionAttempt: pollingInterval must be greater than zero");
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
pub(crate) struct Pending {
    polling: Polling,
    deadline: u64,
    pause: u64,
    id: String,
    attempt: String,
}

/// What an action attempt's latest state asks for.
pub(crate) enum Next {
    /// It succeeded.
    Done,
    /// Ask again in so many milliseconds.
    Wait(u64),
    /// It failed, or the time is up.
    Fail(Box<Error>),
}

impl Pending {
    /// The attempt that `body` answers with, to be waited for; nothing when it
    /// cannot be, for it is no attempt or has no id to ask by.
    pub(crate) fn new(body: &[u8], polling: Polling, now: u64) -> Option<Self> {
        let (id, attempt) = read(body)?;
        Some(Self {
            polling,
            deadline: now.saturating_add(polling.timeout),
            pause: FIRST_POLL.min(polling.interval),
            id,
            attempt,
        })
    }

    /// The parameters that ask for it.
    pub(crate) fn params(&self) -> String {
        ["{\"action_attempt_id\":\"", &self.id, "\"}"].concat()
    }

    /// Takes over the state that a poll's `body` gives; false when it speaks of
    /// something else.
    pub(crate) fn update(&mut self, body: &[u8]) -> bool {
        match read(body) {
            Some((id, attempt)) if id == self.id => {
                self.attempt = attempt;
                true
            }
            _ => false,
        }
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
    pub(crate) fn next(&mut self, now: u64) -> Next {
        let status = Json::object(self.attempt.as_bytes(), "status").flatten();
        if status.is_some_and(|status| status.is("success")) {
            return Next::Done;
        }
        if status.is_some_and(|status| status.is("error")) {
            return Next::Fail(Box::new(self.failed()));
        }
        if self.is_over(now) {
            return Next::Fail(Box::new(self.timed_out()));
        }
        let wait = self.pause.min(self.deadline - now);
        self.pause = (self.pause * 2).min(self.polling.interval);
        Next::Wait(wait)
    }

    /// Ties an error met while polling to the attempt, of which it says nothing.
    pub(crate) fn lost(&self, mut error: Box<Error>) -> Box<Error> {
        error.outcome = Outcome::Unknown;
        error.action_attempt = Some(self.attempt.clone());
        error
    }

    fn failed(&self) -> Error {
        let reported = Json::object(self.attempt.as_bytes(), "error").flatten();
        let text = |key| reported?.member(key)?.string();
        let mut error = Error::new(
            ErrorClass::ActionAttemptFailed,
            "action_attempt_failed",
            // The device may have moved before it failed.
            Outcome::Unknown,
            text("message").unwrap_or_else(|| "the action attempt failed".to_owned()),
        );
        if let Some(code) = text("type") {
            error.error_type = Some(code.clone());
            error.code = Cow::Owned(code);
        }
        error.action_attempt = Some(self.attempt.clone());
        error
    }

    pub(crate) fn timed_out(&self) -> Error {
        let mut error = Error::new(
            ErrorClass::ActionAttemptTimeout,
            "action_attempt_timeout",
            Outcome::Unknown,
            format!(
                "the action attempt was still pending after {} ms; it may yet be carried out: \
                 actionAttempts.get tells",
                self.polling.timeout
            ),
        );
        error.action_attempt = Some(self.attempt.clone());
        error
    }
}

/// The attempt in an answer: its id, fit to stand in JSON as it is, and its text.
fn read(body: &[u8]) -> Option<(String, String)> {
    let attempt = Json::object(body, RESPONSE_KEY)??;
    let id = attempt.member("action_attempt_id")?.string()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (!id.is_empty() && id.bytes().all(plain)).then(|| (id, attempt.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(status: &str) -> String {
        format!(
            r#"{{"ok":true,"action_attempt":{{"action_attempt_id":"a-1","status":"{status}",
            "error":{{"type":"jammed","message":"it is stuck"}}}}}}"#
        )
    }

    fn pending(polling: Polling) -> Pending {
        Pending::new(body("pending").as_bytes(), polling, 0).unwrap()
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
                Next::Fail(error) => break error,
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
        assert!(pending.update(body("success").as_bytes()));
        assert!(matches!(pending.next(99_999), Next::Done));
    }

    #[test]
    fn a_failed_attempt_is_an_error_with_the_attempts_own_code() {
        let mut pending = pending(Polling::default());
        assert!(pending.update(body("error").as_bytes()));
        let Next::Fail(error) = pending.next(1) else {
            panic!("it did not")
        };
        assert_eq!(error.class, ErrorClass::ActionAttemptFailed);
        assert_eq!(error.code, "jammed");
        assert_eq!(error.message, "it is stuck");
        assert!(error.action_attempt.unwrap().contains("a-1"));
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
            let pending = Pending::new(body.as_bytes(), Polling::default(), 0);
            assert!(pending.is_none(), "{body}");
        }
    }

    #[test]
    fn an_answer_about_another_attempt_is_not_taken_for_this_one() {
        let other = br#"{"action_attempt":{"action_attempt_id":"b-2","status":"success"}}"#;
        let mut pending = pending(Polling::default());
        assert!(!pending.update(other));
        assert!(!pending.update(b"{}"));
        assert!(matches!(pending.next(0), Next::Wait(_)));
    }
}
