//! Random checks, refreshes, calls and rejections in any order, under clocks that jump.

use proptest::prelude::*;

use super::*;
use crate::error::Outcome;
use crate::test_clocks::{Clocks, MINUTE, steps};

/// A token, and whose it really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Token {
    person: u32,
    /// What the server says. Not every session has a user identity.
    identity: Identity,
}

#[derive(Clone, Copy, Debug)]
enum SessionEvent {
    Call(RouteKind),
    SetToken(Token),
    /// The server accepts or rejects the token of a check in progress. It may not say whose the
    /// token in use is.
    CheckEnds {
        nth: usize,
        is_accepted: bool,
        is_current_known: bool,
    },
    /// The token function returns, or the server says whose its token is.
    Returns(Token),
    ReturnsCurrent {
        is_extended: bool,
    },
    Fails,
    SignsOut,
    /// The server rejects a call with the current token.
    Unauthorized,
    /// Calls that got an answer to [`CallAction::Use`] are sent now.
    Send,
    Resume,
}

fn tokens() -> impl Strategy<Value = Token> {
    (1..4_u32, 0..2_u32, any::<bool>()).prop_map(|(person, nth, has_user)| Token {
        person,
        identity: Identity {
            session: 10 * person + nth,
            user: if has_user { person } else { 0 },
        },
    })
}

fn events() -> impl Strategy<Value = SessionEvent> {
    let kinds = prop_oneof![
        Just(RouteKind::Read),
        Just(RouteKind::Write),
        Just(RouteKind::Action)
    ];
    let ends = (0..3_usize, prop::bool::weighted(0.7), any::<bool>()).prop_map(
        |(nth, is_accepted, is_current_known)| SessionEvent::CheckEnds {
            nth,
            is_accepted,
            is_current_known,
        },
    );
    prop_oneof![
        6 => kinds.prop_map(SessionEvent::Call),
        2 => tokens().prop_map(SessionEvent::SetToken),
        3 => ends,
        6 => tokens().prop_map(SessionEvent::Returns),
        1 => any::<bool>().prop_map(|is_extended| SessionEvent::ReturnsCurrent { is_extended }),
        2 => Just(SessionEvent::Fails),
        1 => Just(SessionEvent::SignsOut),
        3 => Just(SessionEvent::Unauthorized),
        4 => Just(SessionEvent::Send),
        1 => Just(SessionEvent::Resume),
    ]
}

/// For whom a call was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MadeFor {
    Person(u32),
    /// There was no token yet.
    TokenFunction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallState {
    /// Held until a check ends.
    Held,
    AwaitsRefresh,
    /// To be sent, for example once its scope was checked.
    Ready,
    Answered,
}

#[derive(Clone, Copy, Debug)]
struct PendingCall {
    origin: CallOrigin,
    made_for: MadeFor,
    state: CallState,
}

/// Where the first token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FirstToken {
    None,
    /// From the options or the token function, of this person.
    Expected(u32),
    /// The app set one before the token function had returned.
    SetByApp,
}

/// A refresh whose token function was called.
#[derive(Clone, Copy, Debug)]
struct Refresh {
    number: u32,
    /// What the function has returned, while the server is asked.
    returned: Option<(Token, TokenMatch)>,
    is_identified: bool,
}

/// A session, and its host.
struct Host {
    session: ClientSession,
    options: SessionOptions,
    clocks: Clocks,
    in_use: Option<Token>,
    /// Whether the host knows whose the token in use is.
    is_known: bool,
    first: FirstToken,
    last_check: u32,
    checks: Vec<(u32, Token)>,
    refresh: Option<Refresh>,
    /// Whose records the host holds, and whether it shows them.
    records: Option<u32>,
    is_shown: bool,
    is_signed_out: bool,
    calls: Vec<PendingCall>,
}

impl Host {
    fn new(options: SessionOptions, first: Option<Token>) -> Self {
        let mut host = Self {
            session: ClientSession::new(options),
            options,
            clocks: Clocks::new(),
            in_use: None,
            is_known: false,
            first: FirstToken::None,
            last_check: 0,
            checks: Vec::new(),
            refresh: None,
            records: None,
            is_shown: true,
            is_signed_out: false,
            calls: Vec::new(),
        };
        if let Some(token) = first {
            host.first = FirstToken::Expected(token.person);
            let now = host.clocks.now.monotonic;
            let change = host
                .session
                .handle_token(Identity::UNKNOWN, token.identity, now);
            host.adopt(token, change);
        }
        host
    }

    fn current(&self) -> Identity {
        match self.in_use {
            Some(token) if self.is_known => token.identity,
            _ => Identity::UNKNOWN,
        }
    }

    fn is_checking(&self) -> bool {
        self.session.numbers().is_checking
    }

