//! The WebAssembly boundary of watched lists. Each instance of the module holds one list cache, so that
//! its memory is freed with the list.
//!
//! Only numbers cross. The bytes of a body are written into the cache's own buffer, and names into
//! `input`; a number is returned, or the place of bytes in memory.
#![cfg_attr(not(test), deny(unused_crate_dependencies))]
#![expect(clippy::must_use_candidate, reason = "all callers are JavaScript")]

pub mod rules;

use core::cell::RefCell;

use seam_session::capabilities;
use seam_session::lists::{ListCache, ListCacheError, Query};
use wasm_bindgen::prelude::wasm_bindgen;

/// A sixth of the bytes of the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[wasm_bindgen]
extern "C" {
    /// Returns the float of the text at this place.
    #[wasm_bindgen(js_name = number)]
    fn number_at(at: usize, length: usize) -> f64;
    /// Changes the text at this place to lower case, in place, and returns its new length. There is
    /// space for three times the old one.
    #[wasm_bindgen(js_name = lower)]
    fn lower_at(at: usize, length: usize) -> usize;
}

// Neither may call into the module, whose state is borrowed meanwhile.
fn number(text: &[u8]) -> f64 {
    number_at(text.as_ptr() as usize, text.len())
}

fn lower(text: &mut Vec<u8>) {
    let length = text.len();
    // Lower case is at most half as long again; a lone surrogate becomes three U+FFFD of three bytes
    // each.
    text.resize(3 * length, 0);
    let lowered = lower_at(text.as_mut_ptr() as usize, length);
    text.truncate(lowered);
}

struct State {
    cache: ListCache,
    input: Vec<u8>,
    query: Query,
    found: Vec<u32>,
    cursor: Option<Vec<u8>>,
    /// The length of the bytes or slots that the last call returned a pointer to.
    length: usize,
}

thread_local! {
    static STATE: RefCell<State> = const {
        RefCell::new(State {
            cache: ListCache::new(b"device_id", number, lower),
            input: Vec::new(),
            query: Query::new(),
            found: Vec::new(),
            cursor: None,
            length: 0,
        })
    };
}

fn with<T>(change: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(change)
}

/// Returns where to write `length` bytes for the next call.
#[wasm_bindgen]
pub fn input(length: usize) -> usize {
    with(|state| {
        state.input.resize(length, 0);
        state.input.as_mut_ptr() as usize
    })
}

/// Sets the member that is the id of the records, whose name is the input.
#[wasm_bindgen]
pub fn open() {
    with(|state| state.cache.identify_by(&state.input));
}

/// Starts a fetch of the list under the response key that is the input.
#[wasm_bindgen]
pub fn begin() {
    with(|state| state.cache.begin(&state.input));
}

/// Upserts the record whose text is the input. Returns 0, or the number of a `ListCacheError`.
#[wasm_bindgen]
pub fn refresh() -> u32 {
    with(|state| code(state.cache.upsert(&state.input).err()))
}

/// Returns where to write the next `length` bytes of the page; 0 if no fetch is in progress.
#[wasm_bindgen]
pub fn space(length: usize) -> usize {
    with(|state| {
        let space = state.cache.space(length);
        space.map_or(0, |space| space.as_mut_ptr() as usize)
    })
}

/// Reads the bytes that were written there. Returns 0, or the number of a `ListCacheError`.
#[wasm_bindgen]
pub fn feed(length: usize) -> u32 {
    with(|state| code(state.cache.feed(length).err()))
}

/// Ends the page. Returns 0, or the number of a `ListCacheError`; the cursor of the next page is in
/// `bytes`.
#[wasm_bindgen]
pub fn end_page() -> u32 {
    with(|state| {
        let result = state.cache.end_page();
        let error = result.as_ref().err().copied();
        state.cursor = result.ok().flatten();
        code(error)
    })
}

/// Ends the fetch. Returns 0, or the number of a `ListCacheError`.
#[wasm_bindgen]
pub fn commit() -> u32 {
    with(|state| code(state.cache.commit().err()))
}

fn code(error: Option<ListCacheError>) -> u32 {
    error.map_or(0, |error| error as u32)
}

/// Removes the record whose id is the input.
#[wasm_bindgen]
pub fn remove() {
    with(|state| {
        state.cache.remove(&state.input);
    });
}

/// Returns a pointer to slots: 0, of the whole list; 1, added by the last change; 2, changed; 3,
/// removed; otherwise, found last.
#[wasm_bindgen]
pub fn slots(which: u32) -> usize {
    with(|state| {
        let delta = state.cache.delta();
        let slots = match which {
            0 => state.cache.order(),
            1 => &delta.added,
            2 => &delta.changed,
            3 => &delta.removed,
            _ => &state.found,
        };
        state.length = slots.len();
        slots.as_ptr() as usize
    })
}

/// Returns a pointer to bytes, or 0 if there are none: 0, the nth of the texts that were read last;
/// 1, the id of the nth slot; otherwise, the cursor.
#[wasm_bindgen]
pub fn bytes(what: u32, nth: u32) -> usize {
    with(|state| {
        let bytes = match what {
            0 => state.cache.new_text(nth as usize),
            1 => Some(state.cache.id(nth)),
            _ => state.cursor.as_deref(),
        };
        state.length = bytes.map_or(0, <[u8]>::len);
        bytes.map_or(0, |bytes| bytes.as_ptr() as usize)
    })
}

/// Returns the length of what the last `slots` or `bytes` points to.
#[wasm_bindgen]
pub fn length() -> usize {
    with(|state| state.length)
}

/// Returns the index of a record's text among those of its fetch.
#[wasm_bindgen]
pub fn text(slot: u32) -> usize {
    with(|state| state.cache.text_index(slot).unwrap_or_default())
}

/// Returns the slot of the record whose id is the input; -1 if there is none.
#[wasm_bindgen]
pub fn slot_of() -> i32 {
    with(|state| {
        let slot = state.cache.slot_of(&state.input);
        slot.map_or(-1, u32::cast_signed)
    })
}

/// Returns the actions that the device in a slot allows: a bit for each, in the core's order.
#[wasm_bindgen]
pub fn actions(slot: u32) -> u32 {
    with(|state| capabilities::allowed_actions(|flag| state.cache.can(slot, flag)))
}

/// Adds the input to the filter: 0, a device type; 1, a flag; 2, a text in lower case.
#[wasm_bindgen]
pub fn ask(what: u32) {
    with(|state| match what {
        0 => state.query.device_type(&state.input),
        1 => state.query.can(&state.input),
        _ => state.query.text(&state.input),
    });
}

/// Finds the records that match the filter, which is empty afterwards. `mask` and `expected` are
/// bits of the core's `Query`; with `filters_type`, only the device types match that were added.
#[wasm_bindgen]
pub fn find(mask: u32, expected: u32, filters_type: bool) {
    with(|state| {
        state.query.mask = mask.into();
        state.query.expected = expected.into();
        state.query.filters_type = filters_type;
        state.found = state.cache.find(&state.query);
        state.query.clear();
    });
}
