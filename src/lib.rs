//! The rules of a Seam client session, without I/O.
//!
//! Nothing here opens a socket, reads a clock or draws a random number. Each part is a state machine
//! that a host drives: the host passes events, times and random jitter in, and executes what comes
//! out. [`Client`] creates a [`Call`] for each request, with its retries and its wait for an action
//! attempt; [`session`] decides whose token is in use, and [`token_refresh`] when the next one is
//! needed; [`lists`] keeps lists up to date.
//!
//! Methods follow one grammar: `handle_*` takes an event, `poll_*` returns what to do now. A call has
//! one of each in [`Call::step`]. Times are in milliseconds, of the two clocks of a [`Moment`].
//!
//! [`Seam`](https://docs.rs/seam-session/latest/seam_session/struct.Seam.html) is a host that is ready
//! to use: an async client, with the cargo feature `reqwest`, or `client` for a transport of your own.
//!
//! A host gives the core its responses through [`ResponseView`]. With the cargo feature `json`, which
//! is on by default, [`HttpResponse`] is one whose body is bytes. The cargo feature `resources` adds
//! the API's resources as types. `examples/host.rs` shows all of it together.
#![cfg_attr(not(test), deny(unused_crate_dependencies))]

mod action_attempt;
mod backoff;
mod call;
mod call_error;
pub mod capabilities;
#[cfg(feature = "client")]
pub mod client;
mod clock;
mod config;
mod credential;
mod endpoint;
mod error;
mod error_kind;
mod http_response;
#[cfg(feature = "json")]
mod json;
pub mod lists;
pub mod millis;
mod request;
// Tested in tests/resources; the unit tests need not compile it again.
#[cfg(all(feature = "resources", any(not(test), feature = "client")))]
pub mod resources;
mod response;
mod response_view;
mod retry;
#[cfg(feature = "json")]
mod retry_after;
mod route;
mod secret;
pub mod session;
#[cfg(test)]
mod test_clocks;
mod text;
pub mod token_refresh;

pub use action_attempt::PollOptions;
pub use call::{Call, CallOptions, Client, ClientOptions, Command, Event, TransportError};
pub use call_error::CallError;
#[cfg(feature = "client")]
pub use client::{Seam, SeamBuilder, SeamError};
pub use clock::Moment;
pub use credential::{Credential, CredentialKind};
pub use endpoint::{DEFAULT_ENDPOINT, Endpoint};
pub use error::{Error, ErrorClass, Outcome, Reason};
pub use error_kind::{ErrorKind, ErrorSummary};
pub use http_response::HttpResponse;
pub use request::HttpRequest;
pub use response_view::{BodyCheck, ResponseView};
pub use route::{Route, RouteKind};
pub use secret::Secret;
