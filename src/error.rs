use std::borrow::Cow;

use crate::secret::Secret;

/// What became of a request that ended in an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It never left.
    NotSent,
    /// The server said no, and nothing was done.
    Refused,
    /// It may have been carried out, or may yet be.
    Unknown,
}

impl Outcome {
    /// The name under which JavaScript knows it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a client session was refused with a 401, where that could be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The session itself is unknown, expired, revoked or deleted.
    TokenRefused,
    /// The session is alive; what was asked for is outside its scope.
    OutOfScope,
}

impl Reason {
    /// The name under which JavaScript knows it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TokenRefused => "token_refused",
            Self::OutOfScope => "out_of_scope",
        }
    }
}

/// The class that JavaScript makes of an error, by the official SDK's names
/// where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The server answered with its error envelope.
    Api,
    /// The server answered 401.
    Unauthorized,
    /// The server answered 400 `invalid_input`.
    InvalidInput,
    /// What came back is not what the API answers.
    InvalidResponse,
    /// No answer came.
    Network,
    /// A token or key that cannot be one.
    InvalidToken,
    /// An option, path or parameter that cannot be used.
    InvalidOptions,
    /// The action attempt ended in an error.
    ActionAttemptFailed,
    /// The action attempt was still pending when the time was up.
    ActionAttemptTimeout,
}

impl ErrorClass {
    /// The class's name in JavaScript.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "SeamHttpApiError",
            Self::Unauthorized => "SeamHttpUnauthorizedError",
            Self::InvalidInput => "SeamHttpInvalidInputError",
            Self::InvalidResponse => "SeamHttpInvalidResponseError",
            Self::Network => "SeamHttpNetworkError",
            Self::InvalidToken => "SeamHttpInvalidTokenError",
            Self::InvalidOptions => "SeamHttpInvalidOptionsError",
            Self::ActionAttemptFailed => "SeamActionAttemptFailedError",
            Self::ActionAttemptTimeout => "SeamActionAttemptTimeoutError",
        }
    }
}

/// A call that did not succeed. No field ever holds a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The class to raise it as.
    pub class: ErrorClass,
    /// Stable, for programs: the server's `error.type`, `unauthorized` for
    /// every 401, or one of our own.
    pub code: Cow<'static, str>,
    /// For people, with the remedy where there is one.
    pub message: String,
    /// What became of the request.
    pub outcome: Outcome,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// The server's own `error.type`, as it came.
    pub error_type: Option<String>,
    /// Seam's id of the request, where it could be read.
    pub request_id: Option<String>,
    /// The server's `error.data`, as JSON text.
    pub data: Option<String>,
    /// The server's `error.validation_errors`, as JSON text.
    pub validation_errors: Option<String>,
    /// The action attempt as it was last seen, as JSON text.
    pub action_attempt: Option<String>,
    /// For a 401, what is known of why.
    pub reason: Option<Reason>,
    /// What the server asked to wait before another try, in milliseconds.
    pub retry_after: Option<u64>,
}

impl Error {
    /// An error of our own, with nothing from a server in it.
    #[must_use]
    pub fn new(
        class: ErrorClass,
        code: &'static str,
        outcome: Outcome,
        message: impl Into<String>,
    ) -> Self {
        Self {
            class,
            code: Cow::Borrowed(code),
            message: message.into(),
            outcome,
            status: None,
            error_type: None,
            request_id: None,
            data: None,
            validation_errors: None,
            action_attempt: None,
            reason: None,
            retry_after: None,
        }
    }

    /// The error without `secret`, which a server may have repeated anywhere.
    ///
    /// The three JSON texts are searched as text: whoever decodes them, and
    /// with them any escapes, redacts what comes out.
    pub(crate) fn redacted(mut self, secret: &Secret) -> Self {
        self.message = secret.redact(&self.message);
        self.code = Cow::Owned(secret.redact(&self.code));
        for text in [
            &mut self.error_type,
            &mut self.request_id,
            &mut self.data,
            &mut self.validation_errors,
            &mut self.action_attempt,
        ] {
            *text = text.as_deref().map(|text| secret.redact(text));
        }
        self
    }

    /// An option that cannot be used; nothing was sent.
    #[must_use]
    pub fn invalid_options(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorClass::InvalidOptions, code, Outcome::NotSent, message)
    }
}
