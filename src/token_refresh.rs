//! When the token function is called for the next token, and which calls wait for it.

use crate::backoff::{LONGEST_TIMER, back_off};
use crate::call::ACT_WITHIN;
use crate::clock::{Moment, Timeline};
use crate::error::Outcome;
use crate::route::Effect;

/// The next token is asked for when a tenth of the time is left, and not more than this before
/// the end, in milliseconds.
const AHEAD_AT_MOST: u64 = 300_000;

/// After a failure, the token function waits for one second before it is called again, then two,
/// up to a minute; so does the question when a token expires.
const FIRST_BACK_OFF: u64 = 1_000;
const LONGEST_BACK_OFF: u64 = 60_000;

/// A token that ends sooner after it came, in milliseconds, counts as a failure: a server that
/// accepts each token only for a moment must not have the token function called in a loop.
const SHORT_LIFE: u64 = 10_000;

/// Later than any time.
const NEVER: u64 = u64::MAX;

/// What a call has to do before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Take the token in use.
    Use,
    /// Take the token in use; beside it, ask for the next one.
    UseAndAsk,
    /// Ask for a token, then come back.
    Ask,
    /// Wait for the token that is being asked for, then come back.
    Wait,
    /// Fail: the token function has just failed and is called again later, or it has ended the
    /// session.
    GiveUp,
}

/// Keeps a client session authorised: decides when the token function is called, so that any
/// number of calls at once call it once. Tokens are known by their number, from 1 on.
///
/// Waits are measured by the monotonic clock, of which a reading that is earlier than the last
/// one counts as no time. The wall clock matters only where a token's `expires_at` is known.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is switched by an event of its own, in any order"
)]
pub struct Renewal {
    timeline: Timeline,
    /// The number of the token in use; 0 before there is one.
    token: u32,
    /// The wall time at which the next token is to be asked for, and that at which the session of
    /// the token in use ends.
    renew_at: u64,
    expires_at: u64,
    /// When the token in use came; `NEVER` once it has ended.
    given_at: u64,
    /// Whether the server has accepted the token in use.
    taken: bool,
    /// Whether the server has rejected it.
    dead: bool,
    asking: bool,
    /// How often in a row no token came, or one with a short life.
    failures: u32,
    /// The token function is not called before this.
    quiet_until: u64,
    /// Whether the function was called at once for a token that died, and none has lasted since.
    hurried: bool,
    /// How often it could not be learned when the token in use expires.
    unlearned: u32,
    /// When that may be asked again.
    learn_at: u64,
}

impl Default for Renewal {
    fn default() -> Self {
        Self::new()
    }
}

