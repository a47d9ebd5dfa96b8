//! The WebAssembly boundary of watched lists. One instance of the module has the lists of a client
//! ([`lists`]), others have their records ([`cache`]): memory of an instance is freed only with the
//! instance, which is when its last list is closed, when the user changes, or after a trap.
//!
//! Only numbers cross. A list or a cache is known by its index. Names and texts are written to
//! [`input`] before the call that takes them.
#![cfg_attr(not(test), deny(unused_crate_dependencies))]
#![expect(clippy::must_use_candidate, reason = "all callers are JavaScript")]

pub mod cache;
pub mod lists;

use core::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

/// A sixth of the bytes of the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Where to write `length` bytes for the next call.
#[wasm_bindgen]
pub fn input(length: usize) -> usize {
    INPUT.with_borrow_mut(|input| {
        input.clear();
        input.resize(length, 0);
        input.as_mut_ptr() as usize
    })
}

fn with_input<T>(take: impl FnOnce(&[u8]) -> T) -> T {
    INPUT.with_borrow(|input| take(input))
}
