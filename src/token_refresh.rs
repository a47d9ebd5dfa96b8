//! Token refresh: when the token function is called, which calls wait for the next token, and
//! which rejected calls are sent again.

use crate::backoff::{LONGEST_TIMER, backoff};
use crate::call::ACTION_TIMEOUT;
use crate::clock::{Moment, Timeline};
use crate::error::Outcome;
use crate::route::RouteKind;

/// A token is refreshed when a tenth of its lifetime is left, but at most this long before it
/// expires, in milliseconds.
const MAX_REFRESH_MARGIN: u64 = 300_000;

/// The backoff after a failed refresh, or a failed lookup of the expiry, in milliseconds. It
/// doubles with each further failure.
const FIRST_BACKOFF: u64 = 1_000;
const LONGEST_BACKOFF: u64 = 60_000;

/// A token with a shorter lifetime than this, in milliseconds, counts as a failed refresh:
/// otherwise a server that accepts each token only for a moment would have the token function
/// called in a loop.
const SHORT_LIFETIME: u64 = 10_000;

/// Later than any time.
const NEVER: u64 = u64::MAX;

/// What a call must do before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAction {
    /// Send it with the current token.
    Use,
    /// Send it with the current token, and call the token function in parallel.
    UseAndRefresh,
    /// Call the token function, then poll again.
    Refresh,
    /// Wait for the refresh in progress, then poll again.
    AwaitRefresh,
    /// Fail: the token function has just failed and is in backoff, or the user has signed out.
    Backoff,
}

/// Keeps a client session authorised. Calls in parallel share one refresh. Each token has a
/// number, from 1 on.
///
/// Waits are measured with the monotonic clock; a reading that is earlier than the last one counts
/// as no time. The wall clock matters only if the token's `expires_at` is known.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "events in any order set each independently"
)]
pub struct TokenRefresher {
    timeline: Timeline,
    /// The number of the current token; 0 before the first one.
    token: u32,
    /// The wall time at which the current token is refreshed, and at which its session expires.
    refresh_at: u64,
    expires_at: u64,
    /// When the current token was received; `NEVER` once its end has been counted.
    received_at: u64,
    /// Whether the server has accepted the current token.
    accepted: bool,
    /// Whether the server has rejected the current token.
    rejected: bool,
    /// Whether the token function is running.
    refreshing: bool,
    /// Consecutive refreshes that failed, or brought a token with a short lifetime.
    failures: u32,
    /// The token function is not called earlier.
    backoff_until: u64,
    /// Whether the backoff was skipped for a rejected token, with no long-lived token since.
    backoff_skipped: bool,
    /// Failed lookups of the current token's expiry.
    expiry_failures: u32,
    /// When the expiry may be looked up again.
    retry_expiry_at: u64,
}

impl Default for TokenRefresher {
    fn default() -> Self {
        Self::new()
    }
}

