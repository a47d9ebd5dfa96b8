//! The credential of a client, and what is known of its session.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_channel::oneshot;
use futures_util::future::Shared as SharedFuture;

use super::error::SharedError;
use super::session_info::SessionInfo;
use super::token_provider::TokenProvider;
use crate::call::Client;
use crate::credential::{Credential, CredentialKind};
use crate::error::Error;
use crate::token_refresh::TokenRefresher;

/// The credential of a client, and what replaces it.
pub(crate) struct Session {
    state: Mutex<State>,
    pub(crate) provider: Option<Arc<dyn TokenProvider>>,
    /// Makes a core client for a token of the provider.
    endpoint: String,
    max_retries: u32,
}

pub(crate) struct State {
    pub(crate) refresher: TokenRefresher,
    /// The client with the current credential; `None` before the first token.
    pub(crate) client: Option<Client>,
    /// The refresher's number of the current token.
    pub(crate) token: u32,
    /// Counts token changes, and the count at which the current user's first token was set.
    pub(crate) generation: u32,
    pub(crate) user_generation: u32,
    pub(crate) info: Option<SessionInfo>,
    /// Resolves when the refresh in progress has ended.
    pub(crate) pending: Option<SharedFuture<oneshot::Receiver<()>>>,
    /// Numbers refreshes, so that a late one counts no more.
    pub(crate) refresh: u32,
    pub(crate) failure: Option<NoTokenReason>,
}

/// Resolves when a refresh has ended; with an error, if it was dropped, which is the same.
pub(crate) type Pending = SharedFuture<oneshot::Receiver<()>>;

/// Why there is no token.
#[derive(Clone)]
pub(crate) enum NoTokenReason {
    SignedOut,
    Failed(Option<SharedError>, String),
}

impl Session {
    /// A session with a fixed credential.
    pub(crate) fn fixed(client: Client) -> Self {
        Self::new(Some(client), None, String::new(), 0)
    }

    /// A session whose tokens come from `provider`.
    pub(crate) fn provided(
        provider: Arc<dyn TokenProvider>,
        endpoint: String,
        max_retries: u32,
    ) -> Self {
        Self::new(None, Some(provider), endpoint, max_retries)
    }

    fn new(
        client: Option<Client>,
        provider: Option<Arc<dyn TokenProvider>>,
        endpoint: String,
        max_retries: u32,
    ) -> Self {
        Self {
            state: Mutex::new(State {
                refresher: TokenRefresher::new(),
                client,
                token: 0,
                generation: 0,
                user_generation: 0,
                info: None,
                pending: None,
                refresh: 0,
                failure: None,
            }),
            provider,
            endpoint,
            max_retries,
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the count of token changes.
    pub(crate) fn generation(&self) -> u32 {
        self.lock().generation
    }

    /// Returns the count of token changes at which the current user's first token was set.
    pub(crate) fn user_generation(&self) -> u32 {
        self.lock().user_generation
    }

    /// Returns the kind of a credential that does not change; `None` with a token provider.
    pub(crate) fn fixed_kind(&self) -> Option<CredentialKind> {
        let is_fixed = self.provider.is_none();
        self.lock()
            .client
            .as_ref()
            .map(Client::kind)
            .filter(|_| is_fixed)
    }

    /// Makes a core client for a token.
    pub(crate) fn client_with(&self, token: String) -> Result<Client, Error> {
        let kind = CredentialKind::ClientSessionToken;
        let credential = Credential::parse(kind, token, None)?;
        Client::with(credential, Some(&self.endpoint), self.max_retries)
    }
}
