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
    /// The route at `path`. One that this version does not know counts as one
    /// that acts, for nobody can tell what it does; whom it accepts only the
    /// server knows.
    ///
    /// # Errors
    /// `invalid_path` when it is no path of the API's form.
    pub fn at(path: &'a str) -> Result<Self, Error> {
        let (namespace, name) = parts(path)?;
        let (effect, accepts) = kind(namespace, name).unwrap_or((Effect::Act, ANY));
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
                    format!(
                        "a personalAccessToken needs a workspaceId for {}",
                        self.path
                    ),
                ));
            }
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
            let (namespace, name) = parts(&path).unwrap();
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
                let found = parts(&other).is_ok_and(|(namespace, name)| {
                    kind(namespace, name).is_some() && !paths().contains(&other)
                });
                assert!(!found, "{other} is taken for another");
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
            assert_eq!(Route::at(path).unwrap().effect, effect, "{path}");
        }
    }

    #[test]
    fn an_unknown_route_counts_as_one_that_acts_and_accepts_any_credential() {
        let route = Route::at("/locks/explode").unwrap();
        assert_eq!((route.effect, route.method), (Effect::Act, "POST"));
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
