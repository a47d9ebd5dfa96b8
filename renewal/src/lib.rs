//! The WebAssembly boundary of token renewal. Each copy of the module holds the
//! renewal of one client. Only numbers cross: times are in milliseconds since
//! 1970, a jitter is from 0 to 1000.
#![expect(
    clippy::must_use_candidate,
    reason = "all callers are JavaScript, which cannot see it"
)]

use core::cell::RefCell;

use seam_session::Effect;
use seam_session::live::{Need, Refused, Renewal, as_number, may_go, millis};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static RENEWAL: RefCell<Renewal> = const { RefCell::new(Renewal::new()) };
}

fn with<T>(act: impl FnOnce(&mut Renewal) -> T) -> T {
    RENEWAL.with_borrow_mut(act)
}

/// What a call has to do first: the place of a [`Need`].
#[wasm_bindgen]
pub fn need(now: f64) -> u8 {
    match with(|renewal| renewal.need(millis(now))) {
        Need::Use => 0,
        Need::UseAndAsk => 1,
        Need::Ask => 2,
        Need::Wait => 3,
        Need::GiveUp(_) => 4,
    }
}

/// A new token came: its number.
#[wasm_bindgen]
pub fn given() -> u32 {
    with(Renewal::given)
}

/// No token came: whether the one in use is dead.
#[wasm_bindgen]
pub fn failed(now: f64, jitter: u32) -> bool {
    with(|renewal| renewal.failed(millis(now), jitter))
}

/// The server took this token, `now`. When its session ends is 0, or not a
/// number, where that was not told. Whether it is to be asked for that again.
#[wasm_bindgen]
pub fn taken(token: u32, now: f64, expires_at: f64) -> bool {
    let expires_at = (expires_at > 0.0).then(|| millis(expires_at));
    with(|renewal| renewal.taken(token, expires_at, millis(now)))
}

/// The server could not be asked when this token ends.
#[wasm_bindgen]
pub fn unlearned(token: u32, now: f64, jitter: u32) {
    with(|renewal| renewal.unlearned(token, millis(now), jitter));
}

/// Whether to send a call of a route of this kind once more that was refused
/// because of its token.
#[wasm_bindgen]
pub fn refused(token: u32, kind: u8, again: bool, called_at: f64, now: f64, jitter: u32) -> bool {
    let call = Refused {
        effect: Effect::of_kind(kind),
        again,
        called_at: millis(called_at),
        now: millis(now),
    };
    with(|renewal| renewal.refused(token, &call, jitter))
}

/// Milliseconds until the next token is to be asked for; -1 if it is not.
#[wasm_bindgen]
pub fn renew_in(now: f64) -> f64 {
    with(|renewal| renewal.timer(millis(now))).map_or(-1.0, as_number)
}

/// Whether a call of a route of this kind may go with the token in use
/// ([`seam_session::live::may_go`]).
#[wasm_bindgen]
pub fn goes(kind: u8, changes: u32, since: u32) -> bool {
    may_go(Effect::of_kind(kind), changes, since)
}
