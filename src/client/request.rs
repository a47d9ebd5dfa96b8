//! A request of any route, from its parameters to its result.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::error::SeamError;
use super::response::ApiResponse;
use super::seam::Seam;
use super::shared::CallSpec;
use super::transport::{BoxFuture, MaybeSend};
use crate::action_attempt::PollOptions;
use crate::error::{Error, ErrorClass, Outcome};
use crate::resources::wire::Wire;
use crate::route::Route;

/// The parameters and options of a request, before it is sent.
#[derive(Clone)]
pub(crate) struct RequestParts {
    pub(crate) seam: Seam,
    pub(crate) path: Cow<'static, str>,
    params: Map<String, Value>,
    /// The name of the first parameter that cannot be sent.
    invalid: Option<&'static str>,
    pub(crate) polling: Option<PollOptions>,
}

impl fmt::Debug for RequestParts {
    /// Omits the values of the parameters, which may be PINs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.params.keys().collect();
        f.debug_struct("Request")
            .field("path", &self.path)
            .field("params", &names)
            .finish_non_exhaustive()
    }
}

impl RequestParts {
    pub(crate) fn new(seam: &Seam, path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            seam: seam.clone(),
            path: path.into(),
            params: Map::new(),
            invalid: None,
            polling: seam.0.polling,
        }
    }

    /// Sets a parameter; `None` is a value that JSON does not have.
    pub(crate) fn with(mut self, name: &'static str, value: Option<Value>) -> Self {
        if let Some(value) = value {
            self.params.insert(name.to_owned(), value);
        } else {
            self.invalid.get_or_insert(name);
        }
        self
    }

    /// Returns a parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&Value> {
        self.params.get(name)
    }

    /// Returns the parameters as JSON text.
    pub(crate) fn params(&self) -> Result<String, SeamError> {
        match self.invalid {
            Some(name) => Err(invalid_parameters(&self.path, name)),
            None => Ok(Value::from(self.params.clone()).to_string()),
        }
    }

    /// Makes the call now, and sends it when the future is awaited.
    pub(crate) fn send<T>(
        self,
        read: impl FnOnce(&ApiResponse, &str) -> Result<T, SeamError> + MaybeSend + 'static,
    ) -> BoxFuture<Result<T, SeamError>> {
        self.send_as(None, read)
    }

    /// As [`send`](Self::send), only as the user of this token generation.
    pub(crate) fn send_as<T>(
        self,
        user: Option<u32>,
        read: impl FnOnce(&ApiResponse, &str) -> Result<T, SeamError> + MaybeSend + 'static,
    ) -> BoxFuture<Result<T, SeamError>> {
        let spec = self.spec().map(|spec| CallSpec { user, ..spec });
        Box::pin(async move {
            let spec = spec?;
            let path = spec.path.clone();
            let response = self.seam.call(spec).await?;
            read(&response, &path)
        })
    }

    /// As [`send`](Self::send); the caller parses the body of a success.
    pub(crate) fn send_page(self) -> BoxFuture<Result<ApiResponse, SeamError>> {
        let spec = self.spec();
        Box::pin(async move {
            let spec = CallSpec {
                is_page: true,
                ..spec?
            };
            self.seam.call(spec).await
        })
    }

    fn spec(&self) -> Result<CallSpec, SeamError> {
        let mut spec = self.seam.call_spec(self.path.clone(), self.params()?);
        spec.polling = self.polling;
        Ok(spec)
    }
}

/// Reads the member of a response that has the result of its route.
pub(crate) fn read_result<T: Wire>(response: &ApiResponse, path: &str) -> Result<T, SeamError> {
    // The core has checked that it is there.
    let key = Route::response_key(path).unwrap_or_default();
    let value = response.at(key).unwrap_or(&Value::Null);
    T::read(value).map_err(|mismatch| unexpected_type(path, key, &mismatch.to_string()))
}

/// The error of a response that is not of the documented type.
pub(crate) fn unexpected_type(path: &str, key: &str, mismatch: &str) -> SeamError {
    let message = [
        "the response to ",
        path,
        " is not as documented: ",
        key,
        ".",
        mismatch,
    ];
    SeamError::new(Error::new(
        ErrorClass::InvalidResponse,
        "invalid_response",
        Outcome::Unknown,
        &message,
    ))
}

fn invalid_parameters(path: &str, name: &str) -> SeamError {
    SeamError::new(Error::new(
        ErrorClass::InvalidOptions,
        "invalid_parameters",
        Outcome::NotSent,
        &[path, " was not sent: JSON has no such number: ", name],
    ))
}

/// A request of a route by its path, from [`Seam::request`]. It resolves to the member of the
/// response that holds the result; for a route that this version does not know, to the whole
/// response.
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct Request(RequestParts);

impl Seam {
    /// Creates a request of any route, with `params` as its parameters. A route that this version
    /// does not know counts as an action: it is never sent again.
    pub fn request(&self, path: impl Into<String>, params: Map<String, Value>) -> Request {
        let mut parts = RequestParts::new(self, path.into());
        parts.params = params;
        Request(parts)
    }
}

impl Request {
    /// Waits for an action attempt in this way.
    pub fn waiting(mut self, options: PollOptions) -> Self {
        self.0.polling = Some(options);
        self
    }

    /// Does not wait for an action attempt.
    pub fn without_waiting(mut self) -> Self {
        self.0.polling = None;
        self
    }
}

impl IntoFuture for Request {
    type Output = Result<Value, SeamError>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.0.send(|response, path| {
            let result = Route::response_key(path).and_then(|key| response.at(key));
            let whole = || response.members().cloned().map(Value::Object);
            Ok(result.cloned().or_else(whole).unwrap_or(Value::Null))
        })
    }
}