    /// Makes a token the current one, as the host must after this change.
    fn adopt(&mut self, token: Token, change: TokenChange) {
        if change == TokenChange::OtherUser {
            self.records = None;
        }
        self.in_use = Some(token);
        self.is_known = true;
        self.is_signed_out = false;
        self.refresh = None;
        self.is_shown = !self.is_checking();
        // The lists are fetched again.
        self.records = Some(self.records.unwrap_or(token.person));
    }

    fn call(&mut self, kind: RouteKind) {
        let made_for = match (self.is_checking(), self.checks.last().copied(), self.in_use) {
            (true, Some((_, token)), _) | (_, _, Some(token)) => MadeFor::Person(token.person),
            _ => MadeFor::TokenFunction,
        };
        let call = PendingCall {
            origin: CallOrigin {
                kind,
                check: if self.is_checking() {
                    self.last_check
                } else {
                    0
                },
                generation: self.session.numbers().generation,
            },
            made_for,
            state: CallState::Held,
        };
        self.calls.push(call);
    }

    /// Polls each call that may continue.
    fn poll_calls(&mut self) {
        for nth in 0..self.calls.len() {
            let mut call = self.calls[nth];
            if call.state == CallState::Held {
                if self.is_checking() && (call.origin.check > 0) {
                    continue;
                }
                call.origin.generation = call.origin.generation.max(if call.origin.check > 0 {
                    self.session.numbers().generation
                } else {
                    0
                });
            } else if call.state != CallState::AwaitsRefresh || self.refresh.is_some() {
                continue;
            }
            let now = self.clocks.now;
            let action = self.session.poll_call(call.origin, now);
            call.state = match action {
                CallAction::Use | CallAction::UseAndRefresh => CallState::Ready,
                CallAction::Refresh | CallAction::AwaitRefresh => CallState::AwaitsRefresh,
                CallAction::Backoff | CallAction::SessionChanged => CallState::Answered,
            };
            if matches!(action, CallAction::Refresh | CallAction::UseAndRefresh) {
                assert!(self.refresh.is_none(), "one refresh at a time");
                assert!(!self.is_signed_out, "no refresh after a sign-out");
                self.refresh = Some(Refresh {
                    number: self.session.numbers().refresh,
                    returned: None,
                    is_identified: false,
                });
            }
            if action == CallAction::AwaitRefresh {
                assert!(self.refresh.is_some(), "the refresh that it waits for");
            }
            self.calls[nth] = call;
        }
    }

    /// Sends the calls that may be sent. Meanwhile the token may have changed.
    fn send(&mut self) {
        for call in &mut self.calls {
            if call.state != CallState::Ready {
                continue;
            }
            call.state = CallState::Answered;
            if !self.session.may_send(call.origin) || call.origin.kind == RouteKind::Read {
                continue;
            }
            let person = self.in_use.map(|token| token.person);
            match call.made_for {
                MadeFor::Person(made_for) => assert_eq!(person, Some(made_for), "{call:?}"),
                MadeFor::TokenFunction => {
                    let expected = person.map(FirstToken::Expected);
                    assert_eq!(Some(self.first), expected, "{call:?}");
                }
            }
        }
    }

    fn end_check(&mut self, nth: usize, is_accepted: bool, is_current_known: bool) {
        if self.checks.is_empty() {
            return;
        }
        let nth = nth % self.checks.len();
        let (number, token) = self.checks.remove(nth);
        self.is_known &= is_current_known || !is_accepted;
        if is_accepted {
            let now = self.clocks.now.monotonic;
            let change =
                self.session
                    .handle_check_accepted(number, self.current(), token.identity, now);
            if change != TokenChange::Superseded {
                assert_eq!(number, self.last_check);
                if self.first == FirstToken::None {
                    self.first = FirstToken::SetByApp;
                }
                self.adopt(token, change);
            }
        } else if self.session.handle_check_rejected(number) {
            self.is_shown = true;
        }
    }

    /// Continues with what the token function has returned, as far as that is possible now.
    fn continue_refresh(&mut self) {
        let Some(refresh) = self.refresh else { return };
        let Some((token, matches)) = refresh.returned else {
            return;
        };
        let next = if refresh.is_identified {
            token.identity
        } else {
            Identity::UNKNOWN
        };
        let now = self.clocks.now.monotonic;
        let current = self.current();
        match self
            .session
            .poll_refresh(refresh.number, current, next, matches)
        {
            RefreshStep::Ignore => self.refresh = None,
            RefreshStep::AwaitCheck => assert!(self.is_checking()),
            RefreshStep::Identify => {
                assert!(!refresh.is_identified);
                self.refresh = Some(Refresh {
                    is_identified: true,
                    ..refresh
                });
            }
            RefreshStep::Adopt => {
                let change = self.session.handle_token(current, next, now);
                let is_first = self.first == FirstToken::None;
                if is_first {
                    self.first = FirstToken::Expected(token.person);
                }
                assert!(is_first || refresh.is_identified, "whose it is");
                self.adopt(token, change);
                self.is_known = refresh.is_identified;
            }
            RefreshStep::SameToken | RefreshStep::OtherUser => self.fail(false),
        }
    }

