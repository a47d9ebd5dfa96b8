use crate::error::Error;
use crate::text::{concat, number};

/// The base URL of Seam's API.
pub const DEFAULT_ENDPOINT: &str = "https://connect.getseam.com";

/// A checked base URL: `https`, or `http` to the same machine. Tokens are sent nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `scheme://host[:port]`, as a browser writes an origin.
    origin: String,
    /// What precedes every path: nothing, or `/some/prefix`.
    prefix: String,
}

impl Endpoint {
    /// Checks a base URL. The accepted form is stricter than that of a URL, so that all URL parsers
    /// find the same host in it.
    ///
    /// # Errors
    /// `invalid_endpoint`, with the reason.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let fail = |what: &str| {
            Err(Error::invalid_options(
                "invalid_endpoint",
                &["endpoint ", what],
            ))
        };
        let (scheme, rest) = if let Some(rest) = after(text, "https://") {
            ("https://", rest)
        } else if let Some(rest) = after(text, "http://") {
            ("http://", rest)
        } else {
            return fail("must begin with https://, or in a page with /");
        };
        let holds = |wanted: u8| rest.bytes().any(|byte| byte == wanted);
        if holds(b'@') || holds(b'?') || holds(b'#') {
            return fail("must not hold a user, a query or a fragment");
        }
        let (authority, path) = before(rest, b'/');
        let host_ends = before(authority, b']').0.len();
        let host_ends = if host_ends == authority.len() {
            before(authority, b':').0.len()
        } else {
            host_ends + 1
        };
        let (Some(host), Some(port)) = (authority.get(..host_ends), authority.get(host_ends..))
        else {
            return fail("has no valid host");
        };
        let host = host.to_ascii_lowercase();
        if !is_host(&host) || !is_port(port) {
            return fail("has no valid host");
        }
        let secure = scheme == "https://";
        if !secure && !is_loopback(&host) {
            return fail(
                "must be https: http is for localhost, *.localhost, 127.0.0.0/8 and [::1]",
            );
        }
        let mut prefix = path;
        while let Some(shorter) = prefix.strip_suffix('/') {
            prefix = shorter;
        }
        let well_formed = prefix
            .bytes()
            .all(|b| is_plain(b) || matches!(b, b'/' | b'.' | b'_' | b'~'))
            && segments(prefix, b'/')
                .skip(1)
                .all(|segment| !matches!(segment, b"" | b"." | b".."));
        if !well_formed {
            return fail("has an invalid path");
        }
        let port = match port {
            ":443" if secure => "",
            ":80" if !secure => "",
            port => port,
        };
        Ok(Self {
            origin: concat(&[scheme, &host, port]),
            prefix: prefix.to_owned(),
        })
    }

    /// Returns the URL of a checked path.
    pub(crate) fn url(&self, path: &str) -> String {
        concat(&[&self.origin, &self.prefix, path])
    }

    /// Returns whether the final URL of a request has the endpoint's origin.
    #[must_use]
    pub fn owns(&self, url: &str) -> bool {
        url.strip_prefix(self.origin.as_str())
            .is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Returns what follows the scheme in `text`; the case of the scheme does not matter.
fn after<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Returns what precedes the first `byte` in `text`, and the rest from there on.
fn before(text: &str, byte: u8) -> (&str, &str) {
    let at = text.bytes().position(|other| other == byte);
    at.and_then(|at| text.split_at_checked(at))
        .unwrap_or((text, ""))
}

fn segments(text: &str, between: u8) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().split(move |byte| *byte == between)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// Whether `text` is empty, or a colon and a port without leading zeros.
fn is_port(text: &str) -> bool {
    text.strip_prefix(':').map_or(text.is_empty(), |digits| {
        !digits.as_bytes().starts_with(b"0")
            && number(digits.as_bytes()).is_some_and(|port| port <= 65_535)
    })
}

/// Whether `host` is a name, an IPv4 address, or an IPv6 address in brackets. Of an IPv6 address
/// only the characters are checked: a URL parser rejects what is malformed.
fn is_host(host: &str) -> bool {
    if let [b'[', address @ .., b']'] = host.as_bytes() {
        return address
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    }
    segments(host, b'.')
        .all(|label| !label.is_empty() && label.iter().all(|byte| is_plain(*byte) || *byte == b'_'))
}

fn is_loopback(host: &str) -> bool {
    // RFC 6761, 6.3: names below localhost are loopback.
    if host == "localhost" || host == "[::1]" || host.ends_with(".localhost") {
        return true;
    }
    let mut count = 0;
    let plain = segments(host, b'.').all(|label| {
        count += 1;
        let short = label == b"0" || !label.starts_with(b"0");
        short && number(label).is_some_and(|number| number <= 255)
    });
    plain && count == 4 && host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn https_and_loopback_are_accepted_and_normalised_as_in_a_browser() {
        let cases = [
            ("https://connect.getseam.com", "https://connect.getseam.com"),
            (
                "https://Connect.GetSeam.com:443/",
                "https://connect.getseam.com",
            ),
            ("https://example.com:8443", "https://example.com:8443"),
            ("http://localhost:3020", "http://localhost:3020"),
            ("http://localhost:80", "http://localhost"),
            // The port of the other scheme is a port like any other.
            ("http://localhost:443", "http://localhost:443"),
            ("https://example.com:80", "https://example.com:80"),
            ("https://example.com:65535", "https://example.com:65535"),
            ("http://127.0.0.255", "http://127.0.0.255"),
            ("http://127.0.0.1:3020", "http://127.0.0.1:3020"),
            ("http://127.255.0.9", "http://127.255.0.9"),
            ("http://[::1]:3020", "http://[::1]:3020"),
            ("HTTPS://example.com", "https://example.com"),
            ("Http://localhost", "http://localhost"),
            ("http://app.localhost:3020", "http://app.localhost:3020"),
            ("https://[FD00::1]:8443", "https://[fd00::1]:8443"),
            ("https://[::ffff:192.0.2.1]", "https://[::ffff:192.0.2.1]"),
            ("https://seam_proxy.internal", "https://seam_proxy.internal"),
        ];
        for (text, origin) in cases {
            assert_eq!(Endpoint::parse(text).unwrap().origin, origin, "{text}");
        }
    }

    #[test]
    fn a_path_prefix_precedes_every_route() {
        let endpoint = Endpoint::parse("https://example.com/proxy/seam/").unwrap();
        assert_eq!(
            endpoint.url("/devices/list"),
            "https://example.com/proxy/seam/devices/list"
        );
    }

    #[test]
    fn every_other_endpoint_is_rejected() {
        let bad = [
            "",
            "connect.getseam.com",
            "ftp://example.com",
            "javascript:alert(1)",
            "//example.com",
            "HTTP://example.com",
            "http://example.com",
            "http://localhost.example.com",
            "http://notlocalhost",
            "http://.localhost",
            "http://[fd00::1]",
            "https://[::1",
            "https://[::1]x",
            "https://::1",
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
            "https://example.com:65536",
            "http://127.0.0.256",
            "http://128.0.0.1",
            "http://127.0.0.1.1",
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
    fn an_error_has_the_reason() {
        let cases = [
            ("ftp://example.com", "must begin with https://"),
            ("https://user@example.com", "a user"),
            ("https://example.com?x=1", "a query"),
            ("https://example.com#f", "a fragment"),
            ("https://example.com:0", "no valid host"),
            ("http://example.com", "must be https"),
            ("https://example.com/a/../b", "path"),
        ];
        for (text, expected) in cases {
            let error = Endpoint::parse(text).unwrap_err();
            assert!(
                error.message.contains(expected),
                "{text}: {}",
                error.message
            );
        }
    }

    proptest! {
        #[test]
        fn a_mutated_endpoint_never_panics_and_is_https_or_loopback(
            endpoint in prop_oneof![
                Just("https://connect.getseam.com"),
                Just("https://example.com:8443/proxy/seam"),
                Just("http://localhost:3020"),
                Just("http://127.0.0.1:3020/a.b"),
                Just("http://[::1]:3020/"),
            ],
            changes in prop::collection::vec(
                (any::<prop::sample::Index>(), r"[a-z0-9:/@.?#%\\\[\]_~ -]|\PC|\x00", 0..3_u8),
                0..5,
            ),
        ) {
            let mut text: Vec<char> = endpoint.chars().collect();
            for (at, with, how) in changes {
                let at = at.index(text.len() + 1);
                let with = with.chars().next().unwrap_or('/');
                match how {
                    0 => text.insert(at, with),
                    1 if at < text.len() => text[at] = with,
                    _ if at < text.len() => drop(text.remove(at)),
                    _ => {}
                }
            }
            let text: String = text.into_iter().collect();
            let Ok(endpoint) = Endpoint::parse(&text) else {
                return Ok(());
            };
            let origin = &endpoint.origin;
            let (scheme, authority) = origin.split_once("://").unwrap();
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:-[]_".contains(&byte);
            prop_assert!(!authority.is_empty() && authority.bytes().all(plain), "{text:?}");
            let host = match authority.rsplit_once(':') {
                Some((host, port)) if port.parse::<u16>().is_ok() && host != "[:" => host,
                _ => authority,
            };
            let loopback = host == "localhost"
                || host == "[::1]"
                || host.ends_with(".localhost")
                || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback());
            prop_assert!(scheme == "https" || (scheme == "http" && loopback), "{text:?}");
            let url = endpoint.url("/devices/list");
            prop_assert!(endpoint.owns(&url), "{url}");
            prop_assert!(url.is_ascii() && !url.contains("/../"), "{url}");
        }
    }

    #[test]
    fn a_url_of_a_similar_origin_is_not_owned() {
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
