//! Polling and token refresh under random events, in any order, and clocks that jump.

use proptest::prelude::*;

use super::renewal::Refused;
use super::{LONGEST_TIMER, Need, Next, Poll, Renewal};
use crate::clock::Moment;
use crate::error::Outcome;
use crate::route::Effect;

/// A wall clock of today, in milliseconds since 1970.
const EPOCH: u64 = 1_795_000_000_000;
const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// An interval from which on nobody polls.
const NEVER: u64 = 1 << 53;

/// How the clocks move before an event.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Milliseconds of monotonic time; 0 when it stands still.
    passed: u64,
    /// A reading of the monotonic clock that runs back by so much, counted as no time.
    back: u64,
    /// A correction of the wall clock.
    jump: i64,
}

fn steps() -> impl Strategy<Value = Step> {
    let passed = prop_oneof![
        2 => Just(0),
        6 => 0..3 * SECOND,
        3 => 0..90 * SECOND,
        1 => 0..2 * HOUR,
    ];
    let back = prop_oneof![9 => Just(0), 1 => 0..HOUR];
    let jump = prop_oneof![
        8 => Just(0),
        1 => -12_000_i64..12_000,
        1 => -40_000_000_000_i64..40_000_000_000,
    ];
    (passed, back, jump).prop_map(|(passed, back, jump)| Step { passed, back, jump })
}

/// Both clocks, and the monotonic time that their readings have shown to pass.
#[derive(Debug)]
struct Clocks {
    now: Moment,
    elapsed: u64,
}

impl Clocks {
    fn new() -> Self {
        Self {
            now: Moment {
                monotonic: EPOCH,
                wall: EPOCH,
            },
            elapsed: 0,
        }
    }

    fn pass(&mut self, passed: u64) {
        self.now.monotonic += passed;
        self.now.wall += passed;
        self.elapsed += passed;
    }

    /// Moves the clocks; `seen` is shown every reading, as any call would.
    fn step(&mut self, step: Step, mut seen: impl FnMut(Moment)) {
        self.now.monotonic = self.now.monotonic.saturating_sub(step.back);
        seen(self.now);
        self.pass(step.passed);
        self.now.wall = self.now.wall.saturating_add_signed(step.jump);
        seen(self.now);
    }
}

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
        1 => Just(NEVER),
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

/// What the rules promise, counted beside them in the simplest way.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is switched by an event of its own, in any order"
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
    wanted: bool,
    stopped: bool,
}

impl Expected {
    fn backoff(&self) -> u64 {
        let doubled = (2 * SECOND) << self.failures.saturating_sub(1).min(20);
        doubled.min(self.shortest.max(MINUTE))
    }

