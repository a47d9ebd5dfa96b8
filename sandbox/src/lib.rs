//! A Seam workspace in memory that responds as Seam does and enforces the scope of every client
//! session. It does no I/O and has no clock and no randomness: a request and the time go in, a
//! response comes out.
//!
//! Where Seam's documentation leaves a rule open, the comment on the rule says "our choice".

mod auth;
mod cors;
mod coverage;
mod device_class;
mod error;
mod faults;
mod fnv;
mod http;
mod ids;
mod input;
mod json;
mod limits;
mod options;
mod picture;
mod provider;
mod routes;
mod sandbox;
mod schema;
mod secrets;
mod seed;
mod state;
mod time;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use http::{Connection, Cut, Request, Response};
pub use options::{Options, OutOfScope};
pub use sandbox::{Info, Sandbox};
#[doc(hidden)]
pub use schema::{SessionRoute, documented_paths, example, session_routes};
pub use seed::{
    Seed, SeedAccount, SeedDevice, SeedError, SeedIdentity, SeedRecord, SeedSession, SeedWorkspace,
};
