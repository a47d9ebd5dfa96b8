//! CORS headers, with the lists that Seam's own fake server has.

use crate::http::Request;

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
const HEADERS: &str = "x-csrf-token, x-requested-with, accept, accept-version, content-length, \
    content-md5, content-type, date, x-api-version, seam-workspace, authorization, user-agent, \
    seam-lts-version, seam-sdk-version, seam-sdk-name, seam-publishable-key, \
    seam-client-session-token, client-session-token, seam-api-key, seam-user-identifier-key";

/// Returns the headers that every response to this request has.
pub(crate) fn headers(request: &Request) -> Vec<(String, String)> {
    let mut headers = vec![header("vary", "Origin")];
    if let Some(origin) = origin(request) {
        headers.push(header("access-control-allow-origin", origin));
        headers.push(header("access-control-allow-credentials", "true"));
    }
    headers
}

/// Returns the headers that a preflight response has in addition.
pub(crate) fn preflight_headers() -> [(String, String); 2] {
    [
        header("access-control-allow-methods", METHODS),
        header("access-control-allow-headers", HEADERS),
    ]
}

/// Returns the origin to echo. Anything but printable ASCII could inject a header, so it is not
/// echoed.
fn origin(request: &Request) -> Option<&str> {
    request
        .header("origin")
        .filter(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_graphic()))
}

pub(crate) fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
