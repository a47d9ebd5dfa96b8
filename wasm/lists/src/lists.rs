//! The life of a client's lists: what each event means, and what is to be done.
//!
//! One function takes all events of a list, and one those of the client: as an export each, they
//! were a third of the module. `now` is monotonic time in milliseconds, a jitter is from 0 to 1000.

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

/// An error as one number: the status of its response, or 0; 1,024 if it ends the session; 2,048
/// if Seam sent it.
fn refetch_error(error: u32) -> RefetchError {
    let status = (error & 1_023) as u16;
    RefetchError {
        status: (status != 0).then_some(status),
        token_refused: error & 1_024 != 0,
        is_from_seam: error & 2_048 != 0,
    }
}

/// Opens a list, of access codes or of devices, under an index that is free.
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

/// An event of a list, by its place in `ListEvent` of pkg/src/lists/rules.ts. Returns what the
/// event's line says, else 0; also for a list that is closed.
#[wasm_bindgen]
pub fn list_event(list: usize, event: u8, now: f64, a: f64, b: u32) -> f64 {
    LISTS.with_borrow_mut(|lists| {
        let Some(list) = lists.get_mut(list) else {
            return 0.0;
        };
        let now = millis(now);
        let number = match event {
            // The bits of what is to be done.
            0 => u32::from(list.poll_outputs().bits()),
            // Milliseconds to wait, -1 to fetch, -2 to wait for an event.
            1 => {
                return match list.poll_fetch(now) {
                    RefetchAction::Fetch => -1.0,
                    RefetchAction::Wait(wait) => as_number(wait),
                    RefetchAction::Idle => -2.0,
                };
            }
            // The status.
            2 => list.status() as u32,
            // The number of the last fetch that has ended.
            3 => list.settled(),
            4 => {
                list.handle_interval(millis(a), now);
                0
            }
            // Bits: 1, hidden; 2, offline.
            5 => {
                list.handle_environment(b & 1 != 0, b & 2 != 0, now);
                0
            }
            // The number of the fetch to wait for; 0 if none comes.
            6 => list.handle_refetch().unwrap_or_default(),
            7 => {
                list.handle_join();
                0
            }
            // The number of the fetch under way; 0 if there is none.
            8 => list.current_fetch().unwrap_or_default(),
            9 => {
                list.handle_fetch_sent();
                0
            }
            10 => {
                list.handle_fetch_done(now, b);
                0
            }
            // `b` is the error, and from its 12th bit on the jitter.
            11 => {
                list.handle_fetch_failed(refetch_error(b), millis(a), now, b >> 12);
                0
            }
            12 => {
                list.handle_records_lost(now, b);
                0
            }
            // The number of the lookup.
            13 => list.handle_lookup(),
            // `b` is the lookup; bits of `a`: 1, a check; 2, in the list. The device is the input.
            // 0 to put it into the list, 1 to discard it, 2 to come again after the fetch.
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
            // `a` is the lookup, `b` the error. Whether to remove the device, which is the input.
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
            // Bits of `b`: 1, of another device; 2, of one in the list. The path is the input.
            // 1 to look the device up, 2 if a fetch is requested.
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

/// An event of the client, by its place in `ClientEvent` of pkg/src/lists/rules.ts. Returns bits: 1
/// if records may be shown; 2 if their session is known to be in use; 4 if another token is being
/// checked.
#[wasm_bindgen]
pub fn client_event(event: u8, now: f64, value: u32) -> u32 {
    LISTS.with_borrow_mut(|lists| {
        let now = millis(now);
        match event {
            0 => lists.handle_token_check(now),
            1 => lists.handle_token_rejected(now),
            2 => lists.handle_first_token(),
            // Of a session that is not known (0), of another user (1), of another session of the
            // same user (2), or of the same session (3).
            3 => {
                let session = match value {
                    1 => SessionMatch::OtherUser,
                    2 => SessionMatch::SameUser,
                    3 => SessionMatch::Same,
                    _ => SessionMatch::Unknown,
                };
                lists.handle_token(session, now);
            }
            // Whether it is the same user.
            4 => lists.handle_session(value != 0),
            // Whether the client refreshes its token.
            5 => lists.handle_token_refused(value != 0),
            6 => lists.handle_session_lost(now),
            _ => {}
        }
        u32::from(lists.is_visible())
            | u32::from(lists.is_session_live()) << 1
            | u32::from(lists.is_checking()) << 2
    })
}

/// Returns the index of an error's `RefetchErrorKind`.
#[wasm_bindgen]
pub fn error_kind(error: u32) -> u8 {
    refetch_error(error).kind() as u8
}

/// Whether an error is about the one device that the call named
/// ([`RefetchError::is_about_single_device`]).
#[wasm_bindgen]
pub fn is_about_device(error: u32, not_found: bool, devices: u32, ids: u32) -> bool {
    refetch_error(error).is_about_single_device(RequestTargets {
        not_found,
        devices,
        ids,
    })
}

/// Returns the milliseconds until the `nth` later lookup of a device whose action attempt is
/// pending; -1 when there is none.
#[wasm_bindgen]
pub fn recheck_delay(nth: u32) -> f64 {
    lists::recheck_delay(nth).map_or(-1.0, as_number)
}

/// Returns how many milliseconds a device may be looked up before an action on it, by the clocks
/// at the call and now.
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
