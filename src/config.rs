use crate::credential::Credential;
use crate::endpoint::Endpoint;

/// What all calls of a client share, checked.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) credential: Credential,
    pub(crate) endpoint: Endpoint,
    pub(crate) max_retries: u32,
}
