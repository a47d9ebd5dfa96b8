use crate::backoff::{LONGEST_TIMER, back_off};
use crate::clock::Timeline;

/// The wait after one failed fetch, in milliseconds; it doubles with each further failure.
const FIRST_BACK_OFF: u64 = 2_000;
/// The backoff grows up to the interval, but at least up to this, in milliseconds.
const LONGEST_BACK_OFF: u64 = 60_000;
/// Data that is younger than this, in milliseconds, is not fetched again when a page is shown;
/// and a backoff is not lifted more often.
const FRESH: u64 = 5_000;
/// The longest `Retry-After` that is obeyed, in milliseconds. A page that stays open for longer
/// tries once a day: a server's mistake should not stop its lists until somebody reloads it.
const LONGEST_PAUSE: u64 = 86_400_000;

/// The interval of a list that is fetched once and then only on demand; a longer one means the
/// same.
pub(super) const NEVER: u64 = 1 << 53;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Begin a fetch; [`Poll::done`] or [`Poll::failed`] must follow.
    Round,
    /// Ask again after so many milliseconds, or after the next event.
    Wait(u64),
    /// Ask again after the next event: the page is hidden or offline, a fetch is under way, or
    /// polling has stopped.
    Rest,
}

/// Decides when a watched list is fetched. All times are readings of one monotonic clock, in
/// milliseconds; a reading that is earlier than the last one counts as no time.
///
/// Fetches that nobody asked for are at least the backoff apart while they fail. It is lifted by
/// the network's return, or by the first subscriber of a list that nobody polled, and together by
/// them at most once in five seconds.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is switched by an event of its own, in any order"
)]
pub struct Poll {
    timeline: Timeline,
    interval: u64,
    /// When the next fetch is due that nobody asks for; after failures, the end of the backoff.
    due: u64,
    /// The end of the server's `Retry-After`: no fetch begins earlier, whoever asks.
    not_before: u64,
    /// The end of the last fetch that succeeded.
    last: Option<u64>,
    failures: u32,
    /// When the backoff may be lifted again.
    liftable_at: u64,
    running: bool,
    /// Whether a fetch has begun yet. The first is attempted offline too: what the platform says
    /// of the network is only a hint.
    attempted: bool,
    /// Somebody waits for a fetch that begins after they asked, also in a hidden page.
    wanted: bool,
    hidden: bool,
    offline: bool,
    stopped: bool,
}

impl Poll {
    /// The first fetch is due at once, further ones every `interval` milliseconds.
    #[must_use]
    pub const fn new(interval: u64, now: u64) -> Self {
        Self {
            timeline: Timeline::new(now),
            interval: if interval < NEVER { interval } else { NEVER },
            due: 0,
            not_before: 0,
            last: None,
            failures: 0,
            liftable_at: 0,
            running: false,
            attempted: false,
            wanted: false,
            hidden: false,
            offline: false,
            stopped: false,
        }
    }

    /// The fetch that is under way is given up, and polling that was stopped begins again: a fetch
    /// is due now, but for a backoff and the server's `Retry-After`.
    pub fn restart(&mut self, now: u64) {
        let now = self.timeline.advance(now);
        self.running = false;
        self.stopped = false;
        self.last = None;
        if self.failures == 0 {
            self.due = now;
        }
    }

    /// What to do now.
    pub fn next(&mut self, now: u64) -> Next {
        let now = self.timeline.advance(now);
        let idle = self.attempted && (self.offline || self.interval == NEVER);
        let rests = (self.hidden || idle) && !self.wanted;
        if self.running || self.stopped || rests {
            return Next::Rest;
        }
        // Whoever asks need not wait for the backoff.
        let due = if self.wanted { 0 } else { self.due };
        let wait = due.max(self.not_before).saturating_sub(now);
        if wait > 0 {
            return Next::Wait(wait.min(LONGEST_TIMER));
        }
        self.running = true;
        self.attempted = true;
        self.wanted = false;
        Next::Round
    }

