//! The routes, and the rules that hang on them: what calling one does, and who may.

#[rustfmt::skip]
mod table;

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
pub struct Route<'a> {
    /// Its path, `/namespace/name`.
    pub path: &'a str,
    /// What calling it does.
    pub effect: Effect,
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

impl<'a> Route<'a> {
    /// The route at `path`.
    ///
    /// # Errors
    /// `invalid_path` when it is no path of the API's form, `unknown_route`
    /// when this version does not know it.
    pub fn find(path: &'a str) -> Result<Self, Error> {
        let (namespace, name) = parts(path)?;
        let (effect, accepts) = kind(namespace, name).ok_or_else(|| {
            Error::invalid_options(
                "unknown_route",
                format!("{path} is not among the routes of this version of seam-session"),
            )
        })?;
        Ok(Self {
            path,
            effect,
            method: if path == "/client_sessions/create" {
                "PUT"
            } else {
                "POST"
            },
            accepts,
        })
    }

    /// A route that this version does not know. Nobody can tell what it does,
    /// so it counts as one that acts; whom it accepts only the server knows.
    ///
    /// # Errors
    /// `invalid_path`, as [`Route::find`].
    pub fn unknown(path: &'a str) -> Result<Self, Error> {
        parts(path)?;
        Ok(Self {
            path,
            effect: Effect::Act,
            method: "POST",
            accepts: ANY,
        })
    }

    /// Whether a personal access token must name a workspace to call it.
    #[must_use]
    pub fn needs_workspace(self) -> bool {
        self.accepts & WITHOUT_WORKSPACE == 0
    }

    /// Checks that a credential of `kind` may call it.
    ///
    /// # Errors
    /// `credential_not_accepted`, naming those that it accepts.
    pub fn check(self, kind: CredentialKind) -> Result<(), Error> {
        if self.accepts(kind) {
            return Ok(());
        }
        let needed: Vec<&str> = [
            CredentialKind::ApiKey,
            CredentialKind::PersonalAccessToken,
            CredentialKind::ClientSessionToken,
            CredentialKind::PublishableKey,
        ]
        .into_iter()
        .filter(|kind| self.accepts(*kind))
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

    fn accepts(self, kind: CredentialKind) -> bool {
        let bits = match kind {
            CredentialKind::PersonalAccessToken => PERSONAL_ACCESS_TOKEN | WITHOUT_WORKSPACE,
            other => other.bit(),
        };
        self.accepts & bits != 0
    }
}

/// `/acs/users/list` as `acs/users` and `list`.
fn parts(path: &str) -> Result<(&str, &str), Error> {
    let is_name = |part: &str| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        !part.is_empty() && part.bytes().all(fits)
    };
    path.strip_prefix('/')
        .filter(|rest| rest.split('/').all(is_name))
        .map(|rest| rest.rsplit_once('/').unwrap_or(("", rest)))
        .ok_or_else(|| {
            Error::invalid_options(
                "invalid_path",
                "a path is made of lower-case letters, digits, _ and /, as /devices/list is",
            )
        })
}

/// What the table says of a route.
fn kind(namespace: &str, name: &str) -> Option<(Effect, u8)> {
    let row = table::ROUTES
        .split(|b| *b == b'\n')
        .find_map(|row| row.strip_prefix(namespace.as_bytes())?.strip_prefix(b" "))?;
    let letter = row
        .split_inclusive(u8::is_ascii_uppercase)
        .find_map(|route| match route.strip_prefix(name.as_bytes())? {
            [letter] => letter.checked_sub(b'A'),
            _ => None,
        })?;
    table::KINDS.get(usize::from(letter)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(Route::find(&path).unwrap().path, path);
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
                let found = Route::find(&other).map(|route| route.path.to_owned());
                assert!(
                    found.is_err() || paths().contains(&other),
                    "{other} is taken for {found:?}"
                );
            }
        }
    }

    #[test]
    fn knows_what_the_routes_of_the_story_do() {
        for (path, effect) in [
            ("/devices/list", Effect::Read),
            ("/locks/unlock_door", Effect::Act),
            ("/action_attempts/get", Effect::Read),
            ("/access_codes/create", Effect::Act),
            ("/client_sessions/create", Effect::Write),
            ("/acs/users/add_to_access_group", Effect::Write),
        ] {
            assert_eq!(Route::find(path).unwrap().effect, effect, "{path}");
        }
    }

    #[test]
    fn an_unknown_route_counts_as_one_that_acts_and_accepts_any_credential() {
        let route = Route::unknown("/locks/explode").unwrap();
        assert_eq!((route.effect, route.method), (Effect::Act, "POST"));
        for kind in [
            CredentialKind::ApiKey,
            CredentialKind::ClientSessionToken,
            CredentialKind::PublishableKey,
            CredentialKind::PersonalAccessToken,
        ] {
            assert!(route.check(kind).is_ok());
        }
        assert!(!route.needs_workspace());
        let error = Route::unknown("//evil.example").unwrap_err();
        assert_eq!(error.code, "invalid_path");
    }

    #[test]
    fn only_two_routes_need_no_workspace() {
        let free: Vec<String> = paths()
            .into_iter()
            .filter(|path| !Route::find(path).unwrap().needs_workspace())
            .collect();
        assert_eq!(free, ["/workspaces/create", "/workspaces/list"]);
        let create = Route::find("/workspaces/create").unwrap();
        assert!(create.check(CredentialKind::ApiKey).is_err());
        assert!(create.check(CredentialKind::PersonalAccessToken).is_ok());
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
            let error = Route::find(path).unwrap_err();
            assert_eq!(error.code, "invalid_path", "{path}");
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
