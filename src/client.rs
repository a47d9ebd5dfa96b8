use std::rc::Rc;

use crate::call::{Call, CallOptions};
use crate::credential::{Credential, CredentialKind};
use crate::endpoint::{DEFAULT_ENDPOINT, Endpoint};
use crate::error::Error;

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
        Ok(Rc::new(Self {
            credential: Credential::parse(options.kind, options.token, options.workspace_id)?,
            endpoint: Endpoint::parse(options.endpoint.as_deref().unwrap_or(DEFAULT_ENDPOINT))?,
            max_retries: options.max_retries,
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
    pub fn call(
        self: &Rc<Self>,
        path: &str,
        params: Option<&str>,
        options: CallOptions,
    ) -> Result<Call, Error> {
        Call::new(Rc::clone(self), path, params, options)
    }
}
