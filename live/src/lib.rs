//! The WebAssembly boundary of a list that is kept fresh. Each copy of the
//! module holds one store, so that its memory goes when the list goes.
//!
//! Only numbers cross. Bytes of a body go straight into the store's own buffer,
//! names into `input`; what comes back is a number, or lies in `slots` or `text`.
#![expect(
    clippy::must_use_candidate,
    reason = "all callers are JavaScript, which cannot see it"
)]

use core::cell::RefCell;

use seam_session::{Query, Store, StoreError};
use wasm_bindgen::prelude::wasm_bindgen;

/// A sixth of the bytes of the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

struct Live {
    store: Store,
    input: Vec<u8>,
    query: Query,
    found: Vec<u32>,
    text: Vec<u8>,
}

thread_local! {
    static LIVE: RefCell<Live> = const {
        RefCell::new(Live {
            store: Store::new(Vec::new()),
            input: Vec::new(),
            query: Query::new(),
            found: Vec::new(),
            text: Vec::new(),
        })
    };
}

fn with<T>(act: impl FnOnce(&mut Live) -> T) -> T {
    LIVE.with_borrow_mut(act)
}

fn taken(live: &mut Live) -> Vec<u8> {
    core::mem::take(&mut live.input)
}

/// 0 when all is well, else the number of the error.
fn code<T>(result: &Result<T, StoreError>) -> u32 {
    result.as_ref().err().map_or(0, |error| *error as u32)
}

/// Where `length` bytes belong that the next call takes.
#[wasm_bindgen]
pub fn input(length: usize) -> *mut u8 {
    with(|live| {
        live.input = vec![0; length];
        live.input.as_mut_ptr()
    })
}

/// An empty store of things whose id is their member of the input's name.
#[wasm_bindgen]
pub fn open() {
    with(|live| live.store = Store::new(taken(live)));
}

/// Begins to take the list under the input's key, or one thing under it.
#[wasm_bindgen]
pub fn begin(one: bool) {
    with(|live| {
        let key = taken(live);
        if one {
            live.store.begin_one(key);
        } else {
            live.store.begin(key);
        }
    });
}

/// Where the next `length` bytes of the page belong; 0 if no round has begun.
#[wasm_bindgen]
pub fn space(length: usize) -> *mut u8 {
    with(|live| {
        let space = live.store.space(length);
        space.map_or(core::ptr::null_mut(), <[u8]>::as_mut_ptr)
    })
}

/// Reads the bytes that were put there.
#[wasm_bindgen]
pub fn feed(length: usize) -> u32 {
    with(|live| code(&live.store.feed(length)))
}

/// The page is complete. The length of the next page's cursor, which is the text,
/// 0 if there is none; below 0 for an error.
#[wasm_bindgen]
pub fn end_page() -> i32 {
    with(|live| match live.store.end_page() {
        Ok(cursor) => {
            live.text = cursor.unwrap_or_default();
            i32::try_from(live.text.len()).unwrap_or(0)
        }
        Err(error) => -(error as i32),
    })
}

/// All pages are there.
#[wasm_bindgen]
pub fn commit() -> u32 {
    with(|live| code(&live.store.commit()))
}

/// Takes out the device whose id is the input.
#[wasm_bindgen]
pub fn remove() {
    with(|live| {
        live.store.remove(&live.input);
    });
}

fn list(live: &Live, which: u32) -> &[u32] {
    let delta = live.store.delta();
    match which {
        0 => live.store.order(),
        1 => &delta.added,
        2 => &delta.changed,
        3 => &delta.removed,
        _ => &live.found,
    }
}

/// The number of slots: 0, of the whole list; of what the last change has 1,
/// added; 2, changed; 3, removed; 4, of what was found last.
#[wasm_bindgen]
pub fn count(which: u32) -> usize {
    with(|live| list(live, which).len())
}

/// Where these slots are.
#[wasm_bindgen]
pub fn slots(which: u32) -> *const u32 {
    with(|live| list(live, which).as_ptr())
}

/// Names in the input what is to be found: 0, a type; 1, a flag; 2, a text.
#[wasm_bindgen]
pub fn ask(what: u32) {
    with(|live| match what {
        0 => live.query.device_type(&live.input),
        1 => live.query.can(&live.input),
        _ => live.query.text(&live.input),
    });
}

/// Finds what was asked for since the last time. What else is asked is a digit
/// in base three for each of online, low battery, errors, and whether only
/// the types named: 0 is no, 1 is yes.
#[wasm_bindgen]
pub fn find(asked: u32) {
    with(|live| {
        let digit = |weight| match asked / weight % 3 {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        };
        let mut query = core::mem::replace(&mut live.query, Query::new());
        query.online = digit(1);
        query.low_battery = digit(3);
        query.has_errors = digit(9);
        query.typed = digit(27) == Some(true);
        live.found = live.store.find(&query);
    });
}

/// The slot of the device whose id is the input; -1 if there is none.
#[wasm_bindgen]
pub fn slot_of() -> i32 {
    with(|live| {
        let slot = live.store.slot_of(&live.input);
        slot.and_then(|slot| i32::try_from(slot).ok()).unwrap_or(-1)
    })
}

/// Appends the JSON text of a device and a comma to the text, or its id alone.
/// Gives the length of the text.
#[wasm_bindgen]
pub fn write(slot: u32, id: bool) -> usize {
    with(|live| {
        let Live { store, text, .. } = live;
        if id {
            text.extend_from_slice(store.id(slot));
        } else {
            text.extend_from_slice(store.text(slot));
            text.push(b',');
        }
        text.len()
    })
}

/// The buffer of text, which is empty from now on.
#[wasm_bindgen]
pub fn text() -> *const u8 {
    with(|live| {
        live.text.clear();
        live.text.as_ptr()
    })
}
