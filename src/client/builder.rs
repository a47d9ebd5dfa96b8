//! The options of a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::error::SeamError;
use super::list_events::Inboxes;
use super::seam::Seam;
use super::session::Session;
use super::shared::Shared;
use super::token_provider::TokenProvider;
use super::transport::Transport;
use crate::action_attempt::PollOptions;
use crate::call::{Client, ClientOptions};
use crate::credential::CredentialKind;
use crate::endpoint::{DEFAULT_ENDPOINT, Endpoint};
use crate::error::Error;

/// The most retries that a client may be set to.
const MOST_RETRIES: u32 = 10;

/// Headers that the client sets itself.
const RESERVED: [&str; 11] = [
    "accept",
    "authorization",
    "client-session-token",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "seam-publishable-key",
    "seam-sdk-name",
    "seam-sdk-version",
    "seam-workspace",
];

/// Creates a [`Seam`] with options.
///
/// ```
/// use std::time::Duration;
/// use seam_session::Seam;
///
/// let builder = Seam::builder()
///     .client_session_token("seam_cst1_example")
///     .timeout(Duration::from_secs(10))
///     .max_retries(1);
/// ```
#[derive(Clone)]
#[must_use]
pub struct SeamBuilder {
    credential: Option<(CredentialKind, String)>,
    has_two_credentials: bool,
    provider: Option<Arc<dyn TokenProvider>>,
    workspace_id: Option<String>,
    endpoint: Option<String>,
    timeout: Duration,
    max_retries: u32,
    polling: Option<PollOptions>,
    headers: Vec<(String, String)>,
    #[cfg(target_arch = "wasm32")]
    allows_browser: bool,
}

impl fmt::Debug for SeamBuilder {
    /// Omits the token, and the values of headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeamBuilder")
            .field("endpoint", &self.endpoint)
            .field("timeout", &self.timeout)
            .field("max_retries", &self.max_retries)
            .finish_non_exhaustive()
    }
}

impl Seam {
    /// The options of a client, with their defaults.
    pub fn builder() -> SeamBuilder {
        SeamBuilder {
            credential: None,
            has_two_credentials: false,
            provider: None,
            workspace_id: None,
            endpoint: None,
            timeout: Duration::from_secs(30),
            max_retries: 2,
            polling: Some(PollOptions::default()),
            headers: Vec::new(),
            #[cfg(target_arch = "wasm32")]
            allows_browser: false,
        }
    }
}

impl SeamBuilder {
    fn credential(mut self, kind: CredentialKind, token: impl Into<String>) -> Self {
        self.has_two_credentials |= self.credential.is_some() || self.provider.is_some();
        self.credential = Some((kind, token.into()));
        self
    }

    /// For an app: the token of one user's client session.
    pub fn client_session_token(self, token: impl Into<String>) -> Self {
        self.credential(CredentialKind::ClientSessionToken, token)
    }

