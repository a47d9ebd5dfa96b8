//! The error of the client.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::response::ApiResponse;
use super::transport::BoxError;
use crate::call_error::CallError;
use crate::error::{Error, ErrorClass, Outcome, Reason};
use crate::error_kind::{ErrorKind, ErrorSummary};
use crate::response_view::ResponseView;
use crate::route::RouteKind;
use crate::secret::Secret;

/// An error of which several clones may exist. It is `Send` and `Sync`, except on wasm32.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) type SharedError = Arc<dyn StdError + Send + Sync>;
/// An error of which several clones may exist. It is `Send` and `Sync`, except on wasm32.
#[cfg(target_arch = "wasm32")]
pub(crate) type SharedError = Arc<dyn StdError>;

/// An error of a call. It holds no token, and neither its `Display` nor its `Debug` shows the
/// response, which may have a PIN.
#[derive(Clone)]
pub struct SeamError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    error: Error,
    path: String,
    is_read: bool,
    response: Option<ApiResponse>,
    attempt: Option<ApiResponse>,
    source: Option<SharedError>,
}

impl SeamError {
    /// The error of a call of `path`. `source` is why there was no response.
    pub(crate) fn of_call(
        call_error: CallError<ApiResponse>,
        path: &str,
        kind: RouteKind,
        source: Option<SharedError>,
    ) -> Self {
        Self(Box::new(Inner {
            error: call_error.error,
            path: path.to_owned(),
            is_read: kind == RouteKind::Read,
            response: call_error.response,
            attempt: call_error.attempt,
            source,
        }))
    }

    /// An error without a response.
    pub(crate) fn new(error: Error) -> Self {
        Self(Box::new(Inner {
            error,
            path: String::new(),
            is_read: false,
            response: None,
            attempt: None,
            source: None,
        }))
    }

    pub(crate) fn with_source(mut self, source: SharedError) -> Self {
        self.0.source = Some(source);
        self
    }

    /// Returns the code, which is stable: Seam's `error.type`, `unauthorized` for every 401, or one
    /// of this crate's.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.error.code
    }

    /// Returns what became of the request.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.0.error.outcome
    }

    /// Returns why the server rejected the client session, for a 401.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.0.error.reason
    }

    /// Returns the message, with a remedy if there is one.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.error.message
    }

    /// Returns the path of the route; `None` if the error is not of a call.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        Some(self.0.path.as_str()).filter(|path| !path.is_empty())
    }

    /// Returns the HTTP status, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.response.as_ref().map(ResponseView::status)
    }

    /// Returns Seam's id of the request, if the response has one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.response.as_ref()?.request_id()
    }

    /// Returns how long the server asks to wait before the next request.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.error.retry_after()
    }

    /// Returns Seam's `error.type`.
    #[must_use]
    pub fn error_type(&self) -> Option<&str> {
        self.in_response("error.type")?.as_str()
    }

    /// Returns Seam's `error.data`.
    #[must_use]
    pub fn data(&self) -> Option<&Value> {
        self.in_response("error.data")
    }

    /// Returns Seam's `error.validation_errors`.
    #[must_use]
    pub fn validation_errors(&self) -> Option<&Value> {
        self.in_response("error.validation_errors")
    }

    /// Returns the last known state of the action attempt, if the call waited for one.
    #[must_use]
    pub fn action_attempt(&self) -> Option<&Value> {
        self.0.attempt.as_ref()?.at("action_attempt")
    }

    /// Returns what an app can say about the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        let error = &self.0.error;
        ErrorKind::of(&ErrorSummary {
            code: self.code(),
            error_type: self.error_type(),
            status: self.status(),
            reason: error.reason,
            outcome: error.outcome,
            is_read: self.0.is_read && self.0.attempt.is_none(),
            is_failed_attempt: error.class == ErrorClass::ActionAttemptFailed,
        })
    }

    fn in_response(&self, path: &str) -> Option<&Value> {
        self.0.response.as_ref()?.at(path)
    }
}

impl fmt::Display for SeamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { error, path, .. } = &*self.0;
        f.write_str(&error.message)?;
        // Seam's message about an action attempt is about the device and is shown to people.
        if path.is_empty() || error.message.contains(path) || self.0.attempt.is_some() {
            return Ok(());
        }
        write!(f, " ({path})")
    }
}

impl fmt::Debug for SeamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeamError")
            .field("code", &self.code())
            .field("outcome", &self.outcome())
            .field("message", &self.message())
            .field("path", &self.path())
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

impl StdError for SeamError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

impl From<Error> for SeamError {
    fn from(error: Error) -> Self {
        Self::new(error)
    }
}

/// Returns the error of a transport, or only its text without `secret` if it shows that.
pub(crate) fn without_secret(error: BoxError, secret: &Secret) -> SharedError {
    let shown = format!("{error} {error:?}");
    let mut text = error.to_string();
    let mut is_shown = secret.redact(&shown) != shown;
    let mut inner = error.source();
    while let Some(error) = inner {
        let shown = format!("{error} {error:?}");
        is_shown |= secret.redact(&shown) != shown;
        text = format!("{text}: {error}");
        inner = error.source();
    }
    if is_shown {
        Arc::new(Redacted(secret.redact(&text)))
    } else {
        error.into()
    }
}

/// The text of an error that showed a secret.
#[derive(Debug)]
struct Redacted(String);

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Redacted {}
