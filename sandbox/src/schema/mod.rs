//! The documented routes of the API: which credentials each takes, and the schema of its
//! parameters.

mod catalogue;
mod control;
mod example;
mod lookup;
mod route;

#[rustfmt::skip]
mod table;
mod types;

pub(crate) use control::{CONTROL_PREFIX, fault, paths as control_paths};
#[doc(hidden)]
pub use example::{documented_paths, example};
#[doc(hidden)]
pub use lookup::{SessionRoute, session_routes};
pub(crate) use lookup::{documented, methods, route};
pub(crate) use route::{
    API_KEY, CLIENT_SESSION, DELETE, GET, PERSONAL_ACCESS_TOKEN,
    PERSONAL_ACCESS_TOKEN_NO_WORKSPACE, POST, PUBLISHABLE_KEY, PUT, Route, method, method_names,
};
pub(crate) use types::{AdditionalProperties, Field, Format, Schema};
