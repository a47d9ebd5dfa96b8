use super::*;
use crate::error::Outcome;

const ANN: Identity = Identity {
    session: 1,
    user: 1,
};
const ANN_AGAIN: Identity = Identity {
    session: 2,
    user: 1,
};
const BOB: Identity = Identity {
    session: 3,
    user: 2,
};
const NOBODY: Identity = Identity::UNKNOWN;
const REFRESHES: SessionOptions = SessionOptions {
    refreshes: true,
    is_pinned: false,
    keeps_user: false,
};
const NOW: Moment = Moment {
    monotonic: 1_000,
    wall: 1_795_000_000_000,
};

const fn call(kind: RouteKind, generation: u32) -> CallOrigin {
    CallOrigin {
        kind,
        check: 0,
        generation,
    }
}

/// A session with a token, without a token function.
fn with_token() -> ClientSession {
    let mut session = ClientSession::new(SessionOptions::default());
    session.handle_token(NOBODY, ANN, 0);
    session
}

/// A session with a token function, which has returned its first token.
fn refreshed() -> ClientSession {
    let mut session = ClientSession::new(REFRESHES);
    assert_eq!(
        session.poll_call(call(RouteKind::Read, 0), NOW),
        CallAction::Refresh
    );
    session.handle_token(NOBODY, NOBODY, NOW.monotonic);
    session
}

#[test]
fn two_sessions_are_of_the_same_user_if_that_is_known_of_both() {
    let session_only = Identity {
        session: 1,
        user: 0,
    };
    let cases = [
        ("the same session", ANN, ANN, true),
        ("another session of the user", ANN, ANN_AGAIN, true),
        ("another user", ANN, BOB, false),
        ("one that is not known", NOBODY, ANN, false),
        ("two that are not known", NOBODY, NOBODY, false),
        (
            "the same session, without a user",
            session_only,
            session_only,
            true,
        ),
        (
            "two sessions without a user",
            session_only,
            Identity {
                session: 2,
                user: 0,
            },
            false,
        ),
    ];
    for (name, one, other, expected) in cases {
        assert_eq!(one.is_same_user(other), expected, "{name}");
        assert_eq!(other.is_same_user(one), expected, "{name}, the other way");
    }
}

#[test]
fn a_write_or_action_is_sent_only_as_the_user_that_it_was_made_for() {
    for (next, is_other) in [(ANN_AGAIN, false), (BOB, true), (NOBODY, true)] {
        for kind in [RouteKind::Read, RouteKind::Write, RouteKind::Action] {
            let mut session = with_token();
            let before = call(kind, session.numbers().generation);
            session.handle_check(1);
            session.handle_check_accepted(1, ANN, next, 0);
            let expected = kind == RouteKind::Read || !is_other;
            assert_eq!(session.may_send(before), expected, "{kind:?} {next:?}");
            let after = call(kind, session.numbers().generation);
            assert!(session.may_send(after), "{kind:?} {next:?}");
        }
    }
}

#[test]
fn a_call_that_was_made_during_a_check_is_for_the_user_of_that_token() {
    let during = |check, session: &ClientSession| CallOrigin {
        kind: RouteKind::Action,
        check,
        generation: session.numbers().generation,
    };
    let mut session = with_token();
    session.handle_check(1);
    assert!(session.handle_check_rejected(1));
    assert!(!session.may_send(during(1, &session)), "it was rejected");
    assert!(session.may_send(during(0, &session)), "made afterwards");

    session.handle_check(2);
    session.handle_check(3);
    assert_eq!(
        session.handle_check_accepted(2, ANN, BOB, 0),
        TokenChange::Superseded
    );
    assert_eq!(
        session.handle_check_accepted(3, ANN, ANN_AGAIN, 0),
        TokenChange::SameUser
    );
    assert!(!session.may_send(during(2, &session)), "it was superseded");
    assert!(session.may_send(during(3, &session)));
}

