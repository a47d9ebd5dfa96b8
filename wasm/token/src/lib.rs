//! The WebAssembly boundary of a client's session: which token is in use, and token refresh. Each
//! instance of the module holds the session of one client. Only numbers cross. `now` is monotonic
//! time and `wall` the time since 1970, both in milliseconds; a jitter is from 0 to 1000.
#![cfg_attr(not(test), deny(unused_crate_dependencies))]
#![expect(clippy::must_use_candidate, reason = "all callers are JavaScript")]
#![expect(
    clippy::too_many_arguments,
    reason = "an object would cost more bytes than numbers"
)]

use core::cell::RefCell;

use seam_session::millis::{as_number, millis};
use seam_session::session::{
    CallOrigin, ClientSession, Identity, SessionNumbers, SessionOptions, TokenMatch,
};
use seam_session::token_refresh::RejectedCall;
use seam_session::{Moment, Outcome, RouteKind};
use wasm_bindgen::prelude::wasm_bindgen;

/// The bits of the options that [`open_session`] takes.
const REFRESHES: u8 = 1;
const IS_PINNED: u8 = 2;
const KEEPS_USER: u8 = 4;
/// Whether the last check is in progress.
const IS_CHECKING: u8 = 8;

thread_local! {
    static SESSION: RefCell<ClientSession> = const {
        RefCell::new(ClientSession::new(SessionOptions {
            refreshes: false,
            is_pinned: false,
            keeps_user: false,
        }))
    };
}

fn with<T>(change: impl FnOnce(&mut ClientSession) -> T) -> T {
    SESSION.with_borrow_mut(change)
}

fn moment(monotonic: f64, wall: f64) -> Moment {
    Moment {
        monotonic: millis(monotonic),
        wall: millis(wall),
    }
}

fn origin(kind: u8, check: u32, generation: u32) -> CallOrigin {
    CallOrigin {
        kind: RouteKind::from_index(kind),
        check,
        generation,
    }
}

/// Starts the session of this instance, with the numbers of the last instance or 0: the current
/// token, the generations, the last check that was started and the last that succeeded, and the
/// last refresh.
#[wasm_bindgen]
pub fn open_session(
    options: u8,
    token: u32,
    generation: u32,
    user_generation: u32,
    check: u32,
    accepted_check: u32,
    refresh: u32,
    now: f64,
) {
    let numbers = SessionNumbers {
        token,
        generation,
        user_generation,
        check,
        is_checking: options & IS_CHECKING != 0,
        accepted_check,
        refresh,
    };
    let options = SessionOptions {
        refreshes: options & REFRESHES != 0,
        is_pinned: options & IS_PINNED != 0,
        keeps_user: options & KEEPS_USER != 0,
    };
    with(|session| *session = ClientSession::resume(options, numbers, millis(now)));
}

/// Returns the number of the current token.
#[wasm_bindgen]
pub fn token_number() -> u32 {
    with(|session| session.numbers().token)
}

/// Returns the token generation.
#[wasm_bindgen]
pub fn token_generation() -> u32 {
    with(|session| session.numbers().generation)
}

/// Returns the token generation at which the current user's first token was set.
#[wasm_bindgen]
pub fn user_generation() -> u32 {
    with(|session| session.numbers().user_generation)
}

/// Returns the number of the last refresh.
#[wasm_bindgen]
pub fn refresh_number() -> u32 {
    with(|session| session.numbers().refresh)
}

/// Returns why a refresh is needed: the index of a
/// [`RefreshReason`](seam_session::session::RefreshReason).
#[wasm_bindgen]
pub fn refresh_reason() -> u8 {
    with(|session| session.refresh_reason()) as u8
}

/// Returns what a call must do first: the index of a
/// [`CallAction`](seam_session::session::CallAction). `wall` may be 0 while no expiry is known.
#[wasm_bindgen]
pub fn poll_call(kind: u8, check: u32, generation: u32, now: f64, wall: f64) -> u8 {
    let call = origin(kind, check, generation);
    with(|session| session.poll_call(call, moment(now, wall))) as u8
}

/// Returns what to do when the timer fires: the index of a
/// [`TokenAction`](seam_session::token_refresh::TokenAction).
#[wasm_bindgen]
pub fn poll_token(now: f64, wall: f64) -> u8 {
    with(|session| session.poll_token(moment(now, wall))) as u8
}

