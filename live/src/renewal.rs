//! When a client's token is renewed. A copy of the module that is made for it
//! holds this of one client; times are in milliseconds since 1970, a jitter is
//! from 0 to 1000.

use core::cell::RefCell;

use seam_session::Effect;
use seam_session::live::{Expiry, Need, Refused, Renewal};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::rules::millis;

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
/// number, where that was not told.
#[wasm_bindgen]
pub fn taken(token: u32, now: f64, expires_at: f64) {
    let expiry = (expires_at > 0.0).then(|| Expiry {
        learned_at: millis(now),
        expires_at: millis(expires_at),
    });
    with(|renewal| renewal.taken(token, expiry));
}

/// What to do with a call of a route of this kind that was refused because of
/// its token: the place of a [`Resend`](seam_session::live::Resend).
#[wasm_bindgen]
pub fn refused(token: u32, kind: u8, again: bool, called_at: f64, now: f64, jitter: u32) -> u8 {
    let call = Refused {
        effect: Effect::of_kind(kind),
        again,
        called_at: millis(called_at),
        now: millis(now),
    };
    with(|renewal| renewal.refused(token, &call, jitter)) as u8
}

/// Milliseconds until the next token is to be asked for; -1 if it is not.
#[wasm_bindgen]
#[expect(
    clippy::cast_precision_loss,
    reason = "no wait is as long as 2^53 milliseconds"
)]
pub fn renew_in(now: f64) -> f64 {
    with(|renewal| renewal.timer(millis(now))).map_or(-1.0, |wait| wait as f64)
}
