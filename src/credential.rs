use crate::error::{Error, ErrorClass, Outcome};
use crate::secret::Secret;
use crate::text::concat;

/// The kinds of credential. As in the official SDK, the prefix of a token shows its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// `seam_` without one of the prefixes below: an API key of a back end.
    ApiKey,
    /// `seam_cst`: a client session of one user, for an app.
    ClientSessionToken,
    /// `seam_pk`: only creates client sessions.
    PublishableKey,
    /// `seam_at`: a personal access token of a developer, which is sent with a workspace id.
    PersonalAccessToken,
}

impl CredentialKind {
    /// Returns the kind of `token` by its prefix; `None` if it is none of these, such as the JWT of
    /// a console session.
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        if token.starts_with("seam_cst") {
            Some(Self::ClientSessionToken)
        } else if token.starts_with("seam_pk") {
            Some(Self::PublishableKey)
        } else if token.starts_with("seam_at") {
            Some(Self::PersonalAccessToken)
        } else if token.starts_with("seam_") {
            Some(Self::ApiKey)
        } else {
            None
        }
    }

    /// Returns the name of the option for this kind in messages.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::ApiKey => "apiKey",
            Self::ClientSessionToken => "clientSessionToken",
            Self::PublishableKey => "publishableKey",
            Self::PersonalAccessToken => "personalAccessToken",
        }
    }

    /// Returns the bit of this kind in a set of credentials that a route accepts.
    #[must_use]
    pub(crate) const fn bit(self) -> u8 {
        match self {
            Self::ApiKey => 1,
            Self::ClientSessionToken => 2,
            Self::PublishableKey => 4,
            Self::PersonalAccessToken => 8,
        }
    }
}

/// A token or key of a known kind that can be sent in a header.
#[derive(Clone, Debug)]
pub struct Credential {
    kind: CredentialKind,
    secret: Secret,
    workspace_id: Option<String>,
}

impl Credential {
    /// Checks `token` as a credential of `kind`.
    ///
    /// # Errors
    /// `invalid_token` if it is empty, has a character that a header or a token cannot have, or is
    /// of another kind; `invalid_options` for the workspace.
    pub fn parse(
        kind: CredentialKind,
        token: String,
        workspace_id: Option<String>,
    ) -> Result<Self, Error> {
        if is_token_of(kind, &token) {
            Self::with(kind, token, workspace_id)
        } else {
            Err(explain(kind, &token))
        }
    }

    /// Checks `token` as [`Credential::parse`] does, for a host that has already explained an
    /// invalid token to its caller. The error has no explanation, which would add 300 bytes to the
    /// module.
    ///
    /// # Errors
    /// As [`Credential::parse`].
    pub fn accept(
        kind: CredentialKind,
        token: String,
        workspace_id: Option<String>,
    ) -> Result<Self, Error> {
        if is_token_of(kind, &token) {
            Self::with(kind, token, workspace_id)
        } else {
            Err(invalid(&[kind.option(), " is no token of its kind"]))
        }
    }

    fn with(
        kind: CredentialKind,
        token: String,
        workspace_id: Option<String>,
    ) -> Result<Self, Error> {
        // The workspace id is sent in a header, which may have any visible ASCII character.
        if let Some(id) = &workspace_id
            && (id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_graphic()))
        {
            return Err(Error::invalid_options(
                "invalid_options",
                &["workspaceId is empty or no header value"],
            ));
        }
        Ok(Self {
            kind,
            secret: Secret::new(token),
            workspace_id,
        })
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// Returns whether it has a workspace id.
    #[must_use]
    pub fn has_workspace(&self) -> bool {
        self.workspace_id.is_some()
    }

    /// Returns the secret, to redact it.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Returns the headers of the credential. All are on Seam's published CORS list.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let token = self.secret.expose();
        let mut headers = Vec::with_capacity(2);
        if self.kind == CredentialKind::PublishableKey {
            headers.push(("seam-publishable-key", token.to_owned()));
        } else {
            headers.push(("authorization", concat(&["Bearer ", token])));
        }
        if self.kind == CredentialKind::ClientSessionToken {
            headers.push(("client-session-token", token.to_owned()));
        }
        if let Some(id) = &self.workspace_id {
            headers.push(("seam-workspace", id.clone()));
        }
        headers
    }
}