impl TokenRefresher {
    /// A refresher without a token.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            timeline: Timeline::new(0),
            token: 0,
            refresh_at: NEVER,
            expires_at: NEVER,
            received_at: NEVER,
            accepted: false,
            rejected: false,
            refreshing: false,
            failures: 0,
            backoff_until: 0,
            backoff_skipped: false,
            expiry_failures: 0,
            retry_expiry_at: NEVER,
        }
    }

    /// Returns what a call must do first. [`TokenAction::Refresh`] and
    /// [`TokenAction::UseAndRefresh`] start a refresh, which ends with
    /// [`handle_token`](Self::handle_token),
    /// [`handle_refresh_failed`](Self::handle_refresh_failed) or
    /// [`handle_sign_out`](Self::handle_sign_out). The wall time may be 0 while no expiry is known.
    pub fn poll_action(&mut self, now: Moment) -> TokenAction {
        let time = self.time(now.monotonic);
        let is_usable = self.token > 0 && !self.rejected;
        let is_alive = is_usable && now.wall < self.expires_at;
        if is_usable {
            if now.wall < self.refresh_at {
                return TokenAction::Use;
            }
            self.count_end(time, 0);
        }
        match (self.refreshing, time < self.backoff_until) {
            (true, _) if is_alive => TokenAction::Use,
            (true, _) => TokenAction::AwaitRefresh,
            // By our clock it has expired; the server may still accept it.
            (false, true) if is_usable => TokenAction::Use,
            (false, true) => TokenAction::Backoff,
            (false, false) => {
                self.refreshing = true;
                if is_alive {
                    TokenAction::UseAndRefresh
                } else {
                    TokenAction::Refresh
                }
            }
        }
    }

    /// Handles a new token, received at this monotonic time, and returns its number. The host
    /// must now look up its expiry, which ends with
    /// [`handle_token_accepted`](Self::handle_token_accepted) or
    /// [`handle_expiry_unknown`](Self::handle_expiry_unknown).
    pub fn handle_token(&mut self, now: u64) -> u32 {
        self.token += 1;
        self.received_at = self.time(now);
        self.refresh_at = NEVER;
        self.expires_at = NEVER;
        self.accepted = false;
        self.rejected = false;
        self.refreshing = false;
        self.expiry_failures = 0;
        self.retry_expiry_at = NEVER;
        self.backoff_until = 0;
        self.token
    }

    /// Continues with a token that had this number in another refresher, and was received now.
    pub(crate) fn handle_resumed(&mut self, token: u32, now: u64) {
        self.token = token.saturating_sub(1);
        self.handle_token(now);
    }

    /// Handles a failed refresh. Returns whether the current token is known to be rejected: then
    /// nothing of its session may be shown any more.
    pub fn handle_refresh_failed(&mut self, now: u64, jitter: u32) -> bool {
        let time = self.time(now);
        if core::mem::replace(&mut self.refreshing, false) {
            self.back_off(time, jitter);
        }
        self.rejected
    }

    /// Handles the end of the session, as reported by the token function. No call is sent, and
    /// the function is not called, until the host passes a token to
    /// [`handle_token`](Self::handle_token). Events about the last token are ignored from now on.
    pub fn handle_sign_out(&mut self) {
        self.token += 1;
        self.rejected = true;
        self.refreshing = false;
        self.backoff_until = NEVER;
    }

    /// Handles a response that shows that the server accepts `token`. `expires_at` is when the
    /// session expires, if the response was that of `client_sessions/get`. Returns whether the
    /// host must look up the expiry again.
    pub fn handle_token_accepted(
        &mut self,
        token: u32,
        expires_at: Option<u64>,
        now: Moment,
    ) -> bool {
        let time = self.time(now.monotonic);
        if token != self.token {
            return false;
        }
        self.accepted = true;
        if let Some(expires_at) = expires_at {
            // If the server accepts a session that has expired by our clock, the clock is wrong:
            // then only the server decides when it ends.
            (self.refresh_at, self.expires_at) = match expires_at.saturating_sub(now.wall) {
                0 => (NEVER, NEVER),
                left => (expires_at - (left / 10).min(MAX_REFRESH_MARGIN), expires_at),
            };
        }
        let asks_for_expiry = self.retry_expiry_at <= time;
        if asks_for_expiry {
            self.retry_expiry_at = NEVER;
        }
        asks_for_expiry
    }

    /// Handles a failed lookup of the expiry of `token`. The first call that the server accepts
    /// after a backoff triggers the next lookup.
    pub fn handle_expiry_unknown(&mut self, token: u32, now: u64, jitter: u32) {
        let time = self.time(now);
        if token == self.token {
            self.expiry_failures += 1;
            self.retry_expiry_at = time + backoff_after(self.expiry_failures, jitter);
        }
    }

    /// Handles a call that the server rejected because of `token`. Returns whether the host must
    /// send the call again, beginning with [`poll_action`](Self::poll_action): only if it was not
    /// executed, was not resent before, and is not an action whose time is over. Otherwise the
    /// call fails.
    ///
    /// A rejection of an older token does not affect the current one. The host must not resend a
    /// call as another user than the one it was made as.
    pub fn handle_unauthorized(&mut self, token: u32, call: &RejectedCall, jitter: u32) -> bool {
        let time = self.time(call.now.monotonic);
        if token == self.token && !core::mem::replace(&mut self.rejected, true) {
            self.count_end(time, jitter);
            // Skips the backoff for the first rejection: an earlier refresh may have come before
            // the session ended.
            if self.accepted && !core::mem::replace(&mut self.backoff_skipped, true) {
                (self.failures, self.backoff_until) = (0, 0);
            }
        }
        let is_in_time =
            call.kind != RouteKind::Action || call.now.since(call.called_at) < ACTION_TIMEOUT;
        call.outcome == Outcome::Refused && is_in_time && !call.is_resend
    }

    /// Returns the milliseconds until the next refresh is due, at most what a timer takes; `None`
    /// if none is.
    pub fn poll_timer(&mut self, now: Moment) -> Option<u64> {
        let time = self.time(now.monotonic);
        if self.refreshing || self.rejected || self.refresh_at == NEVER {
            return None;
        }
        let due = self.refresh_at.saturating_sub(now.wall);
        let backoff = self.backoff_until.saturating_sub(time);
        Some(due.max(backoff).min(LONGEST_TIMER))
    }

    /// Returns whether the server has rejected the current token.
    pub(crate) const fn is_rejected(&self) -> bool {
        self.rejected
    }

    /// Returns the elapsed monotonic time.
    #[inline(never)]
    fn time(&mut self, now: u64) -> u64 {
        self.timeline.advance(now)
    }

    /// Counts the end of the current token, once: by a rejection, or because its refresh is due.
    fn count_end(&mut self, time: u64, jitter: u32) {
        let received_at = core::mem::replace(&mut self.received_at, NEVER);
        if received_at == NEVER {
            return;
        }
        if time - received_at < SHORT_LIFETIME {
            self.back_off(received_at, jitter);
        } else {
            self.failures = 0;
            self.backoff_skipped = false;
        }
    }

    fn back_off(&mut self, from: u64, jitter: u32) {
        self.failures += 1;
        self.backoff_until = from + backoff_after(self.failures, jitter);
    }
}

