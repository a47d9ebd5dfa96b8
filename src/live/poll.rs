use super::{LONGEST_TIMER, back_off};

/// After a round that failed the next one comes after two seconds, then four.
const FIRST_BACK_OFF: u64 = 2_000;
/// The longest back-off is the interval, but at least so many milliseconds.
const LONGEST_BACK_OFF: u64 = 60_000;
/// Who comes back to a page sees nothing older than so many milliseconds.
const FRESH: u64 = 5_000;

/// The interval of a list that is asked for only when somebody refreshes it, and
/// not again when that failed; a longer one means the same.
const NEVER: u64 = 1 << 53;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Begin a round; [`Poll::done`] or [`Poll::failed`] must follow.
    Round,
    /// Ask again after so many milliseconds, or when something happens.
    Wait(u64),
    /// Ask again when something happens: the page is hidden or offline, a round
    /// is under way, or it is all over.
    Rest,
}

/// When a list that is watched is asked for. Times are in milliseconds since
/// 1970.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is switched by an event of its own, in any order"
)]
pub struct Poll {
    interval: u64,
    due: u64,
    /// No round begins before this, whoever asks: the server wants patience.
    not_before: u64,
    last: Option<u64>,
    failures: u32,
    running: bool,
    /// A round was asked for while one was under way, which may have been too
    /// early to see what it was asked for.
    once_more: bool,
    /// Somebody waits for the next round, which comes also in a page that is hidden.
    wanted: bool,
    hidden: bool,
    offline: bool,
    stopped: bool,
}

impl Poll {
    /// The first round is due at once; then one every `interval` milliseconds.
    #[must_use]
    pub const fn new(interval: u64, now: u64) -> Self {
        Self {
            interval: if interval < NEVER { interval } else { NEVER },
            due: now,
            not_before: 0,
            last: None,
            failures: 0,
            running: false,
            once_more: false,
            wanted: false,
            hidden: false,
            offline: false,
            stopped: false,
        }
    }

    /// What to do now.
    pub fn next(&mut self, now: u64) -> Next {
        let rests = (self.hidden || self.offline) && !self.wanted;
        if self.running || rests || self.stopped || self.due == NEVER {
            return Next::Rest;
        }
        let at = self.due.max(self.not_before);
        // A clock that was set back must not put the next round off by years.
        let longest = self.longest();
        if at <= now || at - now > longest {
            self.running = true;
            self.wanted = false;
            return Next::Round;
        }
        Next::Wait((at - now).min(LONGEST_TIMER))
    }

    /// A round ended well. `jitter` is from 0 to 1000: rounds come up to a tenth
    /// sooner, so that pages that were opened together do not ask together.
    pub fn done(&mut self, now: u64, jitter: u32) {
        self.running = false;
        self.failures = 0;
        self.not_before = 0;
        self.last = Some(now);
        let sooner = self.interval / 10 * u64::from(jitter.min(1_000)) / 1_000;
        self.due = self.after(now, self.interval - sooner);
        self.repeat(now);
    }

    /// A round failed, in a way that may pass. `retry_after` is how long the
    /// server wants to be left alone, in milliseconds.
    pub fn failed(&mut self, now: u64, retry_after: Option<u64>, jitter: u32) {
        self.running = false;
        self.failures += 1;
        let longest = self.interval.max(LONGEST_BACK_OFF);
        let wait = back_off(FIRST_BACK_OFF, longest, self.failures, jitter);
        self.due = self.after(now, wait);
        self.not_before = now + retry_after.unwrap_or(0);
        self.repeat(now);
    }

    /// Somebody wants to see what is new, or has changed something. What was
    /// stopped begins again.
    pub fn refresh(&mut self, now: u64) {
        self.stopped = false;
        self.wanted = true;
        if self.running {
            self.once_more = true;
        }
        self.due = now;
    }

    /// The shortest interval that any of those who share it asked for. What is older
    /// than that is asked for now.
    pub fn set_interval(&mut self, interval: u64, now: u64) {
        // Who comes to a list that nobody polled begins anew, as with one of their own.
        let backs_off = self.failures > 0 && self.interval != NEVER;
        let interval = interval.min(NEVER);
        self.interval = interval;
        let due = match self.last {
            _ if backs_off => now + interval,
            None => now,
            // The clock may have been set back.
            Some(last) => last.min(now) + interval,
        };
        // What somebody is waiting for still comes.
        self.due = if interval == NEVER && self.due > now {
            NEVER
        } else {
            self.due.min(due)
        };
    }

    /// The page is hidden, or shown again.
    pub fn set_hidden(&mut self, hidden: bool, now: u64) {
        let resumes = self.hidden && !hidden;
        self.hidden = hidden;
        if resumes {
            self.resume(now);
        }
    }

    /// The network has gone, or is back: what failed without it is not held
    /// against it.
    pub fn set_offline(&mut self, offline: bool, now: u64) {
        let resumes = self.offline && !offline;
        self.offline = offline;
        if resumes {
            self.failures = 0;
            self.due = self.after(now, 0);
            self.resume(now);
        }
    }

