use std::borrow::Cow;

use crate::error::{Error, ErrorClass, Outcome, Reason};
use crate::json::Json;
use crate::retry::Fault;
use crate::retry_after;

/// An HTTP answer as it came.
#[derive(Clone, Debug, Default)]
pub struct HttpResponse {
    /// The status; 0 for a redirect that the browser hides.
    pub status: u16,
    /// `Retry-After`, where it may be read.
    pub retry_after: Option<String>,
    /// `seam-request-id`, where it may be read.
    pub request_id: Option<String>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

/// The body of an answer that succeeded: a JSON object that holds the route's
/// response key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The whole body, as it came.
    pub body: Vec<u8>,
}

/// Why an answer is none, and what that says about another try.
pub(crate) struct Refusal {
    pub(crate) error: Box<Error>,
    pub(crate) fault: Fault,
}

impl HttpResponse {
    /// The answer, or why it is none. `now` is in milliseconds since 1970.
    pub(crate) fn read(
        self,
        path: &str,
        response_key: Option<&str>,
        now: u64,
    ) -> Result<Answer, Refusal> {
        let Self { status, body, .. } = self;
        let retry_after = self
            .retry_after
            .and_then(|value| retry_after::parse(&value, now));
        let (mut error, fault) = match status {
            200..=299 => match check(&body, path, response_key) {
                Ok(()) => return Ok(Answer { body }),
                Err(error) => (error, Fault::NoAnswer),
            },
            0 | 300..=399 => (redirected(path), Fault::Status(300, None)),
            _ => (refused(status, &body), Fault::Status(status, retry_after)),
        };
        error.status = (status != 0).then_some(status);
        error.request_id = self.request_id;
        error.retry_after = retry_after;
        Err(Refusal {
            error: Box::new(error),
            fault,
        })
    }
}

fn check(body: &[u8], path: &str, response_key: Option<&str>) -> Result<(), Error> {
    match (
        Json::object(body, response_key.unwrap_or_default()),
        response_key,
    ) {
        (Some(None), Some(key)) => Err(broken(path, &["has no \"", key, "\""].concat())),
        (Some(_), _) => Ok(()),
        (None, _) => Err(broken(
            path,
            match body.trim_ascii_start().first() {
                None => "is empty",
                Some(b'<') => "is a page and not JSON: is the endpoint Seam's?",
                Some(_) => "is not JSON, or only a part of it, or nests too deep",
            },
        )),
    }
}

pub(crate) fn broken(path: &str, what: &str) -> Error {
    Error::new(
        ErrorClass::InvalidResponse,
        "invalid_response",
        Outcome::Unknown,
        format!("the answer to {path} {what}"),
    )
}

fn redirected(path: &str) -> Error {
    Error::new(
        ErrorClass::InvalidResponse,
        "redirected",
        Outcome::Unknown,
        format!(
            "{path} was answered with a redirect, which is not followed, for it would carry the \
             token elsewhere: give the endpoint that it leads to"
        ),
    )
}