/// Returns whether a call that was made at token generation `generation` may be sent with the
/// current token. `since` is the generation at which the current user signed in. A read always
/// may; a write or an action only if the current user was signed in when the call was made.
#[must_use]
pub fn may_send_as_current_user(kind: RouteKind, generation: u32, since: u32) -> bool {
    kind == RouteKind::Read || generation >= since
}

#[inline(never)]
fn backoff_after(failures: u32, jitter: u32) -> u64 {
    backoff(FIRST_BACKOFF, LONGEST_BACKOFF, failures, jitter)
}

/// A call that the server rejected because of its token.
#[derive(Clone, Copy, Debug)]
pub struct RejectedCall {
    /// The kind of its route.
    pub kind: RouteKind,
    /// Its outcome. An action whose attempt is being polled was executed, even if the poll was
    /// rejected.
    pub outcome: Outcome,
    /// Whether it has been sent again before.
    pub is_resend: bool,
    /// When it was made.
    pub called_at: Moment,
    /// The current time.
    pub now: Moment,
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;
    /// The readings of the two clocks at the start of a test.
    const MONOTONIC: u64 = 86_400_000;
    const WALL: u64 = 1_795_000_000_000;

    /// Both clocks, this many milliseconds after the start of the test.
    fn at(passed: u64) -> Moment {
        Moment {
            monotonic: ms(passed),
            wall: WALL + passed,
        }
    }

    fn ms(passed: u64) -> u64 {
        MONOTONIC + passed
    }

    fn with_token() -> TokenRefresher {
        let mut refresher = TokenRefresher::new();
        assert_eq!(refresher.poll_action(at(0)), TokenAction::Refresh);
        assert_eq!(refresher.handle_token(ms(0)), 1);
        refresher
    }

    /// When the token function may be called again, which is in backoff now.
    fn next_refresh(refresher: &TokenRefresher, now: u64) -> u64 {
        let needs = |passed: &u64| refresher.clone().poll_action(at(*passed));
        assert_eq!(needs(&now), TokenAction::Backoff, "not in backoff");
        let mut seconds = (now..).step_by(1_000).take(1_000);
        let second = seconds.find(|now| needs(now) == TokenAction::Refresh);
        let second = second.unwrap();
        assert_eq!(
            needs(&(second - 1)),
            TokenAction::Backoff,
            "not a whole second"
        );
        second
    }

    /// A refresher with a token that was accepted at 0 and expires after an hour.
    fn for_an_hour() -> TokenRefresher {
        let mut refresher = with_token();
        refresher.handle_token_accepted(1, Some(WALL + HOUR), at(0));
        refresher
    }