impl Renewal {
    /// No token has been asked for yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            timeline: Timeline::new(0),
            token: 0,
            renew_at: NEVER,
            expires_at: NEVER,
            given_at: NEVER,
            taken: false,
            dead: false,
            asking: false,
            failures: 0,
            quiet_until: 0,
            hurried: false,
            unlearned: 0,
            learn_at: NEVER,
        }
    }

    /// The number of the token in use; 0 before there is one.
    #[must_use]
    pub fn token(&self) -> u32 {
        self.token
    }

    /// What a call has to do first. After [`Need::Ask`] and [`Need::UseAndAsk`] one of
    /// [`given`](Self::given), [`failed`](Self::failed) and [`sign_out`](Self::sign_out) must
    /// follow. The wall time may be 0 as long as it is not known when a token expires.
    pub fn need(&mut self, now: Moment) -> Need {
        let time = self.time(now.monotonic);
        let usable = self.token > 0 && !self.dead;
        let lives = usable && now.wall < self.expires_at;
        if usable {
            if now.wall < self.renew_at {
                return Need::Use;
            }
            self.ended(time, 0);
        }
        match (self.asking, time < self.quiet_until) {
            (true, _) if lives => Need::Use,
            (true, _) => Need::Wait,
            // The server may still take it.
            (false, true) if usable => Need::Use,
            (false, true) => Need::GiveUp,
            (false, false) => {
                self.asking = true;
                if lives { Need::UseAndAsk } else { Need::Ask }
            }
        }
    }

    /// A new token came, at this monotonic time: its number. The server is to be asked now when
    /// it expires; then one of [`taken`](Self::taken) and [`unlearned`](Self::unlearned) must
    /// follow.
    pub fn given(&mut self, now: u64) -> u32 {
        self.token += 1;
        self.given_at = self.time(now);
        self.renew_at = NEVER;
        self.expires_at = NEVER;
        self.taken = false;
        self.dead = false;
        self.asking = false;
        self.unlearned = 0;
        self.learn_at = NEVER;
        self.quiet_until = 0;
        self.token
    }

    /// No token came, at this monotonic time. Gives whether the one in use is known to be dead,
    /// so that nothing of its session may be shown any more.
    pub fn failed(&mut self, now: u64, jitter: u32) -> bool {
        let time = self.time(now);
        if core::mem::replace(&mut self.asking, false) {
            self.back_off(time, jitter);
        }
        self.dead
    }

    /// The token function says that the session is over: no call is sent, and the function is not
    /// called again, until a token is [`given`](Self::given) by hand. What is still under way
    /// with the last token tells nothing any more.
    pub fn sign_out(&mut self) {
        self.token += 1;
        self.dead = true;
        self.asking = false;
        self.quiet_until = NEVER;
    }

    /// The server accepted this token, at `now`: in its response to `client_sessions/get` it said
    /// when the session ends, by its own clock. Gives whether that is to be asked again.
    pub fn taken(&mut self, token: u32, expires_at: Option<u64>, now: Moment) -> bool {
        let time = self.time(now.monotonic);
        if token != self.token {
            return false;
        }
        self.taken = true;
        if let Some(expires_at) = expires_at {
            // A session that is over when the server has just said that it lives shows a clock
            // that is wrong: then time tells nothing, and the server judges.
            (self.renew_at, self.expires_at) = match expires_at.saturating_sub(now.wall) {
                0 => (NEVER, NEVER),
                left => (expires_at - (left / 10).min(AHEAD_AT_MOST), expires_at),
            };
        }
        let learns = self.learn_at <= time;
        if learns {
            self.learn_at = NEVER;
        }
        learns
    }

    /// The server could not be asked when this token expires. The next call that it accepts after
    /// a while shows that it can.
    pub fn unlearned(&mut self, token: u32, now: u64, jitter: u32) {
        let time = self.time(now);
        if token == self.token {
            self.unlearned += 1;
            self.learn_at = time + pause(self.unlearned, jitter);
        }
    }

    /// The server rejected a call because its token is dead. Gives whether to begin again with
    /// [`need`](Self::need): only if the call was not executed, was not sent again before, and is
    /// not an action whose time is over. If not, the caller is told.
    ///
    /// A rejection of an older token says nothing of the one in use. Whoever sends a call as one
    /// user does not send it as another, the first time or again: whose a token is, is not known
    /// here.
    pub fn refused(&mut self, token: u32, call: &Refused, jitter: u32) -> bool {
        let time = self.time(call.now.monotonic);
        if token == self.token && !core::mem::replace(&mut self.dead, true) {
            self.ended(time, jitter);
            // That is news, and comes once: the function may have been called too early.
            if self.taken && !core::mem::replace(&mut self.hurried, true) {
                (self.failures, self.quiet_until) = (0, 0);
            }
        }
        let in_time = call.effect != Effect::Act || call.now.since(call.called_at) < ACT_WITHIN;
        call.outcome == Outcome::Refused && in_time && !call.again
    }

    /// How long until the next token is to be asked for, in milliseconds and no
    /// longer than a timer takes; `None` when there is nothing to wait for.
    pub fn timer(&mut self, now: Moment) -> Option<u64> {
        let time = self.time(now.monotonic);
        if self.asking || self.dead || self.renew_at == NEVER {
            return None;
        }
        let due = self.renew_at.saturating_sub(now.wall);
        let quiet = self.quiet_until.saturating_sub(time);
        Some(due.max(quiet).min(LONGEST_TIMER))
    }

    /// Elapsed monotonic time.
    #[inline(never)]
    fn time(&mut self, now: u64) -> u64 {
        self.timeline.advance(now)
    }

    /// The token in use died, or its time is as good as over; only the first time counts.
    fn ended(&mut self, time: u64, jitter: u32) {
        let given_at = core::mem::replace(&mut self.given_at, NEVER);
        if given_at == NEVER {
            return;
        }
        if time - given_at < SHORT_LIFE {
            self.back_off(given_at, jitter);
        } else {
            self.failures = 0;
            self.hurried = false;
        }
    }

    fn back_off(&mut self, from: u64, jitter: u32) {
        self.failures += 1;
        self.quiet_until = from + pause(self.failures, jitter);
    }
}

