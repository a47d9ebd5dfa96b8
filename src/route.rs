//! The routes, and the rules that hang on them: what calling one does, and who may.

#[rustfmt::skip]
mod table;

use crate::credential::{Credential, CredentialKind};
use crate::error::{Error, ErrorClass, Outcome};

/// What calling a route does, and so whether it may be sent again.
///
/// Taken from the API's description: a route that offers GET reads; one that
/// answers an action attempt and offers no GET acts; any other writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// Changes nothing: may be sent again after any failure that may pass.
    Read,
    /// Changes what Seam keeps: sent again only when the server said to wait.
    Write,
    /// Moves something in the world: never sent again.
    Action,
}

impl RouteKind {
    /// The same for whoever has the kind of a route: its place in the list of kinds. One that is
    /// not known counts as one that acts.
    #[must_use]
    pub fn from_index(kind: u8) -> Self {
        let known = table::KINDS.get(usize::from(kind));
        known.map_or(Self::Action, |(kind, _)| *kind)
    }
}

/// One route of the API.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// Its path, `/namespace/name`.
    pub path: &'a str,
    /// What calling it does.
    pub kind: RouteKind,
    /// The method that we send; POST but for `client_sessions/create`, where
    /// POST refuses a `user_identifier_key` that is already known.
    pub method: &'static str,
    accepts: u8,
}

const API_KEY: u8 = 1;
const CLIENT_SESSION: u8 = 2;
const PUBLISHABLE_KEY: u8 = 4;
const PERSONAL_ACCESS_TOKEN: u8 = 8;
/// A personal access token that names no workspace.
const WITHOUT_WORKSPACE: u8 = 16;
const ANY: u8 = 31;

/// What stands for the kind of a route that this version does not know.
const UNKNOWN: u8 = u8::MAX;

/// Tells whether a client session lives.
pub(crate) const SESSION: Route<'static> = read("/client_sessions/get");
/// Tells the state of an action attempt.
pub(crate) const ATTEMPT: Route<'static> = read("/action_attempts/get");

/// A read for whose answer any credential may ask that got as far as to need it.
const fn read(path: &str) -> Route<'_> {
    Route {
        path,
        kind: RouteKind::Read,
        method: "POST",
        accepts: ANY,
    }
}

impl<'a> Route<'a> {
    /// The route at `path`. One that this version does not know counts as one
    /// that acts, for nobody can tell what it does; whom it accepts only the
    /// server knows.
    ///
    /// # Errors
    /// `invalid_path` when it is no path of the API's form.
    pub fn at(path: &'a str) -> Result<Self, Error> {
        check(path)?;
        let (namespace, name) = parts(path);
        Self::with_kind(path, kind(namespace, name).unwrap_or(UNKNOWN))
    }

    /// The same for whoever has its kind from the same table already: its place
    /// in the list of kinds, or anything else for a route that is not known.
    ///
    /// # Errors
    /// As [`Route::at`].
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

    /// Checks that `credential` may call it.
    ///
    /// # Errors
    /// `credential_not_accepted`, naming those that it accepts, or
    /// `invalid_options` when a personal access token must name a workspace.
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

/// Refuses what could lead elsewhere: a path is names with one slash before each.
fn check(path: &str) -> Result<(), Error> {
    // Of what is allowed only a slash may not stand twice or at the end.
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

/// `/acs/users/list` as `acs/users` and `list`.
fn parts(path: &str) -> (&str, &str) {
    let rest = path.strip_prefix('/').unwrap_or(path);
    rest.rsplit_once('/').unwrap_or(("", rest))
}

/// The kind that the table gives a route.
fn kind(namespace: &str, name: &str) -> Option<u8> {
    let row = table::ROUTES
        .split(|b| *b == b'\n')
        .find_map(|row| row.strip_prefix(namespace.as_bytes())?.strip_prefix(b" "))?;
    row.split_inclusive(u8::is_ascii_uppercase)
        .find_map(|route| match route.strip_prefix(name.as_bytes())? {
            [letter] => letter.checked_sub(b'A'),
            _ => None,
        })
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

    /// Every path of the table.
    fn paths() -> Vec<String> {
        let names = |row: &'static str| {
            let (namespace, names) = row.split_once(' ').unwrap();
            names
                .split_terminator(|c: char| c.is_ascii_uppercase())
                .map(move |name| format!("/{namespace}/{name}"))
        };
        let text = core::str::from_utf8(table::ROUTES).unwrap();
        text.split('\n').flat_map(names).collect()
    }

    #[test]
    fn finds_each_of_the_201_documented_routes() {
        assert_eq!(paths().len(), 201);
        for path in paths() {
            let (namespace, name) = parts(&path);
            assert!(kind(namespace, name).is_some(), "{path}");
        }
    }

    #[test]
    fn takes_no_part_of_a_path_for_the_whole() {
        for path in paths() {
            for other in [
                format!("{path}x"),
                format!("{path}/get"),
                format!("/x{path}"),
                path[..path.len() - 1].to_owned(),
                path[1..].replacen('/', "_", 1),
            ] {
                let (namespace, name) = parts(&other);
                let found = check(&other).is_ok()
                    && kind(namespace, name).is_some()
                    && !paths().contains(&other);
                assert!(!found, "{other} is taken for another");
            }
        }
    }

    #[test]
    fn a_kind_tells_what_its_routes_do() {
        for kind in 0..=u8::MAX {
            let route = Route::with_kind("/any/route", kind).unwrap();
            assert_eq!(RouteKind::from_index(kind), route.kind, "{kind}");
        }
    }

    #[test]
    fn knows_what_the_routes_of_the_story_do() {
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
    fn an_unknown_route_counts_as_one_that_acts_and_accepts_any_credential() {
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
    fn the_routes_that_a_call_turns_to_are_documented_reads() {
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
        let free: Vec<String> = paths()
            .into_iter()
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
    fn the_bits_of_the_table_are_those_of_the_credentials() {
        assert_eq!(CredentialKind::ApiKey.bit(), API_KEY);
        assert_eq!(CredentialKind::ClientSessionToken.bit(), CLIENT_SESSION);
        assert_eq!(CredentialKind::PublishableKey.bit(), PUBLISHABLE_KEY);
        assert_eq!(
            CredentialKind::PersonalAccessToken.bit(),
            PERSONAL_ACCESS_TOKEN
        );
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
    fn names_the_credential_that_a_route_needs() {
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
