#![expect(
    clippy::unnecessary_box_returns,
    reason = "it is boxed where it is made, and moved often"
)]

use core::fmt;

use crate::error::Error;
use crate::http_response::HttpResponse;
use crate::response_view::ResponseView;
use crate::secret::Secret;

/// A failed call, with the responses that explain it.
#[derive(Clone)]
#[non_exhaustive]
pub struct CallError<A = HttpResponse> {
    /// What went wrong.
    pub error: Error,
    /// The response that caused the error, if there was one.
    pub response: Option<A>,
    /// The last response about the action attempt, if the call waited for one.
    pub attempt: Option<A>,
}

impl<A: ResponseView> CallError<A> {
    /// An error without a response.
    #[must_use]
    pub fn new(error: Error) -> Box<Self> {
        Box::new(Self {
            error,
            response: None,
            attempt: None,
        })
    }

    /// Whether the response is Seam's, whose errors have a type. The response of a proxy or a
    /// captive portal does not show what Seam would respond.
    pub(crate) fn is_from_seam(&self) -> bool {
        let response = self.response.as_ref();
        response.is_some_and(|response| response.text("error.type").is_some())
    }

    /// Returns the error without `secret`, which a server may have repeated anywhere.
    pub(crate) fn redacted(mut self: Box<Self>, secret: &Secret) -> Box<Self> {
        if A::REDACTS_LATER {
            return self;
        }
        self.error.redact(secret);
        self.response = self.response.map(|response| response.redacted(secret));
        self.attempt = self.attempt.map(|response| response.redacted(secret));
        self
    }
}

#[cfg(feature = "json")]
impl CallError {
    /// Returns the HTTP status, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }

    /// Returns Seam's id of the request, if it could be read.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.response.as_ref()?.request_id.as_deref()
    }

    /// Returns the server's `error.type`.
    #[must_use]
    pub fn error_type(&self) -> Option<String> {
        self.response.as_ref()?.text("error.type")
    }

    /// Returns the server's `error.data`, as JSON text.
    #[must_use]
    pub fn data(&self) -> Option<String> {
        self.response.as_ref()?.json("error.data")
    }

    /// Returns the server's `error.validation_errors`, as JSON text.
    #[must_use]
    pub fn validation_errors(&self) -> Option<String> {
        self.response.as_ref()?.json("error.validation_errors")
    }

    /// Returns the last known state of the action attempt, as JSON text.
    #[must_use]
    pub fn action_attempt(&self) -> Option<String> {
        self.attempt.as_ref()?.json("action_attempt")
    }
}

impl<A: fmt::Debug> fmt::Debug for CallError<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallError")
            .field("error", &self.error)
            .field("response", &self.response)
            .field("attempt", &self.attempt)
            .finish()
    }
}

impl<A> fmt::Display for CallError<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<A: fmt::Debug> std::error::Error for CallError<A> {}
