#![expect(
    clippy::unnecessary_box_returns,
    reason = "it is boxed where it is made, and moved often"
)]

use core::fmt;

use crate::error::Error;
use crate::http_response::HttpResponse;
use crate::response_view::ResponseView;
use crate::secret::Secret;

/// A call that did not succeed, and the answers that tell why.
#[derive(Clone)]
pub struct CallError<A = HttpResponse> {
    /// What the core makes of it.
    pub error: Error,
    /// The response that it was made of, if one came.
    pub response: Option<A>,
    /// The response that told of the action attempt last, if one was waited for.
    pub attempt: Option<A>,
}

impl<A: ResponseView> CallError<A> {
    /// An error for which there is no response.
    #[must_use]
    pub fn new(error: Error) -> Box<Self> {
        Box::new(Self {
            error,
            response: None,
            attempt: None,
        })
    }

    /// Whether it is Seam that answered, whose errors say of what type they are: a proxy or a
    /// hotel's network says nothing of what Seam would.
    pub(crate) fn is_from_seam(&self) -> bool {
        let response = self.response.as_ref();
        response.is_some_and(|response| response.text("error.type").is_some())
    }

    /// The same without `secret`, which a server may have repeated anywhere.
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

impl CallError {
    /// The HTTP status, if an response came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }

    /// Seam's id of the request, where it could be read.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.response.as_ref()?.request_id.as_deref()
    }

    /// The server's own `error.type`, as it came.
    #[must_use]
    pub fn error_type(&self) -> Option<String> {
        self.response.as_ref()?.text("error.type")
    }

    /// The server's `error.data`, as JSON text.
    #[must_use]
    pub fn data(&self) -> Option<String> {
        self.response.as_ref()?.json("error.data")
    }

    /// The server's `error.validation_errors`, as JSON text.
    #[must_use]
    pub fn validation_errors(&self) -> Option<String> {
        self.response.as_ref()?.json("error.validation_errors")
    }

    /// The action attempt as it was last seen, as JSON text.
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
