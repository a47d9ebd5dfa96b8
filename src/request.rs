use core::fmt;

use crate::credential::Credential;
use crate::endpoint::Endpoint;
use crate::route::Route;

/// A request that may be sent as it is: every part of it has been checked.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `POST`, or `PUT` for the one route that needs it.
    pub method: &'static str,
    /// The URL. Its origin is that of the endpoint.
    pub url: String,
    /// The headers. They hold the token.
    pub headers: Vec<(&'static str, String)>,
    /// The text of a JSON object.
    pub body: String,
}

impl HttpRequest {
    /// The request of `route` with `params`, the text of a JSON object.
    pub(crate) fn new(
        endpoint: &Endpoint,
        credential: &Credential,
        route: Route<'_>,
        params: &str,
    ) -> Self {
        let mut headers = credential.headers();
        headers.push(("accept", "application/json".to_owned()));
        headers.push(("content-type", "application/json".to_owned()));
        headers.push(("seam-sdk-name", "seam-session".to_owned()));
        headers.push(("seam-sdk-version", env!("CARGO_PKG_VERSION").to_owned()));
        Self {
            method: route.method,
            url: endpoint.url(route.path),
            headers,
            body: params.to_owned(),
        }
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and body may hold secrets.
        write!(f, "{} {}", self.method, self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::CredentialKind;

    /// The headers that Seam's servers allow across origins.
    const CORS: &str = "x-csrf-token, x-requested-with, accept, accept-version, content-length, \
        content-md5, content-type, date, x-api-version, seam-workspace, authorization, user-agent, \
        seam-lts-version, seam-sdk-version, seam-sdk-name, seam-publishable-key, \
        seam-client-session-token, client-session-token, seam-api-key, seam-user-identifier-key";

    fn request(kind: CredentialKind, token: &str) -> HttpRequest {
        let credential = Credential::parse(kind, token.to_owned(), Some("ws".to_owned())).unwrap();
        let endpoint = Endpoint::parse("https://example.com").unwrap();
        HttpRequest::new(
            &endpoint,
            &credential,
            Route::at("/devices/list").unwrap(),
            "{}",
        )
    }

    #[test]
    fn all_headers_are_allowed_across_origins() {
        for (kind, token) in [
            (CredentialKind::ApiKey, "seam_a_b"),
            (CredentialKind::ClientSessionToken, "seam_cst1_b"),
            (CredentialKind::PublishableKey, "seam_pk1_b"),
            (CredentialKind::PersonalAccessToken, "seam_at1_b"),
        ] {
            for (name, _) in request(kind, token).headers {
                assert!(CORS.split(", ").any(|allowed| allowed == name), "{name}");
            }
        }
    }

    #[test]
    fn debug_output_of_a_request_shows_no_header() {
        let request = request(CredentialKind::ApiKey, "seam_a_b");
        assert_eq!(
            format!("{request:?}"),
            "POST https://example.com/devices/list"
        );
    }
}
