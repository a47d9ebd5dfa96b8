//! Token refresh under random events, in any order, and clocks that jump.

use proptest::prelude::*;

use super::{RejectedCall, TokenAction, TokenRefresher};
use crate::backoff::LONGEST_TIMER;
use crate::clock::Moment;
use crate::error::Outcome;
use crate::route::RouteKind;
use crate::test_clocks::{Clocks, MINUTE, SECOND, steps};

#[derive(Clone, Copy, Debug)]
enum TokenEvent {
    Call,
    /// The function returns a token, which the server accepts or not, with this much time left by the
    /// server's clock.
    Given {
        accepted: bool,
        left: Option<i64>,
    },
    GivenByHand,
    Fails,
    SignsOut,
    /// The server rejects a call with the current token, or an older one.
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

/// A refresher, and the state that its host keeps.
struct Session {
    refresher: TokenRefresher,
    clocks: Clocks,
    token: u32,
    refreshing: bool,
    signed_out: bool,
    /// Whether the expiry of the token is known.
    knows_end: bool,
    /// When the token function was called, in elapsed monotonic time.
    refreshes: Vec<u64>,
    /// When the expiry was looked up again.
    expiry_questions: Vec<u64>,
}

impl Session {
    fn new() -> Self {
        let mut session = Self {
            refresher: TokenRefresher::new(),
            clocks: Clocks::new(),
            token: 0,
            refreshing: false,
            signed_out: false,
            knows_end: false,
            refreshes: Vec::new(),
            expiry_questions: Vec::new(),
        };
        // The first reading of the clock is not elapsed time.
        session.refresher.poll_timer(session.clocks.now);
        session
    }

    fn now(&self) -> Moment {
        Moment {
            // The host does not read the wall clock before it is needed.
            wall: if self.knows_end {
                self.clocks.now.wall
            } else {
                0
            },
            ..self.clocks.now
        }
    }

    fn call(&mut self) -> TokenAction {
        let action = self.refresher.poll_action(self.now());
        if matches!(action, TokenAction::Refresh | TokenAction::UseAndRefresh) {
            assert!(!self.refreshing, "a refresh is in progress");
            assert!(!self.signed_out, "the session has ended");
            self.refreshing = true;
            self.refreshes.push(self.clocks.elapsed);
        }
        if action == TokenAction::AwaitRefresh {
            assert!(self.refreshing, "no refresh is in progress");
        }
        if action == TokenAction::Backoff && !self.signed_out {
            for wall in [0, self.clocks.now.wall, u64::MAX] {
                let monotonic = self.clocks.now.monotonic + MINUTE;
                let later = self
                    .refresher
                    .clone()
                    .poll_action(Moment { monotonic, wall });
                assert_eq!(later, TokenAction::Refresh, "a minute later");
            }
        }
        action
    }

    fn given(&mut self, expires_at: Option<u64>, accepted: bool) {
        self.token = self.refresher.handle_token(self.clocks.now.monotonic);
        self.refreshing = false;
        self.signed_out = false;
        self.knows_end = false;
        self.expiry_questions.clear();
        if accepted {
            self.accepted(expires_at);
        }
    }

    fn accepted(&mut self, expires_at: Option<u64>) {
        self.knows_end |= expires_at.is_some();
        if self
            .refresher
            .handle_token_accepted(self.token, expires_at, self.now())
        {
            assert!(!self.signed_out);
            self.expiry_questions.push(self.clocks.elapsed);
        }
    }

    fn handle_rejection(&mut self, age: u32, jitter: u32) {
        let call = RejectedCall {
            kind: RouteKind::Read,
            outcome: Outcome::Refused,
            is_resend: false,
            called_at: self.clocks.now,
            now: self.clocks.now,
        };
        let token = self.token.saturating_sub(age);
        assert!(self.refresher.handle_unauthorized(token, &call, jitter));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_token_function_is_called_at_a_bounded_rate_and_never_blocked(
        events in prop::collection::vec((steps(), token_events(), 0..1_200_u32), 1..200),
    ) {
        let mut session = Session::new();
        for (step, event, jitter) in events {
            let refresher = &mut session.refresher;
            session.clocks.step(step, |now| {
                refresher.poll_timer(now);
            });
            let now = session.clocks.now;
            match event {
                TokenEvent::Call => {
                    session.call();
                }
                TokenEvent::Given { accepted, left } if session.refreshing => {
                    let end = left.map(|left| now.wall.saturating_add_signed(left));
                    session.given(end, accepted);
                }
                TokenEvent::GivenByHand => session.given(None, true),
                TokenEvent::Fails if session.refreshing => {
                    session.refresher.handle_refresh_failed(now.monotonic, jitter);
                    session.refreshing = false;
                }
                TokenEvent::SignsOut if session.refreshing => {
                    session.refresher.handle_sign_out();
                    (session.refreshing, session.signed_out) = (false, true);
                }
                TokenEvent::Given { .. } | TokenEvent::Fails | TokenEvent::SignsOut => {}
                TokenEvent::Dies { age } => session.handle_rejection(age, jitter),
                TokenEvent::Accepted => session.accepted(None),
                TokenEvent::NotLearned => {
                    let token = session.token;
                    session.refresher.handle_expiry_unknown(token, now.monotonic, jitter);
                }
            }
            let action = session.call();
            prop_assert_eq!(session.signed_out, session.signed_out && action == TokenAction::Backoff);
            if let Some(wait) = session.refresher.poll_timer(session.now()) {
                prop_assert!(wait <= LONGEST_TIMER);
                prop_assert!(!session.refreshing && !session.signed_out);
            }
        }
        let most = |times: &[u64]| {
            let within = |from: u64| times.iter().filter(move |at| (from..from + MINUTE).contains(at));
            times.iter().map(|from| within(*from).count()).max().unwrap_or(0)
        };
        // At worst a token lasts for ten seconds, its rejection skips the backoff, and the next ones
        // are rejected at once, with backoffs of one, two and four seconds.
        prop_assert!(most(&session.refreshes) <= 24, "{:?}", session.refreshes);
        prop_assert!(most(&session.expiry_questions) <= 7, "{:?}", session.expiry_questions);
    }

    #[test]
    fn tokens_that_expire_at_once_are_refreshed_once_a_minute_in_the_end(
        events in prop::collection::vec((0..2_000_u64, any::<bool>()), 2_000),
        left in prop_oneof![Just(1_u64), Just(50), 1..5_000_u64],
    ) {
        let mut session = Session::new();
        for (passed, handle_rejection) in events {
            session.clocks.pass(passed);
            session.call();
            if session.refreshing {
                let end = session.clocks.now.wall + left;
                session.given(Some(end), true);
            }
            if handle_rejection {
                session.handle_rejection(0, 0);
            }
        }
        let waits: Vec<u64> = session.refreshes.windows(2).map(|two| two[1] - two[0]).collect();
        prop_assert!(session.refreshes.len() < 60, "{waits:?}");
        prop_assert!(waits.len() > 16);
        // The first rejection skips the backoff, which starts again from there.
        let (_, rest) = waits.split_at(16);
        prop_assert!(waits.iter().filter(|wait| **wait < SECOND).count() <= 1, "{waits:?}");
        prop_assert!(rest.iter().all(|wait| *wait >= MINUTE), "{waits:?}");
    }
}
