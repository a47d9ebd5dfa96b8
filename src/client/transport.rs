//! What the client needs of a platform.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use crate::clock::Moment;

/// A boxed future. It is `Send`, except on wasm32, where futures of the browser are not.
#[cfg(not(target_arch = "wasm32"))]
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
/// A boxed future. It is `Send`, except on wasm32, where futures of the browser are not.
#[cfg(target_arch = "wasm32")]
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// `Send`, except on wasm32, where every type has it.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + ?Sized> MaybeSend for T {}
/// `Send`, except on wasm32, where every type has it.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSend for T {}

/// `Sync`, except on wasm32, where every type has it.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSync: Sync {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Sync + ?Sized> MaybeSync for T {}
/// `Sync`, except on wasm32, where every type has it.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSync {}
#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSync for T {}

/// Sends requests, and has timers and clocks.
///
/// With the cargo feature `reqwest` there is `ReqwestTransport`, and with `gloo`, on wasm32,
/// `GlooTransport`. Another one can use any HTTP client.
pub trait Transport: MaybeSend + MaybeSync + 'static {
    /// Sends a request once, and returns the response with its whole body.
    ///
    /// It must not follow redirects, repeat the request or send cookies. Dropping the future must
    /// cancel the request: nothing is sent after that. The client drops it at the timeout.
    fn send(
        &self,
        request: http::Request<String>,
    ) -> BoxFuture<Result<http::Response<Vec<u8>>, TransportFailure>>;

    /// Returns a future that is ready after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<()>;

    /// Runs a task in the background. The client has one while it gets a token, because the calls
    /// that wait for it may all be dropped.
    fn spawn(&self, task: BoxFuture<()>);

    /// Returns the time.
    fn now(&self) -> Moment;

    /// Returns a random number from 0 to 1000, which spreads retries.
    fn jitter(&self) -> u32;
}

/// Why a [`Transport`] has no response.
#[derive(Debug)]
pub struct TransportFailure {
    pub(crate) is_sent: bool,
    pub(crate) source: BoxError,
}

/// An error of any type. It is `Send` and `Sync`, except on wasm32.
#[cfg(not(target_arch = "wasm32"))]
pub type BoxError = Box<dyn Error + Send + Sync>;
/// An error of any type. It is `Send` and `Sync`, except on wasm32.
#[cfg(target_arch = "wasm32")]
pub type BoxError = Box<dyn Error>;

impl TransportFailure {
    /// The request may have been sent, and there was no complete response.
    #[must_use]
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self {
            is_sent: true,
            source: source.into(),
        }
    }

    /// The request could not be built, so nothing was sent.
    #[must_use]
    pub fn not_built(source: impl Into<BoxError>) -> Self {
        Self {
            is_sent: false,
            source: source.into(),
        }
    }
}

impl fmt::Display for TransportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_sent {
            "there was no complete response"
        } else {
            "the request could not be built"
        })
    }
}

impl Error for TransportFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}