    /// For an app: gets and refreshes the token of one user's client session.
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        self.has_two_credentials |= self.credential.is_some() || self.provider.is_some();
        self.provider = Some(Arc::new(provider));
        self
    }

    /// For a back end: the API key of a workspace.
    pub fn api_key(self, key: impl Into<String>) -> Self {
        self.credential(CredentialKind::ApiKey, key)
    }

    /// For a developer: a personal access token. Most routes also need
    /// [`workspace_id`](Self::workspace_id).
    pub fn personal_access_token(self, token: impl Into<String>) -> Self {
        self.credential(CredentialKind::PersonalAccessToken, token)
    }

    /// A publishable key, which only creates client sessions.
    pub fn publishable_key(self, key: impl Into<String>) -> Self {
        self.credential(CredentialKind::PublishableKey, key)
    }

    /// The workspace of a personal access token.
    pub fn workspace_id(mut self, workspace_id: impl Into<String>) -> Self {
        self.workspace_id = Some(workspace_id.into());
        self
    }

    /// The base URL of the API, https or loopback; by default [`DEFAULT_ENDPOINT`].
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// The timeout of one attempt; by default 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many times a request may be retried, from 0 to 10; by default twice. An action is never
    /// retried.
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = max_retries;
        self
    }

    /// How to wait for action attempts; by default for ten seconds.
    pub fn waiting(mut self, options: PollOptions) -> Self {
        self.polling = Some(options);
        self
    }

    /// Does not wait for action attempts: a call of an action returns the pending attempt.
    pub fn without_waiting(mut self) -> Self {
        self.polling = None;
        self
    }

    /// Adds a header to every request. A browser sends it to another origin only if the server
    /// allows that.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The `User-Agent` of every request; by default the name and version of this crate. A browser
    /// has its own.
    pub fn user_agent(self, user_agent: impl Into<String>) -> Self {
        self.header("user-agent", user_agent)
    }

    /// Reads what is not set from the environment: the credential from `SEAM_API_KEY`, or from
    /// `SEAM_PERSONAL_ACCESS_TOKEN` with `SEAM_WORKSPACE_ID`; the endpoint from `SEAM_ENDPOINT`. A
    /// credential that is set already is kept, so that a user's client never gets the API key.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn from_env(self) -> Self {
        self.with_variables(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn with_variables(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        if self.credential.is_none() && self.provider.is_none() {
            if let Some(key) = variable("SEAM_API_KEY") {
                self = self.api_key(key);
            }
            if let Some(token) = variable("SEAM_PERSONAL_ACCESS_TOKEN") {
                self = self.personal_access_token(token);
                self.workspace_id = self.workspace_id.or_else(|| variable("SEAM_WORKSPACE_ID"));
            }
        }
        self.endpoint = self.endpoint.or_else(|| variable("SEAM_ENDPOINT"));
        self
    }

    /// Allows an API key or a personal access token in a browser, where every visitor can read it.
    #[cfg(target_arch = "wasm32")]
    pub fn dangerously_allow_browser(mut self) -> Self {
        self.allows_browser = true;
        self
    }

    /// Refuses a key that would give every visitor of a page the whole workspace.
    #[cfg(target_arch = "wasm32")]
    fn check_browser(&self) -> Result<(), Error> {
        use CredentialKind::{ApiKey, PersonalAccessToken};
        let opens_all = matches!(self.credential, Some((ApiKey | PersonalAccessToken, _)));
        if self.allows_browser || !opens_all {
            return Ok(());
        }
        Err(Error::invalid_options(
            "key_in_browser",
            &[
                "a key in a browser gives every visitor the whole workspace: \
                use a client session token (or dangerously_allow_browser)",
            ],
        ))
    }

    /// Creates the client, which sends with `transport`.
    ///
    /// # Errors
    /// `invalid_token`, `invalid_endpoint` or `invalid_options`.
    pub fn build_with(self, transport: impl Transport) -> Result<Seam, SeamError> {
        let invalid = |message: &[&str]| Err(Error::invalid_options("invalid_options", message));
        if self.has_two_credentials {
            return Ok(invalid(&["two credentials are set: use one"])?);
        }
        if self.max_retries > MOST_RETRIES {
            return Ok(invalid(&["max_retries is above 10"])?);
        }
        if self.timeout.is_zero() {
            return Ok(invalid(&["timeout is zero"])?);
        }
        #[cfg(target_arch = "wasm32")]
        self.check_browser()?;
        let headers = headers(&self.headers)?;
        let endpoint = self.endpoint.unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        let session = match (self.credential, self.provider) {
            (_, Some(provider)) => {
                Endpoint::parse(&endpoint)?;
                Session::provided(provider, endpoint, self.max_retries)
            }
            (Some((kind, token)), None) => {
                let mut options = ClientOptions::new(kind, token);
                options.workspace_id = self.workspace_id;
                options.endpoint = Some(endpoint);
                options.max_retries = self.max_retries;
                Session::fixed(Client::new(options)?)
            }
            (None, None) => {
                return Ok(invalid(&[
                    "no credential is set: use client_session_token, \
                    token_provider, api_key, personal_access_token or publishable_key",
                ])?);
            }
        };
        Ok(Seam(Arc::new(Shared {
            transport: Arc::new(transport),
            timeout: self.timeout,
            headers,
            polling: self.polling,
            session,
            inboxes: Inboxes::default(),
        })))
    }
}

/// Returns the headers of every request, checked.
fn headers(added: &[(String, String)]) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    #[cfg(not(target_arch = "wasm32"))]
    headers.insert(
        http::header::USER_AGENT,
        HeaderValue::from_static(concat!("seam-session/", env!("CARGO_PKG_VERSION"))),
    );
    for (name, value) in added {
        let invalid = |what| Error::invalid_options("invalid_options", &["header ", name, what]);
        let parsed = HeaderName::try_from(name.as_str());
        let parsed = parsed.map_err(|_| invalid(" has an invalid name"))?;
        if RESERVED.contains(&parsed.as_str()) {
            return Err(invalid(" is set by the client"));
        }
        let mut value =
            HeaderValue::try_from(value.as_str()).map_err(|_| invalid(" has an invalid value"))?;
        value.set_sensitive(true);
        headers.insert(parsed, value);
    }
    Ok(headers)
}
