//! The records of lists: what a fetch has changed, and a search over them.

use core::cell::{Cell, RefCell};

use seam_session::capabilities;
use seam_session::lists::{ListCache, ListCacheError, Query};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::with_input;

#[wasm_bindgen]
extern "C" {
    /// Returns the float that the text at this address represents.
    #[wasm_bindgen(js_name = number)]
    fn number_at(at: usize, length: usize) -> f64;
    /// Changes the text at this address to lower case, in place, and returns its new length. There
    /// is space for three times the old length.
    #[wasm_bindgen(js_name = lower)]
    fn lower_at(at: usize, length: usize) -> usize;
}

// `number_at` and `lower_at` must not call into the module, whose state is borrowed meanwhile.
fn number(text: &[u8]) -> f64 {
    number_at(text.as_ptr() as usize, text.len())
}

fn lower(text: &mut Vec<u8>) {
    let length = text.len();
    // Lower case is at most half as long again. A lone surrogate becomes three U+FFFD of three
    // bytes each.
    text.resize(3 * length, 0);
    let lowered = lower_at(text.as_mut_ptr() as usize, length);
    text.truncate(lowered);
}

struct Search {
    query: Query,
    found: Vec<u32>,
}

thread_local! {
    static CACHES: RefCell<Vec<Option<Box<ListCache>>>> = const { RefCell::new(Vec::new()) };
    static SEARCH: RefCell<Search> = const {
        RefCell::new(Search {
            query: Query::new(),
            found: Vec::new(),
        })
    };
    static CURSOR: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
    /// The number of bytes or slots at the address that the last call returned.
    static LENGTH: Cell<usize> = const { Cell::new(0) };
}

/// Calls `run` with an open cache. The index of a closed cache is a mistake in JavaScript and
/// traps; JavaScript then creates a new instance.
#[expect(
    clippy::expect_used,
    reason = "a trap is what the bindings recover from"
)]
fn with<T>(cache: usize, run: impl FnOnce(&mut ListCache) -> T) -> T {
    CACHES.with_borrow_mut(|caches| {
        let cache = caches.get_mut(cache).and_then(Option::as_deref_mut);
        run(cache.expect("an open cache"))
    })
}

/// Returns the address of a slice, and stores its length for [`length`].
fn point_at<T>(slice: &[T]) -> usize {
    LENGTH.set(slice.len());
    slice.as_ptr() as usize
}

/// Opens a cache and returns its index. The input is the name of the member that holds a record's
/// id.
#[wasm_bindgen]
pub fn cache_open() -> usize {
    let cache = with_input(|id_member| ListCache::new(id_member, number, lower));
    CACHES.with_borrow_mut(|caches| {
        let free = caches.iter().position(Option::is_none);
        let index = free.unwrap_or(caches.len());
        if free.is_none() {
            caches.push(None);
        }
        if let Some(place) = caches.get_mut(index) {
            *place = Some(Box::new(cache));
        }
        index
    })
}

/// Frees a cache.
#[wasm_bindgen]
pub fn cache_close(cache: usize) {
    CACHES.with_borrow_mut(|caches| {
        if let Some(place) = caches.get_mut(cache) {
            *place = None;
        }
    });
}

/// Begins a fetch. The input is the response key: the member of each page that holds the list.
#[wasm_bindgen]
pub fn begin(cache: usize) {
    with(cache, |cache| with_input(|key| cache.begin(key)));
}

/// Adds or replaces one record, whose text is the input. Returns 0, or the number of a
/// [`ListCacheError`].
#[wasm_bindgen]
pub fn upsert(cache: usize) -> u32 {
    with(cache, |cache| {
        with_input(|text| code(cache.upsert(text).err()))
    })
}

/// Returns the address for the next `length` bytes of the page; 0 if no fetch is in progress.
#[wasm_bindgen]
pub fn space(cache: usize, length: usize) -> usize {
    with(cache, |cache| {
        let space = cache.space(length);
        space.map_or(0, |space| space.as_mut_ptr() as usize)
    })
}

/// Reads the bytes that were written. Returns 0, or the number of a [`ListCacheError`].
#[wasm_bindgen]
pub fn feed(cache: usize, length: usize) -> u32 {
    with(cache, |cache| code(cache.feed(length).err()))
}