#[test]
fn of_two_checks_the_later_one_counts() {
    let mut session = with_token();
    session.handle_check(1);
    session.handle_check(2);
    assert!(!session.handle_check_rejected(1), "the later one goes on");
    assert!(session.numbers().is_checking);
    assert!(session.handle_check_rejected(2));
    assert!(!session.numbers().is_checking);
}

#[test]
fn a_token_is_of_another_user_unless_it_is_known_to_be_of_the_same() {
    for (current, next, expected) in [
        (ANN, ANN, TokenChange::SameUser),
        (ANN, ANN_AGAIN, TokenChange::SameUser),
        (ANN, BOB, TokenChange::OtherUser),
        (NOBODY, ANN, TokenChange::OtherUser),
        (NOBODY, NOBODY, TokenChange::OtherUser),
    ] {
        let mut session = with_token();
        let found = session.handle_token(current, next, 0);
        assert_eq!(found, expected, "{current:?} {next:?}");
        let numbers = session.numbers();
        assert_eq!(numbers.generation, 1);
        let is_same = expected == TokenChange::SameUser;
        assert_eq!(numbers.user_generation, u32::from(!is_same));
    }
}

#[test]
fn calls_before_the_first_token_are_for_the_user_of_the_token_function() {
    let action = call(RouteKind::Action, 0);
    let session = refreshed();
    assert!(session.may_send(action), "the function's token");

    let mut session = ClientSession::new(REFRESHES);
    session.handle_check(1);
    session.handle_check_accepted(1, NOBODY, BOB, 0);
    assert!(!session.may_send(action), "a token that was set");
    assert_eq!(session.poll_call(action, NOW), CallAction::SessionChanged);
}

#[test]
fn a_session_without_a_token_function_never_refreshes() {
    let mut session = with_token();
    let rejected = RejectedCall {
        kind: RouteKind::Read,
        outcome: Outcome::Refused,
        is_resend: false,
        called_at: NOW,
        now: NOW,
    };
    session.handle_unauthorized(1, &rejected, 0);
    assert_eq!(
        session.poll_call(call(RouteKind::Read, 0), NOW),
        CallAction::Use
    );
}