    /// A fetch succeeded. `jitter` is from 0 to 1000: the next one comes up to a tenth of the
    /// interval early, so that pages that were opened together do not fetch together.
    pub fn done(&mut self, now: u64, jitter: u32) {
        let now = self.timeline.advance(now);
        self.running = false;
        self.failures = 0;
        self.last = Some(now);
        let early = self.interval / 10 * u64::from(jitter.min(1_000)) / 1_000;
        self.due = now + self.interval - early;
    }

    /// A fetch failed, in a way that may pass. `retry_after` is the server's `Retry-After`, in
    /// milliseconds; 0 if it sent none.
    pub fn failed(&mut self, now: u64, retry_after: u64, jitter: u32) {
        let now = self.timeline.advance(now);
        self.running = false;
        self.failures += 1;
        let wait = back_off(FIRST_BACK_OFF, self.longest(), self.failures, jitter);
        self.due = now + wait;
        self.not_before = now + retry_after.min(LONGEST_PAUSE);
    }

    /// Somebody wants to see the current state, or has changed something. Polling that was
    /// stopped begins again.
    pub fn refresh(&mut self) {
        self.stopped = false;
        self.wanted = true;
    }

    /// Sets the shortest interval that any subscriber asked for. Older data is due at once; but
    /// a backoff goes on, unless nobody polled the list before.
    pub fn set_interval(&mut self, interval: u64, now: u64) {
        let now = self.timeline.advance(now);
        let is_first = self.interval == NEVER && interval < NEVER;
        self.interval = interval.min(NEVER);
        let due = if self.failures > 0 {
            now + self.longest()
        } else {
            self.last.unwrap_or(0) + self.interval
        };
        self.due = self.due.min(due);
        if is_first {
            self.lift_backoff(now);
        }
    }

    /// Whether the page is hidden, and whether the platform says that there is no network. What
    /// failed without it is not held against the list when it is back.
    pub fn set_paused(&mut self, hidden: bool, offline: bool, now: u64) {
        let now = self.timeline.advance(now);
        let shown = self.hidden && !hidden;
        let online = self.offline && !offline;
        (self.hidden, self.offline) = (hidden, offline);
        if online {
            self.lift_backoff(now);
        }
        let fresh = FRESH.min(self.interval);
        let is_fresh = self.last.is_some_and(|last| now - last < fresh);
        if (shown || online) && self.failures == 0 && !is_fresh {
            self.due = now;
        }
    }

    /// No fetch begins any more before [`Poll::refresh`].
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    fn lift_backoff(&mut self, now: u64) {
        if self.failures > 0 && now >= self.liftable_at {
            self.failures = 0;
            self.due = now;
            self.liftable_at = now + FRESH;
        }
    }

