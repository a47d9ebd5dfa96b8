//! The client's WebAssembly boundary. It carries out what the core decides,
//! and decides nothing itself.

mod call;
mod error;
mod host;
mod request;

pub use call::call;
pub use host::{Answer, Host, Texts};
