//! The client.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use tracing::Instrument;

use super::call::call;
use super::error::SeamError;
use super::list_events::ListEvent;
use super::response::ApiResponse;
use super::shared::{CallSpec, Shared};
use crate::error::{Outcome, Reason};
use crate::route::RouteKind;

/// A client of Seam's API. Clones share everything, so one is enough for a program.
///
/// Every method creates a request, which is sent when it is awaited, and only then. Dropping a
/// future cancels its request, and sends nothing more.
#[derive(Clone)]
pub struct Seam(pub(crate) Arc<Shared>);

impl fmt::Debug for Seam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seam").finish_non_exhaustive()
    }
}

impl Seam {
    /// Describes a call that is made now.
    pub(crate) fn call_spec(&self, path: Cow<'static, str>, params: String) -> CallSpec {
        CallSpec {
            path,
            params,
            polling: self.0.polling,
            called_at: self.0.transport.now(),
            generation: self.0.session.generation(),
            user: None,
            is_page: false,
        }
    }

    /// Makes a call, with a token of the session if the client has a token provider.
    ///
    /// # Errors
    /// As the core decides.
    pub(crate) async fn call(&self, spec: CallSpec) -> Result<ApiResponse, SeamError> {
        let span = tracing::info_span!("seam.call", path = %spec.path);
        let call = call(&self.0, &spec);
        let result = call.instrument(span.clone()).await;
        self.notify_lists(&spec, result.as_ref().err());
        if let Err(error) = &result {
            let _entered = span.enter();
            tracing::debug!(code = error.code(), outcome = ?error.outcome(), "failed");
        }
        result
    }

    /// Tells the lists what a call has changed, or may have.
    fn notify_lists(&self, spec: &CallSpec, error: Option<&SeamError>) {
        let inboxes = &self.0.inboxes;
        if inboxes.is_empty() {
            return;
        }
        let is_current = spec.generation == self.0.session.generation();
        let reason = error.and_then(SeamError::reason);
        if reason == Some(Reason::TokenRefused) && is_current && !spec.is_page {
            inboxes.send(&ListEvent::TokenRefused);
        }
        let outcome = error.map(SeamError::outcome);
        let is_unchanged = matches!(outcome, Some(Outcome::NotSent | Outcome::Refused));
        if spec.kind() == RouteKind::Read || is_unchanged {
            return;
        }
        let params: Option<Value> = serde_json::from_str(&spec.params).ok();
        let device = params.as_ref().and_then(|params| params.get("device_id"));
        let device = device.and_then(Value::as_str).map(str::to_owned);
        inboxes.send(&ListEvent::Mutation(spec.path.to_string(), device));
    }
}
