//! Requests and responses, as the server around the sandbox reads and writes them.

use serde::Serialize;

use crate::error::ApiError;

/// An HTTP request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method of the request line (`GET`, `POST`, ...).
    pub method: String,
    /// The path and query of the request line.
    pub target: String,
    /// Names, in any case, and values.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body; empty if there is none.
    pub body: Vec<u8>,
}

/// Whether the connection of a request was used before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// The request is the first on its connection, or there is no connection.
    #[default]
    Fresh,
    /// The connection has carried a request before.
    Reused,
}

impl Request {
    /// Returns the first header with this name, which must be in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.target
            .split_once(['?', '#'])
            .map_or(self.target.as_str(), |(path, _)| path)
    }

    pub(crate) fn query(&self) -> &str {
        let whole = self.target.split('#').next().unwrap_or_default();
        whole.split_once('?').map_or("", |(_, query)| query)
    }
}

/// An HTTP response, with instructions for the server around the sandbox. All but the body crosses
/// the WebAssembly boundary as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Response {
    /// The status code; 0 if the connection ends without a response.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// JSON text, or plain text if that was asked for, or empty.
    #[serde(skip)]
    pub body: String,
    /// How long the server waits before it responds, in milliseconds.
    pub delay_ms: u64,
    /// Where the server cuts the response off.
    pub cut: Option<Cut>,
    /// Whether the request may have changed the state.
    pub changed: bool,
    /// The path, if it is that of a route.
    pub route: Option<&'static str>,
    /// The caller, for the log; never a credential.
    pub caller: String,
}

/// Where a response is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// The number of bytes of the body that are sent; with `None` nothing is sent, not even the
    /// headers.
    pub after_bytes: Option<usize>,
    /// Whether the connection is reset instead of closed.
    pub reset: bool,
}

impl Response {
    /// `headers` are those that every response has, besides `seam-request-id`.
    pub(crate) fn new(request_id: String, mut headers: Vec<(String, String)>) -> Self {
        headers.push((REQUEST_ID.to_owned(), request_id));
        Self {
            status: 0,
            headers,
            body: String::new(),
            delay_ms: 0,
            cut: None,
            changed: false,
            route: None,
            caller: "nobody".to_owned(),
        }
    }

    pub(crate) fn header(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn succeed(&mut self, reply: Reply) {
        self.status = 200;
        self.header("content-type", reply.content_type());
        self.body = reply.into_body();
    }

    pub(crate) fn refuse(&mut self, refused: &ApiError) {
        self.status = refused.status;
        self.header("content-type", JSON);
        if let Some(seconds) = refused.retry_after() {
            self.header("retry-after", &seconds.to_string());
        }
        let mut headers = self.headers.iter();
        let id = headers.find(|(name, _)| name == REQUEST_ID);
        self.body = refused.body(id.map_or("", |(_, value)| value));
    }
}

const JSON: &str = "application/json";
const REQUEST_ID: &str = "seam-request-id";

/// The body of a successful response: an object that ends in `"ok": true`, or plain text.
#[derive(Debug)]
pub(crate) enum Reply {
    Object(String),
    Text(String),
}

impl Reply {
    pub(crate) fn new() -> Self {
        Self::Object(String::new())
    }

    /// Adds a member whose value is JSON text.
    pub(crate) fn with_text(mut self, name: &str, json: &str) -> Self {
        if let Self::Object(members) = &mut self {
            members.push('"');
            members.push_str(name);
            members.push_str("\":");
            members.push_str(json);
            members.push(',');
        }
        self
    }

    pub(crate) fn with(self, name: &str, value: &serde_json::Value) -> Self {
        self.with_text(name, &value.to_string())
    }

    fn content_type(&self) -> &'static str {
        match self {
            Self::Object(_) => JSON,
            Self::Text(_) => "text/plain; charset=utf-8",
        }
    }

    fn into_body(self) -> String {
        match self {
            Self::Object(members) => {
                // Changed in place, because a list may be megabytes.
                let mut body = members;
                body.insert(0, '{');
                body.push_str("\"ok\":true}");
                body
            }
            Self::Text(text) => text,
        }
    }
}

/// Joins elements that are JSON text to a JSON array.
pub(crate) fn array<'a>(elements: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::from("[");
    for (index, element) in elements.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(element);
    }
    text.push(']');
    text
}
