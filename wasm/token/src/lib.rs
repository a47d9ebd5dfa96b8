//! The WebAssembly boundary of token refresh. Each instance of the module holds the refresher of one
//! client. Only numbers cross. `now` is monotonic time and `wall` the time since 1970, both in
//! milliseconds; a jitter is from 0 to 1000.
#![cfg_attr(not(test), deny(unused_crate_dependencies))]
#![expect(clippy::must_use_candidate, reason = "all callers are JavaScript")]

use core::cell::RefCell;

use seam_session::millis::{as_number, millis};
use seam_session::token_refresh::{RejectedCall, TokenRefresher, may_send_as_current_user};
use seam_session::{Moment, Outcome, RouteKind};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static REFRESHER: RefCell<TokenRefresher> = const { RefCell::new(TokenRefresher::new()) };
}

fn with<T>(change: impl FnOnce(&mut TokenRefresher) -> T) -> T {
    REFRESHER.with_borrow_mut(change)
}

fn moment(monotonic: f64, wall: f64) -> Moment {
    Moment {
        monotonic: millis(monotonic),
        wall: millis(wall),
    }
}

/// Returns what a call must do first: the index of a
/// [`TokenAction`](seam_session::token_refresh::TokenAction). `wall` may be 0 while no expiry is
/// known.
#[wasm_bindgen]
pub fn need(now: f64, wall: f64) -> u8 {
    with(|refresher| refresher.poll_action(moment(now, wall))) as u8
}

/// Handles a new token, and returns its number.
#[wasm_bindgen]
pub fn given(now: f64) -> u32 {
    with(|refresher| refresher.handle_token(millis(now)))
}

/// Handles a failed refresh. Returns whether the current token is known to be rejected.
#[wasm_bindgen]
pub fn failed(now: f64, jitter: u32) -> bool {
    with(|refresher| refresher.handle_refresh_failed(millis(now), jitter))
}

/// Handles the end of the session, as reported by the token function.
#[wasm_bindgen]
pub fn sign_out() {
    with(TokenRefresher::handle_sign_out);
}

/// Handles a response that shows that the server accepts this token. `expires_at` is when its
/// session expires, in milliseconds since 1970; 0 or NaN if that is not known, and then `wall` may
/// be 0 too. Returns whether the expiry must be looked up again.
#[wasm_bindgen]
pub fn taken(token: u32, now: f64, wall: f64, expires_at: f64) -> bool {
    let expires_at = (expires_at > 0.0).then(|| millis(expires_at));
    with(|refresher| refresher.handle_token_accepted(token, expires_at, moment(now, wall)))
}

/// Handles a failed lookup of the expiry of this token.
#[wasm_bindgen]
pub fn unlearned(token: u32, now: f64, jitter: u32) {
    with(|refresher| refresher.handle_expiry_unknown(token, millis(now), jitter));
}

/// Returns whether a call that was rejected because of its token must be sent again. `outcome` is
/// the index of an [`Outcome`].
#[wasm_bindgen]
#[expect(
    clippy::too_many_arguments,
    reason = "an object would cost more bytes than numbers"
)]
pub fn refused(
    token: u32,
    kind: u8,
    outcome: u8,
    again: bool,
    called_at: f64,
    called_wall: f64,
    now: f64,
    wall: f64,
    jitter: u32,
) -> bool {
    let call = RejectedCall {
        kind: RouteKind::from_index(kind),
        outcome: match outcome {
            0 => Outcome::NotSent,
            1 => Outcome::Refused,
            _ => Outcome::Unknown,
        },
        is_resend: again,
        called_at: moment(called_at, called_wall),
        now: moment(now, wall),
    };
    with(|refresher| refresher.handle_unauthorized(token, &call, jitter))
}

/// Returns the milliseconds until the next refresh is due; -1 if none is.
#[wasm_bindgen]
pub fn renew_in(now: f64, wall: f64) -> f64 {
    with(|refresher| refresher.poll_timer(moment(now, wall))).map_or(-1.0, as_number)
}

/// Returns whether a call may be sent with the current token ([`may_send_as_current_user`]).
/// `changes` is the token generation at which the call was made, `since` the one at which the
/// current user signed in.
#[wasm_bindgen]
pub fn goes(kind: u8, changes: u32, since: u32) -> bool {
    may_send_as_current_user(RouteKind::from_index(kind), changes, since)
}
