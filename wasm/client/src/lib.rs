//! The client's WebAssembly boundary: it executes what the core decides, and decides nothing itself.
#![cfg_attr(not(test), deny(unused_crate_dependencies))]

mod call;
mod error;
mod host;
mod request;

pub use call::call;
pub use host::{JsHost, JsResponse, StringMap};

/// The standard library's own allocator would add four kilobytes to the module.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
