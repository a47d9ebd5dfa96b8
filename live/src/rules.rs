//! When a list is asked for again, and what a failed round means. One copy of
//! the module keeps the polls of all lists, by number; it holds nothing of theirs.

use core::cell::RefCell;

use seam_session::Effect;
use seam_session::live::{self, Named, Next, Poll, Trouble};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static POLLS: RefCell<Vec<Option<Poll>>> = const { RefCell::new(Vec::new()) };
}

fn with<T: Default>(number: usize, act: impl FnOnce(&mut Poll) -> T) -> T {
    POLLS.with_borrow_mut(|polls| {
        let poll = polls.get_mut(number).and_then(Option::as_mut);
        poll.map(act).unwrap_or_default()
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and not a number becomes 0"
)]
pub(crate) fn millis(value: f64) -> u64 {
    value as u64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no wait is as long as 2^53 milliseconds"
)]
pub(crate) fn as_number(wait: u64) -> f64 {
    wait as f64
}

/// A poll whose first round is due now: its number.
#[wasm_bindgen]
pub fn poll_open(interval: f64, now: f64) -> usize {
    let poll = Some(Poll::new(millis(interval), millis(now)));
    POLLS.with_borrow_mut(|polls| {
        let free = polls.iter().position(Option::is_none);
        let number = free.unwrap_or(polls.len());
        match polls.get_mut(number) {
            Some(place) => *place = poll,
            None => polls.push(poll),
        }
        number
    })
}

/// It is over; its number is free for another.
#[wasm_bindgen]
pub fn poll_close(number: usize) {
    POLLS.with_borrow_mut(|polls| {
        if let Some(place) = polls.get_mut(number) {
            *place = None;
        }
    });
}

/// Milliseconds to wait; -1 to begin a round, -2 to wait for an event.
#[wasm_bindgen]
pub fn poll_next(number: usize, now: f64) -> f64 {
    with(number, |poll| match poll.next(millis(now)) {
        Next::Round => Some(-1.0),
        Next::Wait(wait) => Some(as_number(wait)),
        Next::Rest => None,
    })
    .unwrap_or(-2.0)
}

/// A round ended well. `jitter` is from 0 to 1000, as below.
#[wasm_bindgen]
pub fn poll_done(number: usize, now: f64, jitter: u32) {
    with(number, |poll| poll.done(millis(now), jitter));
}

/// A round failed. `retry_after` is 0 when the server did not ask for any time.
#[wasm_bindgen]
pub fn poll_failed(number: usize, now: f64, retry_after: f64, jitter: u32) {
    with(number, |poll| {
        poll.failed(millis(now), Some(millis(retry_after)), jitter);
    });
}

/// The next round is due now.
#[wasm_bindgen]
pub fn poll_refresh(number: usize, now: f64) {
    with(number, |poll| poll.refresh(millis(now)));
}

/// How often, from now on.
#[wasm_bindgen]
pub fn poll_interval(number: usize, interval: f64, now: f64) {
    with(number, |poll| {
        poll.set_interval(millis(interval), millis(now));
    });
}

/// Whether the page is hidden, and whether there is no network.
#[wasm_bindgen]
pub fn poll_rests(number: usize, hidden: bool, offline: bool, now: f64) {
    with(number, |poll| {
        poll.set_hidden(hidden, millis(now));
        poll.set_offline(offline, millis(now));
    });
}

/// No round begins any more before [`poll_refresh`].
#[wasm_bindgen]
pub fn poll_stop(number: usize) {
    with(number, Poll::stop);
}

/// What a failed round means: the place of its [`Verdict`](seam_session::live::Verdict). `status`
/// is 0 when there was no answer.
#[wasm_bindgen]
pub fn verdict(status: u16, token_refused: bool, is_seams: bool) -> u8 {
    trouble(status, token_refused, is_seams).verdict() as u8
}

/// Whether a refusal with this status is of the one device that the call named
/// ([`Trouble::is_of`]).
#[wasm_bindgen]
pub fn is_of(status: u16, not_found: bool, devices: u32, ids: u32) -> bool {
    trouble(status, false, true).is_of(Named {
        not_found,
        devices,
        ids,
    })
}

fn trouble(status: u16, token_refused: bool, is_seams: bool) -> Trouble {
    Trouble {
        status: (status != 0).then_some(status),
        token_refused,
        is_seams,
    }
}

/// Milliseconds until the `nth` later look at a device whose action attempt is
/// pending; -1 when there is none.
#[wasm_bindgen]
pub fn look_again(nth: u32) -> f64 {
    live::look_again(nth).map_or(-1.0, as_number)
}

/// How many milliseconds a device may be looked for before something is done to
/// it that was asked for at `called_at`.
#[wasm_bindgen]
pub fn look_within(called_at: f64, now: f64) -> f64 {
    as_number(live::look_within(millis(called_at), millis(now)))
}

/// Whether a route of this kind changes anything.
#[wasm_bindgen]
pub fn alters(kind: u8) -> bool {
    Effect::of_kind(kind) != Effect::Read
}