    fn call(kind: RouteKind, now: u64) -> RejectedCall {
        RejectedCall {
            kind,
            outcome: Outcome::Refused,
            is_resend: false,
            called_at: at(0),
            now: at(now),
        }
    }

    #[test]
    fn calls_in_parallel_share_one_refresh() {
        let mut refresher = TokenRefresher::new();
        assert_eq!(refresher.poll_action(at(0)), TokenAction::Refresh);
        for _ in 0..10 {
            assert_eq!(refresher.poll_action(at(0)), TokenAction::AwaitRefresh);
        }
        refresher.handle_token(ms(0));
        assert_eq!(refresher.poll_action(at(0)), TokenAction::Use);
    }

    #[test]
    fn a_token_is_refreshed_before_it_expires_while_calls_continue() {
        let mut refresher = for_an_hour();
        let due = HOUR - 300_000;
        assert_eq!(refresher.poll_action(at(due - 1)), TokenAction::Use);
        assert_eq!(refresher.poll_action(at(due)), TokenAction::UseAndRefresh);
        assert_eq!(
            refresher.poll_action(at(due + 1)),
            TokenAction::Use,
            "one refresh is enough"
        );
        assert_eq!(
            refresher.poll_action(at(HOUR)),
            TokenAction::AwaitRefresh,
            "it has expired"
        );
    }

    #[test]
    fn a_short_session_is_refreshed_when_a_tenth_of_it_is_left() {
        let mut refresher = with_token();
        refresher.handle_token_accepted(1, Some(WALL + 61_000), at(1_000));
        assert_eq!(refresher.poll_timer(at(1_000)), Some(54_000));
        assert_eq!(
            refresher.poll_action(at(55_000)),
            TokenAction::UseAndRefresh
        );
    }

    #[test]
    fn an_expired_token_is_not_used_after_a_long_sleep() {
        let mut refresher = for_an_hour();
        assert_eq!(refresher.poll_action(at(9 * HOUR)), TokenAction::Refresh);
    }

    #[test]
    fn a_new_token_that_has_expired_by_a_wrong_clock_is_used() {
        let mut refresher = with_token();
        refresher.handle_token_accepted(1, Some(WALL + HOUR), at(2 * HOUR));
        assert_eq!(refresher.poll_action(at(3 * HOUR)), TokenAction::Use);
        assert_eq!(refresher.poll_timer(at(3 * HOUR)), None);
    }

    #[test]
    fn a_wait_is_never_longer_than_a_timer_takes() {
        let mut refresher = with_token();
        refresher.handle_token_accepted(1, Some(WALL + 400 * 24 * HOUR), at(0));
        assert_eq!(refresher.poll_timer(at(0)), Some(LONGEST_TIMER));
    }

    #[test]
    fn a_rejection_of_the_current_token_causes_one_refresh() {
        let mut refresher = for_an_hour();
        assert!(refresher.handle_unauthorized(1, &call(RouteKind::Read, 5), 0));
        assert!(refresher.handle_unauthorized(1, &call(RouteKind::Read, 6), 0));
        assert_eq!(refresher.poll_action(at(7)), TokenAction::Refresh);
        assert_eq!(refresher.poll_action(at(7)), TokenAction::AwaitRefresh);
    }

    #[test]
    fn a_late_rejection_of_an_older_token_causes_no_refresh() {
        let mut refresher = for_an_hour();
        refresher.handle_token(ms(0));
        assert!(refresher.handle_unauthorized(1, &call(RouteKind::Read, 5), 0));
        assert_eq!(refresher.poll_action(at(5)), TokenAction::Use);
        assert_eq!(refresher.token, 2);
    }

    #[test]
    fn a_call_that_is_rejected_again_fails() {
        let mut refresher = for_an_hour();
        let again = RejectedCall {
            is_resend: true,
            ..call(RouteKind::Read, 5)
        };
        assert!(!refresher.handle_unauthorized(1, &again, 0));
    }