/// Whether `token` can be sent in a header and has the prefix of this kind.
fn is_token_of(kind: CredentialKind, token: &str) -> bool {
    token.bytes().all(is_of_token) && CredentialKind::of(token) == Some(kind)
}

/// Whether a Bearer token may have this character (RFC 6750, 2.1).
fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}

/// The error of an invalid token, with the reason.
fn explain(kind: CredentialKind, token: &str) -> Error {
    let other = "was given a token of another kind (";
    let (what, more) = if token.is_empty() {
        ("is empty", "")
    } else if token.bytes().any(|byte| byte.is_ascii_whitespace()) {
        ("holds white space", "")
    } else if !token.bytes().all(is_of_token) {
        ("holds a character that no token has", "")
    } else if let Some(found) = CredentialKind::of(token) {
        (other, found.option())
    } else if token.starts_with("ey") {
        (other, "JWT; console sessions are not supported")
    } else {
        ("does not begin as Seam's tokens do (seam_...)", "")
    };
    let end = if more.is_empty() { "" } else { ")" };
    invalid(&[kind.option(), " ", what, more, end])
}

fn invalid(message: &[&str]) -> Error {
    Error::new(
        ErrorClass::InvalidToken,
        "invalid_token",
        Outcome::NotSent,
        message,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use CredentialKind::{ApiKey, ClientSessionToken, PersonalAccessToken, PublishableKey};

    const TOKENS: [(&str, CredentialKind); 4] = [
        ("seam_test2bMS_94SrGUXuNR2JmJkjtvBQDg5c", ApiKey),
        (
            "seam_cst1891oqCmE_6dBwV8PJ2Ffoe9dWYVyMfVHq",
            ClientSessionToken,
        ),
        ("seam_pk1J0Bgui_oYEuzDhOqUzSBkrPmrNsUuKL", PublishableKey),
        (
            "seam_at1J0Bgui_oYEuzDhOqUzSBkrPmrNsUuKL",
            PersonalAccessToken,
        ),
    ];

    #[test]
    fn a_token_is_accepted_only_as_its_own_kind() {
        for (token, of) in TOKENS {
            for (_, kind) in TOKENS {
                let parsed = Credential::parse(kind, token.to_owned(), None);
                assert_eq!(parsed.is_ok(), kind == of, "{token} as {}", kind.option());
            }
        }
    }

    #[test]
    fn an_invalid_token_is_rejected_and_not_shown_in_the_error() {
        let bad = [
            "",
            " ",
            "seam_cst1abc def",
            "seam_cst1abcdef\n",
            "seam_cst1abc\r\nx-evil: 1",
            "seam_cst1abcdéf",
            "seam_cst1abc\0def",
            "seam_cst1abc\"def",
            "seam_cst1abc\\def",
            "eyJhbGciOi",
            "hello",
        ];
        for token in bad {
            let error = Credential::parse(ClientSessionToken, token.to_owned(), None).unwrap_err();
            assert_eq!(error.code, "invalid_token", "{token:?}");
            assert_eq!(error.outcome, Outcome::NotSent);
            let shown = format!("{error:?}");
            assert!(token.trim().is_empty() || !shown.contains(token), "{shown}");
        }
    }

    #[test]
    fn each_kind_is_sent_in_the_headers_that_seam_reads() {
        let names = |kind, token: &str| {
            Credential::parse(kind, token.to_owned(), Some("ws-1".to_owned()))
                .unwrap()
                .headers()
                .into_iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
        };
        let bearer = ["authorization", "seam-workspace"];
        assert_eq!(names(TOKENS[0].1, TOKENS[0].0), bearer);
        assert_eq!(
            names(TOKENS[1].1, TOKENS[1].0),
            ["authorization", "client-session-token", "seam-workspace"]
        );
        assert_eq!(
            names(TOKENS[2].1, TOKENS[2].0),
            ["seam-publishable-key", "seam-workspace"]
        );
        assert_eq!(names(TOKENS[3].1, TOKENS[3].0), bearer);
    }

    #[test]
    fn debug_output_of_a_credential_hides_the_token() {
        let credential = Credential::parse(ApiKey, TOKENS[0].0.to_owned(), None).unwrap();
        assert!(!format!("{credential:?}").contains("94SrGUX"));
    }
}
