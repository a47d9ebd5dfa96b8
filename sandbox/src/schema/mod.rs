//! The documented routes of the API: which credentials each takes, and the schema of its
//! parameters.

mod control;
mod example;

#[rustfmt::skip]
mod table;

use std::collections::BTreeSet;

pub(crate) use control::{CONTROL_PREFIX, fault, paths as control_paths};
#[doc(hidden)]
pub use example::{documented_paths, example};

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

/// A parameter, or a member of an object.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) schema: Schema,
    pub(crate) required: bool,
    /// The default value, as JSON text.
    pub(crate) default: Option<&'static str>,
}

/// The schema of a value.
#[derive(Debug)]
pub(crate) enum Schema {
    Text {
        format: Format,
        min: usize,
        max: usize,
    },
    Bool,
    /// Only this boolean.
    Const(bool),
    Number {
        integer: bool,
        exclusive_min: Option<f64>,
        min: Option<f64>,
        max: Option<f64>,
    },
    Enum(&'static [&'static str]),
    Array {
        items: &'static Schema,
        min: usize,
        max: usize,
    },
    Object {
        fields: &'static [Field],
        additional: AdditionalProperties,
    },
    /// The first schema that fits applies.
    OneOf(&'static [Schema]),
    /// All schemas apply, each to its own members.
    AllOf(&'static [Schema]),
    Nullable(&'static Schema),
}

/// What happens to the members of an object that the schema does not name.
#[derive(Debug)]
pub(crate) enum AdditionalProperties {
    Dropped,
    Kept,
    Refused,
    Each(&'static Schema),
}

/// The format of a string.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Format {
    Any,
    Uuid,
    Email,
    DateTime,
    Uri,
    Digits,
    Identifier,
    /// `HH:MM` or `HH:MM:SS`.
    TimeOfDay,
    /// `HH:MM:SS`.
    TimeWithSeconds,
}

pub(crate) const TEXT: Schema = text(Format::Any);
pub(crate) const UUID: Schema = text(Format::Uuid);
pub(crate) const EMAIL: Schema = text(Format::Email);
pub(crate) const DATE_TIME: Schema = text(Format::DateTime);
pub(crate) const URI: Schema = text(Format::Uri);
pub(crate) const NUMBER: Schema = Schema::Number {
    integer: false,
    exclusive_min: None,
    min: None,
    max: None,
};

const fn text(format: Format) -> Schema {
    Schema::Text {
        format,
        min: 0,
        max: usize::MAX,
    }
}

const fn text_of(min: usize, max: usize) -> Schema {
    Schema::Text {
        format: Format::Any,
        min,
        max,
    }
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

/// Returns the documented routes, sorted by path.
pub(crate) fn documented() -> impl Iterator<Item = &'static Route> {
    table::ROUTES.iter()
}

/// Returns the route of this path. The sandbox's own paths have a route for each method.
pub(crate) fn route(path: &str, method: u8) -> Option<&'static Route> {
    if path.starts_with(CONTROL_PREFIX) {
        return control::find(path, method);
    }
    let index = table::ROUTES
        .binary_search_by(|it| it.path.cmp(path))
        .ok()?;
    table::ROUTES.get(index)
}

/// Returns all methods that this path takes.
pub(crate) fn methods(path: &str) -> u8 {
    if path.starts_with(CONTROL_PREFIX) {
        return control::methods(path);
    }
    route(path, 0).map_or(0, |it| it.methods)
}

/// A route that takes client sessions, for tests that go through all of them.
#[doc(hidden)]
#[derive(Debug)]
pub struct SessionRoute {
    /// The path.
    pub path: &'static str,
    /// Whether it takes GET.
    pub reads: bool,
    /// The names of its parameters.
    pub parameters: BTreeSet<&'static str>,
}

/// Returns all routes that take client sessions.
#[doc(hidden)]
#[must_use]
pub fn session_routes() -> Vec<SessionRoute> {
    let open = |it: &&Route| it.credentials & CLIENT_SESSION != 0;
    let routes = table::ROUTES.iter().filter(open);
    routes
        .map(|it| SessionRoute {
            path: it.path,
            reads: it.methods & GET != 0,
            parameters: it.input.names(),
        })
        .collect()
}

impl Schema {
    /// Returns the names of an object's members in all its alternatives.
    fn names(&self) -> BTreeSet<&'static str> {
        match self {
            Self::Object { fields, .. } => fields.iter().map(|it| it.name).collect(),
            Self::OneOf(schemas) | Self::AllOf(schemas) => {
                schemas.iter().flat_map(Self::names).collect()
            }
            _ => BTreeSet::new(),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::{API_KEY, CLIENT_SESSION, GET, POST, PUT, route, table::ROUTES};

    #[test]
    fn the_documented_routes_are_all_there_in_order() {
        assert_eq!(ROUTES.len(), 201);
        let to_sessions = ROUTES
            .iter()
            .filter(|it| it.credentials & CLIENT_SESSION != 0);
        assert_eq!(to_sessions.count(), 71);
        assert!(ROUTES.is_sorted_by(|one, next| one.path < next.path));
        assert!(ROUTES.iter().all(|it| it.methods & POST != 0));
    }

    #[test]
    fn a_route_is_found_by_its_exact_path() {
        let create = route("/client_sessions/create", POST).expect("a documented route");
        assert_eq!(create.methods, POST | PUT);
        let list = route("/devices/list", GET).expect("a documented route");
        assert_eq!(list.methods, GET | POST);
        assert!(list.credentials & API_KEY != 0);
        for unknown in ["", "/", "/devices", "/devices/list/", "/DEVICES/LIST"] {
            assert!(route(unknown, POST).is_none(), "{unknown}");
        }
    }
}
