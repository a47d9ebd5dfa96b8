//! Gets the next token. The core decides when (`src/token_refresh.rs`); this calls the token provider
//! and looks up whose the token is.

use std::sync::Arc;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{Either, select};

use super::error::SeamError;
use super::list_events::ListEvent;
use super::session::{NoTokenReason, State};
use super::session_info::SessionInfo;
use super::shared::{CallSpec, Shared};
use super::token_provider::ProvidedToken;
use super::transport::BoxError;
use crate::call::Client;
use crate::lists::SessionMatch;
use crate::secret::redact_tokens;

const SESSION_ROUTE: &str = "/client_sessions/get";

/// The time limit of a lookup that only decides whether two tokens are of one user.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// A refresh. It ends when it is dropped, also by a panic of the provider or the end of the runtime.
pub(crate) struct RefreshInProgress {
    shared: Arc<Shared>,
    number: u32,
    _settled: oneshot::Sender<()>,
}

impl Drop for RefreshInProgress {
    fn drop(&mut self) {
        self.fail(NoTokenReason::Failed(
            None,
            "it ended without a token".to_owned(),
        ));
    }
}

/// Why a refresh has failed.
enum RefreshError {
    SignedOut,
    Own(&'static str),
    OfProvider(BoxError),
    OfServer(SeamError),
}

impl RefreshInProgress {
    /// A refresh, after the core returned an action that requires one.
    pub(crate) fn start(shared: &Arc<Shared>, state: &mut State) -> Self {
        let (sender, receiver) = oneshot::channel();
        state.pending = Some(receiver.shared());
        state.refresh += 1;
        Self {
            shared: Arc::clone(shared),
            number: state.refresh,
            _settled: sender,
        }
    }

    /// Gets the next token, and then looks up its expiry.
    pub(crate) async fn run_and_look_up(self) {
        if self.run().await {
            let shared = Arc::clone(&self.shared);
            // The calls that wait go on.
            drop(self);
            fetch_expiry(&shared).await;
        }
    }

    /// Gets the next token. Returns whether its expiry must be looked up.
    async fn run(&self) -> bool {
        let limit = self.shared.transport.sleep(self.shared.timeout);
        let next = Box::pin(self.take_next_token());
        let result = match select(next, limit).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(RefreshError::Own("it took too long")),
        };
        let error = match result {
            Ok(asks_for_expiry) => return asks_for_expiry,
            Err(error) => error,
        };
        self.fail(match error {
            RefreshError::SignedOut => NoTokenReason::SignedOut,
            RefreshError::Own(why) => NoTokenReason::Failed(None, why.to_owned()),
            RefreshError::OfProvider(error) => {
                let why = redact_tokens(&error.to_string());
                NoTokenReason::Failed(Some(error.into()), why)
            }
            RefreshError::OfServer(error) => {
                let why = error.to_string();
                NoTokenReason::Failed(Some(Arc::new(error)), why)
            }
        });
        false
    }

    /// Ends the refresh without a token, unless it has ended already.
    fn fail(&self, failure: NoTokenReason) {
        let transport = &self.shared.transport;
        let mut state = self.shared.session.lock();
        if state.refresh != self.number || state.pending.is_none() {
            return;
        }
        let now = transport.now().monotonic;
        tracing::debug!("token refresh failed");
        let jitter = transport.jitter();
        let mut is_lost = state.refresher.handle_refresh_failed(now, jitter);
        if matches!(failure, NoTokenReason::SignedOut) {
            state.refresher.handle_sign_out();
            is_lost = true;
        }
        state.failure = Some(failure);
        state.pending = None;
        drop(state);
        if is_lost {
            self.shared.inboxes.send(&ListEvent::SessionLost);
        }
    }

    async fn take_next_token(&self) -> Result<bool, RefreshError> {
        let Self { shared, .. } = self;
        let session = &shared.session;
        let Some(provider) = &session.provider else {
            return Err(RefreshError::Own("there is no provider"));
        };
        let next = provider.token().await.map_err(RefreshError::OfProvider)?;
        let ProvidedToken::Token(token) = next else {
            return Err(RefreshError::SignedOut);
        };
        let client = session
            .client_with(token)
            .map_err(|error| RefreshError::OfServer(error.into()))?;
        let (last, known) = {
            let state = session.lock();
            (state.client.clone(), state.info.clone())
        };
        // The user of the first token is looked up in parallel with the call.
        let Some(last) = last else {
            self.set(client, None, SessionMatch::Unknown);
            return Ok(true);
        };
        let is_same_token = last.secret() == client.secret();
        let same_token = || RefreshError::Own("it returned the same token again");
        let info = match look_up(shared, &client, shared.timeout).await {
            Ok(info) => info,
            Err(_) if is_same_token => return Err(same_token()),
            Err(error) => return Err(RefreshError::OfServer(error)),
        };
        // "Not known" is not "another user": the server is asked once more.
        let known = match known {
            Some(known) => Some(known),
            None => look_up(shared, &last, LOOKUP_TIMEOUT).await.ok(),
        };
        // The same token again is useful only if its session was extended.
        let known_expiry = known.as_ref().and_then(|known| known.expires_at);
        if is_same_token && info.expires_at == known_expiry {
            return Err(same_token());
        }
        let session = match known {
            Some(known) if known.is_same_session(&info) => SessionMatch::Same,
            Some(known) if known.is_same_user(&info) => SessionMatch::SameUser,
            _ => SessionMatch::OtherUser,
        };
        self.set(client, Some(info), session);
        Ok(false)
    }

    /// Makes a token the current one.
    fn set(&self, client: Client, info: Option<SessionInfo>, session: SessionMatch) {
        let now = self.shared.transport.now();
        let mut state = self.shared.session.lock();
        if state.refresh != self.number || state.pending.is_none() {
            return;
        }
        let is_first = state.client.is_none();
        state.client = Some(client);
        state.failure = None;
        state.pending = None;
        if !is_first {
            state.generation += 1;
            if !matches!(session, SessionMatch::Same | SessionMatch::SameUser) {
                state.user_generation = state.generation;
            }
        }
        let token = state.refresher.handle_token(now.monotonic);
        state.token = token;
        if let Some(info) = &info {
            state
                .refresher
                .handle_token_accepted(token, info.expires_at, now);
        }
        state.info = info;
        drop(state);
        tracing::debug!(is_first, ?session, "token refreshed");
        if !is_first {
            self.shared.inboxes.send(&ListEvent::Token(session));
        }
    }
}

/// Looks up the session of the current token.
pub(crate) async fn fetch_expiry(shared: &Arc<Shared>) {
    let (client, token) = {
        let state = shared.session.lock();
        (state.client.clone(), state.token)
    };
    let Some(client) = client else { return };
    let found = look_up(shared, &client, shared.timeout).await;
    let transport = &shared.transport;
    let now = transport.now();
    let mut state = shared.session.lock();
    if state.token != token {
        return;
    }
    if let Ok(info) = found {
        state
            .refresher
            .handle_token_accepted(token, info.expires_at, now);
        state.info = Some(info);
    } else {
        let jitter = transport.jitter();
        state
            .refresher
            .handle_expiry_unknown(token, now.monotonic, jitter);
    }
}

/// Returns the session of a client's token.
async fn look_up(
    shared: &Arc<Shared>,
    client: &Client,
    timeout: Duration,
) -> Result<SessionInfo, SeamError> {
    let spec = CallSpec::own_read(SESSION_ROUTE, shared.transport.now());
    let response = shared.exchange(client, &spec, timeout).await?;
    Ok(SessionInfo::of(&response))
}
