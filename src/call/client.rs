use std::sync::Arc;

use crate::call::{Call, CallOptions};
use crate::config::Config;
use crate::credential::{Credential, CredentialKind};
use crate::endpoint::{DEFAULT_ENDPOINT, Endpoint};
use crate::error::Error;
use crate::response_view::ResponseView;
use crate::route::Route;
use crate::secret::Secret;

/// The options of a client, before they are checked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// The kind of `token`.
    pub kind: CredentialKind,
    /// The token or key.
    pub token: Secret,
    /// The workspace, for a personal access token.
    pub workspace_id: Option<String>,
    /// The base URL of Seam's API; by default [`DEFAULT_ENDPOINT`].
    pub endpoint: Option<String>,
    /// How often a failed request may be sent again; by default twice.
    pub max_retries: u32,
}

impl ClientOptions {
    /// The defaults, for a token or key of this kind.
    #[must_use]
    pub fn new(kind: CredentialKind, token: String) -> Self {
        Self {
            kind,
            token: Secret::new(token),
            workspace_id: None,
            endpoint: None,
            max_retries: 2,
        }
    }
}

/// Makes calls with one credential to one endpoint. A clone shares both.
#[derive(Clone, Debug)]
pub struct Client(Arc<Config>);

impl Client {
    /// A client with these options.
    ///
    /// # Errors
    /// `invalid_token`, `invalid_options` for the workspace, or `invalid_endpoint`.
    pub fn new(options: ClientOptions) -> Result<Self, Error> {
        let token = options.token.expose().to_owned();
        let credential = Credential::parse(options.kind, token, options.workspace_id)?;
        Self::with(credential, options.endpoint.as_deref(), options.max_retries)
    }

    /// A client with a credential that has been checked before.
    ///
    /// # Errors
    /// `invalid_endpoint`.
    pub fn with(
        credential: Credential,
        endpoint: Option<&str>,
        max_retries: u32,
    ) -> Result<Self, Error> {
        Ok(Self(Arc::new(Config {
            credential,
            endpoint: Endpoint::parse(endpoint.unwrap_or(DEFAULT_ENDPOINT))?,
            max_retries,
        })))
    }

    /// Returns the endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// Returns the kind of the credential.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        self.0.credential.kind()
    }

    /// Returns the token or key, to redact it.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        self.0.credential.secret()
    }

    /// Creates a call of `path` with `params`, the text of a JSON object. Nothing is sent yet:
    /// [`Call::step`] returns what to do. Without [`CallOptions::response_key`], a documented
    /// route has its own.
    ///
    /// # Errors
    /// `invalid_path`, `credential_not_accepted`, `invalid_parameters` or `invalid_options`.
    #[cfg(feature = "json")]
    pub fn call<A: ResponseView>(
        &self,
        path: &str,
        params: Option<&str>,
        mut options: CallOptions,
    ) -> Result<Call<A>, Error> {
        if params.is_some_and(|text| !crate::json::is_object(text)) {
            return Err(crate::call::not_an_object(path));
        }
        if options.response_key.is_none() {
            options.response_key = Route::response_key(path).map(str::to_owned);
        }
        self.call_route(Route::at(path)?, params, options)
    }

    /// Creates a call of a route that has been looked up before, with `params` that are known to be
    /// well-formed JSON.
    ///
    /// # Errors
    /// `credential_not_accepted`, `invalid_parameters` if `params` is not an object, or
    /// `invalid_options`.
    pub fn call_route<A: ResponseView>(
        &self,
        route: Route<'_>,
        params: Option<&str>,
        options: CallOptions,
    ) -> Result<Call<A>, Error> {
        Call::new(Arc::clone(&self.0), route, params, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_response::HttpResponse;

    #[test]
    fn calls_clients_and_errors_can_be_sent_to_another_thread() {
        fn is_send<T: Send>() {}
        is_send::<Client>();
        is_send::<Call>();
        is_send::<crate::call_error::CallError>();
    }

    #[test]
    fn debug_output_of_options_hides_the_token() {
        let options = ClientOptions::new(CredentialKind::ApiKey, "seam_a_b".to_owned());
        assert!(!format!("{options:?}").contains("seam_a_b"));
    }

    #[test]
    fn parameters_are_a_json_object_and_nothing_else() {
        let options = ClientOptions::new(CredentialKind::ApiKey, "seam_a_b".to_owned());
        let client = Client::new(options).unwrap();
        let code = |params| {
            let call = client.call::<HttpResponse>("/devices/list", params, CallOptions::default());
            call.map_err(|error| error.code).err()
        };
        assert_eq!(code(None), None);
        assert_eq!(code(Some(r#"{"limit":2}"#)), None);
        for bad in ["", "[]", "null", "1", "\"{}\"", "{", "{}{}", "undefined"] {
            assert_eq!(code(Some(bad)).unwrap(), "invalid_parameters", "{bad}");
        }
        let route = Route::at("/devices/list").unwrap();
        for bad in ["[]", "\"2026\"", "null"] {
            let call = client.call_route::<HttpResponse>(route, Some(bad), CallOptions::default());
            assert_eq!(call.unwrap_err().code, "invalid_parameters", "{bad}");
        }
    }
}
