#![expect(
    clippy::unnecessary_box_returns,
    reason = "an error is boxed where it is made, and moved often"
)]

use std::borrow::Cow;

use crate::call_error::CallError;
use crate::error::{Error, ErrorClass, Outcome};
use crate::response_view::ResponseView;
use crate::text::concat;

/// How soon an attempt is asked for the first time; most end well before the
/// interval is over.
const FIRST_POLL: u64 = 250;

/// How long one poll may take, in milliseconds: one that hangs must not use up the time to wait.
const POLL_WITHIN: u64 = 2_500;

/// How long the last poll may take, in milliseconds, when the time to wait is up already.
const LAST_POLL: u64 = 1_000;

/// The member of an response that holds an action attempt.
pub(crate) const RESPONSE_KEY: &str = "action_attempt";

/// How to wait for an action attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollOptions {
    /// How long to wait in all, in milliseconds.
    pub timeout: u64,
    /// The longest pause between two polls, in milliseconds; at least 1.
    pub interval: u64,
}

impl PollOptions {
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
        Ok(Self::accept(timeout, interval))
    }

    /// The same for a host that has checked both numbers already. The explanations are 90 bytes of
    /// the client's module.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is negative, or no number, becomes 0, and infinity saturates"
    )]
    pub fn accept(timeout: f64, interval: f64) -> Self {
        Self {
            timeout: timeout as u64,
            interval: (interval as u64).max(1),
        }
    }
}

impl Default for PollOptions {
    /// Ten seconds, asking each second: the official SDK's.
    fn default() -> Self {
        Self {
            timeout: 10_000,
            interval: 1_000,
        }
    }
}

/// An action attempt that is being waited for. Times are in milliseconds of monotonic time.
#[derive(Debug)]
pub(crate) struct AttemptPoller<A> {
    polling: PollOptions,
    deadline: u64,
    pause: u64,
    id: String,
    response: A,
}

/// The state of an action attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Succeeded,
    Failed,
}

impl<A: ResponseView> AttemptPoller<A> {
    /// The attempt in `response`, to be waited for; nothing when it cannot be, for it is no attempt
    /// or has no id to ask by.
    pub(crate) fn new(response: A, polling: PollOptions, now: u64) -> Option<Self> {
        let id = id_in(&response)?;
        Some(Self {
            polling,
            deadline: now.saturating_add(polling.timeout),
            pause: FIRST_POLL.min(polling.interval),
            id,
            response,
        })
    }

    /// The parameters that ask for it.
    pub(crate) fn params(&self) -> String {
        concat(&["{\"action_attempt_id\":\"", &self.id, "\"}"])
    }

    /// Takes over the state that a poll's `response` gives, if it speaks of this attempt.
    pub(crate) fn update(&mut self, response: &A) {
        if id_in(response).is_some_and(|id| id == self.id) {
            self.response = response.clone();
        }
    }

    /// How long a poll may take from `now`. The last poll, taken when the time is up, gets a
    /// second.
    pub(crate) fn limit(&self, now: u64) -> u64 {
        let left = self.deadline.saturating_sub(now);
        left.clamp(LAST_POLL, POLL_WITHIN)
    }

    /// How long to wait before the next poll, at least `asked`; `None` when the time is up. The
    /// pauses double up to the interval, and the last ends at the deadline.
    pub(crate) fn next_pause(&mut self, asked: u64, now: u64) -> Option<u64> {
        let left = self.deadline.saturating_sub(now);
        let pause = self.pause.max(asked).min(left);
        self.pause = (self.pause * 2).min(self.polling.interval);
        (left > 0).then_some(pause)
    }

    /// Whether the time is up.
    pub(crate) fn is_over(&self, now: u64) -> bool {
        now >= self.deadline
    }

    /// Its state as it was last seen.
    pub(crate) fn state(&self) -> State {
        match self.response.text("action_attempt.status").as_deref() {
            Some("success") => State::Succeeded,
            Some("error") => State::Failed,
            _ => State::Pending,
        }
    }

    /// Ties an error met while polling to the attempt, of which it says nothing.
    pub(crate) fn lost(&self, mut failed: Box<CallError<A>>) -> Box<CallError<A>> {
        failed.error.outcome = Outcome::Unknown;
        failed.attempt = Some(self.response.clone());
        failed
    }

    /// The error of an attempt that failed.
    pub(crate) fn failed(&self) -> Box<CallError<A>> {
        let mut error = Error::new(
            ErrorClass::ActionAttemptFailed,
            "action_attempt_failed",
            // The device may have moved before it failed.
            Outcome::Unknown,
            &["the action attempt failed"],
        );
        if let Some(message) = self.response.text("action_attempt.error.message") {
            error.message = message;
        }
        if let Some(code) = self.response.text("action_attempt.error.type") {
            error.code = Cow::Owned(code);
        }
        self.lost(CallError::new(error))
    }