    /// The network came back, or the first subscriber.
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
    fn a_list_is_fetched_at_a_bounded_rate_whatever_happens(
        interval in prop_oneof![Just(0), 0..3 * MINUTE, Just(10 * MINUTE), Just(NEVER)],
        happenings in prop::collection::vec((steps(), poll_events(), 0..1_200_u32), 1..120),
    ) {
        let mut clocks = Clocks::new();
        let mut poll = Poll::new(interval, clocks.now.monotonic);
        let mut running = false;
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
            wanted: false,
            stopped: false,
        };
        for (step, event, jitter) in happenings {
            let mut readings = Vec::new();
            clocks.step(step, |now| readings.push(now.monotonic));
            // A reading is what advances the time, whichever call brings it.
            for now in readings {
                poll.set_paused(model.hidden, model.offline, now);
            }
            let now = clocks.now.monotonic;
            match event {
                PollEvent::Succeeds if running => {
                    poll.done(now, jitter);
                    running = false;
                    model.failures = 0;
                    model.shortest = model.interval;
                }
                PollEvent::Fails { retry_after } if running => {
                    poll.failed(now, retry_after, jitter);
                    running = false;
                    model.failures += 1;
                    model.failed_at = clocks.elapsed;
                    model.shortest = model.interval;
                    model.pause_until = clocks.elapsed + retry_after.min(DAY);
                }
                PollEvent::Succeeds | PollEvent::Fails { .. } => {}
                PollEvent::Refresh => {
                    poll.refresh();
                    model.wanted = true;
                    model.stopped = false;
                }
                PollEvent::Interval(interval) => {
                    poll.set_interval(interval, now);
                    if model.interval >= NEVER && interval < NEVER {
                        model.reset(clocks.elapsed);
                    }
                    model.interval = interval;
                    model.shortest = model.shortest.min(interval);
                }
                PollEvent::Paused { hidden, offline } => {
                    poll.set_paused(hidden, offline, now);
                    if model.offline && !offline {
                        model.reset(clocks.elapsed);
                    }
                    (model.hidden, model.offline) = (hidden, offline);
                }
                PollEvent::Stops => {
                    poll.stop();
                    model.stopped = true;
                }
            }
            match poll.next(now) {
                Next::Round => {
                    prop_assert!(!running, "two fetches at once");
                    prop_assert!(!model.stopped);
                    prop_assert!(clocks.elapsed >= model.pause_until, "Retry-After");
                    running = true;
                    if !model.wanted {
                        prop_assert!(!model.hidden);
                        let rests = model.offline || model.interval >= NEVER;
                        prop_assert!(!(model.fetched && rests), "offline, or nobody polls it");
                        let passed = clocks.elapsed - model.failed_at;
                        if model.failures > 0 {
                            prop_assert!(passed >= model.backoff(), "{passed}");
                        }
                    }
                    model.fetched = true;
                    model.wanted = false;
                }
                Next::Wait(wait) => {
                    prop_assert!(wait > 0);
                    prop_assert!(wait <= LONGEST_TIMER);
                    let pause = model.pause_until.saturating_sub(clocks.elapsed);
                    let longest = model.interval.max(MINUTE).max(pause);
                    prop_assert!(wait <= longest, "{wait} > {longest}");
                }
                Next::Rest => prop_assert!(
                    running
                        || model.stopped
                        || model.hidden
                        || model.offline
                        || model.interval >= NEVER
                ),
            }
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum TokenEvent {
    Call,
    /// The function gives a token, which the server accepts or not, with that much time left by
    /// its own clock.
    Given {
        accepted: bool,
        left: Option<i64>,
    },
    GivenByHand,
    Fails,
    SignsOut,
    /// The server rejects a call made with the token before the last ones.
    Dies {
        age: u32,
    },
    Accepted,
    NotLearned,
}

fn token_events() -> impl Strategy<Value = TokenEvent> {
    let left = prop_oneof![
        1 => Just(None),
        2 => Just(Some(50)),
        1 => Just(Some(0)),
        1 => Just(Some(-3_600_000)),
        2 => (0..90_000_i64).prop_map(Some),
        3 => Just(Some(3_600_000)),
    ];
    let given = (prop::bool::weighted(0.9), left)
        .prop_map(|(accepted, left)| TokenEvent::Given { accepted, left });
    prop_oneof![
        6 => Just(TokenEvent::Call),
        8 => given,
        1 => Just(TokenEvent::GivenByHand),
        2 => Just(TokenEvent::Fails),
        1 => Just(TokenEvent::SignsOut),
        5 => (0..2_u32).prop_map(|age| TokenEvent::Dies { age }),
        2 => Just(TokenEvent::Accepted),
        2 => Just(TokenEvent::NotLearned),
    ]
}

/// A refresher, and what its host sees of it.
struct Session {
    renewal: Renewal,
    clocks: Clocks,
    token: u32,
    asking: bool,
    signed_out: bool,
    /// Whether the server has told when the token ends.
    knows_end: bool,
    /// When the function was called, in elapsed monotonic time.
    asked: Vec<u64>,
    /// When the server was asked again when the token in use ends.
    learns: Vec<u64>,
}

impl Session {
    fn new() -> Self {
        let mut session = Self {
            renewal: Renewal::new(),
            clocks: Clocks::new(),
            token: 0,
            asking: false,
            signed_out: false,
            knows_end: false,
            asked: Vec::new(),
            learns: Vec::new(),
        };
        // What the clock shows when a page begins is no time that has passed.
        session.renewal.timer(session.clocks.now);
        session
    }

    fn now(&self) -> Moment {
        Moment {
            // Nobody looks at the wall clock before it is needed.
            wall: if self.knows_end {
                self.clocks.now.wall
            } else {
                0
            },
            ..self.clocks.now
        }
    }

    fn call(&mut self) -> Need {
        let need = self.renewal.need(self.now());
        if matches!(need, Need::Ask | Need::UseAndAsk) {
            assert!(!self.asking, "it is being asked");
            assert!(!self.signed_out, "the session has ended");
            self.asking = true;
            self.asked.push(self.clocks.elapsed);
        }
        if need == Need::Wait {
            assert!(self.asking, "nobody would ever give what it waits for");
        }
        if need == Need::GiveUp && !self.signed_out {
            for wall in [0, self.clocks.now.wall, u64::MAX] {
                let monotonic = self.clocks.now.monotonic + MINUTE;
                let later = self.renewal.clone().need(Moment { monotonic, wall });
                assert_eq!(later, Need::Ask, "a minute later");
            }
        }
        need
    }

    fn given(&mut self, expires_at: Option<u64>, accepted: bool) {
        self.token = self.renewal.given(self.clocks.now.monotonic);
        self.asking = false;
        self.signed_out = false;
        self.knows_end = false;
        self.learns.clear();
        if accepted {
            self.accepted(expires_at);
        }
    }

    fn accepted(&mut self, expires_at: Option<u64>) {
        self.knows_end |= expires_at.is_some();
        if self.renewal.taken(self.token, expires_at, self.now()) {
            assert!(!self.signed_out);
            self.learns.push(self.clocks.elapsed);
        }
    }

    fn dies(&mut self, age: u32, jitter: u32) {
        let call = Refused {
            effect: Effect::Read,
            outcome: Outcome::Refused,
            again: false,
            called_at: self.clocks.now,
            now: self.clocks.now,
        };
        let token = self.token.saturating_sub(age);
        assert!(self.renewal.refused(token, &call, jitter));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_token_function_is_called_at_a_bounded_rate_and_never_forgotten_whatever_happens(
        happenings in prop::collection::vec((steps(), token_events(), 0..1_200_u32), 1..200),
    ) {
        let mut session = Session::new();
        for (step, event, jitter) in happenings {
            let renewal = &mut session.renewal;
            session.clocks.step(step, |now| {
                renewal.timer(now);
            });
            let now = session.clocks.now;
            match event {
                TokenEvent::Call => {
                    session.call();
                }
                TokenEvent::Given { accepted, left } if session.asking => {
                    let end = left.map(|left| now.wall.saturating_add_signed(left));
                    session.given(end, accepted);
                }
                TokenEvent::GivenByHand => session.given(None, true),
                TokenEvent::Fails if session.asking => {
                    session.renewal.failed(now.monotonic, jitter);
                    session.asking = false;
                }
                TokenEvent::SignsOut if session.asking => {
                    session.renewal.sign_out();
                    (session.asking, session.signed_out) = (false, true);
                }
                TokenEvent::Given { .. } | TokenEvent::Fails | TokenEvent::SignsOut => {}
                TokenEvent::Dies { age } => session.dies(age, jitter),
                TokenEvent::Accepted => session.accepted(None),
                TokenEvent::NotLearned => {
                    let token = session.token;
                    session.renewal.unlearned(token, now.monotonic, jitter);
                }
            }
            let need = session.call();
            prop_assert_eq!(session.signed_out, session.signed_out && need == Need::GiveUp);
            if let Some(wait) = session.renewal.timer(session.now()) {
                prop_assert!(wait <= LONGEST_TIMER);
                prop_assert!(!session.asking && !session.signed_out);
            }
        }
        let most = |times: &[u64]| {
            let within = |from: u64| times.iter().filter(move |at| (from..from + MINUTE).contains(at));
            times.iter().map(|from| within(*from).count()).max().unwrap_or(0)
        };
        // At worst a token lasts for ten seconds, its death is met at once, and the next ones
        // end at once, which is met after one, two and four seconds.
        prop_assert!(most(&session.asked) <= 24, "{:?}", session.asked);
        prop_assert!(most(&session.learns) <= 7, "{:?}", session.learns);
    }

    #[test]
    fn tokens_that_end_at_once_are_asked_for_once_a_minute_in_the_end(
        happenings in prop::collection::vec((0..2_000_u64, any::<bool>()), 2_000),
        left in prop_oneof![Just(1_u64), Just(50), 1..5_000_u64],
    ) {
        let mut session = Session::new();
        for (passed, dies) in happenings {
            session.clocks.pass(passed);
            session.call();
            if session.asking {
                let end = session.clocks.now.wall + left;
                session.given(Some(end), true);
            }
            if dies {
                session.dies(0, 0);
            }
        }
        let waits: Vec<u64> = session.asked.windows(2).map(|two| two[1] - two[0]).collect();
        prop_assert!(session.asked.len() < 60, "{waits:?}");
        prop_assert!(waits.len() > 16);
        // The first death is met at once, and the backoff begins anew from there.
        let (_, rest) = waits.split_at(16);
        prop_assert!(waits.iter().filter(|wait| **wait < SECOND).count() <= 1, "{waits:?}");
        prop_assert!(rest.iter().all(|wait| *wait >= MINUTE), "{waits:?}");
    }
}
