//! The rules of a client's lists: what each event means, and what to do next.
//!
//! One function handles all events of a list, and one those of the client. With an export for each
//! event, the exports were a third of the module. `now` is monotonic time in milliseconds, and a
//! jitter is from 0 to 1000.

use core::cell::RefCell;

use seam_session::Moment;
use seam_session::lists::{
    self, ClientLists, ListKind, LookupStep, Mutation, MutationStep, RefetchAction, RefetchError,
    RequestTargets, SessionMatch,
};
use seam_session::millis::{as_number, millis};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::with_input;

thread_local! {
    static LISTS: RefCell<ClientLists> = const { RefCell::new(ClientLists::new()) };
}

/// Decodes an error from one number: the status of its response, or 0; plus 1,024 if the error ends
/// the session; plus 2,048 if the response is Seam's.
fn refetch_error(error: u32) -> RefetchError {
    let status = (error & 1_023) as u16;
    RefetchError {
        status: (status != 0).then_some(status),
        token_refused: error & 1_024 != 0,
        is_from_seam: error & 2_048 != 0,
    }
}

/// Opens a list of access codes or of devices at an unused index.
#[wasm_bindgen]
pub fn list_open(list: usize, is_access_codes: bool, interval: f64, now: f64) {
    let kind = if is_access_codes {
        ListKind::AccessCodes
    } else {
        ListKind::Devices
    };
    LISTS.with_borrow_mut(|lists| lists.open(list, kind, millis(interval), millis(now)));
}

/// Closes a list.
#[wasm_bindgen]
pub fn list_close(list: usize) {
    LISTS.with_borrow_mut(|lists| lists.close(list));
}

/// Handles an event of a list. `event` is its index in `ListEvent` of pkg/src/lists/list-module.ts.
/// Returns the value that the comment of the event names; 0 if it names none, or if the list is
/// closed.
#[wasm_bindgen]
pub fn list_event(list: usize, event: u8, now: f64, a: f64, b: u32) -> f64 {
    LISTS.with_borrow_mut(|lists| {
        let Some(list) = lists.get_mut(list) else {
            return 0.0;
        };
        let now = millis(now);
        let number = match event {
            // Returns the bits of the outputs.
            0 => u32::from(list.poll_outputs().bits()),
            // Returns the milliseconds to wait, -1 to fetch, or -2 to wait for an event.
            1 => {
                return match list.poll_fetch(now) {
                    RefetchAction::Fetch => -1.0,
                    RefetchAction::Wait(wait) => as_number(wait),
                    RefetchAction::Idle => -2.0,
                };
            }
            // Returns the status.
            2 => list.status() as u32,
            // Returns the number of the last fetch that has ended.
            3 => list.settled(),
            4 => {
                list.handle_interval(millis(a), now);
                0
            }
            // Bits of `b`: 1, hidden; 2, offline.
            5 => {
                list.handle_environment(b & 1 != 0, b & 2 != 0, now);
                0
            }
            // Returns the number of the fetch to wait for; 0 if no fetch follows.
            6 => list.handle_refetch().unwrap_or_default(),
            7 => {
                list.handle_join();
                0
            }
            // Returns the number of the fetch in progress; 0 if there is none.
            8 => list.current_fetch().unwrap_or_default(),
            9 => {
                list.handle_fetch_sent();
                0
            }
            10 => {
                list.handle_fetch_done(now, b);
                0
            }
            // `a` is `Retry-After` in milliseconds. The low 12 bits of `b` are the error, the
            // others the jitter.
            11 => {
                list.handle_fetch_failed(refetch_error(b), millis(a), now, b >> 12);
                0
            }
            12 => {
                list.handle_records_lost(now, b);
                0
            }
            // Returns the number of the lookup.
            13 => list.handle_lookup(),
            // `b` is the number of the lookup. Bits of `a`: 1, it is for an action; 2, the list has
            // the device. The input is the device's id. Returns 0 to put the device into the list,
            // 1 to discard it, or 2 to handle it again after the fetch.
            14 => {
                let bits = millis(a);
                let step = with_input(|device| {
                    list.handle_lookup_found(b, device, bits & 1 != 0, bits & 2 != 0)
                });
                match step {
                    LookupStep::Apply => 0,
                    LookupStep::Discard => 1,
                    LookupStep::AwaitFetch => 2,
                }
            }
            // `a` is the number of the lookup, `b` the error. The input is the device's id. Returns
            // 1 to remove the device, else 0.
            15 => {
                #[expect(clippy::cast_possible_truncation, reason = "it was a u32")]
                let lookup = millis(a) as u32;
                let error = refetch_error(b);
                u32::from(with_input(|device| {
                    list.handle_lookup_failed(lookup, device, error)
                }))
            }
            16 => {
                list.handle_removed(now);
                0
            }
            // Bits of `b`: 1, the call named another device; 2, it named a device in the list. The
            // input is the path. Returns 1 to look the device up, or 2 if a fetch is requested.
            _ => {
                let step = with_input(|path| {
                    list.handle_mutation(Mutation {
                        path,
                        is_other_device: b & 1 != 0,
                        in_list: b & 2 != 0,
                    })
                });
                match step {
                    MutationStep::None => 0,
                    MutationStep::LookUp => 1,
                    MutationStep::Refetch => 2,
                }
            }
        };
        number.into()
    })
}

