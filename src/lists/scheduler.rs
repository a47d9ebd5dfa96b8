//! When a watched list is fetched.

use crate::backoff::{LONGEST_TIMER, backoff};
use crate::clock::Timeline;

/// The backoff after one failed fetch, in milliseconds; it doubles with each further failure.
const FIRST_BACKOFF: u64 = 2_000;
/// The backoff grows up to the interval, but at least up to this, in milliseconds.
const LONGEST_BACKOFF: u64 = 60_000;
/// Data younger than this, in milliseconds, is not fetched again when a page is shown. The backoff
/// is reset at most once in this time.
const FRESH_FOR: u64 = 5_000;
/// The longest `Retry-After` that is obeyed, in milliseconds. Because of a server's mistake, a list
/// should not stop until somebody reloads the page.
const LONGEST_RETRY_AFTER: u64 = 86_400_000;

/// The interval of a list that is fetched once, then only on request. Longer intervals mean the
/// same.
pub(super) const ON_DEMAND: u64 = 1 << 53;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefetchAction {
    /// Start a fetch, which ends with [`RefetchScheduler::handle_fetch_done`] or
    /// [`RefetchScheduler::handle_fetch_failed`].
    Fetch,
    /// Poll again after this many milliseconds, or after the next event.
    Wait(u64),
    /// Poll again after the next event: the page is hidden or offline, a fetch is in progress, or
    /// polling has stopped.
    Idle,
}

/// Decides when a watched list is fetched. All times are readings of one monotonic clock, in
/// milliseconds; a reading that is earlier than the last one counts as no time.
///
/// While fetches fail, unrequested ones are at least the backoff apart. The backoff is reset when
/// the network returns, and by the first subscriber that polls; by both together at most once in
/// five seconds.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "events in any order set each independently"
)]
pub struct RefetchScheduler {
    timeline: Timeline,
    interval: u64,
    /// When the next unrequested fetch is due; after failures, the end of the backoff.
    due: u64,
    /// The end of the server's `Retry-After`: no fetch starts earlier, requested or not.
    not_before: u64,
    /// When the last successful fetch ended.
    last_success: Option<u64>,
    /// Consecutive failed fetches.
    failures: u32,
    /// When the backoff may be reset again.
    reset_allowed_at: u64,
    fetching: bool,
    /// Whether a fetch has started yet. The first one starts offline too, because what the
    /// platform says about the network is only a hint.
    attempted: bool,
    /// Whether a fetch was requested that must start after the request, also in a hidden page.
    forced: bool,
    hidden: bool,
    offline: bool,
    stopped: bool,
}

impl RefetchScheduler {
    /// A scheduler whose first fetch is due now, and further ones every `interval` milliseconds.
    #[must_use]
    pub const fn new(interval: u64, now: u64) -> Self {
        Self {
            timeline: Timeline::new(now),
            interval: if interval < ON_DEMAND {
                interval
            } else {
                ON_DEMAND
            },
            due: 0,
            not_before: 0,
            last_success: None,
            failures: 0,
            reset_allowed_at: 0,
            fetching: false,
            attempted: false,
            forced: false,
            hidden: false,
            offline: false,
            stopped: false,
        }
    }

    /// Abandons the fetch in progress, and polls again if polling has stopped. The next fetch is
    /// due now, but not before the end of a backoff or of the server's `Retry-After`.
    pub fn restart(&mut self, now: u64) {
        let now = self.timeline.advance(now);
        if core::mem::replace(&mut self.fetching, false) {
            // Also where no fetch is due without a request.
            self.attempted = false;
        }
        self.stopped = false;
        self.last_success = None;
        if self.failures == 0 {
            self.due = now;
        }
    }

