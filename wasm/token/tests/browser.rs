//! The boundary of a session in real browsers, in a page and in a dedicated worker. `cargo xtask
//! test` chooses the context, so there is no `wasm_bindgen_test_configure!`.
#![cfg(target_arch = "wasm32")]

use seam_session_wasm_token::{
    handle_check, handle_check_accepted, handle_check_rejected, handle_refresh_failed,
    handle_token, handle_token_accepted, handle_unauthorized, may_send, open_session, poll_call,
    poll_refresh, poll_timer, poll_token, refresh_number, token_generation, token_number,
    user_generation,
};
use wasm_bindgen_test::wasm_bindgen_test;

/// A wall clock of today, in milliseconds since 1970.
const WALL: f64 = 1_795_000_000_000.0;
const HOUR: f64 = 3_600_000.0;

const READ: u8 = 0;
const ACTION: u8 = u8::MAX;

// The indexes of the variants of `CallAction`, `RefreshStep`, `TokenChange` and `SessionStatus`.
const USE: u8 = 0;
const REFRESH: u8 = 2;
const BACKOFF: u8 = 4;
const SESSION_CHANGED: u8 = 5;
const ADOPT: u8 = 3;
const SUPERSEDED: u8 = 0;
const SAME_USER: u8 = 1;
const OTHER_USER: u8 = 2;
const LOST: u8 = 2;

#[wasm_bindgen_test]
fn a_token_is_refreshed_rejected_and_signed_out_through_numbers_alone() {
    open_session(1, 0, 0, 0, 0, 0, 0, 0.0);
    assert_eq!(poll_call(READ, 0, 0, 0.0, 0.0), REFRESH);
    assert_eq!(poll_refresh(refresh_number(), 0, 0, 0, 0, 0), ADOPT);
    handle_token(0, 0, 0, 0, 10.0);
    assert_eq!(token_number(), 1);
    assert_eq!(poll_call(READ, 0, 0, 20.0, 0.0), USE);
    assert!(
        !handle_token_accepted(1, 30.0, WALL, WALL + HOUR),
        "the expiry is known"
    );
    let due = poll_timer(40.0, WALL);
    assert!(due > 0.0 && due < HOUR, "{due}");

    assert!(
        handle_unauthorized(1, READ, 1, false, 0.0, WALL, 60_000.0, WALL, 500),
        "a read is sent again"
    );
    assert_eq!(poll_token(60_000.0, WALL), REFRESH);
    assert_eq!(
        handle_refresh_failed(refresh_number(), false, 60_001.0, 0),
        LOST
    );
    assert_eq!(poll_call(READ, 0, 0, 60_002.0, WALL), BACKOFF);

    assert_eq!(poll_token(1e9, WALL), REFRESH);
    assert_eq!(handle_refresh_failed(refresh_number(), true, 1e9, 0), LOST);
    assert_eq!(poll_token(2e9, WALL), BACKOFF);
    assert!(poll_timer(2e9, WALL) < 0.0);
}

#[wasm_bindgen_test]
fn an_action_is_sent_only_as_the_user_that_it_was_called_as() {
    open_session(0, 1, 0, 0, 0, 0, 0, 0.0);
    handle_check(1);
    handle_check(2);
    assert_eq!(handle_check_accepted(1, 1, 1, 2, 2, 0.0), SUPERSEDED);
    assert_eq!(handle_check_accepted(2, 1, 1, 3, 1, 0.0), SAME_USER);
    assert!(may_send(ACTION, 0, 0));
    handle_check(3);
    assert_eq!(handle_check_accepted(3, 3, 1, 2, 2, 0.0), OTHER_USER);
    assert_eq!((token_generation(), user_generation()), (2, 2));
    assert!(!may_send(ACTION, 0, 0), "of an earlier user");
    assert!(may_send(READ, 0, 0));
    assert_eq!(poll_call(ACTION, 0, 0, 0.0, 0.0), SESSION_CHANGED);
    handle_check(4);
    assert!(handle_check_rejected(4));
    assert!(!may_send(ACTION, 4, 2), "the token was rejected");
}
