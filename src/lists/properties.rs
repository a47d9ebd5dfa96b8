//! A list's fetches under random events, in any order, and clocks that jump.

use proptest::prelude::*;

use super::scheduler::ON_DEMAND;
use super::{RefetchAction, RefetchScheduler};
use crate::backoff::LONGEST_TIMER;
use crate::test_clocks::{Clocks, DAY, HOUR, MINUTE, SECOND, steps};

#[derive(Clone, Copy, Debug)]
enum PollEvent {
    Succeeds,
    Fails { retry_after: u64 },
    Refresh,
    Interval(u64),
    Paused { hidden: bool, offline: bool },
    Stops,
}

fn poll_events() -> impl Strategy<Value = PollEvent> {
    let retry_after = prop_oneof![
        4 => Just(0),
        1 => 0..2 * MINUTE,
        1 => Just(HOUR),
        1 => Just(30 * DAY),
        1 => Just(u64::MAX),
    ];
    let interval = prop_oneof![
        2 => 0..3 * MINUTE,
        2 => Just(10 * MINUTE),
        1 => Just(ON_DEMAND),
        1 => Just(u64::MAX),
    ];
    let paused = (any::<bool>(), any::<bool>());
    prop_oneof![
        2 => Just(PollEvent::Succeeds),
        8 => retry_after.prop_map(|retry_after| PollEvent::Fails { retry_after }),
        1 => Just(PollEvent::Refresh),
        2 => interval.prop_map(PollEvent::Interval),
        5 => paused.prop_map(|(hidden, offline)| PollEvent::Paused { hidden, offline }),
        1 => Just(PollEvent::Stops),
    ]
}

/// A simple model of the scheduler's promises.
#[expect(
    clippy::struct_excessive_bools,
    reason = "events in any order set each independently"
)]
struct Expected {
    interval: u64,
    shortest: u64,
    failures: u32,
    failed_at: u64,
    pause_until: u64,
    /// When the backoff may be reset again.
    resettable_at: u64,
    hidden: bool,
    offline: bool,
    fetched: bool,
    forced: bool,
    stopped: bool,
}

impl Expected {
    fn backoff(&self) -> u64 {
        let doubled = (2 * SECOND) << self.failures.saturating_sub(1).min(20);
        doubled.min(self.shortest.max(MINUTE))
    }

    /// The network returned, or the first subscriber polls.
    fn reset(&mut self, elapsed: u64) {
        if self.failures > 0 && elapsed >= self.resettable_at {
            self.failures = 0;
            self.resettable_at = elapsed + 5 * SECOND;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_list_is_fetched_at_a_bounded_rate_after_any_events(
        interval in prop_oneof![Just(0), 0..3 * MINUTE, Just(10 * MINUTE), Just(ON_DEMAND)],
        events in prop::collection::vec((steps(), poll_events(), 0..1_200_u32), 1..120),
    ) {
        let mut clocks = Clocks::new();
        let mut scheduler = RefetchScheduler::new(interval, clocks.now.monotonic);
        let mut fetching = false;
        let mut model = Expected {
            interval,
            shortest: interval,
            failures: 0,
            failed_at: 0,
            pause_until: 0,
            resettable_at: 0,
            hidden: false,
            offline: false,
            fetched: false,
            forced: false,
            stopped: false,
        };
        for (step, event, jitter) in events {
            let mut readings = Vec::new();
            clocks.step(step, |now| readings.push(now.monotonic));
            // Time advances with every reading.
            for now in readings {
                scheduler.set_paused(model.hidden, model.offline, now);
            }
            let now = clocks.now.monotonic;
            match event {
                PollEvent::Succeeds if fetching => {
                    scheduler.handle_fetch_done(now, jitter);
                    fetching = false;
                    model.failures = 0;
                    model.shortest = model.interval;
                }
                PollEvent::Fails { retry_after } if fetching => {
                    scheduler.handle_fetch_failed(now, retry_after, jitter);
                    fetching = false;
                    model.failures += 1;
                    model.failed_at = clocks.elapsed;
                    model.shortest = model.interval;
                    model.pause_until = clocks.elapsed + retry_after.min(DAY);
                }
                PollEvent::Succeeds | PollEvent::Fails { .. } => {}
                PollEvent::Refresh => {
                    scheduler.handle_refetch_request();
                    model.forced = true;
                    model.stopped = false;
                }
                PollEvent::Interval(interval) => {
                    scheduler.set_interval(interval, now);
                    if model.interval >= ON_DEMAND && interval < ON_DEMAND {
                        model.reset(clocks.elapsed);
                    }
                    model.interval = interval;
                    model.shortest = model.shortest.min(interval);
                }
                PollEvent::Paused { hidden, offline } => {
                    scheduler.set_paused(hidden, offline, now);
                    if model.offline && !offline {
                        model.reset(clocks.elapsed);
                    }
                    (model.hidden, model.offline) = (hidden, offline);
                }
                PollEvent::Stops => {
                    scheduler.stop();
                    model.stopped = true;
                }
            }
            match scheduler.poll_action(now) {
                RefetchAction::Fetch => {
                    prop_assert!(!fetching, "two fetches at once");
                    prop_assert!(!model.stopped);
                    prop_assert!(clocks.elapsed >= model.pause_until, "Retry-After");
                    fetching = true;
                    if !model.forced {
                        prop_assert!(!model.hidden);
                        let paused = model.offline || model.interval >= ON_DEMAND;
                        prop_assert!(!(model.fetched && paused), "offline, or on demand");
                        let passed = clocks.elapsed - model.failed_at;
                        if model.failures > 0 {
                            prop_assert!(passed >= model.backoff(), "{passed}");
                        }
                    }
                    model.fetched = true;
                    model.forced = false;
                }
                RefetchAction::Wait(wait) => {
                    prop_assert!(wait > 0);
                    prop_assert!(wait <= LONGEST_TIMER);
                    let pause = model.pause_until.saturating_sub(clocks.elapsed);
                    let longest = model.interval.max(MINUTE).max(pause);
                    prop_assert!(wait <= longest, "{wait} > {longest}");
                }
                RefetchAction::Idle => prop_assert!(
                    fetching
                        || model.stopped
                        || model.hidden
                        || model.offline
                        || model.interval >= ON_DEMAND
                ),
            }
        }
    }
}