    /// Returns what to do now.
    pub fn poll_action(&mut self, now: u64) -> RefetchAction {
        let now = self.timeline.advance(now);
        let is_idle = self.attempted && (self.offline || self.interval == ON_DEMAND);
        let is_paused = (self.hidden || is_idle) && !self.forced;
        if self.fetching || self.stopped || is_paused {
            return RefetchAction::Idle;
        }
        // A requested fetch does not wait for the backoff.
        let due = if self.forced { 0 } else { self.due };
        let wait = due.max(self.not_before).saturating_sub(now);
        if wait > 0 {
            return RefetchAction::Wait(wait.min(LONGEST_TIMER));
        }
        self.fetching = true;
        self.attempted = true;
        self.forced = false;
        RefetchAction::Fetch
    }

    /// Handles a successful fetch. `jitter` is from 0 to 1000: the next fetch is up to a tenth of
    /// the interval early, so that pages that were opened together do not fetch together.
    pub fn handle_fetch_done(&mut self, now: u64, jitter: u32) {
        let now = self.timeline.advance(now);
        self.fetching = false;
        self.failures = 0;
        self.last_success = Some(now);
        let early = self.interval / 10 * u64::from(jitter.min(1_000)) / 1_000;
        self.due = now + self.interval - early;
    }

    /// Handles a fetch that failed with a transient error. `retry_after` is the server's
    /// `Retry-After` in milliseconds, or 0.
    pub fn handle_fetch_failed(&mut self, now: u64, retry_after: u64, jitter: u32) {
        let now = self.timeline.advance(now);
        self.fetching = false;
        self.failures += 1;
        let wait = backoff(FIRST_BACKOFF, self.longest_backoff(), self.failures, jitter);
        self.due = now + wait;
        self.not_before = now + retry_after.min(LONGEST_RETRY_AFTER);
    }

    /// Handles a request for the current state, or a change of the data. Restarts polling that has
    /// stopped.
    pub fn handle_refetch_request(&mut self) {
        self.stopped = false;
        self.forced = true;
    }

    /// Sets the shortest interval that any subscriber asked for, in milliseconds. Data that is
    /// older is due now. A backoff continues, unless the list was not polled before.
    pub fn set_interval(&mut self, interval: u64, now: u64) {
        let now = self.timeline.advance(now);
        let is_first = self.interval == ON_DEMAND && interval < ON_DEMAND;
        self.interval = interval.min(ON_DEMAND);
        let due = if self.failures > 0 {
            now + self.longest_backoff()
        } else {
            self.last_success.unwrap_or(0) + self.interval
        };
        self.due = self.due.min(due);
        if is_first {
            self.reset_backoff(now);
        }
    }

    /// Sets whether the page is hidden, and whether the platform reports that there is no network.
    /// Failures without a network do not delay the first fetch after it has returned.
    pub fn set_paused(&mut self, hidden: bool, offline: bool, now: u64) {
        let now = self.timeline.advance(now);
        let is_shown = self.hidden && !hidden;
        let is_online = self.offline && !offline;
        (self.hidden, self.offline) = (hidden, offline);
        if is_online {
            self.reset_backoff(now);
        }
        let fresh_for = FRESH_FOR.min(self.interval);
        let is_fresh = self.last_success.is_some_and(|at| now - at < fresh_for);
        if (is_shown || is_online) && self.failures == 0 && !is_fresh {
            self.due = now;
        }
    }

    /// Stops polling: no fetch starts before [`RefetchScheduler::handle_refetch_request`].
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    fn reset_backoff(&mut self, now: u64) {
        if self.failures > 0 && now >= self.reset_allowed_at {
            self.failures = 0;
            self.due = now;
            self.reset_allowed_at = now + FRESH_FOR;
        }
    }

