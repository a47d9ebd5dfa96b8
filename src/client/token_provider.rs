//! The app's function that returns client session tokens.

use super::transport::{BoxError, BoxFuture, MaybeSend, MaybeSync};

/// What a [`TokenProvider`] returns.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProvidedToken {
    /// A fresh client session token.
    Token(String),
    /// The user has signed out: nothing is sent any more.
    SignedOut,
}

impl std::fmt::Debug for ProvidedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token([redacted])",
            Self::SignedOut => "SignedOut",
        })
    }
}

impl From<String> for ProvidedToken {
    fn from(token: String) -> Self {
        Self::Token(token)
    }
}

impl From<Option<String>> for ProvidedToken {
    /// `None` means that the user has signed out.
    fn from(token: Option<String>) -> Self {
        token.map_or(Self::SignedOut, Self::Token)
    }
}

/// Gets client session tokens, usually from the app's own back end.
///
/// It is called when there is no token yet, when a tenth of the current one's lifetime is left, and
/// when the server has rejected it. All calls of a client share one request for a token. Any
/// function that returns a future is a provider:
///
/// ```
/// # use std::io;
/// # async fn fetch_token() -> io::Result<String> { Ok("seam_cst1_example".to_owned()) }
/// let builder = seam_session::Seam::builder().token_provider(|| fetch_token());
/// ```
pub trait TokenProvider: MaybeSend + MaybeSync + 'static {
    /// Gets a token.
    fn token(&self) -> BoxFuture<Result<ProvidedToken, BoxError>>;
}

impl<F, Fut, T, E> TokenProvider for F
where
    F: Fn() -> Fut + MaybeSend + MaybeSync + 'static,
    Fut: Future<Output = Result<T, E>> + MaybeSend + 'static,
    T: Into<ProvidedToken>,
    E: Into<BoxError>,
{
    fn token(&self) -> BoxFuture<Result<ProvidedToken, BoxError>> {
        let token = self();
        Box::pin(async move { token.await.map(Into::into).map_err(Into::into) })
    }
}
