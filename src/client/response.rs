//! A response whose body is parsed once.

use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use crate::response_view::{BodyCheck, ResponseView};
use crate::retry_after;
use crate::secret::Secret;

/// The headers that are read.
const HEADERS: [&str; 2] = ["retry-after", "seam-request-id"];

/// A response. Clones share the body.
#[derive(Clone)]
pub(crate) struct ApiResponse(Arc<Inner>);

struct Inner {
    status: u16,
    retry_after: Option<String>,
    request_id: Option<String>,
    body: Vec<u8>,
    /// Whether the caller parses the body of a success, so that this does not.
    is_page: bool,
    json: OnceLock<Option<Map<String, Value>>>,
}

impl ApiResponse {
    pub(crate) fn new(response: http::Response<Vec<u8>>, is_page: bool) -> Self {
        let [retry_after, request_id] = HEADERS.map(|name| {
            let value = response.headers().get(name)?;
            Some(value.to_str().ok()?.to_owned())
        });
        Self(Arc::new(Inner {
            status: response.status().as_u16(),
            retry_after,
            request_id,
            body: response.into_body(),
            is_page,
            json: OnceLock::new(),
        }))
    }

    /// Returns Seam's id of the request.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the bytes of the body.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0.body
    }

    /// Returns the members of the body; `None` if it is not a JSON object.
    pub(crate) fn members(&self) -> Option<&Map<String, Value>> {
        let parse = || parse(&self.0.body);
        self.0.json.get_or_init(parse).as_ref()
    }

    /// Returns the value at `path` in the body: the names of members with dots between them.
    pub(crate) fn at(&self, path: &str) -> Option<&Value> {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let value = self.members()?.get(first)?;
        let mut names = rest.split('.').filter(|name| !name.is_empty());
        names.try_fold(value, |value, name| value.as_object()?.get(name))
    }

    /// Returns whether the body of this success is left to the caller, which parses it.
    fn is_left_to_caller(&self) -> bool {
        self.0.is_page && (200..300).contains(&self.0.status)
    }
}

impl ResponseView for ApiResponse {
    fn status(&self) -> u16 {
        self.0.status
    }

    fn retry_after(&self, now: u64) -> Option<u64> {
        retry_after::parse(self.0.retry_after.as_deref()?, now)
    }

    fn check_body(&self, member: Option<&str>) -> BodyCheck {
        let first = self.0.body.trim_ascii_start().first();
        if first == Some(&b'{') && self.is_left_to_caller() {
            return BodyCheck::Ok;
        }
        match (self.members(), first) {
            (Some(members), _) if member.is_none_or(|name| members.contains_key(name)) => {
                BodyCheck::Ok
            }
            (Some(_), _) => BodyCheck::MissingKey,
            (None, None) => BodyCheck::Empty,
            (None, Some(b'<')) => BodyCheck::Html,
            (None, Some(_)) => BodyCheck::NotJson,
        }
    }

    fn text(&self, path: &str) -> Option<String> {
        self.at(path)?.as_str().map(str::to_owned)
    }

    fn redacted(self, secret: &Secret) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(|text| secret.redact(text));
        let json = self
            .members()
            .map(|members| redact_members(members, secret));
        Self(Arc::new(Inner {
            status: self.0.status,
            retry_after: text(&self.0.retry_after),
            request_id: text(&self.0.request_id),
            body: Vec::new(),
            is_page: false,
            json: OnceLock::from(json),
        }))
    }
}

fn redact_members(members: &Map<String, Value>, secret: &Secret) -> Map<String, Value> {
    let members = members.iter();
    members
        .map(|(name, value)| (secret.redact(name), redact(value, secret)))
        .collect()
}

fn redact(value: &Value, secret: &Secret) -> Value {
    match value {
        Value::String(text) => Value::String(secret.redact(text)),
        Value::Array(items) => items.iter().map(|item| redact(item, secret)).collect(),
        Value::Object(members) => Value::Object(redact_members(members, secret)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn parse(body: &[u8]) -> Option<Map<String, Value>> {
    if let Ok(members) = serde_json::from_slice(body) {
        return Some(members);
    }
    // Bytes that are not UTF-8, and lone surrogates, which a Rust string cannot hold, are replaced,
    // as in a browser.
    let text = String::from_utf8_lossy(body);
    serde_json::from_str(&without_lone_surrogates(&text)).ok()
}

/// Returns JSON text in which each escape of a lone surrogate is that of U+FFFD.
fn without_lone_surrogates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let unit = code_unit(after);
        let pair = after
            .get(5..)
            .and_then(|next| code_unit(next.strip_prefix('\\')?));
        let length = match (unit, pair) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 11,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str("\\ufffd");
                rest = after.get(5..).unwrap_or_default();
                continue;
            }
            (Some(_), _) => 5,
            (None, _) => after.chars().next().map_or(0, char::len_utf8),
        };
        out.push('\\');
        out.push_str(after.get(..length).unwrap_or_default());
        rest = after.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Returns the code unit of an escape `uXXXX`.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix('u')?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}