    fn longest_backoff(&self) -> u64 {
        self.interval.max(LONGEST_BACKOFF)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: u64 = 600_000;

    /// A scheduler whose first fetch succeeded at 0.
    fn live() -> RefetchScheduler {
        let mut scheduler = RefetchScheduler::new(INTERVAL, 0);
        assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
        scheduler.handle_fetch_done(0, 0);
        scheduler
    }

    #[test]
    fn a_restart_fetches_at_once_but_respects_the_backoff_and_retry_after() {
        for (retry_after, expected) in [(0, 2_000), (90_000, 90_000)] {
            let mut scheduler = RefetchScheduler::new(600_000, 0);
            assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
            scheduler.restart(0);
            assert_eq!(
                scheduler.poll_action(0),
                RefetchAction::Fetch,
                "nothing has failed"
            );
            scheduler.handle_fetch_failed(0, retry_after, 0);
            scheduler.stop();
            scheduler.restart(0);
            assert_eq!(scheduler.poll_action(0), RefetchAction::Wait(expected));
            assert_eq!(scheduler.poll_action(expected), RefetchAction::Fetch);
            scheduler.handle_fetch_done(expected, 0);
            scheduler.restart(expected);
            assert_eq!(scheduler.poll_action(expected), RefetchAction::Fetch);
        }
    }

    #[test]
    fn the_first_fetch_starts_at_once_and_the_next_after_the_interval() {
        let mut scheduler = live();
        assert_eq!(scheduler.poll_action(0), RefetchAction::Wait(INTERVAL));
        assert_eq!(scheduler.poll_action(INTERVAL - 1), RefetchAction::Wait(1));
        assert_eq!(scheduler.poll_action(INTERVAL), RefetchAction::Fetch);
    }

    #[test]
    fn no_two_fetches_run_at_once() {
        let mut scheduler = RefetchScheduler::new(INTERVAL, 0);
        assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
        assert_eq!(scheduler.poll_action(INTERVAL * 5), RefetchAction::Idle);
    }

    #[test]
    fn jitter_makes_a_fetch_up_to_a_tenth_of_the_interval_early() {
        for (jitter, expected) in [(0, INTERVAL), (500, 570_000), (1_000, 540_000)] {
            let mut scheduler = RefetchScheduler::new(INTERVAL, 0);
            scheduler.poll_action(0);
            scheduler.handle_fetch_done(0, jitter);
            assert_eq!(scheduler.poll_action(0), RefetchAction::Wait(expected));
        }
    }

    #[test]
    fn the_backoff_grows_with_each_failure_and_a_success_resets_it() {
        let mut scheduler = RefetchScheduler::new(30_000, 0);
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..7 {
            assert_eq!(scheduler.poll_action(now), RefetchAction::Fetch);
            scheduler.handle_fetch_failed(now, 0, 0);
            let RefetchAction::Wait(wait) = scheduler.poll_action(now) else {
                panic!("no backoff")
            };
            waits.push(wait);
            now += wait;
        }
        assert_eq!(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        assert_eq!(scheduler.poll_action(now), RefetchAction::Fetch);
        scheduler.handle_fetch_done(now, 0);
        assert_eq!(scheduler.poll_action(now), RefetchAction::Wait(30_000));
    }

    #[test]
    fn a_requested_fetch_respects_retry_after_too() {
        let mut scheduler = live();
        scheduler.handle_refetch_request();
        assert_eq!(scheduler.poll_action(1), RefetchAction::Fetch);
        scheduler.handle_fetch_failed(1, 90_000, 0);
        scheduler.handle_refetch_request();
        assert_eq!(scheduler.poll_action(2), RefetchAction::Wait(89_999));
        assert_eq!(scheduler.poll_action(90_001), RefetchAction::Fetch);
        scheduler.handle_fetch_failed(90_001, 10_800_000, 0);
        assert_eq!(
            scheduler.poll_action(90_001),
            RefetchAction::Wait(10_800_000),
            "three hours"
        );
    }

    #[test]
    fn a_request_starts_a_fetch_at_once_or_after_the_one_in_progress() {
        let mut scheduler = live();
        scheduler.handle_refetch_request();
        assert_eq!(scheduler.poll_action(10), RefetchAction::Fetch);
        scheduler.handle_refetch_request();
        assert_eq!(scheduler.poll_action(11), RefetchAction::Idle);
        scheduler.handle_fetch_done(12, 0);
        assert_eq!(scheduler.poll_action(12), RefetchAction::Fetch);
        scheduler.handle_fetch_done(13, 0);
        assert_eq!(scheduler.poll_action(13), RefetchAction::Wait(INTERVAL));
    }

    #[test]
    fn a_hidden_page_is_idle_and_fetches_at_once_when_it_is_shown() {
        let mut scheduler = live();
        scheduler.set_paused(true, false, 10);
        assert_eq!(scheduler.poll_action(20), RefetchAction::Idle);
        scheduler.set_paused(false, false, 60_000);
        assert_eq!(scheduler.poll_action(60_000), RefetchAction::Fetch);
    }

    #[test]
    fn a_requested_fetch_runs_in_a_hidden_page_and_no_other_follows() {
        let mut scheduler = live();
        scheduler.set_paused(true, true, 10);
        scheduler.handle_refetch_request();
        assert_eq!(scheduler.poll_action(20), RefetchAction::Fetch);
        scheduler.handle_refetch_request();
        scheduler.handle_fetch_failed(30, 0, 0);
        assert_eq!(scheduler.poll_action(30), RefetchAction::Fetch);
        scheduler.handle_fetch_done(40, 0);
        assert_eq!(scheduler.poll_action(INTERVAL * 3), RefetchAction::Idle);
    }

    #[test]
    fn showing_a_page_again_does_not_fetch_fresh_data() {
        for (shown, expected) in [
            (20, RefetchAction::Wait(INTERVAL - 20)),
            (FRESH_FOR - 1, RefetchAction::Wait(INTERVAL - FRESH_FOR + 1)),
            (FRESH_FOR, RefetchAction::Fetch),
        ] {
            let mut scheduler = live();
            scheduler.set_paused(true, false, 10);
            scheduler.set_paused(false, false, shown);
            assert_eq!(scheduler.poll_action(shown), expected, "{shown}");
        }
    }

    #[test]
    fn a_list_is_idle_offline_and_failures_there_do_not_delay_the_next_fetch() {
        let mut scheduler = live();
        for now in 0..5 {
            scheduler.handle_refetch_request();
            scheduler.poll_action(now);
            scheduler.handle_fetch_failed(now, 0, 0);
        }
        scheduler.set_paused(false, true, 10);
        assert_eq!(scheduler.poll_action(15), RefetchAction::Idle);
        scheduler.set_paused(false, false, 20);
        assert_eq!(scheduler.poll_action(20), RefetchAction::Fetch);
        scheduler.handle_fetch_failed(20, 0, 0);
        assert_eq!(scheduler.poll_action(20), RefetchAction::Wait(2_000));
    }

    #[test]
    fn a_list_is_fetched_when_a_computer_wakes() {
        let mut scheduler = live();
        assert_eq!(scheduler.poll_action(INTERVAL * 100), RefetchAction::Fetch);
    }

    #[test]
    fn a_list_without_an_interval_is_fetched_once_and_then_on_request() {
        for interval in [ON_DEMAND, ON_DEMAND + 1, u64::MAX] {
            fetches_only_on_request(RefetchScheduler::new(interval, 0));
            let mut scheduler = RefetchScheduler::new(INTERVAL, 0);
            scheduler.set_interval(interval, 0);
            fetches_only_on_request(scheduler);
        }
    }

    fn fetches_only_on_request(mut scheduler: RefetchScheduler) {
        assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
        scheduler.handle_fetch_done(0, 1_000);
        assert_eq!(scheduler.poll_action(INTERVAL * 100), RefetchAction::Idle);
        let later = INTERVAL * 200;
        scheduler.set_paused(true, true, later);
        scheduler.set_paused(false, false, later);
        assert_eq!(scheduler.poll_action(later), RefetchAction::Idle);
        scheduler.handle_refetch_request();
        assert_eq!(scheduler.poll_action(later), RefetchAction::Fetch);
        scheduler.handle_fetch_failed(later, 0, 0);
        assert_eq!(scheduler.poll_action(INTERVAL * 300), RefetchAction::Idle);
    }

    #[test]
    fn the_interval_changes_with_the_subscribers() {
        let mut scheduler = RefetchScheduler::new(ON_DEMAND, 0);
        scheduler.poll_action(0);
        scheduler.handle_fetch_done(0, 0);
        scheduler.set_interval(INTERVAL, 1_000);
        assert_eq!(
            scheduler.poll_action(1_000),
            RefetchAction::Wait(INTERVAL - 1_000)
        );
        scheduler.set_interval(ON_DEMAND, 2_000);
        assert_eq!(scheduler.poll_action(2_500), RefetchAction::Idle);
        scheduler.handle_refetch_request();
        scheduler.set_interval(ON_DEMAND, 3_000);
        assert_eq!(scheduler.poll_action(3_000), RefetchAction::Fetch);
    }

    #[test]
    fn a_new_subscriber_sees_no_data_older_than_the_interval() {
        let minute = 60_000;
        for (before, now, expected) in [
            (ON_DEMAND, INTERVAL * 5, RefetchAction::Fetch),
            (ON_DEMAND, 30_000, RefetchAction::Wait(30_000)),
            (INTERVAL, 90_000, RefetchAction::Fetch),
            (INTERVAL, 30_000, RefetchAction::Wait(30_000)),
            (30_000, 10_000, RefetchAction::Wait(20_000)),
        ] {
            let mut scheduler = RefetchScheduler::new(before, 0);
            scheduler.poll_action(0);
            scheduler.handle_fetch_done(0, 0);
            scheduler.set_interval(minute, now);
            assert_eq!(scheduler.poll_action(now), expected, "{before} at {now}");
        }
    }

    #[test]
    fn the_first_subscriber_of_a_failed_list_fetches_at_once_but_respects_retry_after() {
        for (before, retry_after, expected) in [
            (ON_DEMAND, 0, RefetchAction::Fetch),
            (ON_DEMAND, 5_000, RefetchAction::Wait(4_000)),
            (INTERVAL, 0, RefetchAction::Wait(1_000)),
        ] {
            let mut scheduler = RefetchScheduler::new(before, 0);
            scheduler.poll_action(0);
            scheduler.handle_fetch_failed(0, retry_after, 0);
            scheduler.set_interval(60_000, 1_000);
            assert_eq!(
                scheduler.poll_action(1_000),
                expected,
                "{before} {retry_after}"
            );
        }
    }

    #[test]
    fn a_stopped_list_stays_stopped_until_a_fetch_is_requested() {
        let mut scheduler = live();
        scheduler.handle_refetch_request();
        assert_eq!(scheduler.poll_action(1), RefetchAction::Fetch);
        scheduler.handle_fetch_failed(1, 5_000, 0);
        scheduler.stop();
        scheduler.set_interval(1_000, 2);
        scheduler.set_paused(true, true, 2);
        scheduler.set_paused(false, false, 1_000);
        assert_eq!(scheduler.poll_action(1_000), RefetchAction::Idle);
        scheduler.handle_refetch_request();
        assert_eq!(
            scheduler.poll_action(1_001),
            RefetchAction::Wait(4_000),
            "the server's pause"
        );
        assert_eq!(scheduler.poll_action(5_001), RefetchAction::Fetch);
    }

    /// A scheduler after this many failed fetches, and the time of the last failure.
    fn failing(interval: u64, failures: u32) -> (RefetchScheduler, u64) {
        let mut scheduler = RefetchScheduler::new(interval, 0);
        let mut now = 0;
        for nth in 1.. {
            assert_eq!(scheduler.poll_action(now), RefetchAction::Fetch);
            scheduler.handle_fetch_failed(now, 0, 0);
            if nth == failures {
                break;
            }
            match scheduler.poll_action(now) {
                RefetchAction::Wait(wait) => now += wait,
                other => panic!("{other:?}"),
            }
        }
        (scheduler, now)
    }

    #[test]
    fn the_first_fetch_is_attempted_offline_and_the_next_when_the_network_is_back() {
        for fails in [false, true] {
            let mut scheduler = RefetchScheduler::new(INTERVAL, 0);
            scheduler.set_paused(false, true, 0);
            assert_eq!(
                scheduler.poll_action(0),
                RefetchAction::Fetch,
                "offline is a hint"
            );
            if fails {
                scheduler.handle_fetch_failed(10, 0, 0);
            } else {
                scheduler.handle_fetch_done(10, 0);
            }
            assert_eq!(scheduler.poll_action(INTERVAL * 2), RefetchAction::Idle);
            scheduler.handle_refetch_request();
            assert_eq!(
                scheduler.poll_action(INTERVAL * 2),
                RefetchAction::Fetch,
                "somebody asks"
            );
            scheduler.handle_fetch_failed(INTERVAL * 2, 0, 0);
            assert_eq!(scheduler.poll_action(INTERVAL * 3), RefetchAction::Idle);
            scheduler.set_paused(false, false, INTERVAL * 3);
            assert_eq!(scheduler.poll_action(INTERVAL * 3), RefetchAction::Fetch);
        }
    }

    #[test]
    fn a_list_that_is_hidden_from_the_beginning_is_fetched_when_it_is_shown() {
        let mut scheduler = RefetchScheduler::new(INTERVAL, 0);
        scheduler.set_paused(true, false, 0);
        assert_eq!(scheduler.poll_action(10), RefetchAction::Idle);
        scheduler.set_paused(false, false, 20);
        assert_eq!(scheduler.poll_action(20), RefetchAction::Fetch);
    }

    #[test]
    fn showing_a_page_does_not_reset_the_backoff() {
        for succeeded in [false, true] {
            let mut scheduler = RefetchScheduler::new(INTERVAL, 0);
            assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
            let now = FRESH_FOR * 2;
            if succeeded {
                scheduler.handle_fetch_done(0, 0);
                scheduler.handle_refetch_request();
                assert_eq!(scheduler.poll_action(now), RefetchAction::Fetch);
            }
            scheduler.handle_fetch_failed(now, 0, 0);
            for flip in 0..10 {
                scheduler.set_paused(true, false, now + flip);
                assert_eq!(scheduler.poll_action(now + flip), RefetchAction::Idle);
                scheduler.set_paused(false, false, now + flip);
                assert_eq!(
                    scheduler.poll_action(now + flip),
                    RefetchAction::Wait(2_000 - flip)
                );
            }
        }
    }

    #[test]
    fn the_return_of_the_network_resets_the_backoff_at_most_once_in_five_seconds() {
        let (mut scheduler, now) = failing(INTERVAL, 5);
        let mut fetches = Vec::new();
        for passed in (0..20_000).step_by(100) {
            let now = now + passed;
            scheduler.set_paused(false, true, now);
            scheduler.set_paused(false, false, now);
            if scheduler.poll_action(now) == RefetchAction::Fetch {
                scheduler.handle_fetch_failed(now, 0, 0);
                fetches.push(passed);
            }
        }
        // Each time, one at once and one after the first backoff.
        assert_eq!(
            fetches,
            [0, 2_000, 5_000, 7_000, 10_000, 12_000, 15_000, 17_000]
        );
    }

    #[test]
    fn the_return_of_the_network_does_not_end_retry_after() {
        let mut scheduler = live();
        scheduler.handle_refetch_request();
        assert_eq!(scheduler.poll_action(10), RefetchAction::Fetch);
        scheduler.handle_fetch_failed(10, 90_000, 0);
        scheduler.set_paused(true, true, 20);
        scheduler.set_paused(false, false, 30);
        assert_eq!(scheduler.poll_action(30), RefetchAction::Wait(89_980));
    }

    #[test]
    fn a_new_interval_shortens_a_backoff_only_to_the_longest_one_that_it_allows() {
        let (scheduler, now) = failing(INTERVAL, 4);
        for interval in [0, 1_000, 60_000, INTERVAL * 2] {
            let mut scheduler = scheduler.clone();
            scheduler.set_interval(interval, now + 1_000);
            assert_eq!(
                scheduler.poll_action(now + 1_000),
                RefetchAction::Wait(15_000),
                "{interval}"
            );
        }
        let (mut scheduler, now) = failing(INTERVAL, 20);
        assert_eq!(scheduler.poll_action(now), RefetchAction::Wait(INTERVAL));
        scheduler.set_interval(1_000, now);
        assert_eq!(scheduler.poll_action(now), RefetchAction::Wait(60_000));
        scheduler.set_interval(INTERVAL, now + 10_000);
        assert_eq!(
            scheduler.poll_action(now + 10_000),
            RefetchAction::Wait(50_000)
        );
    }

    #[test]
    fn subscribers_that_come_and_go_fetch_a_failing_list_at_most_once_in_five_seconds() {
        let mut scheduler = RefetchScheduler::new(ON_DEMAND, 0);
        assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
        scheduler.handle_fetch_failed(0, 0, 0);
        let mut fetches = Vec::new();
        for now in (0..12_000).step_by(100) {
            scheduler.set_interval(60_000, now);
            if scheduler.poll_action(now) == RefetchAction::Fetch {
                scheduler.handle_fetch_failed(now, 0, 0);
                fetches.push(now);
            }
            scheduler.set_interval(ON_DEMAND, now);
            assert_eq!(scheduler.poll_action(now), RefetchAction::Idle);
        }
        assert_eq!(fetches, [0, 2_000, 5_000, 7_000, 10_000]);
    }

    #[test]
    fn a_list_that_failed_often_while_nobody_polled_it_is_not_delayed_by_days() {
        let mut scheduler = RefetchScheduler::new(ON_DEMAND, 0);
        for _ in 0..30 {
            scheduler.handle_refetch_request();
            assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
            scheduler.handle_fetch_failed(0, 0, 1_000);
        }
        scheduler.set_interval(30_000, 0);
        assert_eq!(
            scheduler.poll_action(0),
            RefetchAction::Fetch,
            "the first subscriber fetches at once"
        );
        scheduler.handle_fetch_failed(0, 0, 0);
        scheduler.set_interval(ON_DEMAND, 0);
        for _ in 0..30 {
            scheduler.handle_refetch_request();
            assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
            scheduler.handle_fetch_failed(0, 0, 1_000);
        }
        scheduler.set_interval(30_000, 0);
        assert_eq!(scheduler.poll_action(0), RefetchAction::Wait(60_000));
    }

    #[test]
    fn a_retry_after_of_a_month_counts_as_a_day() {
        const DAY: u64 = 86_400_000;
        let month = 30 * DAY;
        for retry_after in [DAY + 1, LONGEST_TIMER + 1, month, u64::MAX] {
            let mut scheduler = live();
            scheduler.handle_refetch_request();
            assert_eq!(scheduler.poll_action(1_000), RefetchAction::Fetch);
            scheduler.handle_fetch_failed(1_000, retry_after, 1_000);
            let mut requests = 0;
            for now in (1_000..1_000 + DAY).step_by(10_000) {
                requests += u32::from(!matches!(
                    scheduler.poll_action(now),
                    RefetchAction::Wait(_)
                ));
            }
            assert_eq!(requests, 0, "{retry_after}");
            assert_eq!(
                scheduler.poll_action(1_000 + DAY),
                RefetchAction::Fetch,
                "{retry_after}"
            );
        }
    }

    #[test]
    fn a_retry_after_of_an_hour_lasts_an_hour_in_every_state() {
        let hour = 3_600_000;
        let (failing, now) = failing(30_000, 3);
        let mut idle = RefetchScheduler::new(ON_DEMAND, 0);
        idle.set_interval(30_000, 0);
        for (mut scheduler, now) in [(live(), 5_000), (failing, now), (idle, 0)] {
            scheduler.handle_refetch_request();
            assert_eq!(scheduler.poll_action(now), RefetchAction::Fetch);
            scheduler.handle_fetch_failed(now, hour, 0);
            scheduler.handle_refetch_request();
            for passed in [0, 1, 600_000, hour - 1] {
                let expected = RefetchAction::Wait(hour - passed);
                assert_eq!(scheduler.poll_action(now + passed), expected);
            }
            assert_eq!(scheduler.poll_action(now + hour), RefetchAction::Fetch);
        }
    }

    #[test]
    fn a_clock_that_runs_backwards_counts_as_no_time() {
        let now = 1_795_000_000_000;
        let mut scheduler = RefetchScheduler::new(INTERVAL, now);
        assert_eq!(scheduler.poll_action(now), RefetchAction::Fetch);
        scheduler.handle_fetch_failed(now, 0, 0);
        assert_eq!(scheduler.poll_action(0), RefetchAction::Wait(2_000));
        assert_eq!(scheduler.poll_action(500), RefetchAction::Wait(1_500));
        assert_eq!(scheduler.poll_action(100), RefetchAction::Wait(1_500));
        assert_eq!(scheduler.poll_action(1_600), RefetchAction::Fetch);
    }

    #[test]
    fn a_wait_is_never_longer_than_a_timer_takes() {
        let mut scheduler = RefetchScheduler::new(ON_DEMAND - 1, 0);
        assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
        scheduler.handle_fetch_done(0, 0);
        assert_eq!(scheduler.poll_action(0), RefetchAction::Wait(LONGEST_TIMER));
    }

    #[test]
    fn an_event_that_changes_nothing_starts_no_fetch() {
        let mut scheduler = live();
        scheduler.set_paused(false, false, 60_000);
        assert_eq!(
            scheduler.poll_action(60_000),
            RefetchAction::Wait(INTERVAL - 60_000)
        );
        scheduler.set_paused(true, true, 70_000);
        scheduler.set_paused(true, true, 80_000);
        scheduler.set_paused(true, false, 90_000);
        assert_eq!(scheduler.poll_action(90_000), RefetchAction::Idle);
        let mut scheduler = live();
        scheduler.set_interval(INTERVAL, 60_000);
        assert_eq!(
            scheduler.poll_action(60_000),
            RefetchAction::Wait(INTERVAL - 60_000)
        );
    }

    #[test]
    fn the_age_of_data_counts_from_the_last_successful_fetch() {
        let mut scheduler = live();
        scheduler.handle_refetch_request();
        assert_eq!(scheduler.poll_action(60_000), RefetchAction::Fetch);
        scheduler.handle_fetch_done(60_000, 0);
        scheduler.set_paused(true, false, 61_000);
        scheduler.set_paused(false, false, 62_000);
        assert_eq!(
            scheduler.poll_action(62_000),
            RefetchAction::Wait(INTERVAL - 2_000)
        );
        scheduler.set_paused(true, true, 63_000);
        scheduler.set_paused(false, false, 60_000 + FRESH_FOR);
        assert_eq!(
            scheduler.poll_action(60_000 + FRESH_FOR),
            RefetchAction::Fetch
        );
    }

    #[test]
    fn an_interval_of_on_demand_does_not_use_up_the_reset_of_the_backoff() {
        let mut scheduler = RefetchScheduler::new(ON_DEMAND, 0);
        assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
        scheduler.handle_fetch_failed(0, 0, 0);
        scheduler.set_interval(ON_DEMAND, 100);
        scheduler.set_interval(60_000, 200);
        assert_eq!(scheduler.poll_action(200), RefetchAction::Fetch);
        for now in [4_000, 5_150] {
            scheduler.handle_fetch_failed(now, 0, 0);
            scheduler.set_interval(ON_DEMAND, now);
            scheduler.set_interval(60_000, now);
            assert!(
                matches!(scheduler.poll_action(now), RefetchAction::Wait(_)),
                "{now}"
            );
            scheduler.handle_refetch_request();
            assert_eq!(scheduler.poll_action(now), RefetchAction::Fetch);
        }
    }

    #[test]
    fn jitter_prolongs_the_backoff_by_up_to_a_fifth() {
        for (jitter, expected) in [(0, 2_000), (500, 2_200), (1_000, 2_400), (u32::MAX, 2_400)] {
            let mut scheduler = RefetchScheduler::new(INTERVAL, 0);
            assert_eq!(scheduler.poll_action(0), RefetchAction::Fetch);
            scheduler.handle_fetch_failed(0, 0, jitter);
            assert_eq!(
                scheduler.poll_action(0),
                RefetchAction::Wait(expected),
                "{jitter}"
            );
        }
    }
}
