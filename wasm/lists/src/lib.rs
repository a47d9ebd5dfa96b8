//! The WebAssembly boundary of a list that is kept fresh. Each copy of the
//! module holds one store, so that its memory goes when the list goes.
//!
//! Only numbers cross. Bytes of a body go straight into the store's own buffer,
//! names into `input`; what comes back is a number, or where something lies.
#![expect(
    clippy::must_use_candidate,
    reason = "all callers are JavaScript, which cannot see it"
)]

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
    /// The float that the text means, which lies there.
    #[wasm_bindgen(js_name = number)]
    fn number_at(at: usize, length: usize) -> f64;
    /// Puts the text that lies there into lower case, in place: its new length. There
    /// is room for three times the old one.
    #[wasm_bindgen(js_name = lower)]
    fn lower_at(at: usize, length: usize) -> usize;
}

// Neither may come back into the module, whose state is borrowed while it asks.
fn number(text: &[u8]) -> f64 {
    number_at(text.as_ptr() as usize, text.len())
}

fn lower(text: &mut Vec<u8>) {
    let length = text.len();
    // Lower case is at most half as long again; a surrogate that stands alone
    // becomes three U+FFFD of three bytes each.
    text.resize(3 * length, 0);
    let lowered = lower_at(text.as_mut_ptr() as usize, length);
    text.truncate(lowered);
}

struct Live {
    store: ListCache,
    input: Vec<u8>,
    query: Query,
    found: Vec<u32>,
    cursor: Option<Vec<u8>>,
    /// How long that is which was pointed at last.
    length: usize,
}

thread_local! {
    static LIVE: RefCell<Live> = const {
        RefCell::new(Live {
            store: ListCache::new(b"device_id", number, lower),
            input: Vec::new(),
            query: Query::new(),
            found: Vec::new(),
            cursor: None,
            length: 0,
        })
    };
}

fn with<T>(act: impl FnOnce(&mut Live) -> T) -> T {
    LIVE.with_borrow_mut(act)
}

/// Where `length` bytes belong that the next call takes.
#[wasm_bindgen]
pub fn input(length: usize) -> usize {
    with(|live| {
        live.input.resize(length, 0);
        live.input.as_mut_ptr() as usize
    })
}

/// What comes are things whose id is their member of the input's name.
#[wasm_bindgen]
pub fn open() {
    with(|live| live.store.identify_by(&live.input));
}

/// Begins to take the list under the input's key.
#[wasm_bindgen]
pub fn begin() {
    with(|live| live.store.begin(&live.input));
}

/// Takes one thing anew, whose text is the input.
#[wasm_bindgen]
pub fn refresh() -> u32 {
    with(|live| code(live.store.upsert(&live.input).err()))
}

/// Where the next `length` bytes of the page belong; 0 if no round has begun.
#[wasm_bindgen]
pub fn space(length: usize) -> usize {
    with(|live| {
        let space = live.store.space(length);
        space.map_or(0, |space| space.as_mut_ptr() as usize)
    })
}

/// Reads the bytes that were put there. 0, or the number of the error.
#[wasm_bindgen]
pub fn feed(length: usize) -> u32 {
    with(|live| code(live.store.feed(length).err()))
}

/// The page is complete; where the next one begins, if there is one, is the cursor now.
#[wasm_bindgen]
pub fn end_page() -> u32 {
    with(|live| {
        let result = live.store.end_page();
        let error = result.as_ref().err().copied();
        live.cursor = result.ok().flatten();
        code(error)
    })
}

/// All pages are there.
#[wasm_bindgen]
pub fn commit() -> u32 {
    with(|live| code(live.store.commit().err()))
}

fn code(error: Option<ListCacheError>) -> u32 {
    error.map_or(0, |error| error as u32)
}

/// Takes out the device whose id is the input.
#[wasm_bindgen]
pub fn remove() {
    with(|live| {
        live.store.remove(&live.input);
    });
}

/// Points at slots: 0, of the whole list; of what the last change has 1, added;
/// 2, changed; 3, removed; 4, of what was found last.
#[wasm_bindgen]
pub fn slots(which: u32) -> usize {
    with(|live| {
        let delta = live.store.delta();
        let slots = match which {
            0 => live.store.order(),
            1 => &delta.added,
            2 => &delta.changed,
            3 => &delta.removed,
            _ => &live.found,
        };
        live.length = slots.len();
        slots.as_ptr() as usize
    })
}

/// Points at bytes: 0, the nth of the texts that were read last, or at 0 if
/// there are no more; 1, the id in the nth slot; 2, the cursor, or at 0 if the
/// last page has ended.
#[wasm_bindgen]
pub fn bytes(what: u32, nth: u32) -> usize {
    with(|live| {
        let bytes = match what {
            0 => live.store.new_text(nth as usize),
            1 => Some(live.store.id(nth)),
            _ => live.cursor.as_deref(),
        };
        live.length = bytes.map_or(0, <[u8]>::len);
        bytes.map_or(0, |bytes| bytes.as_ptr() as usize)
    })
}

/// How long that is which was pointed at last.
#[wasm_bindgen]
pub fn length() -> usize {
    with(|live| live.length)
}

/// Which of the texts of its round is that in a slot.
#[wasm_bindgen]
pub fn text(slot: u32) -> usize {
    with(|live| live.store.text_index(slot).unwrap_or_default())
}

/// The slot of the device whose id is the input; -1 if there is none.
#[wasm_bindgen]
pub fn slot_of() -> i32 {
    with(|live| {
        let slot = live.store.slot_of(&live.input);
        slot.map_or(-1, u32::cast_signed)
    })
}

/// What can be done to the device in a slot: a bit for each action, in the core's order.
#[wasm_bindgen]
pub fn actions(slot: u32) -> u32 {
    with(|live| capabilities::actions(|flag| live.store.can(slot, flag)))
}

/// Names in the input what is to be found: 0, a type; 1, a flag; 2, a text in lower case.
#[wasm_bindgen]
pub fn ask(what: u32) {
    with(|live| match what {
        0 => live.query.device_type(&live.input),
        1 => live.query.can(&live.input),
        _ => live.query.text(&live.input),
    });
}

/// Finds what was asked for since the last time. `asked` and `wanted` are bits of
/// the core's `Query`; only the types that were named are taken if it is `typed`.
#[wasm_bindgen]
pub fn find(asked: u32, wanted: u32, typed: bool) {
    with(|live| {
        live.query.mask = asked.into();
        live.query.expected = wanted.into();
        live.query.filters_type = typed;
        live.found = live.store.find(&live.query);
        live.query.clear();
    });
}
