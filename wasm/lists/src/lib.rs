//! The WebAssembly boundary of watched lists. One instance of the module has the rules of all lists
//! of a client ([`lists`]). Another instance has their records ([`cache`]). The memory of an
//! instance is freed only when JavaScript drops the instance: when its last list is closed, when
//! the user changes, or after a trap.
//!
//! Only numbers cross. A list or a cache is identified by its index. Names and texts are written to
//! [`input`] before the call that uses them.
#![cfg_attr(not(test), deny(unused_crate_dependencies))]
#![expect(clippy::must_use_candidate, reason = "all callers are JavaScript")]

pub mod cache;
pub mod lists;

use core::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

/// An allocator with a sixth of the bytes of the standard library's.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Returns the address for the `length` bytes that the next call uses as its input.
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
