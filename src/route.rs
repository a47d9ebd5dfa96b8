//! The routes, who may call each, and whether it may be sent again.

mod kind;
#[rustfmt::skip]
mod table;

use crate::credential::{Credential, CredentialKind};
use crate::error::{Error, ErrorClass, Outcome};

pub use kind::RouteKind;

impl RouteKind {
    /// Returns the kind at an index of the generated list of kinds. An unknown index counts as an
    /// action.
    #[must_use]
    pub fn from_index(index: u8) -> Self {
        let known = table::KINDS.get(usize::from(index));
        known.map_or(Self::Action, |(kind, _)| *kind)
    }
}

/// One route of the API.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Route<'a> {
    /// The path, `/namespace/name`.
    pub path: &'a str,
    /// What a call of it does.
    pub kind: RouteKind,
    /// The HTTP method: POST, but PUT for `client_sessions/create`, where POST rejects a
    /// `user_identifier_key` that exists already.
    pub method: &'static str,
    accepts: u8,
}

const API_KEY: u8 = CredentialKind::ApiKey.bit();
const CLIENT_SESSION: u8 = CredentialKind::ClientSessionToken.bit();
const PUBLISHABLE_KEY: u8 = CredentialKind::PublishableKey.bit();
const PERSONAL_ACCESS_TOKEN: u8 = CredentialKind::PersonalAccessToken.bit();
/// A personal access token without a workspace.
const WITHOUT_WORKSPACE: u8 = 16;
const ANY: u8 = 31;

/// The kind of a route that this version does not know.
const UNKNOWN: u8 = u8::MAX;

/// Returns the client session of the token.
pub(crate) const SESSION: Route<'static> = read("/client_sessions/get");
/// Returns the state of an action attempt.
pub(crate) const ATTEMPT: Route<'static> = read("/action_attempts/get");

/// A read that is sent in the course of another call, with that call's credential.
const fn read(path: &str) -> Route<'_> {
    Route {
        path,
        kind: RouteKind::Read,
        method: "POST",
        accepts: ANY,
    }
}

impl<'a> Route<'a> {
    /// Returns the route at `path`. A route that this version does not know counts as an action,
    /// and accepts any credential: the server decides.
    ///
    /// # Errors
    /// `invalid_path` if the path is malformed.
    pub fn at(path: &'a str) -> Result<Self, Error> {
        Self::with_kind(path, find(path).map_or(UNKNOWN, |(_, kind, _)| *kind))
    }

    /// Returns the route at `path`. `kind` is the index of its kind in the generated list of kinds;
    /// any other number means an unknown route.
    ///
    /// # Errors
    /// `invalid_path` if the path is malformed.
    pub fn with_kind(path: &'a str, kind: u8) -> Result<Self, Error> {
        check(path)?;
        let kind = table::KINDS.get(usize::from(kind)).copied();
        let (kind, accepts) = kind.unwrap_or((RouteKind::Action, ANY));
        Ok(Self {
            path,
            kind,
            method: if path == "/client_sessions/create" {
                "PUT"
            } else {
                "POST"
            },
            accepts,
        })
    }

    /// Returns the member of the response that holds the result of the route at `path`; `None` if
    /// it responds with nothing but `ok`, or is not known.
    #[must_use]
    pub fn response_key(path: &str) -> Option<&'static str> {
        find(path)?.2
    }

    /// Checks that `credential` may call the route.
    ///
    /// # Errors
    /// `credential_not_accepted`, with the credentials that the route accepts, or
    /// `invalid_options` if a personal access token needs a workspace.
    pub fn check(self, credential: &Credential) -> Result<(), Error> {
        let kind = credential.kind();
        if self.accepts(kind) {
            let is_free = self.accepts & WITHOUT_WORKSPACE != 0;
            if kind == CredentialKind::PersonalAccessToken
                && !credential.has_workspace()
                && !is_free
            {
                return Err(Error::invalid_options(
                    "invalid_options",
                    &["a personalAccessToken needs a workspaceId for ", self.path],
                ));
            }
            return Ok(());
        }
        let mut needed = String::new();
        for kind in [
            CredentialKind::ApiKey,
            CredentialKind::PersonalAccessToken,
            CredentialKind::ClientSessionToken,
            CredentialKind::PublishableKey,
        ] {
            if self.accepts(kind) {
                needed.push_str(if needed.is_empty() { "" } else { ", " });
                needed.push_str(kind.option());
            }
        }
        Err(Error::new(
            ErrorClass::InvalidOptions,
            "credential_not_accepted",
            Outcome::NotSent,
            &[
                self.path,
                " does not accept this client's ",
                kind.option(),
                ": it needs one of ",
                &needed,
            ],
        ))
    }

    fn accepts(self, kind: CredentialKind) -> bool {
        let bits = match kind {
            CredentialKind::PersonalAccessToken => PERSONAL_ACCESS_TOKEN | WITHOUT_WORKSPACE,
            other => other.bit(),
        };
        self.accepts & bits != 0
    }
}

