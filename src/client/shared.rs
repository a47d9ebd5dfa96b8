//! What the clones of a client share, and one call with a given credential.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderMap;

use super::error::SeamError;
use super::exchange::Exchange;
use super::list_events::Inboxes;
use super::response::ApiResponse;
use super::session::Session;
use super::transport::Transport;
use crate::action_attempt::PollOptions;
use crate::call::{CallOptions, Client};
use crate::clock::Moment;
use crate::route::{Route, RouteKind};

/// What the clones of a client share.
pub(crate) struct Shared {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) timeout: Duration,
    pub(crate) headers: HeaderMap,
    /// How to wait for action attempts; `None` does not wait.
    pub(crate) polling: Option<PollOptions>,
    pub(crate) session: Session,
    /// The lists that are watched.
    pub(crate) inboxes: Inboxes,
}

/// One call, before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct CallSpec {
    pub(crate) path: Cow<'static, str>,
    /// The text of a JSON object.
    pub(crate) params: String,
    /// How to wait for an action attempt; `None` does not wait.
    pub(crate) polling: Option<PollOptions>,
    pub(crate) called_at: Moment,
    /// The token generation at which the call was made.
    pub(crate) generation: u32,
    /// The generation of the only user as whom it is sent; `None` for any.
    pub(crate) user: Option<u32>,
    /// Whether the caller parses the body of a success.
    pub(crate) is_page: bool,
}

impl Shared {
    /// Makes a call once with this credential.
    ///
    /// # Errors
    /// As the core decides.
    pub(crate) async fn exchange(
        &self,
        client: &Client,
        spec: &CallSpec,
        timeout: Duration,
    ) -> Result<ApiResponse, SeamError> {
        let options = CallOptions {
            response_key: None,
            polling: spec.polling,
            called_at: Some(spec.called_at),
        };
        let route = Route::at(&spec.path)?;
        let call = client.call(&spec.path, Some(&spec.params), options)?;
        let exchange = Exchange {
            transport: &*self.transport,
            timeout,
            headers: &self.headers,
            secret: client.secret(),
            path: &spec.path,
            kind: route.kind,
            is_page: spec.is_page,
        };
        exchange.run(call).await
    }
}

impl CallSpec {
    /// A read of the client's own.
    pub(crate) fn own_read(path: &'static str, now: Moment) -> Self {
        Self {
            path: Cow::Borrowed(path),
            params: "{}".to_owned(),
            polling: None,
            called_at: now,
            generation: 0,
            user: None,
            is_page: false,
        }
    }

    /// Returns what the route does; a malformed path counts as an action.
    pub(crate) fn kind(&self) -> RouteKind {
        Route::at(&self.path).map_or(RouteKind::Action, |route| route.kind)
    }
}
