//! Reads the credential of a request. The state decides whether it is valid.

use crate::error::ApiError;
use crate::http::Request;

/// The credential of a request, not yet looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Credential<'a> {
    /// A client session token, `seam_cst...`.
    SessionToken(&'a str),
    /// A personal access token, `seam_at...`, and the workspace that its header names.
    PersonalAccessToken(&'a str, Option<&'a str>),
    /// Any other bearer token, which may be an API key.
    Bearer(&'a str),
    /// A publishable key, and the user identifier key from its header.
    PublishableKey(&'a str, Option<&'a str>),
}

impl<'a> Credential<'a> {
    /// Reads the credential in the order of Seam's own fake server: a client session token in its
    /// header, then the `Authorization` header, then a publishable key. An empty header counts as
    /// absent, because the Go SDK sends each header of a credential that it does not have.
    ///
    /// # Errors
    ///
    /// 400 if the header for client session tokens has something else; 401 if there is no
    /// credential.
    pub(crate) fn of(request: &'a Request) -> Result<Self, ApiError> {
        let header = |name| request.header(name).filter(|it| !it.trim().is_empty());
        let in_header =
            header("seam-client-session-token").or_else(|| header("client-session-token"));
        if let Some(token) = in_header {
            return if is_session_token(token) {
                Ok(Self::SessionToken(token))
            } else {
                Err(ApiError::new(
                    400,
                    "invalid_client_session_token",
                    "Invalid client session token",
                ))
            };
        }
        if let Some(token) = header("authorization").and_then(bearer) {
            return Ok(if is_session_token(token) {
                Self::SessionToken(token)
            } else if token.starts_with("seam_at") {
                Self::PersonalAccessToken(token, header("seam-workspace"))
            } else {
                Self::Bearer(token)
            });
        }
        let user = header("seam-user-identifier-key").or_else(|| header("user-identifier-key"));
        header("seam-publishable-key")
            .map(|it| Self::PublishableKey(it, user))
            .ok_or_else(|| ApiError::unauthorized("No authentication methods succeeded"))
    }

    /// Returns a description for the log, without the secret.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::SessionToken(_) => "client session token",
            Self::PersonalAccessToken(..) => "personal access token",
            Self::Bearer(_) => "API key",
            Self::PublishableKey(..) => "publishable key",
        }
    }

    /// Returns a description for the log while the credential is not accepted.
    pub(crate) fn refused_description(self) -> &'static str {
        match self {
            Self::SessionToken(_) => "a client session token that is refused",
            Self::PersonalAccessToken(..) => "a personal access token that is refused",
            Self::Bearer(_) => "a bearer token that is refused",
            Self::PublishableKey(..) => "a publishable key that is refused",
        }
    }

    /// Returns the user identifier key that was sent with a publishable key.
    pub(crate) fn user_identifier_key(self) -> Option<&'a str> {
        match self {
            Self::PublishableKey(_, user) => user,
            Self::SessionToken(_) | Self::PersonalAccessToken(..) | Self::Bearer(_) => None,
        }
    }
}

fn is_session_token(token: &str) -> bool {
    token.starts_with("seam_cst")
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}