fn refused(status: u16, body: &[u8]) -> Error {
    let outcome = match status {
        408 | 500 | 502..=599 => Outcome::Unknown,
        _ => Outcome::Refused,
    };
    let envelope = Json::object(body, "error").flatten();
    let text = |key| envelope?.member(key)?.string();
    let (Some(error_type), message) = (text("type"), text("message")) else {
        let mut error = Error::new(
            ErrorClass::InvalidResponse,
            "invalid_response",
            outcome,
            format!("the endpoint answered {status} without Seam's error envelope"),
        );
        if status == 401 {
            error.class = ErrorClass::Unauthorized;
            error.code = Cow::Borrowed("unauthorized");
        }
        return error;
    };
    let class = match (status, error_type.as_str()) {
        (401, _) => ErrorClass::Unauthorized,
        (400, "invalid_input") => ErrorClass::InvalidInput,
        _ => ErrorClass::Api,
    };
    let message = message.unwrap_or_else(|| error_type.clone());
    let mut error = Error::new(class, "unauthorized", outcome, message);
    if status != 401 {
        error.code = Cow::Owned(error_type.clone());
    }
    if error_type.starts_with("client_session_") && status == 401
        || error_type == "invalid_client_session_token"
    {
        error.reason = Some(Reason::TokenRefused);
    }
    let raw = |key| Some(envelope?.member(key)?.text());
    error.data = raw("data");
    error.validation_errors = raw("validation_errors");
    error.error_type = Some(error_type);
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Result<Answer, Refusal> {
        let response = HttpResponse {
            status,
            body: body.as_bytes().to_vec(),
            retry_after: Some("2".to_owned()),
            request_id: Some("r1".to_owned()),
        };
        response.read("/devices/list", Some("devices"), 0)
    }

    #[test]
    fn an_answer_is_the_whole_body_untouched() {
        let body = r#" {"devices":[{"brand_new":1.50}],"ok":true,"tomorrow":{}} "#;
        assert_eq!(read(200, body).ok().unwrap().body, body.as_bytes());
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a line for each case")]
    fn every_answer_that_is_none_has_its_own_error() {
        let envelope = |kind: &str| format!(r#"{{"error":{{"type":"{kind}","message":"m"}}}}"#);
        let unauthorized = ErrorClass::Unauthorized;
        let cases: &[(u16, String, ErrorClass, &str, Outcome)] = &[
            (
                200,
                String::new(),
                ErrorClass::InvalidResponse,
                "invalid_response",
                Outcome::Unknown,
            ),
            (
                200,
                "<html>".into(),
                ErrorClass::InvalidResponse,
                "invalid_response",
                Outcome::Unknown,
            ),
            (
                200,
                r#"{"devices":[{"#.into(),
                ErrorClass::InvalidResponse,
                "invalid_response",
                Outcome::Unknown,
            ),
            (
                200,
                r#"{"ok":true}"#.into(),
                ErrorClass::InvalidResponse,
                "invalid_response",
                Outcome::Unknown,
            ),
            (
                200,
                "[]".into(),
                ErrorClass::InvalidResponse,
                "invalid_response",
                Outcome::Unknown,
            ),
            (
                0,
                String::new(),
                ErrorClass::InvalidResponse,
                "redirected",
                Outcome::Unknown,
            ),
            (
                302,
                String::new(),
                ErrorClass::InvalidResponse,
                "redirected",
                Outcome::Unknown,
            ),
            (
                400,
                envelope("invalid_input"),
                ErrorClass::InvalidInput,
                "invalid_input",
                Outcome::Refused,
            ),
            (
                400,
                envelope("device_unmanaged"),
                ErrorClass::Api,
                "device_unmanaged",
                Outcome::Refused,
            ),
            (
                401,
                envelope("client_session_expired"),
                unauthorized,
                "unauthorized",
                Outcome::Refused,
            ),
            (
                401,
                "<html>".into(),
                unauthorized,
                "unauthorized",
                Outcome::Refused,
            ),
            (
                404,
                envelope("device_not_found"),
                ErrorClass::Api,
                "device_not_found",
                Outcome::Refused,
            ),
            (
                404,
                "not found".into(),
                ErrorClass::InvalidResponse,
                "invalid_response",
                Outcome::Refused,
            ),
            (
                408,
                String::new(),
                ErrorClass::InvalidResponse,
                "invalid_response",
                Outcome::Unknown,
            ),
            (
                429,
                envelope("too_many"),
                ErrorClass::Api,
                "too_many",
                Outcome::Refused,
            ),
            (
                500,
                envelope("internal_server_error"),
                ErrorClass::Api,
                "internal_server_error",
                Outcome::Unknown,
            ),
            (
                501,
                envelope("not_simulated"),
                ErrorClass::Api,
                "not_simulated",
                Outcome::Refused,
            ),
            (
                503,
                String::new(),
                ErrorClass::InvalidResponse,
                "invalid_response",
                Outcome::Unknown,
            ),
        ];
        for (status, body, class, code, outcome) in cases {
            let error = read(*status, body).err().unwrap().error;
            let shown = format!("{status} {body}");
            assert_eq!(error.class, *class, "{shown}");
            assert_eq!(error.code, *code, "{shown}");
            assert_eq!(error.outcome, *outcome, "{shown}");
            assert_eq!(error.request_id.as_deref(), Some("r1"), "{shown}");
        }
    }

    #[test]
    fn keeps_what_the_server_said() {
        let body = r#"{"error":{"type":"invalid_input","message":"bad","data":{"t":1},
            "validation_errors":{"a":{"_errors":["x"]}}}}"#;
        let error = read(400, body).err().unwrap().error;
        assert_eq!(error.message, "bad");
        assert_eq!(error.error_type.as_deref(), Some("invalid_input"));
        assert_eq!(error.data.as_deref(), Some(r#"{"t":1}"#));
        assert_eq!(
            error.validation_errors.as_deref(),
            Some(r#"{"a":{"_errors":["x"]}}"#)
        );
        assert_eq!(error.retry_after, Some(2_000));
    }

    #[test]
    fn knows_a_dead_session_by_the_servers_own_type() {
        for (status, kind) in [
            (401, "client_session_expired"),
            (401, "client_session_revoked"),
            (401, "client_session_not_found"),
            (400, "invalid_client_session_token"),
        ] {
            let body = format!(r#"{{"error":{{"type":"{kind}","message":""}}}}"#);
            let error = read(status, &body).err().unwrap().error;
            assert_eq!(error.reason, Some(Reason::TokenRefused), "{kind}");
        }
    }
}