/// Returns whether a call may be sent with the current token.
#[wasm_bindgen]
pub fn may_send(kind: u8, check: u32, generation: u32) -> bool {
    let call = origin(kind, check, generation);
    with(|session| session.may_send(call))
}

/// Handles the start of a check.
#[wasm_bindgen]
pub fn handle_check(check: u32) {
    with(|session| session.handle_check(check));
}

/// Handles the server's acceptance of a token that was checked. `session` and `user` are the
/// numbers of the token in use, the next two those of this token. Returns the index of a
/// [`TokenChange`](seam_session::session::TokenChange).
#[wasm_bindgen]
pub fn handle_check_accepted(
    check: u32,
    session: u32,
    user: u32,
    next_session: u32,
    next_user: u32,
    now: f64,
) -> u8 {
    let current = Identity { session, user };
    let next = Identity {
        session: next_session,
        user: next_user,
    };
    with(|session| session.handle_check_accepted(check, current, next, millis(now))) as u8
}

/// Handles the rejection of a token that was checked. Returns whether the last token stays in use;
/// false if a later check takes precedence.
#[wasm_bindgen]
pub fn handle_check_rejected(check: u32) -> bool {
    with(|session| session.handle_check_rejected(check))
}

/// Returns what to do with the token of this refresh: the index of a
/// [`RefreshStep`](seam_session::session::RefreshStep). `same` is 0 if it is another token than the
/// one in use, 1 if it is the same, and 2 if the session of that was extended.
#[wasm_bindgen]
pub fn poll_refresh(
    refresh: u32,
    session: u32,
    user: u32,
    next_session: u32,
    next_user: u32,
    same: u8,
) -> u8 {
    let current = Identity { session, user };
    let next = Identity {
        session: next_session,
        user: next_user,
    };
    let token = match same {
        0 => TokenMatch::Other,
        1 => TokenMatch::Same,
        _ => TokenMatch::Extended,
    };
    with(|session| session.poll_refresh(refresh, current, next, token)) as u8
}

/// Handles the token of a refresh, which is in use now. Returns the index of a
/// [`TokenChange`](seam_session::session::TokenChange).
#[wasm_bindgen]
pub fn handle_token(session: u32, user: u32, next_session: u32, next_user: u32, now: f64) -> u8 {
    let current = Identity { session, user };
    let next = Identity {
        session: next_session,
        user: next_user,
    };
    with(|session| session.handle_token(current, next, millis(now))) as u8
}

/// Handles a failed refresh. `signed_out` is whether the token function has ended the session.
/// Returns the index of a [`SessionStatus`](seam_session::session::SessionStatus).
#[wasm_bindgen]
pub fn handle_refresh_failed(refresh: u32, signed_out: bool, now: f64, jitter: u32) -> u8 {
    with(|session| session.handle_refresh_failed(refresh, signed_out, millis(now), jitter)) as u8
}

/// Handles a response that shows that the server accepts this token. `expires_at` is when its
/// session expires, in milliseconds since 1970; 0 or NaN if that is not known, and then `wall` may
/// be 0 too. Returns whether the expiry must be looked up again.
#[wasm_bindgen]
pub fn handle_token_accepted(token: u32, now: f64, wall: f64, expires_at: f64) -> bool {
    let expires_at = (expires_at > 0.0).then(|| millis(expires_at));
    with(|session| session.handle_token_accepted(token, expires_at, moment(now, wall)))
}

/// Handles a failed lookup of the expiry of this token.
#[wasm_bindgen]
pub fn handle_expiry_unknown(token: u32, now: f64, jitter: u32) {
    with(|session| session.handle_expiry_unknown(token, millis(now), jitter));
}

/// Returns whether a call that was rejected because of its token must be sent again. `outcome` is
/// the index of an [`Outcome`].
#[wasm_bindgen]
pub fn handle_unauthorized(
    token: u32,
    kind: u8,
    outcome: u8,
    is_resend: bool,
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
        is_resend,
        called_at: moment(called_at, called_wall),
        now: moment(now, wall),
    };
    with(|session| session.handle_unauthorized(token, &call, jitter))
}

/// Returns the milliseconds until the next refresh is due; -1 if none is.
#[wasm_bindgen]
pub fn poll_timer(now: f64, wall: f64) -> f64 {
    with(|session| session.poll_timer(moment(now, wall))).map_or(-1.0, as_number)
}