    /// No round begins any more before somebody wants one.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether it was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    fn resume(&mut self, now: u64) {
        let fresh = FRESH.min(self.interval);
        let old = |last| now.saturating_sub(last) >= fresh;
        if self.last.is_none_or(old) {
            self.due = self.after(now, 0);
        }
    }

    /// When a round is due that nobody asked for.
    fn after(&self, now: u64, wait: u64) -> u64 {
        if self.interval == NEVER {
            NEVER
        } else {
            now + wait
        }
    }

    fn repeat(&mut self, now: u64) {
        if core::mem::take(&mut self.once_more) {
            self.due = now;
        }
    }

    /// The longest wait that can be meant.
    fn longest(&self) -> u64 {
        let asked = self.not_before.saturating_sub(self.last.unwrap_or(0));
        (self.interval.max(LONGEST_BACK_OFF) * 2).max(asked.min(LONGEST_TIMER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: u64 = 600_000;

    /// One whose first round ended well at 0.
    fn live() -> Poll {
        let mut poll = Poll::new(INTERVAL, 0);
        assert_eq!(poll.next(0), Next::Round);
        poll.done(0, 0);
        poll
    }

    #[test]
    fn the_first_round_begins_at_once_and_the_next_after_the_interval() {
        let mut poll = live();
        assert_eq!(poll.next(0), Next::Wait(INTERVAL));
        assert_eq!(poll.next(INTERVAL - 1), Next::Wait(1));
        assert_eq!(poll.next(INTERVAL), Next::Round);
    }

    #[test]
    fn no_two_rounds_run_at_once() {
        let mut poll = Poll::new(INTERVAL, 0);
        assert_eq!(poll.next(0), Next::Round);
        assert_eq!(poll.next(INTERVAL * 5), Next::Rest);
    }

    #[test]
    fn rounds_come_up_to_a_tenth_sooner() {
        for (jitter, expected) in [(0, INTERVAL), (500, 570_000), (1_000, 540_000)] {
            let mut poll = Poll::new(INTERVAL, 0);
            poll.next(0);
            poll.done(0, jitter);
            assert_eq!(poll.next(0), Next::Wait(expected));
        }
    }

    #[test]
    fn errors_make_it_slower_and_a_success_ends_that() {
        let mut poll = Poll::new(30_000, 0);
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..7 {
            assert_eq!(poll.next(now), Next::Round);
            poll.failed(now, None, 0);
            let Next::Wait(wait) = poll.next(now) else {
                panic!("no pause")
            };
            waits.push(wait);
            now += wait;
        }
        assert_eq!(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        assert_eq!(poll.next(now), Next::Round);
        poll.done(now, 0);
        assert_eq!(poll.next(now), Next::Wait(30_000));
    }

    #[test]
    fn a_server_that_asks_for_patience_gets_it_also_from_whoever_refreshes() {
        let mut poll = live();
        poll.refresh(1);
        assert_eq!(poll.next(1), Next::Round);
        poll.failed(1, Some(90_000), 0);
        poll.refresh(2);
        assert_eq!(poll.next(2), Next::Wait(89_999));
        assert_eq!(poll.next(90_001), Next::Round);
        poll.failed(90_001, Some(10_800_000), 0);
        assert_eq!(poll.next(90_001), Next::Wait(10_800_000), "three hours");
    }

    #[test]
    fn a_refresh_begins_a_round_at_once_or_one_more_after_that_under_way() {
        let mut poll = live();
        poll.refresh(10);
        assert_eq!(poll.next(10), Next::Round);
        poll.refresh(11);
        assert_eq!(poll.next(11), Next::Rest);
        poll.done(12, 0);
        assert_eq!(poll.next(12), Next::Round);
        poll.done(13, 0);
        assert_eq!(poll.next(13), Next::Wait(INTERVAL));
    }

    #[test]
    fn a_hidden_page_rests_and_begins_at_once_when_it_is_shown() {
        let mut poll = live();
        poll.set_hidden(true, 10);
        assert_eq!(poll.next(INTERVAL * 3), Next::Rest);
        poll.set_hidden(false, 60_000);
        assert_eq!(poll.next(60_000), Next::Round);
    }

    #[test]
    fn what_somebody_waits_for_comes_in_a_hidden_page_and_nothing_after_it() {
        let mut poll = live();
        poll.set_hidden(true, 10);
        poll.set_offline(true, 10);
        poll.refresh(20);
        assert_eq!(poll.next(20), Next::Round);
        poll.refresh(21);
        poll.failed(30, None, 0);
        assert_eq!(poll.next(30), Next::Round);
        poll.done(40, 0);
        assert_eq!(poll.next(INTERVAL * 3), Next::Rest);
    }

    #[test]
    fn a_page_that_flickers_does_not_ask_each_time() {
        let mut poll = live();
        poll.set_hidden(true, 10);
        poll.set_hidden(false, 20);
        assert_eq!(poll.next(20), Next::Wait(INTERVAL - 20));
    }

    #[test]
    fn without_network_it_rests_and_what_failed_there_is_not_held_against_it() {
        let mut poll = live();
        for now in 0..5 {
            poll.refresh(now);
            poll.next(now);
            poll.failed(now, None, 0);
        }
        poll.set_offline(true, 10);
        assert_eq!(poll.next(INTERVAL), Next::Rest);
        poll.set_offline(false, 20);
        assert_eq!(poll.next(20), Next::Round);
        poll.failed(20, None, 0);
        assert_eq!(poll.next(20), Next::Wait(2_000));
    }

    #[test]
    fn a_sleeping_laptop_asks_when_it_wakes() {
        let mut poll = live();
        assert_eq!(poll.next(INTERVAL * 100), Next::Round);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_put_the_next_round_off() {
        let mut poll = Poll::new(INTERVAL, INTERVAL * 1_000);
        poll.next(INTERVAL * 1_000);
        poll.done(INTERVAL * 1_000, 0);
        assert_eq!(poll.next(0), Next::Round);
    }

    #[test]
    fn one_without_an_interval_asks_at_first_and_when_it_is_refreshed() {
        for interval in [NEVER, NEVER + 1, u64::MAX] {
            asks_only_when_it_is_refreshed(Poll::new(interval, 0));
            let mut poll = Poll::new(INTERVAL, 0);
            poll.set_interval(interval, 0);
            asks_only_when_it_is_refreshed(poll);
        }
    }

    fn asks_only_when_it_is_refreshed(mut poll: Poll) {
        assert_eq!(poll.next(0), Next::Round);
        poll.done(0, 1_000);
        assert_eq!(poll.next(INTERVAL * 100), Next::Rest);
        poll.set_hidden(true, INTERVAL);
        poll.set_offline(true, INTERVAL);
        poll.set_hidden(false, INTERVAL);
        poll.set_offline(false, INTERVAL);
        assert_eq!(poll.next(INTERVAL), Next::Rest);
        poll.refresh(1);
        assert_eq!(poll.next(1), Next::Round);
        poll.failed(1, None, 0);
        assert_eq!(poll.next(INTERVAL * 100), Next::Rest);
    }

    #[test]
    fn an_interval_comes_and_goes_with_who_shares_the_list() {
        let mut poll = Poll::new(NEVER, 0);
        poll.next(0);
        poll.done(0, 0);
        poll.set_interval(INTERVAL, 1_000);
        assert_eq!(poll.next(1_000), Next::Wait(INTERVAL - 1_000));
        poll.set_interval(NEVER, 2_000);
        assert_eq!(poll.next(INTERVAL * 2), Next::Rest);
        poll.refresh(3_000);
        poll.set_interval(NEVER, 3_000);
        assert_eq!(poll.next(3_000), Next::Round);
    }

    #[test]
    fn who_comes_to_a_list_sees_nothing_that_is_older_than_the_interval() {
        let minute = 60_000;
        for (before, now, expected) in [
            (NEVER, INTERVAL * 5, Next::Round),
            (NEVER, 30_000, Next::Wait(30_000)),
            (INTERVAL, 90_000, Next::Round),
            (INTERVAL, 30_000, Next::Wait(30_000)),
            (30_000, 10_000, Next::Wait(20_000)),
        ] {
            let mut poll = Poll::new(before, 0);
            poll.next(0);
            poll.done(0, 0);
            poll.set_interval(minute, now);
            assert_eq!(poll.next(now), expected, "{before} at {now}");
        }
    }

    #[test]
    fn who_comes_to_a_list_that_has_failed_asks_anew_but_never_shortens_a_pause() {
        for (before, retry_after, expected) in [
            (NEVER, None, Next::Round),
            (NEVER, Some(5_000), Next::Wait(4_000)),
            (INTERVAL, None, Next::Wait(1_000)),
        ] {
            let mut poll = Poll::new(before, 0);
            poll.next(0);
            poll.failed(0, retry_after, 0);
            poll.set_interval(60_000, 1_000);
            assert_eq!(poll.next(1_000), expected, "{before} {retry_after:?}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_who_comes_wait_longer() {
        let mut poll = Poll::new(NEVER, INTERVAL);
        poll.next(INTERVAL);
        poll.done(INTERVAL, 0);
        poll.set_interval(60_000, 0);
        assert_eq!(poll.next(0), Next::Wait(60_000));
    }

    #[test]
    fn what_was_stopped_stays_so_until_somebody_wants_a_round() {
        let mut poll = live();
        poll.refresh(1);
        assert_eq!(poll.next(1), Next::Round);
        poll.failed(1, Some(5_000), 0);
        poll.stop();
        poll.set_interval(1_000, 2);
        poll.set_hidden(true, 2);
        poll.set_offline(true, 2);
        poll.set_hidden(false, INTERVAL);
        poll.set_offline(false, INTERVAL);
        assert_eq!(poll.next(INTERVAL), Next::Rest);
        assert!(poll.is_stopped());

        poll.refresh(1_001);
        assert!(!poll.is_stopped());
        assert_eq!(poll.next(1_001), Next::Wait(4_000), "the server's pause");
        assert_eq!(poll.next(5_001), Next::Round);
    }
}