    /// The longest backoff.
    fn longest(&self) -> u64 {
        self.interval.max(LONGEST_BACK_OFF)
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
    fn one_that_is_restarted_fetches_at_once_but_keeps_the_backoff_and_the_servers_pause() {
        for (retry_after, expected) in [(0, 2_000), (90_000, 90_000)] {
            let mut poll = Poll::new(600_000, 0);
            assert_eq!(poll.next(0), Next::Round);
            poll.restart(0);
            assert_eq!(poll.next(0), Next::Round, "nothing has failed");
            poll.failed(0, retry_after, 0);
            poll.stop();
            poll.restart(0);
            assert_eq!(poll.next(0), Next::Wait(expected));
            assert_eq!(poll.next(expected), Next::Round);
            poll.done(expected, 0);
            poll.restart(expected);
            assert_eq!(poll.next(expected), Next::Round);
        }
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
            poll.failed(now, 0, 0);
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
        poll.refresh();
        assert_eq!(poll.next(1), Next::Round);
        poll.failed(1, 90_000, 0);
        poll.refresh();
        assert_eq!(poll.next(2), Next::Wait(89_999));
        assert_eq!(poll.next(90_001), Next::Round);
        poll.failed(90_001, 10_800_000, 0);
        assert_eq!(poll.next(90_001), Next::Wait(10_800_000), "three hours");
    }

    #[test]
    fn a_refresh_begins_a_round_at_once_or_one_more_after_that_under_way() {
        let mut poll = live();
        poll.refresh();
        assert_eq!(poll.next(10), Next::Round);
        poll.refresh();
        assert_eq!(poll.next(11), Next::Rest);
        poll.done(12, 0);
        assert_eq!(poll.next(12), Next::Round);
        poll.done(13, 0);
        assert_eq!(poll.next(13), Next::Wait(INTERVAL));
    }

    #[test]
    fn a_hidden_page_rests_and_begins_at_once_when_it_is_shown() {
        let mut poll = live();
        poll.set_paused(true, false, 10);
        assert_eq!(poll.next(20), Next::Rest);
        poll.set_paused(false, false, 60_000);
        assert_eq!(poll.next(60_000), Next::Round);
    }

    #[test]
    fn what_somebody_waits_for_comes_in_a_hidden_page_and_nothing_after_it() {
        let mut poll = live();
        poll.set_paused(true, true, 10);
        poll.refresh();
        assert_eq!(poll.next(20), Next::Round);
        poll.refresh();
        poll.failed(30, 0, 0);
        assert_eq!(poll.next(30), Next::Round);
        poll.done(40, 0);
        assert_eq!(poll.next(INTERVAL * 3), Next::Rest);
    }

    #[test]
    fn a_page_that_flickers_does_not_ask_each_time() {
        for (shown, expected) in [
            (20, Next::Wait(INTERVAL - 20)),
            (FRESH - 1, Next::Wait(INTERVAL - FRESH + 1)),
            (FRESH, Next::Round),
        ] {
            let mut poll = live();
            poll.set_paused(true, false, 10);
            poll.set_paused(false, false, shown);
            assert_eq!(poll.next(shown), expected, "{shown}");
        }
    }

    #[test]
    fn without_network_it_rests_and_what_failed_there_is_not_held_against_it() {
        let mut poll = live();
        for now in 0..5 {
            poll.refresh();
            poll.next(now);
            poll.failed(now, 0, 0);
        }
        poll.set_paused(false, true, 10);
        assert_eq!(poll.next(15), Next::Rest);
        poll.set_paused(false, false, 20);
        assert_eq!(poll.next(20), Next::Round);
        poll.failed(20, 0, 0);
        assert_eq!(poll.next(20), Next::Wait(2_000));
    }

    #[test]
    fn a_sleeping_laptop_asks_when_it_wakes() {
        let mut poll = live();
        assert_eq!(poll.next(INTERVAL * 100), Next::Round);
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
        let later = INTERVAL * 200;
        poll.set_paused(true, true, later);
        poll.set_paused(false, false, later);
        assert_eq!(poll.next(later), Next::Rest);
        poll.refresh();
        assert_eq!(poll.next(later), Next::Round);
        poll.failed(later, 0, 0);
        assert_eq!(poll.next(INTERVAL * 300), Next::Rest);
    }

    #[test]
    fn an_interval_comes_and_goes_with_who_shares_the_list() {
        let mut poll = Poll::new(NEVER, 0);
        poll.next(0);
        poll.done(0, 0);
        poll.set_interval(INTERVAL, 1_000);
        assert_eq!(poll.next(1_000), Next::Wait(INTERVAL - 1_000));
        poll.set_interval(NEVER, 2_000);
        assert_eq!(poll.next(2_500), Next::Rest);
        poll.refresh();
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
            (NEVER, 0, Next::Round),
            (NEVER, 5_000, Next::Wait(4_000)),
            (INTERVAL, 0, Next::Wait(1_000)),
        ] {
            let mut poll = Poll::new(before, 0);
            poll.next(0);
            poll.failed(0, retry_after, 0);
            poll.set_interval(60_000, 1_000);
            assert_eq!(poll.next(1_000), expected, "{before} {retry_after}");
        }
    }

