//! When a list is fetched, and what a failed fetch means. Such an instance of the module holds the
//! scheduler of one list, and nothing else. Times are monotonic, and a jitter is from 0 to 1000.

use core::cell::RefCell;

use seam_session::Moment;
use seam_session::lists::{self, RefetchAction, RefetchError, RefetchScheduler, RequestTargets};
use seam_session::millis::{as_number, millis};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static SCHEDULER: RefCell<RefetchScheduler> = const { RefCell::new(RefetchScheduler::new(0, 0)) };
}

fn with<T>(change: impl FnOnce(&mut RefetchScheduler) -> T) -> T {
    SCHEDULER.with_borrow_mut(change)
}

/// Starts again: the first fetch is due now.
#[wasm_bindgen]
pub fn poll_open(interval: f64, now: f64) {
    with(|scheduler| *scheduler = RefetchScheduler::new(millis(interval), millis(now)));
}

/// Abandons the fetch in progress. The next one is due now, but after the backoff and
/// `Retry-After`.
#[wasm_bindgen]
pub fn poll_restart(now: f64) {
    with(|scheduler| scheduler.restart(millis(now)));
}

/// Returns the milliseconds to wait; -1 to start a fetch, -2 to wait for an event.
#[wasm_bindgen]
pub fn poll_next(now: f64) -> f64 {
    match with(|scheduler| scheduler.poll_action(millis(now))) {
        RefetchAction::Fetch => -1.0,
        RefetchAction::Wait(wait) => as_number(wait),
        RefetchAction::Idle => -2.0,
    }
}

/// Handles a successful fetch.
#[wasm_bindgen]
pub fn poll_done(now: f64, jitter: u32) {
    with(|scheduler| scheduler.handle_fetch_done(millis(now), jitter));
}

/// Handles a failed fetch. `retry_after` is 0 without a `Retry-After`.
#[wasm_bindgen]
pub fn poll_failed(now: f64, retry_after: f64, jitter: u32) {
    with(|scheduler| scheduler.handle_fetch_failed(millis(now), millis(retry_after), jitter));
}

/// Requests a fetch now.
#[wasm_bindgen]
pub fn poll_refresh() {
    with(RefetchScheduler::handle_refetch_request);
}

/// Sets the interval in milliseconds.
#[wasm_bindgen]
pub fn poll_interval(interval: f64, now: f64) {
    with(|scheduler| scheduler.set_interval(millis(interval), millis(now)));
}

/// Sets whether the page is hidden, and whether there is no network.
#[wasm_bindgen]
pub fn poll_rests(hidden: bool, offline: bool, now: f64) {
    with(|scheduler| scheduler.set_paused(hidden, offline, millis(now)));
}

/// Stops polling until [`poll_refresh`].
#[wasm_bindgen]
pub fn poll_stop() {
    with(RefetchScheduler::stop);
}

/// Returns the place of the [`RefetchErrorKind`](seam_session::lists::RefetchErrorKind) of a failed
/// fetch. `status` is 0 without a response.
#[wasm_bindgen]
pub fn verdict(status: u16, token_refused: bool, is_from_seam: bool) -> u8 {
    refetch_error(status, token_refused, is_from_seam).kind() as u8
}

/// Returns whether a rejection with this status is about the one device that the call named
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

/// Returns the milliseconds before a device is looked up for the `nth` time after an action that is
/// still pending; -1 after the last time.
#[wasm_bindgen]
pub fn look_again(nth: u32) -> f64 {
    lists::recheck_delay(nth).map_or(-1.0, as_number)
}

/// Returns for how many milliseconds a device may be looked up before an action on it. The times of
/// the call and of now are given by both clocks.
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
