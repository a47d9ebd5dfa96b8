//! The boundary of watched lists in real browsers, in a page and in a dedicated worker. `cargo xtask
//! test` chooses the context, so there is no `wasm_bindgen_test_configure!`.
#![cfg(target_arch = "wasm32")]

use js_sys::{Uint8Array, Uint32Array, WebAssembly::Memory};
use seam_session_wasm_lists::cache::{
    begin, cache_close, cache_open, commit, end_page, feed, filter, find, length, remove, slot_of,
    slots, space, upsert,
};
use seam_session_wasm_lists::input;
use seam_session_wasm_lists::lists::{client_event, error_kind, list_close, list_event, list_open};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(inline_js = r#"
let memory;
const bytes = (at, length) => new Uint8Array(memory.buffer, at, length);
const text = (at, length) => new TextDecoder().decode(bytes(at, length));
export function provide(its) {
  memory = its;
  globalThis.number = (at, length) => Number(text(at, length));
  globalThis.lower = (at, length) =>
    new TextEncoder().encodeInto(text(at, length).toLowerCase(), bytes(at, 3 * length)).written;
}
"#)]
extern "C" {
    /// Gives the module the functions that it imports, which work on its memory.
    fn provide(memory: &Memory);
}

fn memory() -> Memory {
    wasm_bindgen::memory().unchecked_into()
}

fn write(at: usize, text: &str) {
    let bytes = Uint8Array::new(&memory().buffer());
    bytes.set(&Uint8Array::from(text.as_bytes()), at as u32);
}

fn write_input(text: &str) {
    write(input(text.len()), text);
}

fn slots_of(cache: usize, which: u32) -> Vec<u32> {
    let at = slots(cache, which);
    let all = Uint32Array::new_with_byte_offset_and_length(
        &memory().buffer(),
        at as u32,
        length() as u32,
    );
    all.to_vec()
}

/// Opens a cache of devices, and fetches this page into it.
fn fetched(page: &str) -> usize {
    provide(&memory());
    write_input("device_id");
    let cache = cache_open();
    write_input("devices");
    begin(cache);
    write(space(cache, page.len()), page);
    assert_eq!(feed(cache, page.len()), 0);
    assert_eq!(end_page(cache), 0);
    assert_eq!(commit(cache), 0);
    cache
}

const PAGE: &str = r#"{"devices":[
    {"device_id":"a","device_type":"august_lock","display_name":"Ärger","properties":{"x":1e30}},
    {"device_id":"b","device_type":"nest_thermostat","display_name":"Door","properties":{}}
]}"#;

#[wasm_bindgen_test]
fn a_page_is_read_searched_and_changed() {
    let cache = fetched(PAGE);
    assert_eq!(slots_of(cache, 0).len(), 2);
    write_input("ärger");
    filter(2);
    find(cache, 0, 0, false);
    let found = slots_of(cache, 4);
    write_input("a");
    assert_eq!(found, [u32::try_from(slot_of(cache)).unwrap()]);

    write_input(r#"{"device_id":"b","display_name":"Gate"}"#);
    assert_eq!(upsert(cache), 0);
    assert_eq!(slots_of(cache, 2).len(), 1, "changed");
    write_input("a");
    remove(cache);
    assert_eq!(slots_of(cache, 0).len(), 1);
    write_input("a");
    assert_eq!(slot_of(cache), -1);
    cache_close(cache);
}

#[wasm_bindgen_test]
fn caches_of_one_instance_do_not_share_records() {
    let one = fetched(PAGE);
    let other = fetched(r#"{"devices":[{"device_id":"c"}]}"#);
    assert_ne!(one, other);
    write_input("c");
    assert_eq!(slot_of(one), -1);
    cache_close(one);
    let next = fetched(r#"{"devices":[]}"#);
    assert_eq!(next, one, "the place of a closed cache is used again");
    write_input("a");
    assert_eq!(slot_of(next), -1);
    cache_close(next);
    cache_close(other);
}

#[wasm_bindgen_test]
fn a_list_is_fetched_and_hidden_while_a_token_is_checked() {
    const OUTPUTS: u8 = 0;
    const POLL: u8 = 1;
    const FETCH_SENT: u8 = 9;
    const FETCH_DONE: u8 = 10;
    let event = |event, now: f64| list_event(0, event, now, 0.0, 0);
    let is = |found: f64, expected: f64| (found - expected).abs() < f64::EPSILON;

    list_open(0, false, 600_000.0, 0.0);
    assert!(is(event(OUTPUTS, 0.0), 64.0), "poll");
    assert!(is(event(POLL, 0.0), -1.0), "fetch now");
    event(FETCH_SENT, 0.0);
    event(FETCH_DONE, 10.0);
    assert!(is(event(OUTPUTS, 10.0), 8.0 + 32.0 + 64.0), "live, settled");
    assert!(is(event(POLL, 10.0), 600_000.0));

    assert_eq!(client_event(0, 20.0, 0), 4, "a token is checked");
    assert_eq!(client_event(1, 30.0, 0), 3, "it was rejected");
    list_close(0);
    assert!(
        is(event(OUTPUTS, 40.0), 0.0),
        "a closed list has no outputs"
    );
    assert_eq!(error_kind(404 + 2_048), 1, "out of scope");
    assert_eq!(error_kind(1_024), 2, "the session has ended");
}
