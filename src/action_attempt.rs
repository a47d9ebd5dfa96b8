#![expect(
    clippy::unnecessary_box_returns,
    reason = "an error is boxed where it is created, and moved often"
)]

use core::time::Duration;
use std::borrow::Cow;

use crate::call_error::CallError;
use crate::error::{Error, ErrorClass, Outcome};
use crate::millis::millis;
use crate::response_view::ResponseView;
use crate::text::concat;

/// The first pause before a poll, in milliseconds. Most attempts end well before the interval.
const FIRST_PAUSE: u64 = 250;

/// The time limit of a poll, in milliseconds, so that one that hangs does not use up the deadline.
const POLL_TIMEOUT: u64 = 2_500;

/// The time limit of the poll at the deadline, in milliseconds.
const LAST_POLL_TIMEOUT: u64 = 1_000;

/// The member of a response that holds an action attempt.
pub(crate) const RESPONSE_KEY: &str = "action_attempt";

/// How to wait for an action attempt. The default is the official SDK's: ten seconds, with a poll
/// each second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollOptions {
    timeout: u64,
    interval: u64,
}

impl PollOptions {
    /// Waits for at most `timeout`, with pauses of at most `interval`, at least one millisecond,
    /// between two polls.
    #[must_use]
    pub fn new(timeout: Duration, interval: Duration) -> Self {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            timeout: millis(timeout),
            interval: millis(interval).max(1),
        }
    }

    /// The same in milliseconds, for a host whose numbers are floats. A negative number, or NaN,
    /// counts as 0.
    #[must_use]
    pub fn from_millis(timeout: f64, interval: f64) -> Self {
        Self {
            timeout: millis(timeout),
            interval: millis(interval).max(1),
        }
    }
}

impl Default for PollOptions {
    fn default() -> Self {
        Self {
            timeout: 10_000,
            interval: 1_000,
        }
    }
}

/// Waits for an action attempt. Times are in milliseconds of monotonic time.
#[derive(Debug)]
pub(crate) struct AttemptPoller<A> {
    options: PollOptions,
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
    /// A poller of the attempt in `response`; `None` if there is none, or it has no id.
    pub(crate) fn new(response: A, options: PollOptions, now: u64) -> Option<Self> {
        let id = id_in(&response)?;
        Some(Self {
            options,
            deadline: now.saturating_add(options.timeout),
            pause: FIRST_PAUSE.min(options.interval),
            id,
            response,
        })
    }

    /// Returns the parameters of a poll.
    pub(crate) fn params(&self) -> String {
        concat(&["{\"action_attempt_id\":\"", &self.id, "\"}"])
    }

    /// Keeps the response to a poll, if it is about this attempt.
    pub(crate) fn update(&mut self, response: &A) {
        if id_in(response).is_some_and(|id| id == self.id) {
            self.response = response.clone();
        }
    }

    /// Returns the time limit of a poll that is sent now.
    pub(crate) fn limit(&self, now: u64) -> u64 {
        let left = self.deadline.saturating_sub(now);
        left.clamp(LAST_POLL_TIMEOUT, POLL_TIMEOUT)
    }

    /// Returns the pause before the next poll, at least `retry_after`; `None` if the deadline is
    /// over. Pauses double up to the interval, and the last one ends at the deadline.
    pub(crate) fn next_pause(&mut self, retry_after: u64, now: u64) -> Option<u64> {
        let left = self.deadline.saturating_sub(now);
        let pause = self.pause.max(retry_after).min(left);
        self.pause = (self.pause * 2).min(self.options.interval);
        (left > 0).then_some(pause)
    }

    /// Returns whether the deadline is over.
    pub(crate) fn is_over(&self, now: u64) -> bool {
        now >= self.deadline
    }

    /// Returns the last known state.
    pub(crate) fn state(&self) -> State {
        match self.response.text("action_attempt.status").as_deref() {
            Some("success") => State::Succeeded,
            Some("error") => State::Failed,
            _ => State::Pending,
        }
    }

    /// Adds the attempt to the error of a poll, which leaves its outcome unknown.
    pub(crate) fn with_attempt_context(&self, mut error: Box<CallError<A>>) -> Box<CallError<A>> {
        error.error.outcome = Outcome::Unknown;
        error.attempt = Some(self.response.clone());
        error
    }

    /// Returns the error of an attempt that has failed.
    pub(crate) fn attempt_error(&self) -> Box<CallError<A>> {
        let mut error = Error::new(
            ErrorClass::ActionAttemptFailed,
            "action_attempt_failed",
            // The device may have moved before the attempt failed.
            Outcome::Unknown,
            &["the action attempt failed"],
        );
        if let Some(message) = self.response.text("action_attempt.error.message") {
            error.message = message;
        }
        if let Some(code) = self.response.text("action_attempt.error.type") {
            error.code = Cow::Owned(code);
        }
        self.with_attempt_context(CallError::new(error))
    }

