use std::borrow::Cow;

use crate::secret::Secret;
use crate::text::concat;

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
    /// For a 401, what is known of why.
    pub reason: Option<Reason>,
    /// What the server asked to wait before another try, in milliseconds.
    pub retry_after: Option<u64>,
}

impl Error {
    /// An error of our own, its message in parts.
    pub(crate) fn new(
        class: ErrorClass,
        code: &'static str,
        outcome: Outcome,
        message: &[&str],
    ) -> Self {
        Self {
            class,
            code: Cow::Borrowed(code),
            message: concat(message),
            outcome,
            reason: None,
            retry_after: None,
        }
    }

    /// Removes `secret`, which a server may have repeated in what it said.
    pub(crate) fn redact(&mut self, secret: &Secret) {
        self.message = secret.redact(&self.message);
        if let Cow::Owned(code) = &mut self.code {
            *code = secret.redact(code);
        }
    }

    /// An option that cannot be used; nothing was sent.
    pub(crate) fn invalid_options(code: &'static str, message: &[&str]) -> Self {
        Self::new(ErrorClass::InvalidOptions, code, Outcome::NotSent, message)
    }
}
