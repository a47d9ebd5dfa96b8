use crate::json::Json;
use crate::response_view::{BodyCheck, ResponseView};
use crate::retry_after;
use crate::secret::Secret;

/// An HTTP response as it came, its body as bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status; 0 stands for no response.
    pub status: u16,
    /// `Retry-After`, where it may be read.
    pub retry_after: Option<String>,
    /// `seam-request-id`, where it may be read.
    pub request_id: Option<String>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The value at `path` in the body, as JSON text.
    pub(crate) fn json(&self, path: &str) -> Option<String> {
        self.at(path).map(Json::text)
    }

    fn at(&self, path: &str) -> Option<Json<'_>> {
        let mut names = path.split('.');
        let value = Json::object(&self.body, names.next()?)??;
        names.try_fold(value, Json::member)
    }
}

impl ResponseView for HttpResponse {
    fn status(&self) -> u16 {
        self.status
    }

    fn retry_after(&self, now: u64) -> Option<u64> {
        retry_after::parse(self.retry_after.as_deref()?, now)
    }

    fn check_body(&self, member: Option<&str>) -> BodyCheck {
        match Json::object(&self.body, member.unwrap_or_default()) {
            Some(None) if member.is_some() => BodyCheck::MissingKey,
            Some(_) => BodyCheck::Ok,
            None => match self.body.trim_ascii_start().first() {
                None => BodyCheck::Empty,
                Some(b'<') => BodyCheck::Html,
                Some(_) => BodyCheck::NotJson,
            },
        }
    }

    fn text(&self, path: &str) -> Option<String> {
        self.at(path)?.string()
    }

    fn redacted(self, secret: &Secret) -> Self {
        let text = |text: Option<String>| text.map(|text| secret.redact(&text));
        Self {
            status: self.status,
            retry_after: text(self.retry_after),
            request_id: text(self.request_id),
            body: secret
                .redact(&unescaped(&String::from_utf8_lossy(&self.body)))
                .into_bytes(),
        }
    }
}

/// JSON text with the same meaning in which nothing that a token is made of is escaped.
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
        let taken = match (code, after.chars().next()) {
            (Some(byte), _) => {
                out.push(char::from(byte));
                5
            }
            (None, Some('/')) => 0,
            // An escaped backslash must not be taken for the beginning of another escape.
            (None, next) => {
                out.push('\\');
                out.extend(next);
                next.map_or(0, char::len_utf8)
            }
        };
        rest = after.get(taken..).unwrap_or_default();
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
    fn finds_strings_and_json_by_their_path() {
        let response = response(r#"{"a":{"b":"x\n","c":[1]},"ok":true}"#);
        assert_eq!(response.text("a.b").as_deref(), Some("x\n"));
        assert_eq!(response.json("a.c").as_deref(), Some("[1]"));
        for absent in ["a", "a.c", "a.b.c", "b", "ok", ""] {
            assert_eq!(response.text(absent), None, "{absent}");
        }
    }

    #[test]
    fn tells_what_a_body_is() {
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
