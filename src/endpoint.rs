use crate::error::Error;

/// Where Seam answers, unless the caller says otherwise.
pub const DEFAULT_ENDPOINT: &str = "https://connect.getseam.com";

/// A checked endpoint: `https`, or `http` to the machine itself. Tokens go
/// there and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `scheme://host[:port]`, in the form that a browser gives an origin.
    origin: String,
    /// What stands before every path: empty, or `/some/prefix`.
    prefix: String,
}

impl Endpoint {
    /// Takes `text` as an endpoint. The form is stricter than a URL's, so that
    /// no two parsers can see two hosts in it.
    ///
    /// # Errors
    /// `invalid_endpoint`, with what is wrong.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let fail =
            |what: &str| Error::invalid_options("invalid_endpoint", format!("endpoint {what}"));
        let (secure, rest) = if let Some(rest) = text.strip_prefix("https://") {
            (true, rest)
        } else if let Some(rest) = text.strip_prefix("http://") {
            (false, rest)
        } else {
            return Err(fail("must begin with https:// (or http:// to localhost)"));
        };
        if rest.contains('@') {
            return Err(fail("must not hold a user name or password"));
        }
        if rest.contains(['?', '#']) {
            return Err(fail("must not hold a query or a fragment"));
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = split_port(authority).ok_or_else(|| fail("has no valid host"))?;
        let host = host.to_ascii_lowercase();
        if !is_host(&host) {
            return Err(fail("has no valid host"));
        }
        if !secure && !is_loopback(&host) {
            return Err(fail(
                "must be https: plain http is only for localhost, 127.0.0.0/8 and [::1]",
            ));
        }
        let prefix = path.trim_end_matches('/');
        let well_formed = prefix.split('/').skip(1).all(|segment| {
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        });
        if !well_formed {
            return Err(fail("has a path that cannot stand before a route"));
        }
        let port = match (port, secure) {
            (None | Some(443), true) | (None | Some(80), false) => String::new(),
            (Some(port), _) => format!(":{port}"),
        };
        let scheme = if secure { "https" } else { "http" };
        Ok(Self {
            origin: format!("{scheme}://{host}{port}"),
            prefix: prefix.to_owned(),
        })
    }

    /// Its origin, `scheme://host[:port]`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The URL of a checked path.
    pub(crate) fn url(&self, path: &str) -> String {
        [&self.origin, &self.prefix, path].concat()
    }

    /// Whether the URL that a request ended up with is still the endpoint's.
    #[must_use]
    pub fn owns(&self, url: &str) -> bool {
        url.strip_prefix(self.origin.as_str())
            .is_some_and(|rest| rest.starts_with('/'))
    }
}

fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let host_ends = authority.find(']').map_or(0, |at| at + 1);
    let Some(colon) = authority.get(host_ends..)?.find(':') else {
        return Some((authority, None));
    };
    let (host, port) = authority.split_at(host_ends + colon);
    let port = port.strip_prefix(':')?;
    if port.is_empty() || port.starts_with('0') || !port.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((host, Some(port.parse().ok()?)))
}

fn is_host(host: &str) -> bool {
    host == "[::1]"
        || (!host.is_empty()
            && host.split('.').all(|label| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            }))
}

fn is_loopback(host: &str) -> bool {
    if host == "localhost" || host == "[::1]" {
        return true;
    }
    let numbers: Vec<&str> = host.split('.').collect();
    let plain = |n: &&str| n.parse::<u8>().is_ok_and(|value| value.to_string() == **n);
    numbers.len() == 4 && numbers.first() == Some(&"127") && numbers.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_https_and_loopback_and_normalises_them_as_a_browser_does() {
        let cases = [
            ("https://connect.getseam.com", "https://connect.getseam.com"),
            (
                "https://Connect.GetSeam.com:443/",
                "https://connect.getseam.com",
            ),
            ("https://example.com:8443", "https://example.com:8443"),
            ("http://localhost:3020", "http://localhost:3020"),
            ("http://localhost:80", "http://localhost"),
            ("http://127.0.0.1:3020", "http://127.0.0.1:3020"),
            ("http://127.255.0.9", "http://127.255.0.9"),
            ("http://[::1]:3020", "http://[::1]:3020"),
        ];
        for (text, origin) in cases {
            assert_eq!(Endpoint::parse(text).unwrap().origin(), origin, "{text}");
        }
    }

    #[test]
    fn keeps_a_path_before_every_route() {
        let endpoint = Endpoint::parse("https://example.com/proxy/seam/").unwrap();
        assert_eq!(
            endpoint.url("/devices/list"),
            "https://example.com/proxy/seam/devices/list"
        );
    }

    #[test]
    fn refuses_every_other_place() {
        let bad = [
            "",
            "connect.getseam.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "//example.com",
            "HTTP://example.com",
            "http://example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://127.1",
            "http://127.0.0.01",
            "http://2130706433",
            "http://0.0.0.0",
            "http://[::ffff:127.0.0.1]",
            "https://user:pass@example.com",
            "https://example.com@evil.example",
            "https://example.com?x=1",
            "https://example.com#f",
            "https://example.com\\@evil.example",
            "https://example.com/a/../b",
            "https://example.com//b",
            "https://example.com/a b",
            "https://example.com/%2e%2e",
            "https://exa mple.com",
            "https://example.com\n",
            "https://",
            "https:///x",
            "https://example.com:",
            "https://example.com:99999",
            "https://example.com:0",
            "https://example..com",
            "https://bücher.example",
        ];
        for text in bad {
            let error = Endpoint::parse(text).unwrap_err();
            assert_eq!(error.code, "invalid_endpoint", "{text}");
        }
    }

    #[test]
    fn knows_its_own_urls_from_those_of_a_look_alike() {
        let endpoint = Endpoint::parse("https://example.com").unwrap();
        assert!(endpoint.owns("https://example.com/devices/list"));
        for url in [
            "https://example.com.evil.example/devices/list",
            "https://example.com:8443/devices/list",
            "http://example.com/devices/list",
            "https://example.com",
        ] {
            assert!(!endpoint.owns(url), "{url}");
        }
    }
}
