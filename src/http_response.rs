use core::fmt;
#[cfg(feature = "json")]
use std::borrow::Cow;

#[cfg(feature = "json")]
use crate::json;
#[cfg(feature = "json")]
use crate::response_view::{BodyCheck, ResponseView};
#[cfg(feature = "json")]
use crate::retry_after;
#[cfg(feature = "json")]
use crate::secret::Secret;

/// An HTTP response whose body is bytes. With the cargo feature `json` it is a
/// [`ResponseView`](crate::ResponseView).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status; 0 for no response.
    pub status: u16,
    /// The header `Retry-After`, if it can be read.
    pub retry_after: Option<String>,
    /// The header `seam-request-id`, if it can be read.
    pub request_id: Option<String>,
    /// The bytes of the body.
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpResponse {
    /// Omits the body, which may hold tokens and PINs, and the headers, which a server may fill
    /// with anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_length", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "json")]
impl HttpResponse {
    /// Returns the JSON text of the value at `path` in the body.
    pub(crate) fn json(&self, path: &str) -> Option<String> {
        json::at(&self.body_text(), path).map(str::to_owned)
    }

    fn body_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

#[cfg(feature = "json")]
impl ResponseView for HttpResponse {
    fn status(&self) -> u16 {
        self.status
    }

    fn retry_after(&self, now: u64) -> Option<u64> {
        retry_after::parse(self.retry_after.as_deref()?, now)
    }

    fn check_body(&self, member: Option<&str>) -> BodyCheck {
        match json::has_member(&self.body_text(), member.unwrap_or_default()) {
            Some(false) if member.is_some() => BodyCheck::MissingKey,
            Some(_) => BodyCheck::Ok,
            None => match self.body.trim_ascii_start().first() {
                None => BodyCheck::Empty,
                Some(b'<') => BodyCheck::Html,
                Some(_) => BodyCheck::NotJson,
            },
        }
    }

    fn text(&self, path: &str) -> Option<String> {
        json::string(json::at(&self.body_text(), path)?)
    }

    fn redacted(self, secret: &Secret) -> Self {
        let body = secret.redact(&unescaped(&self.body_text())).into_bytes();
        let text = |text: Option<String>| text.map(|text| secret.redact(&text));
        Self {
            status: self.status,
            retry_after: text(self.retry_after),
            request_id: text(self.request_id),
            body,
        }
    }
}

#[cfg(feature = "json")]
/// Returns JSON text with the same meaning, in which no character of a token is escaped.
fn unescaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after
            .strip_prefix('u')
            .and_then(|rest| rest.get(..4))
            .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .filter(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
        let length = match (code, after.chars().next()) {
            (Some(byte), _) => {
                out.push(char::from(byte));
                5
            }
            (None, Some('/')) => 0,
            // An escaped backslash does not begin another escape.
            (None, next) => {
                out.push('\\');
                out.extend(next);
                next.map_or(0, char::len_utf8)
            }
        };
        rest = after.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(body: &str) -> HttpResponse {
        HttpResponse {
            body: body.as_bytes().to_vec(),
            ..HttpResponse::default()
        }
    }

    #[test]
    fn values_are_found_by_their_path() {
        let response = response(r#"{"a":{"b":"x\n","c":[1]},"ok":true}"#);
        assert_eq!(response.text("a.b").as_deref(), Some("x\n"));
        assert_eq!(response.json("a.c").as_deref(), Some("[1]"));
        for absent in ["a", "a.c", "a.b.c", "b", "ok", ""] {
            assert_eq!(response.text(absent), None, "{absent}");
        }
    }

    #[test]
    fn a_body_is_checked_for_json_and_its_member() {
        let cases = [
            (r#"{"a":null}"#, Some("a"), BodyCheck::Ok),
            ("{}", Some("a"), BodyCheck::MissingKey),
            (" {} ", None, BodyCheck::Ok),
            ("", None, BodyCheck::Empty),
            (" \n", Some("a"), BodyCheck::Empty),
            (" <html>", None, BodyCheck::Html),
            ("[]", None, BodyCheck::NotJson),
            ("{\"a\":", Some("a"), BodyCheck::NotJson),
        ];
        for (body, member, shape) in cases {
            assert_eq!(response(body).check_body(member), shape, "{body}");
        }
    }

    #[test]
    fn debug_output_shows_neither_body_nor_headers() {
        let mut response = response(r#"{"access_code":{"code":"4711"}}"#);
        response.request_id = Some("seam_cst1abc".to_owned());
        assert_eq!(
            format!("{response:?}"),
            "HttpResponse { status: 0, body_length: 31, .. }"
        );
    }

    #[test]
    fn no_escape_hides_a_secret() {
        let secret = Secret::new("seam_a/b".to_owned());
        let escaped = r#"{"a":"\u0073eam\u005Fa\/b","b":"\\u0073eam_a/c\n","c":"\\seam_a/b"}"#;
        let response = response(escaped).redacted(&secret);
        assert_eq!(
            String::from_utf8(response.body).unwrap(),
            r#"{"a":"[redacted]","b":"\\u0073eam_a/c\n","c":"\\[redacted]"}"#
        );
        for odd in ["\\", "\\u", "\\u00", "\\ué", "é\\é", "\\u+073"] {
            assert_eq!(unescaped(odd), odd);
        }
    }
}
