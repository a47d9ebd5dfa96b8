//! The client.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use tracing::Instrument;

use super::call::call;
use super::error::SeamError;
use super::response::ApiResponse;
use super::shared::{CallSpec, Shared};

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
        if let Err(error) = &result {
            let _entered = span.enter();
            tracing::debug!(code = error.code(), outcome = ?error.outcome(), "failed");
        }
        result
    }
}
