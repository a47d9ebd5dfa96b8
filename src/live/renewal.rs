use super::{LONGEST_TIMER, back_off};
use crate::call::act_left;
use crate::route::Effect;

/// The next token is asked for when a tenth of the time is left, and not more
/// than so many milliseconds before the end.
const AHEAD_AT_MOST: u64 = 300_000;

/// After a renewal that failed the next one waits from one second to a minute;
/// so does asking when the token ends.
const FIRST_BACK_OFF: u64 = 1_000;
const LONGEST_BACK_OFF: u64 = 60_000;

/// When a session ends, as `client_sessions/get` tells it: both in milliseconds
/// since 1970.
#[derive(Clone, Copy, Debug)]
struct Expiry {
    /// When the answer came, by the clock here.
    learned_at: u64,
    /// `expires_at`, by the server's clock.
    expires_at: u64,
}

impl Expiry {
    /// Whether the session is over by the clock here. One that was over when
    /// the server had just said that it lives shows a clock that is wrong: then
    /// time tells nothing, and the server judges.
    fn is_over(self, now: u64) -> bool {
        self.is_plausible() && now >= self.expires_at
    }

    fn is_plausible(self) -> bool {
        self.expires_at > self.learned_at
    }

    /// When to ask for the next token.
    fn renew_at(self) -> Option<u64> {
        let left = self.expires_at.checked_sub(self.learned_at)?;
        let ahead = (left / 10).min(AHEAD_AT_MOST);
        self.is_plausible().then(|| self.expires_at - ahead)
    }
}

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
    /// Renewing failed a moment ago: give up with that error. The next renewal
    /// is not tried before this time.
    GiveUp(u64),
}

/// Keeps a client session authorised: decides when a token is asked for, so
/// that any number of calls at once ask once. Tokens are known by their number,
/// from 1 on.
#[derive(Clone, Debug, Default)]
pub struct Renewal {
    /// The number of the token in use; 0 before there is one.
    token: u32,
    expiry: Option<Expiry>,
    /// Whether the server has taken the token in use.
    taken: bool,
    /// Whether the server has refused it.
    dead: bool,
    asking: bool,
    failures: u32,
    quiet_until: u64,
    /// How often it could not be asked when the token in use ends.
    unlearned: u32,
    /// When that may be asked again.
    learn_at: Option<u64>,
}

