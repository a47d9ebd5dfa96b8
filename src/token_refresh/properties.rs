//! Token refresh under random events, in any order, and clocks that jump.

use proptest::prelude::*;

use super::{Need, Refused, Renewal};
use crate::backoff::LONGEST_TIMER;
use crate::clock::Moment;
use crate::error::Outcome;
use crate::route::Effect;
use crate::test_clocks::{Clocks, MINUTE, SECOND, steps};

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
