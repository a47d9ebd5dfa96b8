//! What a browser of another origin is told: the list that Seam's own fake server publishes.

use crate::http::Request;

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
const HEADERS: &str = "x-csrf-token, x-requested-with, accept, accept-version, content-length, \
    content-md5, content-type, date, x-api-version, seam-workspace, authorization, user-agent, \
    seam-lts-version, seam-sdk-version, seam-sdk-name, seam-publishable-key, \
    seam-client-session-token, client-session-token, seam-api-key, seam-user-identifier-key";

/// The headers that every answer to this request carries.
pub(crate) fn headers(request: &Request) -> Vec<(String, String)> {
    let mut headers = vec![header("vary", "Origin")];
    if let Some(origin) = origin(request) {
        headers.push(header("access-control-allow-origin", origin));
        headers.push(header("access-control-allow-credentials", "true"));
    }
    headers
}

/// The headers that a preflight's answer carries on top of those.
pub(crate) fn preflight_headers() -> [(String, String); 2] {
    [
        header("access-control-allow-methods", METHODS),
        header("access-control-allow-headers", HEADERS),
    ]
}

/// The origin to echo. One that is no plain ASCII would let a caller write headers of its own.
fn origin(request: &Request) -> Option<&str> {
    request
        .header("origin")
        .filter(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_graphic()))
}

pub(crate) fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