    /// The error of one that was still pending at the deadline.
    pub(crate) fn timed_out(&self) -> Box<CallError<A>> {
        self.lost(CallError::new(Error::new(
            ErrorClass::ActionAttemptTimeout,
            "action_attempt_timeout",
            Outcome::Unknown,
            &["the action attempt is still pending and may yet succeed: ask actionAttempts.get"],
        )))
    }
}

/// The id of the attempt in an response, fit to stand in JSON as it is.
fn id_in<A: ResponseView>(response: &A) -> Option<String> {
    let id = response.text("action_attempt.action_attempt_id")?;
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

    fn response(body: &str) -> HttpResponse {
        HttpResponse {
            body: body.as_bytes().to_vec(),
            ..HttpResponse::default()
        }
    }

    fn pending(polling: PollOptions) -> AttemptPoller<HttpResponse> {
        AttemptPoller::new(response(&body("pending")), polling, 0).unwrap()
    }

    #[test]
    fn polls_early_and_then_at_growing_pauses_up_to_the_interval_and_the_deadline() {
        let mut pending = pending(PollOptions::default());
        let mut now = 0;
        let mut pauses = Vec::new();
        while let Some(ms) = pending.next_pause(0, now) {
            pauses.push(ms);
            now += ms;
        }
        assert_eq!(pauses[..4], [250, 500, 1_000, 1_000]);
        assert_eq!(now, 10_000);
        let error = pending.timed_out().error;
        assert_eq!(error.class, ErrorClass::ActionAttemptTimeout);
        assert_eq!(error.outcome, Outcome::Unknown);
    }

    #[test]
    fn a_pause_is_as_long_as_the_server_asks_but_ends_at_the_deadline() {
        for (asked, now, expected) in [
            (0, 0, Some(250)),
            (249, 0, Some(250)),
            (3_000, 0, Some(3_000)),
            (60_000, 0, Some(10_000)),
            (0, 9_900, Some(100)),
            (0, 9_999, Some(1)),
            (0, 10_000, None),
            (5, 10_001, None),
        ] {
            let mut pending = pending(PollOptions::default());
            assert_eq!(pending.next_pause(asked, now), expected, "{asked} {now}");
        }
    }

    #[test]
    fn one_poll_takes_at_most_two_and_a_half_seconds_and_the_last_one_a_second() {
        let pending = pending(PollOptions::default());
        for (now, expected) in [
            (0, 2_500),
            (7_500, 2_500),
            (8_000, 2_000),
            (9_500, 1_000),
            (10_000, 1_000),
            (u64::MAX, 1_000),
        ] {
            assert_eq!(pending.limit(now), expected, "{now}");
        }
    }

    #[test]
    fn a_timeout_of_nothing_does_not_poll_at_all() {
        let polling = PollOptions {
            timeout: 0,
            interval: 1,
        };
        assert_eq!(pending(polling).next_pause(0, 0), None);
    }

    #[test]
    fn asks_for_the_attempt_by_its_id() {
        let params = pending(PollOptions::default()).params();
        assert_eq!(params, r#"{"action_attempt_id":"a-1"}"#);
    }

    #[test]
    fn a_failed_attempt_is_an_error_with_the_attempts_own_code() {
        let mut pending = pending(PollOptions::default());
        pending.update(&response(&body("error")));
        assert_eq!(pending.state(), State::Failed);
        let failed = pending.failed();
        assert!(failed.action_attempt().unwrap().contains("a-1"));
        let error = failed.error;
        assert_eq!(error.class, ErrorClass::ActionAttemptFailed);
        assert_eq!(error.code, "jammed");
        assert_eq!(error.message, "it is stuck");
    }

    #[test]
    fn takes_only_times_that_can_be_waited() {
        for (timeout, interval) in [(-1.0, 1.0), (f64::NAN, 1.0), (1.0, 0.0), (1.0, f64::NAN)] {
            let error = PollOptions::new(timeout, interval).unwrap_err();
            assert_eq!(error.code, "invalid_options", "{timeout} {interval}");
        }
        let polling = PollOptions::new(f64::INFINITY, 0.5).unwrap();
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
            let pending = AttemptPoller::new(response(body), PollOptions::default(), 0);
            assert!(pending.is_none(), "{body}");
        }
    }

    #[test]
    fn an_answer_about_another_attempt_changes_nothing() {
        let other = r#"{"action_attempt":{"action_attempt_id":"b-2","status":"success"}}"#;
        let mut pending = pending(PollOptions::default());
        for body in [other, "{}", "", "<html>"] {
            pending.update(&response(body));
            assert_eq!(pending.state(), State::Pending, "{body}");
        }
        pending.update(&response(&body("success")));
        assert_eq!(pending.state(), State::Succeeded);
    }
}