/// Whether a call may go with the token in use that was made when the token had
/// been replaced `changes` times. `since` is how often it had been when the first
/// one came of the user whose token is in use: what changes something is not done
/// as a user whose token came after the call.
#[must_use]
pub fn may_go(effect: Effect, changes: u32, since: u32) -> bool {
    effect == Effect::Read || changes >= since
}

#[inline(never)]
fn pause(failures: u32, jitter: u32) -> u64 {
    back_off(FIRST_BACK_OFF, LONGEST_BACK_OFF, failures, jitter)
}

/// The call that was rejected.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// What its route does.
    pub effect: Effect,
    /// What became of it: an action whose attempt is being polled was executed, though the poll
    /// was rejected.
    pub outcome: Outcome,
    /// Whether it had been sent again already.
    pub again: bool,
    /// When it was made.
    pub called_at: Moment,
    /// The time.
    pub now: Moment,
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;
    /// What the two clocks show when a test begins.
    const MONOTONIC: u64 = 86_400_000;
    const WALL: u64 = 1_795_000_000_000;

    /// Both clocks, this many milliseconds after a test began.
    fn at(passed: u64) -> Moment {
        Moment {
            monotonic: ms(passed),
            wall: WALL + passed,
        }
    }

    fn ms(passed: u64) -> u64 {
        MONOTONIC + passed
    }

    fn with_token() -> Renewal {
        let mut renewal = Renewal::new();
        assert_eq!(renewal.need(at(0)), Need::Ask);
        assert_eq!(renewal.given(ms(0)), 1);
        renewal
    }

    /// When the function may be called again that may not be called now.
    fn asks_again(renewal: &Renewal, now: u64) -> u64 {
        let needs = |passed: &u64| renewal.clone().need(at(*passed));
        assert_eq!(needs(&now), Need::GiveUp, "a storm");
        let mut seconds = (now..).step_by(1_000).take(1_000);
        let second = seconds.find(|now| needs(now) == Need::Ask);
        let second = second.unwrap();
        assert_eq!(needs(&(second - 1)), Need::GiveUp, "not a whole second");
        second
    }

    /// A token that was taken at 0 and ends after an hour.
    fn for_an_hour() -> Renewal {
        let mut renewal = with_token();
        renewal.taken(1, Some(WALL + HOUR), at(0));
        renewal
    }

    fn call(effect: Effect, now: u64) -> Refused {
        Refused {
            effect,
            outcome: Outcome::Refused,
            again: false,
            called_at: at(0),
            now: at(now),
        }
    }

    #[test]
    fn what_changes_something_does_not_go_as_a_user_whose_token_came_later() {
        let cases = [
            (Effect::Read, 0, 1, true),
            (Effect::Write, 0, 1, false),
            (Effect::Act, 0, 1, false),
            (Effect::Act, 1, 1, true),
            (Effect::Write, 2, 1, true),
        ];
        for (effect, changes, since, expected) in cases {
            assert_eq!(may_go(effect, changes, since), expected, "{effect:?}");
        }
    }

    #[test]
    fn any_number_of_calls_at_once_ask_once() {
        let mut renewal = Renewal::new();
        assert_eq!(renewal.need(at(0)), Need::Ask);
        for _ in 0..10 {
            assert_eq!(renewal.need(at(0)), Need::Wait);
        }
        renewal.given(ms(0));
        assert_eq!(renewal.need(at(0)), Need::Use);
    }

    #[test]
    fn the_next_token_is_asked_for_ahead_of_the_end_while_calls_go_on() {
        let mut renewal = for_an_hour();
        let due = HOUR - 300_000;
        assert_eq!(renewal.need(at(due - 1)), Need::Use);
        assert_eq!(renewal.need(at(due)), Need::UseAndAsk);
        assert_eq!(renewal.need(at(due + 1)), Need::Use, "one is enough");
        assert_eq!(renewal.need(at(HOUR)), Need::Wait, "it is over");
    }

    #[test]
    fn a_short_session_is_renewed_when_a_tenth_is_left() {
        let mut renewal = with_token();
        renewal.taken(1, Some(WALL + 61_000), at(1_000));
        assert_eq!(renewal.timer(at(1_000)), Some(54_000));
        assert_eq!(renewal.need(at(55_000)), Need::UseAndAsk);
    }

    #[test]
    fn what_is_over_is_not_used_after_a_long_sleep() {
        let mut renewal = for_an_hour();
        assert_eq!(renewal.need(at(9 * HOUR)), Need::Ask);
    }

    #[test]
    fn a_fresh_token_that_looks_expired_by_a_wrong_clock_is_used() {
        let mut renewal = with_token();
        renewal.taken(1, Some(WALL + HOUR), at(2 * HOUR));
        assert_eq!(renewal.need(at(3 * HOUR)), Need::Use);
        assert_eq!(renewal.timer(at(3 * HOUR)), None);
    }

    #[test]
    fn a_timer_is_never_longer_than_timers_take() {
        let mut renewal = with_token();
        renewal.taken(1, Some(WALL + 400 * 24 * HOUR), at(0));
        assert_eq!(renewal.timer(at(0)), Some(LONGEST_TIMER));
    }

    #[test]
    fn a_refusal_of_the_token_in_use_renews_once() {
        let mut renewal = for_an_hour();
        assert!(renewal.refused(1, &call(Effect::Read, 5), 0));
        assert!(renewal.refused(1, &call(Effect::Read, 6), 0));
        assert_eq!(renewal.need(at(7)), Need::Ask);
        assert_eq!(renewal.need(at(7)), Need::Wait);
    }

    #[test]
    fn a_late_refusal_of_an_older_token_renews_nothing() {
        let mut renewal = for_an_hour();
        renewal.given(ms(0));
        assert!(renewal.refused(1, &call(Effect::Read, 5), 0));
        assert_eq!(renewal.need(at(5)), Need::Use);
        assert_eq!(renewal.token(), 2);
    }

    #[test]
    fn a_second_refusal_is_told() {
        let mut renewal = for_an_hour();
        let again = Refused {
            again: true,
            ..call(Effect::Read, 5)
        };
        assert!(!renewal.refused(1, &again, 0));
    }

    #[test]
    fn an_act_is_repeated_only_in_the_ten_seconds_that_it_has() {
        let cases = [
            (Effect::Read, 60_000, true),
            (Effect::Write, 60_000, true),
            (Effect::Act, 9_999, true),
            (Effect::Act, 10_000, false),
        ];
        for (effect, now, expected) in cases {
            let mut renewal = for_an_hour();
            let found = renewal.refused(1, &call(effect, now), 0);
            assert_eq!(found, expected, "{effect:?} {now}");
        }
    }

    #[test]
    fn a_renewal_that_fails_is_told_at_once_and_tried_again_later_and_later() {
        let mut renewal = Renewal::new();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..9 {
            assert_eq!(renewal.need(at(now)), Need::Ask);
            renewal.failed(ms(now), 0);
            let until = asks_again(&renewal, now);
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
    fn when_renewing_a_dead_token_fails_its_session_is_over() {
        let mut renewal = for_an_hour();
        renewal.refused(1, &call(Effect::Read, 5), 0);
        assert_eq!(renewal.need(at(5)), Need::Ask);
        assert!(renewal.failed(ms(5), 0));
    }

    #[test]
    fn fresh_tokens_that_are_refused_one_after_the_other_are_no_storm() {
        let mut renewal = with_token();
        renewal.refused(1, &call(Effect::Read, 0), 0);
        assert_eq!(asks_again(&renewal, 0), 1_000);
        assert_eq!(renewal.need(at(1_000)), Need::Ask);
        renewal.given(ms(1_000));
        renewal.refused(2, &call(Effect::Read, 1_000), 0);
        assert_eq!(asks_again(&renewal, 1_000), 3_000);
    }

    #[test]
    fn while_renewing_fails_a_token_that_may_still_live_is_used() {
        let mut renewal = for_an_hour();
        let due = HOUR - 300_000;
        assert_eq!(renewal.need(at(due)), Need::UseAndAsk);
        assert!(!renewal.failed(ms(due), 0), "it is not dead");
        assert_eq!(renewal.need(at(due)), Need::Use);
        assert_eq!(renewal.timer(at(due)), Some(1_000));
        assert_eq!(renewal.need(at(due + 1_000)), Need::UseAndAsk);
    }

    #[test]
    fn the_death_of_a_token_that_was_taken_ends_the_wait_for_another_once() {
        let mut renewal = for_an_hour();
        let mut now = HOUR - 300_000;
        for _ in 0..8 {
            assert_eq!(renewal.need(at(now)), Need::UseAndAsk);
            renewal.failed(ms(now), 0);
            renewal.taken(1, None, at(now));
            now += renewal.timer(at(now)).unwrap();
        }
        assert_eq!(renewal.need(at(now)), Need::UseAndAsk);
        renewal.failed(ms(now), 0);
        now += 1;
        assert_eq!(renewal.need(at(now)), Need::Use);

        assert!(renewal.refused(1, &call(Effect::Read, now), 0));
        assert_eq!(renewal.need(at(now)), Need::Ask);
        assert!(renewal.failed(ms(now), 0));
        assert!(renewal.refused(1, &call(Effect::Read, now), 0));
        assert_eq!(asks_again(&renewal, now), now + 1_000);
    }

    #[test]
    fn while_the_last_token_is_taken_renewing_fails_later_and_later_too() {
        let mut renewal = for_an_hour();
        let mut now = HOUR - 300_000;
        let mut waits = Vec::new();
        for _ in 0..5 {
            assert_eq!(renewal.need(at(now)), Need::UseAndAsk);
            renewal.failed(ms(now), 0);
            renewal.taken(1, None, at(now));
            waits.push(renewal.timer(at(now)).unwrap());
            now += waits.last().unwrap();
        }
        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
        renewal.given(ms(now));
        renewal.taken(2, Some(WALL + now + HOUR), at(now));
        now += HOUR - 300_000;
        assert_eq!(renewal.need(at(now)), Need::UseAndAsk);
        renewal.failed(ms(now), 0);
        assert_eq!(
            renewal.timer(at(now)),
            Some(1_000),
            "the next one begins anew"
        );
    }

    #[test]
    fn when_a_token_ends_is_asked_again_later_and_later_after_a_call_that_it_took() {
        let mut renewal = with_token();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..8 {
            assert!(!renewal.taken(1, None, at(now)), "it is being asked");
            renewal.unlearned(1, ms(now), 0);
            let at = (now..)
                .step_by(1_000)
                .take(1_000)
                .find(|now| renewal.taken(1, None, at(*now)));
            waits.push(at.unwrap() - now);
            now = at.unwrap();
        }
        assert_eq!(
            waits,
            [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
        );
        assert!(!renewal.taken(1, Some(WALL + HOUR), at(now)));
        assert!(!renewal.taken(1, None, at(now + HOUR)), "it is known");
    }

    #[test]
    fn another_token_begins_anew_with_asking_when_it_ends() {
        let mut renewal = with_token();
        renewal.unlearned(1, ms(0), 0);
        renewal.given(ms(0));
        assert!(!renewal.taken(1, None, at(2_000)), "of the older one");
        assert!(!renewal.taken(2, None, at(2_000)));
        renewal.unlearned(1, ms(2_000), 0);
        assert!(!renewal.taken(2, None, at(9_000)));
        renewal.unlearned(2, ms(9_000), 0);
        assert!(renewal.taken(2, None, at(10_000)));
    }

    /// A token that the server has just accepted, at `now`.
    fn accepted(renewal: &mut Renewal, now: u64, expires_at: u64) -> u32 {
        let token = renewal.given(ms(now));
        renewal.taken(token, Some(WALL + expires_at), at(now));
        token
    }

    #[test]
    fn tokens_that_die_right_after_they_were_accepted_are_asked_for_later_and_later() {
        let mut renewal = Renewal::new();
        assert_eq!(renewal.need(at(0)), Need::Ask);
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let token = accepted(&mut renewal, now, now + HOUR);
            renewal.refused(token, &call(Effect::Read, now), 0);
            let next = match renewal.clone().need(at(now)) {
                Need::Ask => now,
                _ => asks_again(&renewal, now),
            };
            assert_eq!(renewal.need(at(next)), Need::Ask);
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
    fn a_token_that_has_lasted_ends_the_backoff() {
        for (life, lasted) in [(SHORT_LIFE - 1, false), (SHORT_LIFE, true)] {
            let mut renewal = for_an_hour();
            renewal.refused(1, &call(Effect::Read, 5), 0);
            assert_eq!(renewal.need(at(5)), Need::Ask);
            let token = accepted(&mut renewal, 5, HOUR);
            renewal.refused(token, &call(Effect::Read, 5 + life), 0);
            // Each has waited long enough since it came; what differs is how long the next waits.
            assert_eq!(renewal.need(at(5 + life)), Need::Ask);
            renewal.failed(ms(5 + life), 0);
            let wait = if lasted { 1_000 } else { 2_000 };
            let until = asks_again(&renewal, 5 + life);
            assert_eq!(until, 5 + life + wait, "{life}");
        }
    }

    #[test]
    fn tokens_with_fifty_milliseconds_left_are_used_and_replaced_later_and_later() {
        let mut renewal = Renewal::new();
        assert_eq!(renewal.need(at(0)), Need::Ask);
        accepted(&mut renewal, 0, 50);
        let mut asked = Vec::new();
        let mut timers = Vec::new();
        for now in 0..130_000 {
            match renewal.need(at(now)) {
                // The server may still take it.
                Need::Use => timers.push(now + renewal.timer(at(now)).unwrap()),
                Need::Ask | Need::UseAndAsk => {
                    asked.push(now);
                    accepted(&mut renewal, now, now + 50);
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
    fn sessions_of_half_a_minute_are_refreshed_on_time_for_ever() {
        let mut renewal = Renewal::new();
        assert_eq!(renewal.need(at(0)), Need::Ask);
        for nth in 0..100 {
            let now = nth * 27_000;
            accepted(&mut renewal, now, now + 30_000);
            assert_eq!(renewal.need(at(now + 26_999)), Need::Use);
            assert_eq!(renewal.need(at(now + 27_000)), Need::UseAndAsk, "{nth}");
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
            for effect in [Effect::Read, Effect::Write, Effect::Act] {
                let mut renewal = for_an_hour();
                let refused = Refused {
                    outcome,
                    ..call(effect, 5)
                };
                let found = renewal.refused(1, &refused, 0);
                assert_eq!(found, expected, "{effect:?} {outcome:?}");
                assert_eq!(renewal.need(at(5)), Need::Ask, "the token is dead");
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
            let mut renewal = for_an_hour();
            let refused = Refused {
                now: Moment {
                    monotonic: ms(monotonic),
                    wall: WALL.saturating_add_signed(wall),
                },
                ..call(Effect::Act, 0)
            };
            assert!(!renewal.refused(1, &refused, 0), "{monotonic} {wall}");
        }
    }

    #[test]
    fn no_jump_of_the_wall_clock_keeps_the_function_from_being_called() {
        for wall in [0, WALL - 8 * HOUR, WALL + 8 * HOUR, u64::MAX] {
            let mut renewal = Renewal::new();
            assert_eq!(renewal.need(at(0)), Need::Ask);
            renewal.failed(ms(0), 0);
            let after = |passed| Moment {
                monotonic: ms(passed),
                wall,
            };
            assert_eq!(renewal.need(after(999)), Need::GiveUp);
            assert_eq!(renewal.need(after(1_000)), Need::Ask, "{wall}");

            let mut renewal = with_token();
            renewal.unlearned(1, ms(0), 0);
            assert!(!renewal.taken(1, None, after(999)));
            assert!(renewal.taken(1, None, after(1_000)), "{wall}");
        }
    }

    #[test]
    fn a_wall_clock_that_jumps_past_the_end_has_the_function_called_once() {
        let mut renewal = for_an_hour();
        let ahead = |passed| Moment {
            monotonic: ms(passed),
            wall: WALL + 10 * HOUR + passed,
        };
        assert_eq!(renewal.need(ahead(60_000)), Need::Ask);
        let token = renewal.given(ms(60_000));
        // By the server's clock it has another hour.
        renewal.taken(token, Some(WALL + HOUR), ahead(60_000));
        for passed in (60_000..HOUR).step_by(1_000) {
            assert_eq!(renewal.need(ahead(passed)), Need::Use, "{passed}");
            assert_eq!(renewal.timer(ahead(passed)), None, "{passed}");
        }
        renewal.refused(token, &call(Effect::Read, HOUR), 0);
        assert_eq!(renewal.need(ahead(HOUR)), Need::Ask, "the server judges");
    }

    #[test]
    fn a_monotonic_clock_that_runs_backwards_delays_nothing_by_more_than_that() {
        let mut renewal = Renewal::new();
        assert_eq!(renewal.need(at(0)), Need::Ask);
        renewal.failed(ms(0), 0);
        let reading = |monotonic| Moment {
            monotonic,
            wall: WALL,
        };
        assert_eq!(renewal.need(reading(0)), Need::GiveUp);
        assert_eq!(renewal.need(reading(999)), Need::GiveUp);
        assert_eq!(renewal.need(reading(1_000)), Need::Ask);
    }

    #[test]
    fn after_a_sign_out_nothing_is_asked_until_a_token_is_given_by_hand() {
        let mut renewal = for_an_hour();
        renewal.unlearned(1, ms(0), 0);
        assert_eq!(renewal.need(at(HOUR)), Need::Ask);
        renewal.sign_out();
        for passed in [HOUR, HOUR + 1, 9 * HOUR] {
            assert_eq!(renewal.need(at(passed)), Need::GiveUp);
            assert_eq!(renewal.timer(at(passed)), None);
            // What was under way with the last token comes back now.
            assert!(!renewal.taken(1, Some(WALL + 99 * HOUR), at(passed)));
            renewal.unlearned(1, ms(passed), 0);
            renewal.refused(1, &call(Effect::Read, passed), 0);
            assert!(!renewal.taken(1, None, at(passed + HOUR)));
        }
        let token = renewal.given(ms(9 * HOUR));
        assert!(token > 1, "no number is used twice");
        assert_eq!(renewal.need(at(9 * HOUR)), Need::Use);
        renewal.refused(token, &call(Effect::Read, 9 * HOUR), 0);
        assert_ne!(renewal.need(at(9 * HOUR + 60_000)), Need::Use);
    }

    #[test]
    fn a_token_that_ends_when_the_server_tells_of_it_is_judged_by_the_server() {
        for (left, expected) in [(0, None), (1, Some(1)), (10, Some(9))] {
            let mut renewal = with_token();
            renewal.taken(1, Some(WALL + 1_000 + left), at(1_000));
            assert_eq!(renewal.timer(at(1_000)), expected, "{left}");
            assert_eq!(renewal.need(at(1_000)), Need::Use, "{left}");
        }
    }

    #[test]
    fn there_is_no_timer_while_a_token_is_asked_for_nor_for_a_dead_one() {
        let mut renewal = for_an_hour();
        assert_eq!(renewal.timer(at(0)), Some(HOUR - 300_000));
        assert_eq!(renewal.need(at(HOUR)), Need::Ask);
        assert_eq!(renewal.timer(at(HOUR)), None, "it is asked for");
        let mut renewal = for_an_hour();
        renewal.refused(1, &call(Effect::Read, 5), 0);
        assert_eq!(renewal.timer(at(5)), None, "it is dead");
    }
}