    #[test]
    fn an_action_is_resent_only_within_ten_seconds_of_the_call() {
        let cases = [
            (RouteKind::Read, 60_000, true),
            (RouteKind::Write, 60_000, true),
            (RouteKind::Action, 9_999, true),
            (RouteKind::Action, 10_000, false),
        ];
        for (kind, now, expected) in cases {
            let mut refresher = for_an_hour();
            let found = refresher.handle_unauthorized(1, &call(kind, now), 0);
            assert_eq!(found, expected, "{kind:?} {now}");
        }
    }

    #[test]
    fn calls_fail_at_once_after_a_failed_refresh_and_the_backoff_grows() {
        let mut refresher = TokenRefresher::new();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..9 {
            assert_eq!(refresher.poll_action(at(now)), TokenAction::Refresh);
            refresher.handle_refresh_failed(ms(now), 0);
            let until = next_refresh(&refresher, now);
            waits.push(until - now);
            now = until;
        }
        assert_eq!(
            waits,
            [
                1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000
            ]
        );
    }

    #[test]
    fn a_failed_refresh_of_a_rejected_token_ends_its_session() {
        let mut refresher = for_an_hour();
        refresher.handle_unauthorized(1, &call(RouteKind::Read, 5), 0);
        assert_eq!(refresher.poll_action(at(5)), TokenAction::Refresh);
        assert!(refresher.handle_refresh_failed(ms(5), 0));
    }

    #[test]
    fn new_tokens_that_are_rejected_one_after_another_back_off() {
        let mut refresher = with_token();
        refresher.handle_unauthorized(1, &call(RouteKind::Read, 0), 0);
        assert_eq!(next_refresh(&refresher, 0), 1_000);
        assert_eq!(refresher.poll_action(at(1_000)), TokenAction::Refresh);
        refresher.handle_token(ms(1_000));
        refresher.handle_unauthorized(2, &call(RouteKind::Read, 1_000), 0);
        assert_eq!(next_refresh(&refresher, 1_000), 3_000);
    }

    #[test]
    fn a_token_that_may_still_be_accepted_is_used_while_its_refresh_fails() {
        let mut refresher = for_an_hour();
        let due = HOUR - 300_000;
        assert_eq!(refresher.poll_action(at(due)), TokenAction::UseAndRefresh);
        assert!(
            !refresher.handle_refresh_failed(ms(due), 0),
            "it is not rejected"
        );
        assert_eq!(refresher.poll_action(at(due)), TokenAction::Use);
        assert_eq!(refresher.poll_timer(at(due)), Some(1_000));
        assert_eq!(
            refresher.poll_action(at(due + 1_000)),
            TokenAction::UseAndRefresh
        );
    }

    #[test]
    fn the_rejection_of_an_accepted_token_skips_the_backoff_once() {
        let mut refresher = for_an_hour();
        let mut now = HOUR - 300_000;
        for _ in 0..8 {
            assert_eq!(refresher.poll_action(at(now)), TokenAction::UseAndRefresh);
            refresher.handle_refresh_failed(ms(now), 0);
            refresher.handle_token_accepted(1, None, at(now));
            now += refresher.poll_timer(at(now)).unwrap();
        }
        assert_eq!(refresher.poll_action(at(now)), TokenAction::UseAndRefresh);
        refresher.handle_refresh_failed(ms(now), 0);
        now += 1;
        assert_eq!(refresher.poll_action(at(now)), TokenAction::Use);

        assert!(refresher.handle_unauthorized(1, &call(RouteKind::Read, now), 0));
        assert_eq!(refresher.poll_action(at(now)), TokenAction::Refresh);
        assert!(refresher.handle_refresh_failed(ms(now), 0));
        assert!(refresher.handle_unauthorized(1, &call(RouteKind::Read, now), 0));
        assert_eq!(next_refresh(&refresher, now), now + 1_000);
    }

    #[test]
    fn the_backoff_of_failed_refreshes_grows_while_the_token_is_still_accepted() {
        let mut refresher = for_an_hour();
        let mut now = HOUR - 300_000;
        let mut waits = Vec::new();
        for _ in 0..5 {
            assert_eq!(refresher.poll_action(at(now)), TokenAction::UseAndRefresh);
            refresher.handle_refresh_failed(ms(now), 0);
            refresher.handle_token_accepted(1, None, at(now));
            waits.push(refresher.poll_timer(at(now)).unwrap());
            now += waits.last().unwrap();
        }
        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
        refresher.handle_token(ms(now));
        refresher.handle_token_accepted(2, Some(WALL + now + HOUR), at(now));
        now += HOUR - 300_000;
        assert_eq!(refresher.poll_action(at(now)), TokenAction::UseAndRefresh);
        refresher.handle_refresh_failed(ms(now), 0);
        assert_eq!(
            refresher.poll_timer(at(now)),
            Some(1_000),
            "the backoff was reset"
        );
    }

