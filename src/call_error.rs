#![expect(
    clippy::unnecessary_box_returns,
    reason = "it is boxed where it is made, and moved often"
)]

use core::fmt;

use crate::error::Error;
use crate::http_response::HttpResponse;
use crate::response_view::Answer;
use crate::secret::Secret;

/// A call that did not succeed, and the answers that tell why.
#[derive(Clone)]
pub struct Failed<A = HttpResponse> {
    /// What the core makes of it.
    pub error: Error,
    /// The answer that it was made of, if one came.
    pub answer: Option<A>,
    /// The answer that told of the action attempt last, if one was waited for.
    pub attempt: Option<A>,
}

impl<A: Answer> Failed<A> {
    /// An error for which there is no answer.
    #[must_use]
    pub fn new(error: Error) -> Box<Self> {
        Box::new(Self {
            error,
            answer: None,
            attempt: None,
        })
    }

    /// Whether it is Seam that answered, whose errors say of what type they are: a proxy or a
    /// hotel's network says nothing of what Seam would.
    pub(crate) fn is_seams(&self) -> bool {
        let answer = self.answer.as_ref();
        answer.is_some_and(|answer| answer.text("error.type").is_some())
    }

    /// The same without `secret`, which a server may have repeated anywhere.
    pub(crate) fn redacted(mut self: Box<Self>, secret: &Secret) -> Box<Self> {
        if A::REDACTS_LATER {
            return self;
        }
        self.error.redact(secret);
        self.answer = self.answer.map(|answer| answer.redacted(secret));
        self.attempt = self.attempt.map(|answer| answer.redacted(secret));
        self
    }
}

impl Failed {
    /// The HTTP status, if an answer came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(|answer| answer.status)
    }

    /// Seam's id of the request, where it could be read.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.answer.as_ref()?.request_id.as_deref()
    }

    /// The server's own `error.type`, as it came.
    #[must_use]
    pub fn error_type(&self) -> Option<String> {
        self.answer.as_ref()?.text("error.type")
    }

    /// The server's `error.data`, as JSON text.
    #[must_use]
    pub fn data(&self) -> Option<String> {
        self.answer.as_ref()?.json("error.data")
    }

    /// The server's `error.validation_errors`, as JSON text.
    #[must_use]
    pub fn validation_errors(&self) -> Option<String> {
        self.answer.as_ref()?.json("error.validation_errors")
    }

    /// The action attempt as it was last seen, as JSON text.
    #[must_use]
    pub fn action_attempt(&self) -> Option<String> {
        self.attempt.as_ref()?.json("action_attempt")
    }
}

impl<A: fmt::Debug> fmt::Debug for Failed<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failed")
            .field("error", &self.error)
            .field("answer", &self.answer)
            .field("attempt", &self.attempt)
            .finish()
    }
}
