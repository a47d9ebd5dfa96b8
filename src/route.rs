use crate::credential::CredentialKind;
use crate::error::{Error, ErrorClass, Outcome};

/// What calling a route does, and so whether it may be sent again.
///
/// Taken from the API's description: a route that offers GET reads; one that
/// answers an action attempt and offers no GET acts; any other writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing: may be sent again after any failure that may pass.
    Read,
    /// Changes what Seam keeps: sent again only when the server said to wait.
    Write,
    /// Moves something in the world: never sent again.
    Act,
}

/// One route of the API.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Its path, `/namespace/name`.
    pub path: &'static str,
    /// What calling it does.
    pub effect: Effect,
    /// The method that we send; POST but for `client_sessions/create`, where
    /// POST refuses a `user_identifier_key` that is already known.
    pub method: &'static str,
    accepts: u8,
}

const KEY: u8 = 1 | 8;
const SESSION: u8 = KEY | 2;
const PUBLISHABLE: u8 = KEY | 4;

const fn route(path: &'static str, effect: Effect, accepts: u8) -> Route {
    Route {
        path,
        effect,
        method: "POST",
        accepts,
    }
}

/// The routes that the client knows, sorted by path.
pub(crate) const ROUTES: &[Route] = &[
    route("/action_attempts/get", Effect::Read, SESSION),
    Route {
        method: "PUT",
        ..route("/client_sessions/create", Effect::Write, PUBLISHABLE)
    },
    route("/client_sessions/delete", Effect::Write, KEY),
    route("/client_sessions/get", Effect::Read, SESSION),
    route("/client_sessions/get_or_create", Effect::Write, PUBLISHABLE),
    route("/client_sessions/grant_access", Effect::Write, KEY),
    route("/client_sessions/list", Effect::Read, KEY),
    route("/client_sessions/revoke", Effect::Write, KEY),
    route("/devices/get", Effect::Read, SESSION),
    route("/devices/list", Effect::Read, SESSION),
    route("/locks/get", Effect::Read, SESSION),
    route("/locks/list", Effect::Read, SESSION),
    route("/locks/lock_door", Effect::Act, SESSION),
    route("/locks/unlock_door", Effect::Act, SESSION),
    route("/user_identities/create", Effect::Write, KEY),
    route("/user_identities/delete", Effect::Write, KEY),
    route("/user_identities/get", Effect::Read, KEY),
    route(
        "/user_identities/grant_access_to_device",
        Effect::Write,
        KEY,
    ),
    route("/user_identities/list", Effect::Read, SESSION),
    route(
        "/user_identities/list_accessible_devices",
        Effect::Read,
        KEY,
    ),
    route(
        "/user_identities/revoke_access_to_device",
        Effect::Write,
        KEY,
    ),
    route("/user_identities/update", Effect::Write, KEY),
];

impl Route {
    /// The route at `path`.
    ///
    /// # Errors
    /// `invalid_path` when it is no path of the API's form, `unknown_route`
    /// when this version does not know it.
    pub fn find(path: &str) -> Result<Self, Error> {
        let well_formed = path.strip_prefix('/').is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_/".contains(&b))
        });
        if !well_formed {
            return Err(Error::invalid_options(
                "invalid_path",
                "a path is made of lower-case letters, digits, _ and /, as /devices/list is",
            ));
        }
        ROUTES
            .binary_search_by(|route| route.path.cmp(path))
            .ok()
            .and_then(|at| ROUTES.get(at))
            .copied()
            .ok_or_else(|| {
                Error::invalid_options(
                    "unknown_route",
                    format!("{path} is not among the routes of this version of seam-session"),
                )
            })
    }

    /// Checks that a credential of `kind` may call it.
    ///
    /// # Errors
    /// `credential_not_accepted`, naming those that it accepts.
    pub fn check(self, kind: CredentialKind) -> Result<(), Error> {
        if self.accepts & kind.bit() != 0 {
            return Ok(());
        }
        let needed: Vec<&str> = [
            CredentialKind::ApiKey,
            CredentialKind::PersonalAccessToken,
            CredentialKind::ClientSessionToken,
            CredentialKind::PublishableKey,
        ]
        .into_iter()
        .filter(|kind| self.accepts & kind.bit() != 0)
        .map(CredentialKind::option)
        .collect();
        Err(Error::new(
            ErrorClass::InvalidOptions,
            "credential_not_accepted",
            Outcome::NotSent,
            format!(
                "{} cannot be called with a {}: it needs one of {}",
                self.path,
                kind.option(),
                needed.join(", ")
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_every_row_is_found() {
        for route in ROUTES {
            assert_eq!(Route::find(route.path).unwrap().path, route.path);
        }
    }

    #[test]
    fn refuses_paths_that_could_lead_elsewhere() {
        for path in [
            "",
            "/",
            "devices/list",
            "/devices/list?x=1",
            "/devices/../list",
            "/devices/%2e",
            "/devices\\list",
            "/Devices/list",
            "/devices/list\n",
            "//evil.example",
            "https://evil.example",
        ] {
            let error = Route::find(path).unwrap_err();
            assert!(
                ["invalid_path", "unknown_route"].contains(&error.code.as_ref()),
                "{path}"
            );
        }
        assert_eq!(
            Route::find("/locks/explode").unwrap_err().code,
            "unknown_route"
        );
    }

    #[test]
    fn names_the_credential_that_a_route_needs() {
        let route = Route::find("/user_identities/create").unwrap();
        let error = route.check(CredentialKind::ClientSessionToken).unwrap_err();
        assert_eq!(error.code, "credential_not_accepted");
        assert_eq!(error.outcome, Outcome::NotSent);
        assert!(error.message.contains("apiKey"), "{}", error.message);
        assert!(route.check(CredentialKind::ApiKey).is_ok());
        let unlock = Route::find("/locks/unlock_door").unwrap();
        assert!(unlock.check(CredentialKind::ClientSessionToken).is_ok());
        assert!(unlock.check(CredentialKind::PublishableKey).is_err());
    }
}