    #[test]
    fn the_expiry_is_looked_up_again_with_a_growing_backoff_after_accepted_calls() {
        let mut refresher = with_token();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..8 {
            assert!(
                !refresher.handle_token_accepted(1, None, at(now)),
                "the lookup is in progress"
            );
            refresher.handle_expiry_unknown(1, ms(now), 0);
            let at = (now..)
                .step_by(1_000)
                .take(1_000)
                .find(|now| refresher.handle_token_accepted(1, None, at(*now)));
            waits.push(at.unwrap() - now);
            now = at.unwrap();
        }
        assert_eq!(
            waits,
            [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
        );
        assert!(!refresher.handle_token_accepted(1, Some(WALL + HOUR), at(now)));
        assert!(
            !refresher.handle_token_accepted(1, None, at(now + HOUR)),
            "the expiry is known"
        );
    }

    #[test]
    fn a_new_token_restarts_the_lookup_of_the_expiry() {
        let mut refresher = with_token();
        refresher.handle_expiry_unknown(1, ms(0), 0);
        refresher.handle_token(ms(0));
        assert!(
            !refresher.handle_token_accepted(1, None, at(2_000)),
            "of the older token"
        );
        assert!(!refresher.handle_token_accepted(2, None, at(2_000)));
        refresher.handle_expiry_unknown(1, ms(2_000), 0);
        assert!(!refresher.handle_token_accepted(2, None, at(9_000)));
        refresher.handle_expiry_unknown(2, ms(9_000), 0);
        assert!(refresher.handle_token_accepted(2, None, at(10_000)));
    }

    /// A new token that the server accepts at `now`.
    fn accepted(refresher: &mut TokenRefresher, now: u64, expires_at: u64) -> u32 {
        let token = refresher.handle_token(ms(now));
        refresher.handle_token_accepted(token, Some(WALL + expires_at), at(now));
        token
    }

    #[test]
    fn tokens_that_are_rejected_soon_after_they_were_accepted_back_off() {
        let mut refresher = TokenRefresher::new();
        assert_eq!(refresher.poll_action(at(0)), TokenAction::Refresh);
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let token = accepted(&mut refresher, now, now + HOUR);
            refresher.handle_unauthorized(token, &call(RouteKind::Read, now), 0);
            let next = match refresher.clone().poll_action(at(now)) {
                TokenAction::Refresh => now,
                _ => next_refresh(&refresher, now),
            };
            assert_eq!(refresher.poll_action(at(next)), TokenAction::Refresh);
            waits.push(next - now);
            now = next;
        }
        assert_eq!(
            waits,
            [
                0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000
            ]
        );
    }

    #[test]
    fn a_long_lived_token_resets_the_backoff() {
        for (life, lasted) in [(SHORT_LIFETIME - 1, false), (SHORT_LIFETIME, true)] {
            let mut refresher = for_an_hour();
            refresher.handle_unauthorized(1, &call(RouteKind::Read, 5), 0);
            assert_eq!(refresher.poll_action(at(5)), TokenAction::Refresh);
            let token = accepted(&mut refresher, 5, HOUR);
            refresher.handle_unauthorized(token, &call(RouteKind::Read, 5 + life), 0);
            // Each has waited long enough since it was received; the next backoff differs.
            assert_eq!(refresher.poll_action(at(5 + life)), TokenAction::Refresh);
            refresher.handle_refresh_failed(ms(5 + life), 0);
            let wait = if lasted { 1_000 } else { 2_000 };
            let until = next_refresh(&refresher, 5 + life);
            assert_eq!(until, 5 + life + wait, "{life}");
        }
    }

