use std::rc::Rc;

use crate::call::{Call, CallOptions, not_an_object};
use crate::credential::{Credential, CredentialKind};
use crate::endpoint::{DEFAULT_ENDPOINT, Endpoint};
use crate::error::Error;
use crate::json::Json;
use crate::response_view::ResponseView;
use crate::route::Route;

/// What a client is made of, unchecked.
#[derive(Clone)]
pub struct ClientOptions {
    /// The kind that `token` is to be.
    pub kind: CredentialKind,
    /// The token or key.
    pub token: String,
    /// For a personal access token, the workspace to work in.
    pub workspace_id: Option<String>,
    /// Where Seam answers; [`DEFAULT_ENDPOINT`] if nothing is given.
    pub endpoint: Option<String>,
    /// How often a request that failed may be sent again.
    pub max_retries: u32,
}

/// What is the same for every call of one client.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) credential: Credential,
    pub(crate) endpoint: Endpoint,
    pub(crate) max_retries: u32,
}

impl Client {
    /// Checks the options.
    ///
    /// # Errors
    /// `invalid_token` or `invalid_endpoint`.
    pub fn new(options: ClientOptions) -> Result<Rc<Self>, Error> {
        let credential = Credential::parse(options.kind, options.token, options.workspace_id)?;
        Self::with(credential, options.endpoint.as_deref(), options.max_retries)
    }

    /// The same for a credential that has been checked already.
    ///
    /// # Errors
    /// `invalid_endpoint`.
    pub fn with(
        credential: Credential,
        endpoint: Option<&str>,
        max_retries: u32,
    ) -> Result<Rc<Self>, Error> {
        Ok(Rc::new(Self {
            credential,
            endpoint: Endpoint::parse(endpoint.unwrap_or(DEFAULT_ENDPOINT))?,
            max_retries,
        }))
    }

    /// Its endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// A call of `path` with `params`, the text of a JSON object. Nothing is
    /// sent yet: [`Call::step`] says what to do.
    ///
    /// # Errors
    /// `invalid_path`, `credential_not_accepted`, `invalid_parameters` or
    /// `invalid_options`; none of them needs a request.
    pub fn call<A: ResponseView>(
        self: &Rc<Self>,
        path: &str,
        params: Option<&str>,
        options: CallOptions,
    ) -> Result<Call<A>, Error> {
        if params.is_some_and(|text| Json::object(text.as_bytes(), "").is_none()) {
            return Err(not_an_object(path));
        }
        self.call_route(Route::at(path)?, params, options)
    }

    /// The same for a route that is known already, with `params` that are well-formed JSON, as
    /// `JSON.stringify` writes it.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn call_route<A: ResponseView>(
        self: &Rc<Self>,
        route: Route<'_>,
        params: Option<&str>,
        options: CallOptions,
    ) -> Result<Call<A>, Error> {
        Call::new(Rc::clone(self), route, params, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_response::HttpResponse;

    #[test]
    fn takes_an_object_and_nothing_else_as_parameters() {
        let client = Client::new(ClientOptions {
            kind: CredentialKind::ApiKey,
            token: "seam_a_b".to_owned(),
            workspace_id: None,
            endpoint: None,
            max_retries: 0,
        });
        let client = client.unwrap();
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