impl Renewal {
    /// None has been asked for yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            token: 0,
            expiry: None,
            taken: false,
            dead: false,
            asking: false,
            failures: 0,
            quiet_until: 0,
            unlearned: 0,
            learn_at: None,
        }
    }

    /// The number of the token in use; 0 before there is one.
    #[must_use]
    pub fn token(&self) -> u32 {
        self.token
    }

    /// What a call has to do first. After [`Need::Ask`] and [`Need::UseAndAsk`]
    /// one of [`given`](Self::given) and [`failed`](Self::failed) must follow.
    pub fn need(&mut self, now: u64) -> Need {
        let usable = self.token > 0 && !self.dead;
        let over = self.expiry.is_some_and(|expiry| expiry.is_over(now));
        if usable && !self.is_due(now) {
            return Need::Use;
        }
        match (self.asking, now < self.quiet_until) {
            (true, _) if usable && !over => Need::Use,
            (true, _) => Need::Wait,
            // The server may still take it.
            (false, true) if usable => Need::Use,
            (false, true) => Need::GiveUp(self.quiet_until),
            (false, false) => {
                self.asking = true;
                if usable && !over {
                    Need::UseAndAsk
                } else {
                    Need::Ask
                }
            }
        }
    }

    /// A new token came: its number. It is to be asked now when that one ends; then
    /// one of [`taken`](Self::taken) and [`unlearned`](Self::unlearned) must follow.
    pub fn given(&mut self) -> u32 {
        self.token += 1;
        self.expiry = None;
        self.taken = false;
        self.dead = false;
        self.asking = false;
        self.unlearned = 0;
        self.learn_at = None;
        self.token
    }

    /// No token came. Gives whether the one in use is known to be dead, so that
    /// nothing of its session may be shown any more.
    pub fn failed(&mut self, now: u64, jitter: u32) -> bool {
        self.asking = false;
        self.wait(now, jitter);
        self.dead
    }

    /// The server took this token, at `now`: in its answer to `client_sessions/get`
    /// it said when the session ends, by its own clock. Gives whether that is to be
    /// asked again.
    pub fn taken(&mut self, token: u32, expires_at: Option<u64>, now: u64) -> bool {
        if token != self.token {
            return false;
        }
        // What is taken all the time shows only once that renewing works again.
        if !core::mem::replace(&mut self.taken, true) {
            self.failures = 0;
        }
        let expiry = expires_at.map(|expires_at| Expiry {
            learned_at: now,
            expires_at,
        });
        self.expiry = expiry.or(self.expiry);
        self.learn_at.take_if(|at| *at <= now).is_some()
    }

    /// The server could not be asked when this token ends. The next call that it
    /// takes after a while shows that it can.
    pub fn unlearned(&mut self, token: u32, now: u64, jitter: u32) {
        if token == self.token {
            self.unlearned += 1;
            self.learn_at = Some(now + pause(self.unlearned, jitter));
        }
    }

    /// The server refused a call because this token is dead, unheard. Gives
    /// whether to begin again with [`need`](Self::need); what is sent then is the
    /// last try. If not, the caller is told.
    ///
    /// A refusal of an older token says nothing of the one in use. Who sends a call
    /// as one user does not send it as another, the first time or again: whose a
    /// token is, is not known here.
    pub fn refused(&mut self, token: u32, call: &Refused, jitter: u32) -> bool {
        if token == self.token && !core::mem::replace(&mut self.dead, true) {
            if self.taken {
                // That is news, and comes once: the function may have been asked too early.
                (self.failures, self.quiet_until) = (0, 0);
            } else {
                // One that was never taken: asking at once for another would be a storm.
                self.wait(call.now, jitter);
            }
        }
        let in_time = call.effect != Effect::Act || act_left(call.called_at, call.now).is_some();
        in_time && !call.again
    }

    /// How long until the next token is to be asked for, in milliseconds and no
    /// longer than a timer takes; `None` when there is nothing to wait for.
    #[must_use]
    pub fn timer(&self, now: u64) -> Option<u64> {
        if self.asking || self.dead {
            return None;
        }
        let at = self.expiry?.renew_at()?.max(self.quiet_until);
        Some(at.saturating_sub(now).min(LONGEST_TIMER))
    }

    fn is_due(&self, now: u64) -> bool {
        self.expiry
            .and_then(Expiry::renew_at)
            .is_some_and(|at| now >= at)
    }

    fn wait(&mut self, now: u64, jitter: u32) {
        self.failures += 1;
        self.quiet_until = now + pause(self.failures, jitter);
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

fn pause(failures: u32, jitter: u32) -> u64 {
    back_off(FIRST_BACK_OFF, LONGEST_BACK_OFF, failures, jitter)
}

/// The call that was refused.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// What its route does.
    pub effect: Effect,
    /// Whether it had been sent once more already.
    pub again: bool,
    /// When it was made, in milliseconds since 1970.
    pub called_at: u64,
    /// The time, in the same.
    pub now: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    fn with_token() -> Renewal {
        let mut renewal = Renewal::new();
        assert_eq!(renewal.need(0), Need::Ask);
        assert_eq!(renewal.given(), 1);
        renewal
    }

    /// A token that was taken at 0 and ends after an hour.
    fn for_an_hour() -> Renewal {
        let mut renewal = with_token();
        renewal.taken(1, Some(HOUR), 0);
        renewal
    }

    fn call(effect: Effect, now: u64) -> Refused {
        Refused {
            effect,
            again: false,
            called_at: 0,
            now,
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
        assert_eq!(renewal.need(0), Need::Ask);
        for _ in 0..10 {
            assert_eq!(renewal.need(0), Need::Wait);
        }
        renewal.given();
        assert_eq!(renewal.need(0), Need::Use);
    }

    #[test]
    fn the_next_token_is_asked_for_ahead_of_the_end_while_calls_go_on() {
        let mut renewal = for_an_hour();
        let due = HOUR - 300_000;
        assert_eq!(renewal.need(due - 1), Need::Use);
        assert_eq!(renewal.need(due), Need::UseAndAsk);
        assert_eq!(renewal.need(due + 1), Need::Use, "one is enough");
        assert_eq!(renewal.need(HOUR), Need::Wait, "it is over");
    }

    #[test]
    fn a_short_session_is_renewed_when_a_tenth_is_left() {
        let mut renewal = with_token();
        renewal.taken(1, Some(61_000), 1_000);
        assert_eq!(renewal.timer(1_000), Some(54_000));
        assert_eq!(renewal.need(55_000), Need::UseAndAsk);
    }

    #[test]
    fn what_is_over_is_not_used_after_a_long_sleep() {
        let mut renewal = for_an_hour();
        assert_eq!(renewal.need(9 * HOUR), Need::Ask);
    }

    #[test]
    fn a_fresh_token_that_looks_expired_by_a_wrong_clock_is_used() {
        let mut renewal = with_token();
        renewal.taken(1, Some(HOUR), 2 * HOUR);
        assert_eq!(renewal.need(3 * HOUR), Need::Use);
        assert_eq!(renewal.timer(3 * HOUR), None);
    }

    #[test]
    fn a_timer_is_never_longer_than_timers_take() {
        let mut renewal = with_token();
        renewal.taken(1, Some(400 * 24 * HOUR), 0);
        assert_eq!(renewal.timer(0), Some(LONGEST_TIMER));
    }

    #[test]
    fn a_refusal_of_the_token_in_use_renews_once() {
        let mut renewal = for_an_hour();
        assert!(renewal.refused(1, &call(Effect::Read, 5), 0));
        assert!(renewal.refused(1, &call(Effect::Read, 6), 0));
        assert_eq!(renewal.need(7), Need::Ask);
        assert_eq!(renewal.need(7), Need::Wait);
    }

    #[test]
    fn a_late_refusal_of_an_older_token_renews_nothing() {
        let mut renewal = for_an_hour();
        renewal.given();
        assert!(renewal.refused(1, &call(Effect::Read, 5), 0));
        assert_eq!(renewal.need(5), Need::Use);
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
            assert_eq!(renewal.need(now), Need::Ask);
            renewal.failed(now, 0);
            let Need::GiveUp(until) = renewal.need(now) else {
                panic!("a storm")
            };
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
        assert_eq!(renewal.need(5), Need::Ask);
        assert!(renewal.failed(5, 0));
    }

    #[test]
    fn fresh_tokens_that_are_refused_one_after_the_other_are_no_storm() {
        let mut renewal = with_token();
        renewal.refused(1, &call(Effect::Read, 0), 0);
        assert_eq!(renewal.need(0), Need::GiveUp(1_000));
        assert_eq!(renewal.need(1_000), Need::Ask);
        renewal.given();
        renewal.refused(2, &call(Effect::Read, 1_000), 0);
        assert_eq!(renewal.need(1_000), Need::GiveUp(3_000));
    }

    #[test]
    fn while_renewing_fails_a_token_that_may_still_live_is_used() {
        let mut renewal = for_an_hour();
        let due = HOUR - 300_000;
        assert_eq!(renewal.need(due), Need::UseAndAsk);
        assert!(!renewal.failed(due, 0), "it is not dead");
        assert_eq!(renewal.need(due), Need::Use);
        assert_eq!(renewal.timer(due), Some(1_000));
        assert_eq!(renewal.need(due + 1_000), Need::UseAndAsk);
    }

    #[test]
    fn the_death_of_a_token_that_was_taken_ends_the_wait_for_another_once() {
        let mut renewal = for_an_hour();
        let mut now = HOUR - 300_000;
        for _ in 0..8 {
            assert_eq!(renewal.need(now), Need::UseAndAsk);
            renewal.failed(now, 0);
            renewal.taken(1, None, now);
            now += renewal.timer(now).unwrap();
        }
        assert_eq!(renewal.need(now), Need::UseAndAsk);
        renewal.failed(now, 0);
        now += 1;
        assert_eq!(renewal.need(now), Need::Use);

        assert!(renewal.refused(1, &call(Effect::Read, now), 0));
        assert_eq!(renewal.need(now), Need::Ask);
        assert!(renewal.failed(now, 0));
        assert!(renewal.refused(1, &call(Effect::Read, now), 0));
        assert_eq!(renewal.need(now), Need::GiveUp(now + 1_000));
    }

    #[test]
    fn while_the_last_token_is_taken_renewing_fails_later_and_later_too() {
        let mut renewal = for_an_hour();
        let mut now = HOUR - 300_000;
        let mut waits = Vec::new();
        for _ in 0..5 {
            assert_eq!(renewal.need(now), Need::UseAndAsk);
            renewal.failed(now, 0);
            renewal.taken(1, None, now);
            waits.push(renewal.timer(now).unwrap());
            now += waits.last().unwrap();
        }
        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
        renewal.given();
        renewal.taken(2, Some(now + HOUR), now);
        now += HOUR - 300_000;
        assert_eq!(renewal.need(now), Need::UseAndAsk);
        renewal.failed(now, 0);
        assert_eq!(renewal.timer(now), Some(1_000), "the next one begins anew");
    }

    #[test]
    fn when_a_token_ends_is_asked_again_later_and_later_after_a_call_that_it_took() {
        let mut renewal = with_token();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..8 {
            assert!(!renewal.taken(1, None, now), "it is being asked");
            renewal.unlearned(1, now, 0);
            let at = (now..)
                .step_by(1_000)
                .find(|at| renewal.taken(1, None, *at));
            waits.push(at.unwrap() - now);
            now = at.unwrap();
        }
        assert_eq!(
            waits,
            [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
        );
        assert!(!renewal.taken(1, Some(HOUR), now));
        assert!(!renewal.taken(1, None, now + HOUR), "it is known");
    }

    #[test]
    fn another_token_begins_anew_with_asking_when_it_ends() {
        let mut renewal = with_token();
        renewal.unlearned(1, 0, 0);
        renewal.given();
        assert!(!renewal.taken(1, None, 2_000), "of the older one");
        assert!(!renewal.taken(2, None, 2_000));
        renewal.unlearned(1, 2_000, 0);
        assert!(!renewal.taken(2, None, 9_000));
        renewal.unlearned(2, 9_000, 0);
        assert!(renewal.taken(2, None, 10_000));
    }
}