    #[test]
    fn tokens_with_a_lifetime_of_fifty_milliseconds_are_used_and_refreshed_with_a_growing_backoff()
    {
        let mut refresher = TokenRefresher::new();
        assert_eq!(refresher.poll_action(at(0)), TokenAction::Refresh);
        accepted(&mut refresher, 0, 50);
        let mut asked = Vec::new();
        let mut timers = Vec::new();
        for now in 0..130_000 {
            match refresher.poll_action(at(now)) {
                // The server may still accept it.
                TokenAction::Use => timers.push(now + refresher.poll_timer(at(now)).unwrap()),
                TokenAction::Refresh | TokenAction::UseAndRefresh => {
                    asked.push(now);
                    accepted(&mut refresher, now, now + 50);
                }
                other => panic!("{other:?} at {now}"),
            }
        }
        assert_eq!(
            asked,
            [1_000, 3_000, 7_000, 15_000, 31_000, 63_000, 123_000]
        );
        timers.dedup();
        assert!(
            timers.iter().filter(|at| **at > 1_000).count() < 20,
            "{timers:?}"
        );
    }

    #[test]
    fn sessions_of_half_a_minute_are_always_refreshed_on_time() {
        let mut refresher = TokenRefresher::new();
        assert_eq!(refresher.poll_action(at(0)), TokenAction::Refresh);
        for nth in 0..100 {
            let now = nth * 27_000;
            accepted(&mut refresher, now, now + 30_000);
            assert_eq!(refresher.poll_action(at(now + 26_999)), TokenAction::Use);
            assert_eq!(
                refresher.poll_action(at(now + 27_000)),
                TokenAction::UseAndRefresh,
                "{nth}"
            );
        }
    }

    #[test]
    fn a_call_is_sent_again_only_if_the_server_did_not_execute_it() {
        let cases = [
            (Outcome::NotSent, false),
            (Outcome::Refused, true),
            (Outcome::Unknown, false),
        ];
        for (outcome, expected) in cases {
            for kind in [RouteKind::Read, RouteKind::Write, RouteKind::Action] {
                let mut refresher = for_an_hour();
                let refused = RejectedCall {
                    outcome,
                    ..call(kind, 5)
                };
                let found = refresher.handle_unauthorized(1, &refused, 0);
                assert_eq!(found, expected, "{kind:?} {outcome:?}");
                assert_eq!(
                    refresher.poll_action(at(5)),
                    TokenAction::Refresh,
                    "the token is rejected"
                );
            }
        }
    }

    #[test]
    fn an_action_is_not_sent_again_after_ten_seconds_by_either_clock() {
        let late = [
            (10_000, 10_000),
            (10_000, 0),
            (0, 10_000),
            (10_000, -HOUR.cast_signed()),
        ];
        for (monotonic, wall) in late {
            let mut refresher = for_an_hour();
            let refused = RejectedCall {
                now: Moment {
                    monotonic: ms(monotonic),
                    wall: WALL.saturating_add_signed(wall),
                },
                ..call(RouteKind::Action, 0)
            };
            assert!(
                !refresher.handle_unauthorized(1, &refused, 0),
                "{monotonic} {wall}"
            );
        }
    }

    #[test]
    fn no_jump_of_the_wall_clock_blocks_a_refresh() {
        for wall in [0, WALL - 8 * HOUR, WALL + 8 * HOUR, u64::MAX] {
            let mut refresher = TokenRefresher::new();
            assert_eq!(refresher.poll_action(at(0)), TokenAction::Refresh);
            refresher.handle_refresh_failed(ms(0), 0);
            let after = |passed| Moment {
                monotonic: ms(passed),
                wall,
            };
            assert_eq!(refresher.poll_action(after(999)), TokenAction::Backoff);
            assert_eq!(
                refresher.poll_action(after(1_000)),
                TokenAction::Refresh,
                "{wall}"
            );

            let mut refresher = with_token();
            refresher.handle_expiry_unknown(1, ms(0), 0);
            assert!(!refresher.handle_token_accepted(1, None, after(999)));
            assert!(
                refresher.handle_token_accepted(1, None, after(1_000)),
                "{wall}"
            );
        }
    }

