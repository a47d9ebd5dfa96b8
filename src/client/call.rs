//! A call with the client's token: it waits for a refresh where the core asks for one, and is sent
//! once more if the server rejected the token.

use std::sync::Arc;

use super::error::SeamError;
use super::refresh::{RefreshInProgress, fetch_expiry};
use super::response::ApiResponse;
use super::session::{NoTokenReason, Pending};
use super::shared::{CallSpec, Shared};
use crate::call::Client;
use crate::error::{Error, ErrorClass, Outcome, Reason};
use crate::token_refresh::{RejectedCall, TokenAction, may_send_as_current_user};

/// Makes a call with the client's credential, after a refresh where the core asks for one.
pub(crate) async fn call(shared: &Arc<Shared>, spec: &CallSpec) -> Result<ApiResponse, SeamError> {
    let session = &shared.session;
    let kind = spec.kind();
    let mut rejection: Option<SeamError> = None;
    loop {
        let next = begin(shared, rejection.as_ref())?;
        let (client, token, user_generation) = match next {
            Next::Send(client, token, user_generation) => (client, token, user_generation),
            Next::Await(pending) => {
                // A sender that was dropped has ended the refresh too.
                let _ = pending.await;
                continue;
            }
        };
        let is_other_user = spec.user.is_some_and(|user| user != user_generation);
        if is_other_user || !may_send_as_current_user(kind, spec.generation, user_generation) {
            return Err(rejection.unwrap_or_else(session_changed));
        }
        let error = match shared.exchange(&client, spec, shared.timeout).await {
            Ok(response) => {
                accepted(shared, token);
                return Ok(response);
            }
            Err(error) => error,
        };
        if session.provider.is_none() {
            return Err(error);
        }
        if error.reason() != Some(Reason::TokenRefused) {
            // The resend was not sent, so the call keeps the error of the first attempt.
            return Err(match rejection {
                Some(rejection) if error.outcome() == Outcome::NotSent => rejection,
                _ => error,
            });
        }
        let rejected = RejectedCall {
            kind,
            outcome: error.outcome(),
            is_resend: rejection.is_some(),
            called_at: spec.called_at,
            now: shared.transport.now(),
        };
        let jitter = shared.transport.jitter();
        let is_resent = session
            .lock()
            .refresher
            .handle_unauthorized(token, &rejected, jitter);
        if !is_resent {
            return Err(error);
        }
        rejection = Some(error);
    }
}

enum Next {
    /// Send with this client, which has the token of this number, of the user of this generation.
    Send(Client, u32, u32),
    /// Begin again after the refresh.
    Await(Pending),
}

/// Decides what a call does first, and starts a refresh if it is due.
fn begin(shared: &Arc<Shared>, rejection: Option<&SeamError>) -> Result<Next, SeamError> {
    let (next, refresh) = decide(shared, rejection);
    // Not while the state is locked: a runtime that shuts down drops the task at once, and that
    // changes the state.
    if let Some(refresh) = refresh {
        shared.transport.spawn(Box::pin(refresh.run_and_look_up()));
    }
    next
}

type Decision = (Result<Next, SeamError>, Option<RefreshInProgress>);

fn decide(shared: &Arc<Shared>, rejection: Option<&SeamError>) -> Decision {
    let mut state = shared.session.lock();
    let mut refresh = None;
    if shared.session.provider.is_some() {
        let action = state.refresher.poll_action(shared.transport.now());
        if matches!(action, TokenAction::Refresh | TokenAction::UseAndRefresh) {
            refresh = Some(RefreshInProgress::start(shared, &mut state));
        }
        match (action, &state.pending) {
            (TokenAction::Backoff, _) => {
                return (Err(no_token(state.failure.as_ref(), rejection)), refresh);
            }
            (TokenAction::Refresh | TokenAction::AwaitRefresh, Some(pending)) => {
                return (Ok(Next::Await(pending.clone())), refresh);
            }
            _ => {}
        }
    }
    let next = match &state.client {
        Some(client) => {
            let (client, user) = (client.clone(), state.user_generation);
            Ok(Next::Send(client, state.token, user))
        }
        None => Err(no_token(state.failure.as_ref(), rejection)),
    };
    (next, refresh)
}

/// The error of a call without a token to use. `rejection` is the server's rejection of the last
/// token, if the call was sent with it.
fn no_token(failure: Option<&NoTokenReason>, rejection: Option<&SeamError>) -> SeamError {
    let outcome = rejection.map_or(Outcome::NotSent, |_| Outcome::Refused);
    let error = |code, message: &[&str]| {
        SeamError::new(Error::new(ErrorClass::InvalidToken, code, outcome, message))
    };
    match (failure, rejection) {
        (None, Some(rejection)) => rejection.clone(),
        (Some(NoTokenReason::SignedOut), _) => error("signed_out", &["the user signed out"]),
        (Some(NoTokenReason::Failed(source, why)), _) => {
            let error = error(
                "no_token",
                &["the token provider did not return a usable token: ", why],
            );
            match source {
                Some(source) => error.with_source(Arc::clone(source)),
                None => error,
            }
        }
        (None, None) => error(
            "no_token",
            &[
                "the token provider did not return a usable token: the server refused it a moment ago",
            ],
        ),
    }
}

/// The server has accepted a call with this token.
fn accepted(shared: &Arc<Shared>, token: u32) {
    let session = &shared.session;
    if session.provider.is_none() {
        return;
    }
    let now = shared.transport.now();
    let asks_for_expiry = session
        .lock()
        .refresher
        .handle_token_accepted(token, None, now);
    if asks_for_expiry {
        let shared_task = Arc::clone(shared);
        let task = async move { fetch_expiry(&shared_task).await };
        shared.transport.spawn(Box::pin(task));
    }
}

/// The error of a call that was made for the user of another token.
fn session_changed() -> SeamError {
    SeamError::new(Error::new(
        ErrorClass::InvalidToken,
        "session_changed",
        Outcome::NotSent,
        &["it was not sent: it was meant for another user's token"],
    ))
}
