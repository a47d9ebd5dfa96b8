//! What a response means.

use std::borrow::Cow;

use crate::call_error::CallError;
use crate::error::{Error, ErrorClass, Outcome, Reason};
use crate::response_view::{BodyCheck, ResponseView};
use crate::retry::RetryClass;

/// A response that is an error, and whether the request may be sent again.
pub(crate) struct RejectedResponse<A> {
    pub(crate) error: Box<CallError<A>>,
    pub(crate) class: RetryClass,
}

/// Returns `response` if it is a success of `path`: a JSON object with the member `key`. `now` is
/// wall time.
pub(crate) fn read<A: ResponseView>(
    response: A,
    path: &str,
    key: Option<&str>,
    now: u64,
) -> Result<A, RejectedResponse<A>> {
    let status = response.status();
    let (mut error, mut class) = match status {
        200..=299 => match body_error(response.check_body(key), path, key) {
            None => return Ok(response),
            Some(error) => (error, RetryClass::NoResponse),
        },
        300..=399 => (redirected(path), RetryClass::Final),
        // Fetch calls a response of status 0 a network error; RFC 9110, 15.2: a status of 1xx is
        // never the last one.
        ..200 => (network_error(path), RetryClass::NoResponse),
        _ => (
            status_error(status, &response, path),
            RetryClass::Status(status, None),
        ),
    };
    error.retry_after = response.retry_after(now);
    if let RetryClass::Status(400.., retry_after) = &mut class {
        *retry_after = error.retry_after;
    }
    let mut error = CallError::new(error);
    error.response = Some(response);
    Err(RejectedResponse { error, class })
}

fn body_error(body: BodyCheck, path: &str, key: Option<&str>) -> Option<Error> {
    let what = match body {
        BodyCheck::Ok => return None,
        BodyCheck::MissingKey => &["has no \"", key.unwrap_or_default(), "\""],
        BodyCheck::Empty => &["is empty", "", ""],
        BodyCheck::Html => &["is HTML, not JSON: is the endpoint Seam's?", "", ""],
        BodyCheck::NotJson => &["is not complete JSON", "", ""],
    };
    Some(invalid_response(path, what))
}

pub(crate) fn invalid_response(path: &str, what: &[&str; 3]) -> Error {
    let [a, b, c] = what;
    Error::new(
        ErrorClass::InvalidResponse,
        "invalid_response",
        Outcome::Unknown,
        &["the response to ", path, " ", a, b, c],
    )
}

/// The error of a request without a response.
pub(crate) fn network_error(path: &str) -> Error {
    Error::new(
        ErrorClass::Network,
        "network_error",
        Outcome::Unknown,
        &[
            path,
            " got no response: the network failed, or the endpoint is unreachable",
        ],
    )
}

fn redirected(path: &str) -> Error {
    Error::new(
        ErrorClass::InvalidResponse,
        "redirected",
        Outcome::Unknown,
        &[
            path,
            " was redirected, which is not followed: it would send the token elsewhere",
        ],
    )
}

fn status_error<A: ResponseView>(status: u16, response: &A, path: &str) -> Error {
    let outcome = match status {
        // RFC 9110, 15: a status above 599 is treated as a 5xx.
        408 | 500 | 502.. => Outcome::Unknown,
        _ => Outcome::Refused,
    };
    let Some(kind) = response.text("error.type") else {
        let (class, code) = if status == 401 {
            (ErrorClass::Unauthorized, "unauthorized")
        } else {
            (ErrorClass::InvalidResponse, "invalid_response")
        };
        let what = " got an error that is not Seam's: is the endpoint Seam's?";
        return Error::new(class, code, outcome, &[path, what]);
    };
    let class = match status {
        401 => ErrorClass::Unauthorized,
        400 if kind == "invalid_input" => ErrorClass::InvalidInput,
        _ => ErrorClass::Api,
    };
    let mut error = Error::new(class, "unauthorized", outcome, &[]);
    error.message = response
        .text("error.message")
        .unwrap_or_else(|| kind.clone());
    if kind.starts_with("client_session_") && status == 401
        || kind == "invalid_client_session_token"
    {
        error.reason = Some(Reason::TokenRefused);
    }
    if status != 401 {
        error.code = Cow::Owned(kind);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_response::HttpResponse;

    fn read(status: u16, body: &str) -> Result<HttpResponse, RejectedResponse<HttpResponse>> {
        let response = HttpResponse {
            status,
            body: body.as_bytes().to_vec(),
            retry_after: Some("2".to_owned()),
            request_id: Some("r1".to_owned()),
        };
        super::read(response, "/devices/list", Some("devices"), 0)
    }

    #[test]
    fn a_success_keeps_the_whole_body_unchanged() {
        let body = r#" {"devices":[{"brand_new":1.50}],"ok":true,"tomorrow":{}} "#;
        assert_eq!(read(200, body).ok().unwrap().body, body.as_bytes());
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a line for each case")]
    fn every_response_that_is_no_success_has_its_own_error() {
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
                ErrorClass::Network,
                "network_error",
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
            let failed = read(*status, body).err().unwrap().error;
            let shown = format!("{status} {body}");
            assert_eq!(failed.request_id(), Some("r1"), "{shown}");
            let error = failed.error;
            assert_eq!(error.class, *class, "{shown}");
            assert_eq!(error.code, *code, "{shown}");
            assert_eq!(error.outcome, *outcome, "{shown}");
        }
    }

    #[test]
    fn an_error_keeps_the_details_of_the_server() {
        let body = r#"{"error":{"type":"invalid_input","message":"bad","data":{"t":1},
            "validation_errors":{"a":{"_errors":["x"]}}}}"#;
        let failed = read(400, body).err().unwrap().error;
        assert_eq!(failed.error.message, "bad");
        assert_eq!(failed.status(), Some(400));
        assert_eq!(failed.error_type().as_deref(), Some("invalid_input"));
        assert_eq!(failed.data().as_deref(), Some(r#"{"t":1}"#));
        assert_eq!(
            failed.validation_errors().as_deref(),
            Some(r#"{"a":{"_errors":["x"]}}"#)
        );
        assert_eq!(failed.error.retry_after, Some(2_000));
    }

    #[test]
    fn an_invalid_session_is_recognised_by_the_type_of_the_error() {
        for (status, kind) in [
            (401, "client_session_expired"),
            (401, "client_session_revoked"),
            (401, "client_session_not_found"),
            (400, "invalid_client_session_token"),
        ] {
            let body = format!(r#"{{"error":{{"type":"{kind}","message":""}}}}"#);
            let error = read(status, &body).err().unwrap().error.error;
            assert_eq!(error.reason, Some(Reason::TokenRefused), "{kind}");
        }
    }
}