#[test]
fn each_token_but_the_first_is_identified_before_it_is_used() {
    let cases = [
        ("the first token", 0, false, NOBODY, RefreshStep::Adopt),
        (
            "the first token of a pinned client",
            0,
            true,
            NOBODY,
            RefreshStep::Identify,
        ),
        ("the next token", 1, false, NOBODY, RefreshStep::Identify),
        (
            "the next token, identified",
            1,
            false,
            BOB,
            RefreshStep::Adopt,
        ),
    ];
    for (name, token, is_pinned, next, expected) in cases {
        let options = SessionOptions {
            is_pinned,
            ..REFRESHES
        };
        let numbers = SessionNumbers {
            token,
            ..SessionNumbers::default()
        };
        let session = ClientSession::resume(options, numbers, 0);
        let found = session.poll_refresh(0, ANN, next, TokenMatch::Other);
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn the_same_token_counts_only_if_its_session_was_extended() {
    let session = refreshed();
    let refresh = session.numbers().refresh;
    for (token, expected) in [
        (TokenMatch::Other, RefreshStep::Adopt),
        (TokenMatch::Same, RefreshStep::SameToken),
        (TokenMatch::Extended, RefreshStep::Adopt),
    ] {
        let found = session.poll_refresh(refresh, ANN, ANN, token);
        assert_eq!(found, expected, "{token:?}");
    }
}

#[test]
fn a_client_that_keeps_its_user_does_not_adopt_another_users_token() {
    let options = SessionOptions {
        keeps_user: true,
        ..REFRESHES
    };
    let numbers = SessionNumbers {
        token: 1,
        ..SessionNumbers::default()
    };
    let session = ClientSession::resume(options, numbers, 0);
    for (next, expected) in [
        (ANN_AGAIN, RefreshStep::Adopt),
        (BOB, RefreshStep::OtherUser),
    ] {
        let found = session.poll_refresh(0, ANN, next, TokenMatch::Other);
        assert_eq!(found, expected, "{next:?}");
    }
    let first = ClientSession::new(options);
    let found = first.poll_refresh(0, NOBODY, BOB, TokenMatch::Other);
    assert_eq!(found, RefreshStep::Adopt, "the first token");
}

#[test]
fn a_refresh_waits_for_a_check_and_is_ignored_once_that_has_succeeded() {
    for is_accepted in [true, false] {
        let mut session = refreshed();
        let refresh = session.numbers().refresh;
        session.handle_check(1);
        let poll =
            |session: &ClientSession| session.poll_refresh(refresh, ANN, ANN, TokenMatch::Other);
        assert_eq!(poll(&session), RefreshStep::AwaitCheck);
        if is_accepted {
            session.handle_check_accepted(1, ANN, BOB, 0);
            assert_eq!(poll(&session), RefreshStep::Ignore);
        } else {
            session.handle_check_rejected(1);
            assert_eq!(poll(&session), RefreshStep::Adopt);
        }
    }
}

#[test]
fn the_token_function_is_called_for_one_of_three_reasons() {
    let mut session = ClientSession::new(REFRESHES);
    assert_eq!(session.refresh_reason(), RefreshReason::Initial);
    session.handle_token(NOBODY, NOBODY, 0);
    assert_eq!(session.refresh_reason(), RefreshReason::Expiring);
    let rejected = RejectedCall {
        kind: RouteKind::Read,
        outcome: Outcome::Refused,
        is_resend: false,
        called_at: NOW,
        now: NOW,
    };
    session.handle_unauthorized(1, &rejected, 0);
    assert_eq!(session.refresh_reason(), RefreshReason::Rejected);
}

#[test]
fn a_refresh_ends_once() {
    let mut session = ClientSession::new(REFRESHES);
    session.poll_call(call(RouteKind::Read, 0), NOW);
    let refresh = session.numbers().refresh;
    assert_eq!(
        session.handle_refresh_failed(refresh, false, 1_000, 0),
        SessionStatus::Alive
    );
    assert_eq!(
        session.handle_refresh_failed(refresh, true, 1_000, 0),
        SessionStatus::Unchanged
    );
    let found = session.poll_refresh(refresh, NOBODY, ANN, TokenMatch::Other);
    assert_eq!(found, RefreshStep::Ignore);
}

#[test]
fn a_sign_out_ends_the_session_until_a_token_is_set() {
    let mut session = refreshed();
    let refresh = session.numbers().refresh;
    let read = call(RouteKind::Read, 0);
    assert_eq!(
        session.handle_refresh_failed(refresh, true, 1_000, 0),
        SessionStatus::Lost
    );
    assert_eq!(session.poll_call(read, NOW), CallAction::Backoff);
    session.handle_check(1);
    session.handle_check_accepted(1, ANN, BOB, 2_000);
    assert_eq!(session.poll_call(read, NOW), CallAction::Use);
}

#[test]
fn a_session_continues_with_its_numbers_in_another_instance() {
    let mut session = refreshed();
    session.handle_token(ANN, BOB, 0);
    session.handle_check(4);
    let numbers = session.numbers();
    let mut resumed = ClientSession::resume(REFRESHES, numbers, 5);
    assert_eq!(resumed.numbers().token, numbers.token);
    assert_eq!(resumed.numbers().user_generation, 1);
    assert!(resumed.numbers().is_checking);
    assert_eq!(
        resumed.handle_check_accepted(4, BOB, ANN, 0),
        TokenChange::OtherUser
    );
    assert_eq!(resumed.numbers().generation, 2);
    assert_eq!(resumed.numbers().token, numbers.token + 1);
}
