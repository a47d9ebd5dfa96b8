use core::fmt;
use core::time::Duration;
use std::borrow::Cow;

use crate::secret::Secret;
use crate::text::concat;

/// What became of the request of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was not sent.
    NotSent,
    /// The server rejected it without executing it.
    Refused,
    /// It may have been executed, or may still be.
    Unknown,
}

/// Why the server rejected a client session with a 401, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The session does not exist, has expired, or was revoked or deleted.
    TokenRefused,
    /// The session is valid; the request is outside its scope.
    OutOfScope,
}

/// The class of an error. Hosts may pass it on as its index in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorClass {
    /// The server responded with an error of its own.
    Api,
    /// The server responded with 401.
    Unauthorized,
    /// The server responded with 400 `invalid_input`.
    InvalidInput,
    /// The response is not in the API's format.
    InvalidResponse,
    /// There was no response.
    Network,
    /// The token or key is malformed or of another kind.
    InvalidToken,
    /// An option, path or parameter cannot be used.
    InvalidOptions,
    /// The action attempt ended in an error.
    ActionAttemptFailed,
    /// The action attempt was still pending at the deadline.
    ActionAttemptTimeout,
}

/// An error. It never holds a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// The class.
    pub class: ErrorClass,
    /// The code, which is stable: the server's `error.type`, `unauthorized` for every 401, or one
    /// of this crate's.
    pub code: Cow<'static, str>,
    /// The message, with a remedy if there is one.
    pub message: String,
    /// What became of the request.
    pub outcome: Outcome,
    /// Why the session was rejected, for a 401.
    pub reason: Option<Reason>,
    /// The server's `Retry-After` in milliseconds.
    pub retry_after: Option<u64>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// Returns the server's `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after.map(Duration::from_millis)
    }

    /// An error of this crate, with its message in parts.
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

    /// Removes `secret`, which a server may have repeated in its message or code.
    pub(crate) fn redact(&mut self, secret: &Secret) {
        self.message = secret.redact(&self.message);
        if let Cow::Owned(code) = &mut self.code {
            *code = secret.redact(code);
        }
    }

    /// An option that cannot be used.
    pub(crate) fn invalid_options(code: &'static str, message: &[&str]) -> Self {
        Self::new(ErrorClass::InvalidOptions, code, Outcome::NotSent, message)
    }
}