    #[test]
    fn a_wall_clock_that_jumps_past_the_expiry_causes_one_refresh() {
        let mut refresher = for_an_hour();
        let ahead = |passed| Moment {
            monotonic: ms(passed),
            wall: WALL + 10 * HOUR + passed,
        };
        assert_eq!(refresher.poll_action(ahead(60_000)), TokenAction::Refresh);
        let token = refresher.handle_token(ms(60_000));
        // By the server's clock it is valid for another hour.
        refresher.handle_token_accepted(token, Some(WALL + HOUR), ahead(60_000));
        for passed in (60_000..HOUR).step_by(1_000) {
            assert_eq!(
                refresher.poll_action(ahead(passed)),
                TokenAction::Use,
                "{passed}"
            );
            assert_eq!(refresher.poll_timer(ahead(passed)), None, "{passed}");
        }
        refresher.handle_unauthorized(token, &call(RouteKind::Read, HOUR), 0);
        assert_eq!(
            refresher.poll_action(ahead(HOUR)),
            TokenAction::Refresh,
            "the server decides"
        );
    }

    #[test]
    fn a_monotonic_clock_that_runs_backwards_delays_a_refresh_by_no_more_than_that() {
        let mut refresher = TokenRefresher::new();
        assert_eq!(refresher.poll_action(at(0)), TokenAction::Refresh);
        refresher.handle_refresh_failed(ms(0), 0);
        let reading = |monotonic| Moment {
            monotonic,
            wall: WALL,
        };
        assert_eq!(refresher.poll_action(reading(0)), TokenAction::Backoff);
        assert_eq!(refresher.poll_action(reading(999)), TokenAction::Backoff);
        assert_eq!(refresher.poll_action(reading(1_000)), TokenAction::Refresh);
    }

    #[test]
    fn after_a_sign_out_there_is_no_refresh_until_the_host_passes_a_token() {
        let mut refresher = for_an_hour();
        refresher.handle_expiry_unknown(1, ms(0), 0);
        assert_eq!(refresher.poll_action(at(HOUR)), TokenAction::Refresh);
        refresher.handle_sign_out();
        for passed in [HOUR, HOUR + 1, 9 * HOUR] {
            assert_eq!(refresher.poll_action(at(passed)), TokenAction::Backoff);
            assert_eq!(refresher.poll_timer(at(passed)), None);
            // Responses to calls with the last token arrive now.
            assert!(!refresher.handle_token_accepted(1, Some(WALL + 99 * HOUR), at(passed)));
            refresher.handle_expiry_unknown(1, ms(passed), 0);
            refresher.handle_unauthorized(1, &call(RouteKind::Read, passed), 0);
            assert!(!refresher.handle_token_accepted(1, None, at(passed + HOUR)));
        }
        let token = refresher.handle_token(ms(9 * HOUR));
        assert!(token > 1, "numbers are unique");
        assert_eq!(refresher.poll_action(at(9 * HOUR)), TokenAction::Use);
        refresher.handle_unauthorized(token, &call(RouteKind::Read, 9 * HOUR), 0);
        assert_ne!(
            refresher.poll_action(at(9 * HOUR + 60_000)),
            TokenAction::Use
        );
    }

    #[test]
    fn a_token_that_has_expired_when_its_expiry_arrives_is_left_to_the_server() {
        for (left, expected) in [(0, None), (1, Some(1)), (10, Some(9))] {
            let mut refresher = with_token();
            refresher.handle_token_accepted(1, Some(WALL + 1_000 + left), at(1_000));
            assert_eq!(refresher.poll_timer(at(1_000)), expected, "{left}");
            assert_eq!(refresher.poll_action(at(1_000)), TokenAction::Use, "{left}");
        }
    }

    #[test]
    fn there_is_no_timer_during_a_refresh_or_for_a_rejected_token() {
        let mut refresher = for_an_hour();
        assert_eq!(refresher.poll_timer(at(0)), Some(HOUR - 300_000));
        assert_eq!(refresher.poll_action(at(HOUR)), TokenAction::Refresh);
        assert_eq!(
            refresher.poll_timer(at(HOUR)),
            None,
            "a refresh is in progress"
        );
        let mut refresher = for_an_hour();
        refresher.handle_unauthorized(1, &call(RouteKind::Read, 5), 0);
        assert_eq!(refresher.poll_timer(at(5)), None, "it is rejected");
    }
}
