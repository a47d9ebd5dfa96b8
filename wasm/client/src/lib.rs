//! The client's WebAssembly boundary. It carries out what the core decides,
//! and decides nothing itself.

mod call;
mod error;
mod host;
mod request;

pub use call::call;
pub use host::{Host, ResponseView, Texts};

/// std's own allocator is four kilobytes of the wasm.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
