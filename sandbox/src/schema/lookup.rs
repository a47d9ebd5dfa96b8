//! Finds routes in the tables.

use std::collections::BTreeSet;

use super::catalogue;
use super::control::{self, CONTROL_PREFIX};
use super::route::{CLIENT_SESSION, GET, Route};
use super::table::ROUTES;

/// Returns the documented routes, sorted by path.
pub(crate) fn documented() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter()
}

/// Returns the route of this path. The sandbox's own paths have a route for each method.
pub(crate) fn route(path: &str, method: u8) -> Option<&'static Route> {
    if path.starts_with(CONTROL_PREFIX) {
        return control::find(path, method);
    }
    match ROUTES.binary_search_by(|it| it.path.cmp(path)) {
        Ok(index) => ROUTES.get(index),
        Err(_) => catalogue::find(path),
    }
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
    let routes = ROUTES.iter().filter(open);
    routes
        .map(|it| SessionRoute {
            path: it.path,
            reads: it.methods & GET != 0,
            parameters: it.input.names(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{CLIENT_SESSION, GET, ROUTES, route};
    use crate::schema::route::{API_KEY, POST, PUT};

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
