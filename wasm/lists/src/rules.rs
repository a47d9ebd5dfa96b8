//! When a list is asked for again, and what a failed round means. A copy of the
//! module that is made for it holds the poll of one list, and nothing else of it.

use core::cell::RefCell;

use seam_session::Moment;
use seam_session::lists::{self, RefetchAction, RefetchError, RefetchScheduler, RequestTargets};
use seam_session::millis::{as_number, millis};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static SCHEDULER: RefCell<RefetchScheduler> = const { RefCell::new(RefetchScheduler::new(0, 0)) };
}

fn with<T>(act: impl FnOnce(&mut RefetchScheduler) -> T) -> T {
    SCHEDULER.with_borrow_mut(act)
}

/// Begins anew: the first fetch is due now. Here and below `now` is monotonic time.
#[wasm_bindgen]
pub fn poll_open(interval: f64, now: f64) {
    with(|scheduler| *scheduler = RefetchScheduler::new(millis(interval), millis(now)));
}

/// The fetch that is under way is given up: one is due now, after the backoff and `Retry-After`.
#[wasm_bindgen]
pub fn poll_restart(now: f64) {
    with(|scheduler| scheduler.restart(millis(now)));
}

/// Milliseconds to wait; -1 to begin a round, -2 to wait for an event.
#[wasm_bindgen]
pub fn poll_next(now: f64) -> f64 {
    match with(|scheduler| scheduler.poll_action(millis(now))) {
        RefetchAction::Fetch => -1.0,
        RefetchAction::Wait(wait) => as_number(wait),
        RefetchAction::Idle => -2.0,
    }
}

/// A round ended well. `jitter` is from 0 to 1000, as below.
#[wasm_bindgen]
pub fn poll_done(now: f64, jitter: u32) {
    with(|scheduler| scheduler.handle_fetch_done(millis(now), jitter));
}

/// A round failed. `retry_after` is 0 when the server did not ask for any time.
#[wasm_bindgen]
pub fn poll_failed(now: f64, retry_after: f64, jitter: u32) {
    with(|scheduler| scheduler.handle_fetch_failed(millis(now), millis(retry_after), jitter));
}

/// Somebody wants a fetch now.
#[wasm_bindgen]
pub fn poll_refresh() {
    with(RefetchScheduler::handle_refetch_request);
}

/// How often, from now on.
#[wasm_bindgen]
pub fn poll_interval(interval: f64, now: f64) {
    with(|scheduler| scheduler.set_interval(millis(interval), millis(now)));
}

/// Whether the page is hidden, and whether there is no network.
#[wasm_bindgen]
pub fn poll_rests(hidden: bool, offline: bool, now: f64) {
    with(|scheduler| scheduler.set_paused(hidden, offline, millis(now)));
}

/// No round begins any more before [`poll_refresh`].
#[wasm_bindgen]
pub fn poll_stop() {
    with(RefetchScheduler::stop);
}

/// What a failed round means: the place of its [`RefetchErrorKind`](seam_session::lists::RefetchErrorKind). `status`
/// is 0 when there was no answer.
#[wasm_bindgen]
pub fn verdict(status: u16, token_refused: bool, is_from_seam: bool) -> u8 {
    refetch_error(status, token_refused, is_from_seam).kind() as u8
}

/// Whether a refusal with this status is of the one device that the call named
/// ([`RefetchError::is_about_single_device`]).
#[wasm_bindgen]
pub fn is_of(status: u16, not_found: bool, devices: u32, ids: u32) -> bool {
    refetch_error(status, false, true).is_about_single_device(RequestTargets {
        not_found,
        devices,
        ids,
    })
}

fn refetch_error(status: u16, token_refused: bool, is_from_seam: bool) -> RefetchError {
    RefetchError {
        status: (status != 0).then_some(status),
        token_refused,
        is_from_seam,
    }
}

/// Milliseconds until the `nth` later look at a device whose action attempt is
/// pending; -1 when there is none.
#[wasm_bindgen]
pub fn look_again(nth: u32) -> f64 {
    lists::recheck_delay(nth).map_or(-1.0, as_number)
}

/// How many milliseconds a device may be looked up before an action on it. When that was called,
/// and now, are given by both clocks.
#[wasm_bindgen]
pub fn look_within(
    called_monotonic: f64,
    called_wall: f64,
    now_monotonic: f64,
    now_wall: f64,
) -> f64 {
    let moment = |monotonic, wall| Moment {
        monotonic: millis(monotonic),
        wall: millis(wall),
    };
    as_number(lists::lookup_timeout(
        moment(called_monotonic, called_wall),
        moment(now_monotonic, now_wall),
    ))
}
