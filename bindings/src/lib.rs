//! The client's WebAssembly boundary. It carries out what the core decides,
//! and decides nothing itself.

mod client;
mod error;
mod host;
mod send;

pub use client::Client;
pub use host::Host;
