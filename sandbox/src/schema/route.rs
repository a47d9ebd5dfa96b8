//! A route: its methods and credentials.

use super::types::Schema;

/// A documented route.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) path: &'static str,
    /// The methods that it takes, as a sum of [`GET`] and the other bits.
    pub(crate) methods: u8,
    /// The credentials that it takes, as a sum of [`API_KEY`] and the other bits.
    pub(crate) credentials: u16,
    /// The schema of all parameters, as one object.
    pub(crate) input: Schema,
}

pub(crate) const GET: u8 = 1;
pub(crate) const POST: u8 = 1 << 1;
pub(crate) const PUT: u8 = 1 << 2;
pub(crate) const PATCH: u8 = 1 << 3;
pub(crate) const DELETE: u8 = 1 << 4;

pub(crate) const API_KEY: u16 = 1;
pub(crate) const CLIENT_SESSION: u16 = 1 << 1;
pub(crate) const PUBLISHABLE_KEY: u16 = 1 << 2;
pub(crate) const PERSONAL_ACCESS_TOKEN: u16 = 1 << 3;
pub(crate) const PERSONAL_ACCESS_TOKEN_NO_WORKSPACE: u16 = 1 << 4;
pub(crate) const CUSTOMER_SESSION: u16 = 1 << 5;
pub(crate) const CUSTOMER_SESSION_READ_ONLY: u16 = 1 << 6;
pub(crate) const CONSOLE_SESSION: u16 = 1 << 7;
pub(crate) const CONSOLE_SESSION_NO_WORKSPACE: u16 = 1 << 8;
pub(crate) const SUPPORT_READ_ONLY: u16 = 1 << 9;

/// Returns the bit of a method; 0 if no route takes it.
pub(crate) fn method(name: &str) -> u8 {
    match name {
        "GET" => GET,
        "POST" => POST,
        "PUT" => PUT,
        "PATCH" => PATCH,
        "DELETE" => DELETE,
        _ => 0,
    }
}

/// Returns the names of these methods, as in an `Allow` header.
pub(crate) fn method_names(methods: u8) -> String {
    ["GET", "POST", "PUT", "PATCH", "DELETE"]
        .into_iter()
        .filter(|it| methods & method(it) != 0)
        .collect::<Vec<_>>()
        .join(", ")
}
