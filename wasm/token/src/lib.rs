//! The WebAssembly boundary of token refresh. Each instance of the module holds the refresher of
//! one client. Only numbers cross. `now` is monotonic time and `wall` the time since 1970, both in
//! milliseconds; a jitter is from 0 to 1000.
#![expect(
    clippy::must_use_candidate,
    reason = "all callers are JavaScript, which cannot see it"
)]

use core::cell::RefCell;

use seam_session::millis::{as_number, millis};
use seam_session::token_refresh::{
    RejectedCall, TokenAction, TokenRefresher, may_send_as_current_user,
};
use seam_session::{Moment, Outcome, RouteKind};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static REFRESHER: RefCell<TokenRefresher> = const { RefCell::new(TokenRefresher::new()) };
}

fn with<T>(act: impl FnOnce(&mut TokenRefresher) -> T) -> T {
    REFRESHER.with_borrow_mut(act)
}

fn moment(monotonic: f64, wall: f64) -> Moment {
    Moment {
        monotonic: millis(monotonic),
        wall: millis(wall),
    }
}

/// What a call has to do first: the place of a [`TokenAction`]. `wall` may be 0 as long as it is not
/// known when a token expires.
#[wasm_bindgen]
pub fn need(now: f64, wall: f64) -> u8 {
    match with(|refresher| refresher.poll_action(moment(now, wall))) {
        TokenAction::Use => 0,
        TokenAction::UseAndRefresh => 1,
        TokenAction::Refresh => 2,
        TokenAction::AwaitRefresh => 3,
        TokenAction::Backoff => 4,
    }
}

/// A new token came: its number.
#[wasm_bindgen]
pub fn given(now: f64) -> u32 {
    with(|refresher| refresher.handle_token(millis(now)))
}

/// No token came: whether the one in use is dead.
#[wasm_bindgen]
pub fn failed(now: f64, jitter: u32) -> bool {
    with(|refresher| refresher.handle_refresh_failed(millis(now), jitter))
}

/// The token function has ended the session.
#[wasm_bindgen]
pub fn sign_out() {
    with(TokenRefresher::handle_sign_out);
}

/// The server accepted this token now. `expires_at` is when its session ends; 0, or not a number,
/// where that is not known: then `wall` may be 0 too. Whether the server is to be asked for that
/// again.
#[wasm_bindgen]
pub fn taken(token: u32, now: f64, wall: f64, expires_at: f64) -> bool {
    let expires_at = (expires_at > 0.0).then(|| millis(expires_at));
    with(|refresher| refresher.handle_token_accepted(token, expires_at, moment(now, wall)))
}

/// The server could not be asked when this token ends.
#[wasm_bindgen]
pub fn unlearned(token: u32, now: f64, jitter: u32) {
    with(|refresher| refresher.handle_expiry_unknown(token, millis(now), jitter));
}

/// Whether to send a call of a route of this kind again that was rejected because of its token.
/// `outcome` is the place of an [`Outcome`].
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

/// Milliseconds until the next token is to be asked for; -1 if it is not.
#[wasm_bindgen]
pub fn renew_in(now: f64, wall: f64) -> f64 {
    with(|refresher| refresher.poll_timer(moment(now, wall))).map_or(-1.0, as_number)
}

/// Whether a call of a route of this kind may go with the token in use
/// ([`seam_session::token_refresh::may_send_as_current_user`]).
#[wasm_bindgen]
pub fn goes(kind: u8, changes: u32, since: u32) -> bool {
    may_send_as_current_user(RouteKind::from_index(kind), changes, since)
}
