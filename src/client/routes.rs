//! The documented routes as methods: [`Seam::locks`] returns [`Locks`], whose
//! [`unlock_door`](Locks::unlock_door) returns a request. A required parameter is an argument, an
//! optional one a method of the request. A request is sent when it is awaited.

#[expect(
    clippy::doc_markdown,
    reason = "names of products have capitals within"
)]
mod generated;
mod macros;

pub use generated::*;

#[cfg(doc)]
use crate::client::Seam;
use macros::{namespace, request};
