//! The async client, with the cargo features `reqwest` and `gloo`, or `client` for a transport of
//! your own.
#![cfg_attr(feature = "reqwest", doc = include_str!("../docs/rust.md"))]

mod builder;
mod call;
mod capability;
mod device_query;
mod error;
mod exchange;
#[cfg(all(feature = "gloo", target_arch = "wasm32"))]
mod gloo_transport;
mod list_driver;
mod list_events;
mod list_store;
mod list_stream;
mod paginator;
pub mod params;
mod refresh;
mod request;
#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
mod reqwest_transport;
mod response;
pub mod routes;
mod scope;
mod seam;
mod session;
mod session_info;
mod shared;
mod timestamp;
mod token_provider;
mod transport;

pub use builder::SeamBuilder;
pub use capability::Capability;
pub use device_query::DeviceQuery;
pub use error::SeamError;
#[cfg(all(feature = "gloo", target_arch = "wasm32"))]
pub use gloo_transport::GlooTransport;
pub use list_stream::{ListStream, ListUpdate};
pub use paginator::{Page, Pages};
pub use request::Request;
#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
pub use reqwest_transport::ReqwestTransport;
pub use scope::Scope;
pub use seam::Seam;
pub use token_provider::{ProvidedToken, TokenProvider};
pub use transport::{BoxError, BoxFuture, MaybeSend, MaybeSync, Transport, TransportFailure};

pub use crate::lists::ListStatus;