/// Ends the page. [`bytes`] then returns the cursor of the next page. Returns 0, or the number of a
/// [`ListCacheError`].
#[wasm_bindgen]
pub fn end_page(cache: usize) -> u32 {
    let result = with(cache, ListCache::end_page);
    let error = result.as_ref().err().copied();
    CURSOR.set(result.ok().flatten());
    code(error)
}

/// Replaces the list with the fetched pages. Returns 0, or the number of a [`ListCacheError`].
#[wasm_bindgen]
pub fn commit(cache: usize) -> u32 {
    with(cache, |cache| code(cache.commit().err()))
}

fn code(error: Option<ListCacheError>) -> u32 {
    error.map_or(0, |error| error as u32)
}

/// Removes the record whose id is the input.
#[wasm_bindgen]
pub fn remove(cache: usize) {
    with(cache, |cache| {
        with_input(|id| {
            cache.remove(id);
        });
    });
}

/// Returns the address of slots, by `which`: 0, of the whole list; 1, 2 and 3, of the records that
/// the last change added, changed and removed; 4, of those that the last search found.
#[wasm_bindgen]
pub fn slots(cache: usize, which: u32) -> usize {
    if which > 3 {
        return SEARCH.with_borrow(|search| point_at(&search.found));
    }
    with(cache, |cache| {
        let delta = cache.delta();
        point_at(match which {
            0 => cache.order(),
            1 => &delta.added,
            2 => &delta.changed,
            _ => &delta.removed,
        })
    })
}

/// Returns the address of bytes, by `what`: 0, the `nth` text that the last [`feed`] has read; 1,
/// the id of the record in slot `nth`; 2, the cursor of the next page. Returns 0 if there are none.
#[wasm_bindgen]
pub fn bytes(cache: usize, what: u32, nth: u32) -> usize {
    if what > 1 {
        return CURSOR.with_borrow(|cursor| cursor.as_deref().map_or(0, point_at));
    }
    with(cache, |cache| {
        if what == 1 {
            return point_at(cache.id(nth));
        }
        cache.new_text(nth as usize).map_or(0, point_at)
    })
}

/// Returns the number of bytes or slots at the address that [`bytes`] or [`slots`] returned last.
#[wasm_bindgen]
pub fn length() -> usize {
    LENGTH.get()
}

/// Returns the index of a record's text among the texts of the last fetch.
#[wasm_bindgen]
pub fn text(cache: usize, slot: u32) -> usize {
    with(cache, |cache| cache.text_index(slot).unwrap_or_default())
}

/// Returns the slot of the record whose id is the input; -1 if there is none.
#[wasm_bindgen]
pub fn slot_of(cache: usize) -> i32 {
    let slot = with(cache, |cache| with_input(|id| cache.slot_of(id)));
    slot.map_or(-1, u32::cast_signed)
}

/// Returns the capabilities of the device in a slot, one bit for each, in the core's order.
#[wasm_bindgen]
pub fn capabilities_of(cache: usize, slot: u32) -> u32 {
    with(cache, |cache| {
        capabilities::allowed_actions(|flag| cache.can(slot, flag))
    })
}

/// Adds the input to the next search, by `what`: 0, as a device type; 1, as a capability flag; 2,
/// as a text in lower case.
#[wasm_bindgen]
pub fn filter(what: u32) {
    SEARCH.with_borrow_mut(|search| {
        with_input(|text| match what {
            0 => search.query.device_type(text),
            1 => search.query.can(text),
            _ => search.query.text(text),
        });
    });
}

/// Searches with the filters that were added since the last search. `mask` and `expected` are bits
/// of the core's `Query`. With `filters_type`, only devices of the added types are found.
#[wasm_bindgen]
pub fn find(cache: usize, mask: u32, expected: u32, filters_type: bool) {
    SEARCH.with_borrow_mut(|Search { query, found }| {
        query.mask = mask.into();
        query.expected = expected.into();
        query.filters_type = filters_type;
        *found = with(cache, |cache| cache.find(query));
        query.clear();
    });
}