    #[test]
    fn what_was_stopped_stays_so_until_somebody_wants_a_fetch() {
        let mut poll = live();
        poll.refresh();
        assert_eq!(poll.next(1), Next::Round);
        poll.failed(1, 5_000, 0);
        poll.stop();
        poll.set_interval(1_000, 2);
        poll.set_paused(true, true, 2);
        poll.set_paused(false, false, 1_000);
        assert_eq!(poll.next(1_000), Next::Rest);
        poll.refresh();
        assert_eq!(poll.next(1_001), Next::Wait(4_000), "the server's pause");
        assert_eq!(poll.next(5_001), Next::Round);
    }

    /// One whose fetches have failed so often, the last time now; with that time.
    fn failing(interval: u64, failures: u32) -> (Poll, u64) {
        let mut poll = Poll::new(interval, 0);
        let mut now = 0;
        for nth in 1.. {
            assert_eq!(poll.next(now), Next::Round);
            poll.failed(now, 0, 0);
            if nth == failures {
                break;
            }
            match poll.next(now) {
                Next::Wait(wait) => now += wait,
                other => panic!("{other:?}"),
            }
        }
        (poll, now)
    }

    #[test]
    fn the_first_fetch_is_attempted_offline_and_then_it_rests_until_the_network_is_back() {
        for fails in [false, true] {
            let mut poll = Poll::new(INTERVAL, 0);
            poll.set_paused(false, true, 0);
            assert_eq!(poll.next(0), Next::Round, "offline is a hint");
            if fails {
                poll.failed(10, 0, 0);
            } else {
                poll.done(10, 0);
            }
            assert_eq!(poll.next(INTERVAL * 2), Next::Rest);
            poll.refresh();
            assert_eq!(poll.next(INTERVAL * 2), Next::Round, "somebody asks");
            poll.failed(INTERVAL * 2, 0, 0);
            assert_eq!(poll.next(INTERVAL * 3), Next::Rest);
            poll.set_paused(false, false, INTERVAL * 3);
            assert_eq!(poll.next(INTERVAL * 3), Next::Round);
        }
    }

    #[test]
    fn a_list_that_is_hidden_from_the_beginning_is_fetched_when_it_is_shown() {
        let mut poll = Poll::new(INTERVAL, 0);
        poll.set_paused(true, false, 0);
        assert_eq!(poll.next(10), Next::Rest);
        poll.set_paused(false, false, 20);
        assert_eq!(poll.next(20), Next::Round);
    }

    #[test]
    fn showing_a_page_does_not_end_the_backoff() {
        for succeeded in [false, true] {
            let mut poll = Poll::new(INTERVAL, 0);
            assert_eq!(poll.next(0), Next::Round);
            let now = FRESH * 2;
            if succeeded {
                poll.done(0, 0);
                poll.refresh();
                assert_eq!(poll.next(now), Next::Round);
            }
            poll.failed(now, 0, 0);
            for flip in 0..10 {
                poll.set_paused(true, false, now + flip);
                assert_eq!(poll.next(now + flip), Next::Rest);
                poll.set_paused(false, false, now + flip);
                assert_eq!(poll.next(now + flip), Next::Wait(2_000 - flip));
            }
        }
    }

    #[test]
    fn the_network_ends_a_backoff_at_most_once_in_five_seconds() {
        let (mut poll, now) = failing(INTERVAL, 5);
        let mut fetches = Vec::new();
        for passed in (0..20_000).step_by(100) {
            let now = now + passed;
            poll.set_paused(false, true, now);
            poll.set_paused(false, false, now);
            if poll.next(now) == Next::Round {
                poll.failed(now, 0, 0);
                fetches.push(passed);
            }
        }
        // Each time one at once, and one after the first backoff.
        assert_eq!(
            fetches,
            [0, 2_000, 5_000, 7_000, 10_000, 12_000, 15_000, 17_000]
        );
    }

