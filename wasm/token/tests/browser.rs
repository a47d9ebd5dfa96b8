//! The boundary of token refresh in real browsers, in a page and in a dedicated worker. `cargo xtask
//! test` chooses the context, so there is no `wasm_bindgen_test_configure!`.
#![cfg(target_arch = "wasm32")]

use seam_session_wasm_token::{failed, given, goes, need, refused, renew_in, sign_out, taken};
use wasm_bindgen_test::wasm_bindgen_test;

/// A wall clock of today, in milliseconds since 1970.
const WALL: f64 = 1_795_000_000_000.0;
const HOUR: f64 = 3_600_000.0;

// The places of the variants of `TokenAction`.
const USE: u8 = 0;
const REFRESH: u8 = 2;
const BACKOFF: u8 = 4;

#[wasm_bindgen_test]
fn a_token_is_refreshed_rejected_and_signed_out_through_numbers_alone() {
    assert_eq!(need(0.0, 0.0), REFRESH);
    assert_eq!(given(10.0), 1);
    assert_eq!(need(20.0, 0.0), USE);
    assert!(!taken(1, 30.0, WALL, WALL + HOUR), "the expiry is known");
    let due = renew_in(40.0, WALL);
    assert!(due > 0.0 && due < HOUR, "{due}");

    assert!(
        refused(1, 0, 1, false, 0.0, WALL, 60_000.0, WALL, 500),
        "a read is sent again"
    );
    assert_eq!(need(60_000.0, WALL), REFRESH);
    assert!(failed(60_001.0, 0), "the current token is rejected");
    assert_eq!(need(60_002.0, WALL), BACKOFF);

    sign_out();
    assert_eq!(need(1e9, WALL), BACKOFF);
    assert!(renew_in(1e9, WALL) < 0.0);
}

#[wasm_bindgen_test]
fn a_write_is_sent_only_as_the_user_that_it_was_called_as() {
    assert!(goes(0, 0, 1), "a read of an earlier generation");
    assert!(!goes(u8::MAX, 0, 1), "an action of an earlier generation");
    assert!(goes(u8::MAX, 1, 1));
}