/// Rejects a path that could lead to another host: a path is names, each after one slash.
fn check(path: &str) -> Result<(), Error> {
    let mut after_slash = false;
    let fits = path.as_bytes().starts_with(b"/")
        && path.bytes().all(|byte| {
            let slash = byte == b'/';
            let twice = slash && after_slash;
            after_slash = slash;
            !twice && (slash || byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        });
    if fits && !after_slash {
        return Ok(());
    }
    Err(Error::invalid_options(
        "invalid_path",
        &["a path is like /devices/list: lower-case letters, digits, _ and /"],
    ))
}

/// Returns the row of a documented route.
fn find(path: &str) -> Option<&'static table::Row> {
    let at = table::ROUTES.binary_search_by(|(known, _, _)| known.cmp(&path));
    table::ROUTES.get(at.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A credential of `kind`, with a workspace.
    fn credential(kind: CredentialKind) -> Credential {
        let token = match kind {
            CredentialKind::ApiKey => "seam_a_b",
            CredentialKind::ClientSessionToken => "seam_cst1a_b",
            CredentialKind::PublishableKey => "seam_pk1a_b",
            CredentialKind::PersonalAccessToken => "seam_at1a_b",
        };
        Credential::parse(kind, token.to_owned(), Some("w".to_owned())).unwrap()
    }

    fn paths() -> impl Iterator<Item = &'static str> {
        table::ROUTES.iter().map(|(path, _, _)| *path)
    }

    #[test]
    fn all_201_documented_routes_are_found() {
        assert_eq!(paths().count(), 201);
        assert!(paths().is_sorted(), "a binary search needs it");
        for path in paths() {
            assert_eq!(find(path).unwrap().0, path);
        }
    }

    #[test]
    fn only_a_whole_path_is_found() {
        for path in paths() {
            for other in [
                format!("{path}x"),
                format!("{path}/get"),
                format!("/x{path}"),
                path[..path.len() - 1].to_owned(),
                path[1..].replacen('/', "_", 1),
            ] {
                let is_found = find(&other).is_some() && !paths().any(|known| known == other);
                assert!(!is_found, "{other}");
            }
        }
    }

    #[test]
    fn response_keys_are_those_of_the_documentation() {
        for (path, key) in [
            ("/devices/list", Some("devices")),
            ("/locks/unlock_door", Some("action_attempt")),
            ("/client_sessions/get", Some("client_session")),
            ("/client_sessions/delete", None),
            ("/locks/explode", None),
        ] {
            assert_eq!(Route::response_key(path), key, "{path}");
        }
    }

    #[test]
    fn a_kind_has_the_same_meaning_with_and_without_a_path() {
        for kind in 0..=u8::MAX {
            let route = Route::with_kind("/any/route", kind).unwrap();
            assert_eq!(RouteKind::from_index(kind), route.kind, "{kind}");
        }
    }

    #[test]
    fn well_known_routes_have_their_kinds() {
        for (path, kind) in [
            ("/devices/list", RouteKind::Read),
            ("/locks/unlock_door", RouteKind::Action),
            ("/action_attempts/get", RouteKind::Read),
            ("/access_codes/create", RouteKind::Action),
            ("/client_sessions/create", RouteKind::Write),
            ("/acs/users/add_to_access_group", RouteKind::Write),
        ] {
            assert_eq!(Route::at(path).unwrap().kind, kind, "{path}");
        }
    }

    #[test]
    fn an_unknown_route_counts_as_an_action_and_accepts_any_credential() {
        let route = Route::at("/locks/explode").unwrap();
        assert_eq!((route.kind, route.method), (RouteKind::Action, "POST"));
        for kind in [
            CredentialKind::ApiKey,
            CredentialKind::ClientSessionToken,
            CredentialKind::PublishableKey,
            CredentialKind::PersonalAccessToken,
        ] {
            assert!(route.check(&credential(kind)).is_ok());
        }
        let error = Route::at("//evil.example").unwrap_err();
        assert_eq!(error.code, "invalid_path");
    }

    #[test]
    fn the_routes_that_a_call_switches_to_are_documented_reads() {
        for route in [SESSION, ATTEMPT] {
            let known = Route::at(route.path).unwrap();
            assert_eq!((route.kind, route.method), (known.kind, known.method));
            assert_ne!(known.accepts, ANY);
        }
    }

    #[test]
    fn only_two_routes_need_no_workspace() {
        let kind = CredentialKind::PersonalAccessToken;
        let bare = Credential::parse(kind, "seam_at1a_b".to_owned(), None).unwrap();
        let free: Vec<&str> = paths()
            .filter(|path| Route::at(path).unwrap().check(&bare).is_ok())
            .collect();
        assert_eq!(free, ["/workspaces/create", "/workspaces/list"]);
        let error = Route::at("/devices/list")
            .unwrap()
            .check(&bare)
            .unwrap_err();
        assert_eq!(error.code, "invalid_options");
        let create = Route::at("/workspaces/create").unwrap();
        let key = credential(CredentialKind::ApiKey);
        assert!(create.check(&key).is_err());
    }

    #[test]
    fn a_path_that_could_lead_to_another_host_is_rejected() {
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
            "//evil",
            "/devices//list",
            "/devices/list/",
            "\\\\evil.test",
            ".evil.test/x",
            "/devices\r\nlist",
            "https://evil.example",
        ] {
            let error = Route::at(path).unwrap_err();
            assert_eq!(error.code, "invalid_path", "{path}");
        }
    }

    #[test]
    fn an_error_names_the_credentials_that_a_route_accepts() {
        let route = Route::at("/user_identities/create").unwrap();
        let error = route
            .check(&credential(CredentialKind::ClientSessionToken))
            .unwrap_err();
        assert_eq!(error.code, "credential_not_accepted");
        assert_eq!(error.outcome, Outcome::NotSent);
        assert!(error.message.contains("apiKey"), "{}", error.message);
        assert!(route.check(&credential(CredentialKind::ApiKey)).is_ok());
        let unlock = Route::at("/locks/unlock_door").unwrap();
        assert!(
            unlock
                .check(&credential(CredentialKind::ClientSessionToken))
                .is_ok()
        );
        assert!(
            unlock
                .check(&credential(CredentialKind::PublishableKey))
                .is_err()
        );
    }
}