    #[test]
    fn the_network_does_not_end_the_pause_that_the_server_asked_for() {
        let mut poll = live();
        poll.refresh();
        assert_eq!(poll.next(10), Next::Round);
        poll.failed(10, 90_000, 0);
        poll.set_paused(true, true, 20);
        poll.set_paused(false, false, 30);
        assert_eq!(poll.next(30), Next::Wait(89_980));
    }

    #[test]
    fn other_intervals_do_not_shorten_a_backoff_to_less_than_their_own() {
        let (poll, now) = failing(INTERVAL, 4);
        for interval in [0, 1_000, 60_000, INTERVAL * 2] {
            let mut poll = poll.clone();
            poll.set_interval(interval, now + 1_000);
            assert_eq!(poll.next(now + 1_000), Next::Wait(15_000), "{interval}");
        }
        let (mut poll, now) = failing(INTERVAL, 20);
        assert_eq!(poll.next(now), Next::Wait(INTERVAL));
        poll.set_interval(1_000, now);
        assert_eq!(poll.next(now), Next::Wait(60_000));
        poll.set_interval(INTERVAL, now + 10_000);
        assert_eq!(poll.next(now + 10_000), Next::Wait(50_000));
    }

    #[test]
    fn subscribers_that_come_and_go_fetch_a_failing_list_once_in_five_seconds() {
        let mut poll = Poll::new(NEVER, 0);
        assert_eq!(poll.next(0), Next::Round);
        poll.failed(0, 0, 0);
        let mut fetches = Vec::new();
        for now in (0..12_000).step_by(100) {
            poll.set_interval(60_000, now);
            if poll.next(now) == Next::Round {
                poll.failed(now, 0, 0);
                fetches.push(now);
            }
            poll.set_interval(NEVER, now);
            assert_eq!(poll.next(now), Next::Rest);
        }
        assert_eq!(fetches, [0, 2_000, 5_000, 7_000, 10_000]);
    }

    #[test]
    fn a_list_that_failed_often_while_nobody_polled_it_is_not_put_off_by_days() {
        let mut poll = Poll::new(NEVER, 0);
        for _ in 0..30 {
            poll.refresh();
            assert_eq!(poll.next(0), Next::Round);
            poll.failed(0, 0, 1_000);
        }
        poll.set_interval(30_000, 0);
        assert_eq!(poll.next(0), Next::Round, "who comes asks anew");
        poll.failed(0, 0, 0);
        poll.set_interval(NEVER, 0);
        for _ in 0..30 {
            poll.refresh();
            assert_eq!(poll.next(0), Next::Round);
            poll.failed(0, 0, 1_000);
        }
        poll.set_interval(30_000, 0);
        assert_eq!(poll.next(0), Next::Wait(60_000));
    }

    #[test]
    fn a_server_that_asks_for_a_month_is_asked_again_after_a_day() {
        const DAY: u64 = 86_400_000;
        let month = 30 * DAY;
        for retry_after in [DAY + 1, LONGEST_TIMER + 1, month, u64::MAX] {
            let mut poll = live();
            poll.refresh();
            assert_eq!(poll.next(1_000), Next::Round);
            poll.failed(1_000, retry_after, 1_000);
            let mut requests = 0;
            for now in (1_000..1_000 + DAY).step_by(10_000) {
                requests += u32::from(!matches!(poll.next(now), Next::Wait(_)));
            }
            assert_eq!(requests, 0, "{retry_after}");
            assert_eq!(poll.next(1_000 + DAY), Next::Round, "{retry_after}");
        }
    }

