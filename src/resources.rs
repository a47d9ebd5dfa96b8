//! The API's resources as Rust types, with the cargo feature `resources`.
//!
//! These types keep everything that a server sends, and what it may send in future is no error:
//!
//! - a member that the schema does not name is kept in the `other` of its
//!   object, and so is an optional one whose value is not of the documented type;
//! - an enum keeps a value that is not listed as its `Unlisted`;
//! - an enum of variants, such as [`Event`], keeps an object that is none of
//!   them as its `Other`;
//! - numbers are [`Number`], because a float loses a large integer;
//! - a member that may be absent is an [`Option`], one that may be null is a
//!   [`Nullable`], and the two are not confused.
//!
//! Only a required member that is missing, or of another type, is an error. The error names the
//! member and never shows the value.

mod generated;
mod macros;
mod nullable;
pub(crate) mod wire;

pub use serde_json::{Map, Number, Value};

pub use generated::*;
pub use nullable::Nullable;

use macros::{object, open_enum, union};