    fn fail(&mut self, is_signed_out: bool) {
        let Some(refresh) = self.refresh.take() else {
            return;
        };
        let now = self.clocks.now.monotonic;
        let status = self
            .session
            .handle_refresh_failed(refresh.number, is_signed_out, now, 500);
        assert_ne!(status, SessionStatus::Unchanged, "it was in progress");
        self.is_signed_out |= is_signed_out;
        if status == SessionStatus::Lost {
            self.records = None;
        }
    }

    fn handle(&mut self, event: SessionEvent) {
        match event {
            SessionEvent::Call(kind) => self.call(kind),
            SessionEvent::SetToken(token) => {
                self.last_check += 1;
                self.checks.push((self.last_check, token));
                self.session.handle_check(self.last_check);
                self.is_shown = false;
            }
            SessionEvent::CheckEnds {
                nth,
                is_accepted,
                is_current_known,
            } => self.end_check(nth, is_accepted, is_current_known),
            SessionEvent::Returns(token) => {
                if let Some(refresh) = &mut self.refresh {
                    refresh.returned.get_or_insert((token, TokenMatch::Other));
                }
            }
            SessionEvent::ReturnsCurrent { is_extended } => {
                let matches = if is_extended {
                    TokenMatch::Extended
                } else {
                    TokenMatch::Same
                };
                if let (Some(refresh), Some(token)) = (&mut self.refresh, self.in_use) {
                    refresh.returned.get_or_insert((token, matches));
                }
            }
            SessionEvent::Fails => self.fail(false),
            SessionEvent::SignsOut => self.fail(true),
            SessionEvent::Unauthorized => {
                let call = RejectedCall {
                    kind: RouteKind::Read,
                    outcome: Outcome::Refused,
                    is_resend: false,
                    called_at: self.clocks.now,
                    now: self.clocks.now,
                };
                let token = self.session.numbers().token;
                self.session.handle_unauthorized(token, &call, 500);
            }
            SessionEvent::Send => self.send(),
            SessionEvent::Resume if !self.is_signed_out && self.refresh.is_none() => {
                let numbers = self.session.numbers();
                let now = self.clocks.now.monotonic;
                self.session = ClientSession::resume(self.options, numbers, now);
            }
            SessionEvent::Resume => {}
        }
    }

    fn assert_consistent(&self) {
        if self.is_shown {
            let person = self.in_use.map(|token| token.person);
            assert!(
                self.records.is_none() || self.records == person,
                "records of {:?} are shown to {person:?}",
                self.records
            );
        }
        assert!(!(self.is_shown && self.is_checking()));
    }
}

fn options() -> impl Strategy<Value = SessionOptions> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(refreshes, is_pinned, keeps_user)| {
        SessionOptions {
            refreshes,
            is_pinned,
            keeps_user,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_of_one_user_is_shown_to_or_sent_as_another_and_every_call_is_answered(
        options in options(),
        first in tokens(),
        events in prop::collection::vec((steps(), events()), 1..120),
    ) {
        // A client without a token function has its first token from the start.
        let mut host = Host::new(options, (!options.refreshes).then_some(first));
        for (step, event) in events {
            let session = &mut host.session;
            host.clocks.step(step, |now| {
                session.poll_timer(now);
            });
            host.handle(event);
            host.continue_refresh();
            host.poll_calls();
            host.assert_consistent();
        }
        // Whatever is in progress ends, and fails.
        while !host.checks.is_empty() {
            host.end_check(0, false, true);
            host.poll_calls();
            host.assert_consistent();
        }
        for _ in 0..3 {
            host.continue_refresh();
            host.fail(false);
            host.poll_calls();
            host.send();
        }
        for call in &host.calls {
            prop_assert_eq!(call.state, CallState::Answered, "{:?}", call);
        }
        // No jump of a clock, and no backoff, blocks the next refresh for more than a minute.
        let read = CallOrigin {
            kind: RouteKind::Read,
            check: 0,
            generation: host.session.numbers().generation,
        };
        let action = host.session.poll_call(read, host.clocks.now);
        if action == CallAction::Backoff && !host.is_signed_out {
            for wall in [0, host.clocks.now.wall, u64::MAX] {
                let monotonic = host.clocks.now.monotonic + MINUTE;
                let later = host.session.clone().poll_call(read, Moment { monotonic, wall });
                prop_assert_eq!(later, CallAction::Refresh);
            }
        }
    }
}