    /// Returns the error of an attempt that was still pending at the deadline.
    pub(crate) fn timed_out(&self) -> Box<CallError<A>> {
        self.with_attempt_context(CallError::new(Error::new(
            ErrorClass::ActionAttemptTimeout,
            "action_attempt_timeout",
            Outcome::Unknown,
            &["the action attempt is still pending and may yet succeed: poll /action_attempts/get"],
        )))
    }
}

/// Returns the id of the attempt in a response, if it needs no escapes in JSON.
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

    fn poller(options: PollOptions) -> AttemptPoller<HttpResponse> {
        AttemptPoller::new(response(&body("pending")), options, 0).unwrap()
    }

    #[test]
    fn pauses_grow_up_to_the_interval_and_end_at_the_deadline() {
        let mut poller = poller(PollOptions::default());
        let mut now = 0;
        let mut pauses = Vec::new();
        while let Some(ms) = poller.next_pause(0, now) {
            pauses.push(ms);
            now += ms;
        }
        assert_eq!(pauses[..4], [250, 500, 1_000, 1_000]);
        assert_eq!(now, 10_000);
        let error = poller.timed_out().error;
        assert_eq!(error.class, ErrorClass::ActionAttemptTimeout);
        assert_eq!(error.outcome, Outcome::Unknown);
    }

    #[test]
    fn a_pause_respects_retry_after_but_ends_at_the_deadline() {
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
            let mut poller = poller(PollOptions::default());
            assert_eq!(poller.next_pause(asked, now), expected, "{asked} {now}");
        }
    }

    #[test]
    fn a_poll_takes_at_most_two_and_a_half_seconds_and_the_last_one_a_second() {
        let poller = poller(PollOptions::default());
        for (now, expected) in [
            (0, 2_500),
            (7_500, 2_500),
            (8_000, 2_000),
            (9_500, 1_000),
            (10_000, 1_000),
            (u64::MAX, 1_000),
        ] {
            assert_eq!(poller.limit(now), expected, "{now}");
        }
    }

    #[test]
    fn a_timeout_of_zero_does_not_poll() {
        let options = PollOptions {
            timeout: 0,
            interval: 1,
        };
        assert_eq!(poller(options).next_pause(0, 0), None);
    }

    #[test]
    fn a_poll_names_the_attempt_by_its_id() {
        let params = poller(PollOptions::default()).params();
        assert_eq!(params, r#"{"action_attempt_id":"a-1"}"#);
    }

    #[test]
    fn a_failed_attempt_is_an_error_with_the_code_of_the_attempt() {
        let mut poller = poller(PollOptions::default());
        poller.update(&response(&body("error")));
        assert_eq!(poller.state(), State::Failed);
        let failed = poller.attempt_error();
        assert!(failed.action_attempt().unwrap().contains("a-1"));
        let error = failed.error;
        assert_eq!(error.class, ErrorClass::ActionAttemptFailed);
        assert_eq!(error.code, "jammed");
        assert_eq!(error.message, "it is stuck");
    }

    #[test]
    fn times_are_saturated_and_an_interval_is_at_least_a_millisecond() {
        for (timeout, interval) in [(-1.0, 1.0), (f64::NAN, f64::NAN), (0.0, 0.0)] {
            let options = PollOptions::from_millis(timeout, interval);
            assert_eq!((options.timeout, options.interval), (0, 1), "{timeout}");
        }
        let options = PollOptions::from_millis(f64::INFINITY, 0.5);
        assert_eq!((options.timeout, options.interval), (u64::MAX, 1));
        let options = PollOptions::new(Duration::MAX, Duration::ZERO);
        assert_eq!((options.timeout, options.interval), (u64::MAX, 1));
        let ten_seconds = PollOptions::new(Duration::from_secs(10), Duration::from_secs(1));
        assert_eq!(ten_seconds, PollOptions::default());
    }

    #[test]
    fn an_attempt_without_an_id_cannot_be_polled() {
        for body in [
            "{}",
            "x",
            r#"{"action_attempt":null}"#,
            r#"{"action_attempt":"x"}"#,
            r#"{"action_attempt":{"status":"pending"}}"#,
            r#"{"action_attempt":{"action_attempt_id":""}}"#,
            r#"{"action_attempt":{"action_attempt_id":"a\",\"x\":\"1"}}"#,
        ] {
            let poller = AttemptPoller::new(response(body), PollOptions::default(), 0);
            assert!(poller.is_none(), "{body}");
        }
    }

    #[test]
    fn a_response_about_another_attempt_changes_nothing() {
        let other = r#"{"action_attempt":{"action_attempt_id":"b-2","status":"success"}}"#;
        let mut poller = poller(PollOptions::default());
        for body in [other, "{}", "", "<html>"] {
            poller.update(&response(body));
            assert_eq!(poller.state(), State::Pending, "{body}");
        }
        poller.update(&response(&body("success")));
        assert_eq!(poller.state(), State::Succeeded);
    }
}
