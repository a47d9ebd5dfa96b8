//! A request and a response, as the server around the sandbox reads and writes them.

use serde::Serialize;

use crate::error::ApiError;

/// An HTTP request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method, as in the request line (`GET`, `POST`, ...).
    pub method: String,
    /// The path and query, as in the request line.
    pub target: String,
    /// Header names (of any case) and values.
    pub headers: Vec<(String, String)>,
    /// The body's bytes; empty for none.
    pub body: Vec<u8>,
}

/// The connection that a request came over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// It is the first on its connection, or there is none.
    #[default]
    Fresh,
    /// The connection has carried a request before.
    Reused,
}

impl Request {
    /// The first header of this name, which is given in lower case.
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

/// An HTTP response, and what the server around the sandbox is to do with it. As JSON, which is
/// all but the body, it crosses the WebAssembly boundary.
#[derive(Clone, Debug, Serialize)]
pub struct Response {
    /// The status code; 0 if the connection ends instead.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body: JSON text, a table if one was asked for, or empty.
    #[serde(skip)]
    pub body: String,
    /// How long the server is to wait before it answers, in milliseconds.
    pub delay_ms: u64,
    /// Where the server is to break off.
    pub cut: Option<Cut>,
    /// Whether the request may have changed the state.
    pub changed: bool,
    /// The path, if there is such a route.
    pub route: Option<&'static str>,
    /// Who called, in words and ids; never a credential.
    pub caller: String,
}

/// Where an answer breaks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// After so many bytes of the body; none for before anything is sent.
    pub after_bytes: Option<usize>,
    /// The connection is reset, where it would else be closed.
    pub reset: bool,
}

impl Response {
    pub(crate) fn new(headers: Vec<(String, String)>) -> Self {
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
        self.body = refused.body();
    }
}

const JSON: &str = "application/json";

/// The body of a successful answer: an object that ends in `"ok": true`, or a text.
#[derive(Debug)]
pub(crate) enum Reply {
    Object(String),
    Text(String),
}

impl Reply {
    pub(crate) fn new() -> Self {
        Self::Object(String::new())
    }

    /// Adds a member whose value is JSON text already.
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
                // In place: a list may be megabytes.
                let mut body = members;
                body.insert(0, '{');
                body.push_str("\"ok\":true}");
                body
            }
            Self::Text(text) => text,
        }
    }
}

/// A JSON array of elements that are JSON text already.
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