    #[test]
    fn a_pause_of_an_hour_lasts_an_hour_whatever_was_before() {
        let hour = 3_600_000;
        let (failing, now) = failing(30_000, 3);
        let mut idle = Poll::new(NEVER, 0);
        idle.set_interval(30_000, 0);
        for (mut poll, now) in [(live(), 5_000), (failing, now), (idle, 0)] {
            poll.refresh();
            assert_eq!(poll.next(now), Next::Round);
            poll.failed(now, hour, 0);
            poll.refresh();
            for passed in [0, 1, 600_000, hour - 1] {
                let expected = Next::Wait(hour - passed);
                assert_eq!(poll.next(now + passed), expected);
            }
            assert_eq!(poll.next(now + hour), Next::Round);
        }
    }

    #[test]
    fn a_clock_that_runs_backwards_counts_as_no_time() {
        let now = 1_795_000_000_000;
        let mut poll = Poll::new(INTERVAL, now);
        assert_eq!(poll.next(now), Next::Round);
        poll.failed(now, 0, 0);
        assert_eq!(poll.next(0), Next::Wait(2_000));
        assert_eq!(poll.next(500), Next::Wait(1_500));
        assert_eq!(poll.next(100), Next::Wait(1_500));
        assert_eq!(poll.next(1_600), Next::Round);
    }

    #[test]
    fn a_wait_is_never_longer_than_timers_take() {
        let mut poll = Poll::new(NEVER - 1, 0);
        assert_eq!(poll.next(0), Next::Round);
        poll.done(0, 0);
        assert_eq!(poll.next(0), Next::Wait(LONGEST_TIMER));
    }

    #[test]
    fn an_event_that_changes_nothing_starts_no_fetch() {
        let mut poll = live();
        poll.set_paused(false, false, 60_000);
        assert_eq!(poll.next(60_000), Next::Wait(INTERVAL - 60_000));
        poll.set_paused(true, true, 70_000);
        poll.set_paused(true, true, 80_000);
        poll.set_paused(true, false, 90_000);
        assert_eq!(poll.next(90_000), Next::Rest);
        let mut poll = live();
        poll.set_interval(INTERVAL, 60_000);
        assert_eq!(poll.next(60_000), Next::Wait(INTERVAL - 60_000));
    }

    #[test]
    fn data_is_as_old_as_the_last_fetch_that_succeeded() {
        let mut poll = live();
        poll.refresh();
        assert_eq!(poll.next(60_000), Next::Round);
        poll.done(60_000, 0);
        poll.set_paused(true, false, 61_000);
        poll.set_paused(false, false, 62_000);
        assert_eq!(poll.next(62_000), Next::Wait(INTERVAL - 2_000));
        poll.set_paused(true, true, 63_000);
        poll.set_paused(false, false, 60_000 + FRESH);
        assert_eq!(poll.next(60_000 + FRESH), Next::Round);
    }

    #[test]
    fn a_list_that_still_nobody_polls_does_not_use_up_the_end_of_a_backoff() {
        let mut poll = Poll::new(NEVER, 0);
        assert_eq!(poll.next(0), Next::Round);
        poll.failed(0, 0, 0);
        poll.set_interval(NEVER, 100);
        poll.set_interval(60_000, 200);
        assert_eq!(poll.next(200), Next::Round);
        for now in [4_000, 5_150] {
            poll.failed(now, 0, 0);
            poll.set_interval(NEVER, now);
            poll.set_interval(60_000, now);
            assert!(matches!(poll.next(now), Next::Wait(_)), "{now}");
            poll.refresh();
            assert_eq!(poll.next(now), Next::Round);
        }
    }

    #[test]
    fn the_backoff_has_up_to_a_fifth_of_jitter() {
        for (jitter, expected) in [(0, 2_000), (500, 2_200), (1_000, 2_400), (u32::MAX, 2_400)] {
            let mut poll = Poll::new(INTERVAL, 0);
            assert_eq!(poll.next(0), Next::Round);
            poll.failed(0, 0, jitter);
            assert_eq!(poll.next(0), Next::Wait(expected), "{jitter}");
        }
    }
}
