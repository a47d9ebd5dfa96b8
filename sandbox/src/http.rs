//! A request and a response, as the server around the sandbox reads and writes them.

use serde::Serialize;

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

/// An HTTP response. As JSON it crosses the WebAssembly boundary.
#[derive(Clone, Debug, Serialize)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body: JSON text, or empty for a preflight.
    pub body: String,
    /// How long the server is to wait before it answers, in milliseconds.
    pub delay_ms: u64,
}

/// The body of a successful answer: an object that ends in `"ok": true`.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    members: String,
}

impl Reply {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a member whose value is JSON text already.
    pub(crate) fn with_text(mut self, name: &str, json: &str) -> Self {
        self.members.push('"');
        self.members.push_str(name);
        self.members.push_str("\":");
        self.members.push_str(json);
        self.members.push(',');
        self
    }

    pub(crate) fn with(self, name: &str, value: &serde_json::Value) -> Self {
        self.with_text(name, &value.to_string())
    }

    pub(crate) fn into_body(self) -> String {
        format!("{{{}\"ok\":true}}", self.members)
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
