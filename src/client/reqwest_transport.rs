//! The transport of servers and command-line tools: reqwest with Tokio.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::builder::SeamBuilder;
use super::error::SeamError;
use super::seam::Seam;
use super::transport::{BoxFuture, Transport, TransportFailure};
use crate::clock::Moment;
use crate::error::Error;

/// Sends requests with [reqwest](https://docs.rs/reqwest), in a Tokio runtime. Clones share the
/// connections.
#[derive(Clone, Debug)]
pub struct ReqwestTransport(::reqwest::Client);

impl ReqwestTransport {
    /// A transport with these settings, such as a proxy or a root certificate. Redirects, and
    /// retries by reqwest itself, are turned off: the client decides what is sent again.
    ///
    /// # Errors
    /// If the TLS backend cannot be initialised.
    pub fn new(settings: ::reqwest::ClientBuilder) -> Result<Self, ::reqwest::Error> {
        settings
            .redirect(::reqwest::redirect::Policy::none())
            .retry(::reqwest::retry::never())
            .build()
            .map(Self)
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<String>,
    ) -> BoxFuture<Result<http::Response<Vec<u8>>, TransportFailure>> {
        let client = self.0.clone();
        Box::pin(async move {
            if tokio::runtime::Handle::try_current().is_err() {
                return Err(TransportFailure::not_built(
                    "reqwest needs a Tokio runtime, and there is none here",
                ));
            }
            let uri = request.uri().to_string();
            let request =
                ::reqwest::Request::try_from(request).map_err(TransportFailure::not_built)?;
            if request.url().as_str() != uri {
                return Err(TransportFailure::not_built(
                    "write the endpoint as the URL parser does",
                ));
            }
            let response = client
                .execute(request)
                .await
                .map_err(TransportFailure::new)?;
            let status = response.status();
            let headers = response.headers().clone();
            let body = response.bytes().await.map_err(TransportFailure::new)?;
            let mut response = http::Response::new(Vec::from(body));
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        Box::pin(async move {
            if tokio::runtime::Handle::try_current().is_ok() {
                tokio::time::sleep(duration).await;
            }
        })
    }

    fn spawn(&self, task: BoxFuture<()>) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(task);
        }
    }

    fn now(&self) -> Moment {
        now()
    }

    fn jitter(&self) -> u32 {
        jitter()
    }
}

/// Returns the time by the clocks of the standard library.
fn now() -> Moment {
    static START: OnceLock<Instant> = OnceLock::new();
    let monotonic = START.get_or_init(Instant::now).elapsed();
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    Moment::new(monotonic, since_1970.unwrap_or_default())
}

/// Returns a random number from 0 to 1000, from the seed that the standard library draws for each
/// hash map.
fn jitter() -> u32 {
    let random = RandomState::new().hash_one(0);
    u32::try_from(random % 1_001).unwrap_or_default()
}

impl SeamBuilder {
    /// Creates the client, which sends with reqwest.
    ///
    /// # Errors
    /// `invalid_token`, `invalid_endpoint` or `invalid_options`; the last also if TLS cannot be
    /// initialised.
    pub fn build(self) -> Result<Seam, SeamError> {
        let transport = ReqwestTransport::new(::reqwest::Client::builder()).map_err(|error| {
            let message = ["TLS cannot be initialised"];
            let invalid = Error::invalid_options("invalid_options", &message);
            SeamError::new(invalid).with_source(Arc::new(error))
        })?;
        self.build_with(transport)
    }
}