/// Handles an event of the client. `event` is its index in `ClientEvent` of pkg/src/lists/list-module.ts.
/// Returns bits: 1 if records may be shown; 2 if the session of the records is known to be in use;
/// 4 if another token is being checked.
#[wasm_bindgen]
pub fn client_event(event: u8, now: f64, value: u32) -> u32 {
    LISTS.with_borrow_mut(|lists| {
        let now = millis(now);
        match event {
            0 => lists.handle_token_check(now),
            1 => lists.handle_token_rejected(now),
            2 => lists.handle_first_token(),
            // `value` says whose session the new token has: 0, it is not known; 1, another user's;
            // 2, another session of the same user; 3, the same session.
            3 => {
                let session = match value {
                    1 => SessionMatch::OtherUser,
                    2 => SessionMatch::SameUser,
                    3 => SessionMatch::Same,
                    _ => SessionMatch::Unknown,
                };
                lists.handle_token(session, now);
            }
            // `value` is 1 if the session is of the same user.
            4 => lists.handle_session(value != 0),
            // `value` is 1 if the client has a token function.
            5 => lists.handle_token_refused(value != 0),
            6 => lists.handle_session_lost(now),
            _ => {}
        }
        u32::from(lists.is_visible())
            | u32::from(lists.is_session_live()) << 1
            | u32::from(lists.is_checking()) << 2
    })
}

/// Returns the index of the error's `RefetchErrorKind`.
#[wasm_bindgen]
pub fn error_kind(error: u32) -> u8 {
    refetch_error(error).kind() as u8
}

/// Returns whether an error is about the one device that the call named
/// ([`RefetchError::is_about_single_device`]).
#[wasm_bindgen]
pub fn is_about_device(error: u32, not_found: bool, devices: u32, ids: u32) -> bool {
    refetch_error(error).is_about_single_device(RequestTargets {
        not_found,
        devices,
        ids,
    })
}

/// Returns the milliseconds before the `nth` further lookup, from 0, of a device whose action
/// attempt is pending; -1 after the last one.
#[wasm_bindgen]
pub fn recheck_delay(nth: u32) -> f64 {
    lists::recheck_delay(nth).map_or(-1.0, as_number)
}

/// Returns the time limit, in milliseconds, for looking a device up before an action on it. The
/// arguments are both clocks when the action was called, and now.
#[wasm_bindgen]
pub fn lookup_timeout(
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
