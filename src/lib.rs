//! The rules of a Seam client session, without I/O.
//!
//! Nothing here knows a socket, a clock or a random number: the time and a
//! jitter come in as arguments, and a [`Command`] goes out for somebody else to
//! carry out. [`Client`] holds what is the same for every call, and a [`Call`]
//! is one request with its retries, its wait for an action attempt, and its
//! one answer.
//!
//! An [`ResponseView`] is what its host makes of it: bytes in Rust, in [`HttpResponse`]. Whoever wants
//! it typed turns on the cargo feature `resources`. `examples/host.rs` shows all of it together.

mod action_attempt;
mod backoff;
mod call;
mod call_error;
pub mod capabilities;
mod client;
mod clock;
mod config;
mod credential;
mod endpoint;
mod error;
mod http_response;
#[cfg(feature = "json")]
mod json;
pub mod lists;
pub mod millis;
mod request;
// Tested from outside, in tests/resources; the unit tests need not compile it once more.
#[cfg(all(feature = "resources", not(test)))]
pub mod resources;
mod response;
mod response_view;
mod retry;
#[cfg(feature = "json")]
mod retry_after;
mod route;
mod secret;
#[cfg(test)]
mod test_clocks;
mod text;
pub mod token_refresh;

pub use action_attempt::PollOptions;
pub use call::{Call, CallOptions, Command, Event, TransportError};
pub use call_error::CallError;
pub use client::{Client, ClientOptions};
pub use clock::Moment;
pub use credential::{Credential, CredentialKind};
pub use endpoint::{DEFAULT_ENDPOINT, Endpoint};
pub use error::{Error, ErrorClass, Outcome, Reason};
pub use http_response::HttpResponse;
pub use request::HttpRequest;
pub use response_view::{BodyCheck, ResponseView};
pub use route::{Route, RouteKind};
pub use secret::Secret;
