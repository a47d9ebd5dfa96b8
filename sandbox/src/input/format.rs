//! Checks the format of strings.

use std::net::Ipv6Addr;

use crate::ids::Id;
use crate::schema::Format;
use crate::time;

/// Returns what is wrong with a string; `None` if it has the format.
pub(super) fn problem(text: &str, format: Format) -> Option<&'static str> {
    let (fits, message) = match format {
        Format::Any => return None,
        Format::Uuid => (Id::parse(text).is_some(), "Invalid uuid"),
        Format::Email => (is_email(text), "Invalid email"),
        Format::DateTime => (time::parse(text).is_some(), "Invalid datetime"),
        Format::Uri => (is_uri(text), "Invalid url"),
        Format::Digits => (
            !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()),
            "Invalid",
        ),
        Format::Identifier => (is_identifier(text), "Invalid"),
        Format::TimeOfDay => (matches!(text.len(), 5 | 8) && is_time(text), "Invalid"),
        Format::TimeWithSeconds => (text.len() == 8 && is_time(text), "Invalid"),
    };
    (!fits).then_some(message)
}

/// The stricter of zod's and JSON Schema's rules, part by part.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else {
        return false;
    };
    let is_of_name = |it: char| it.is_ascii_alphanumeric() || "_'+-.".contains(it);
    let name_fits = name.chars().all(is_of_name)
        && name.split('.').all(|it| !it.is_empty())
        && !name.ends_with('\'');
    let is_label = |it: &str| {
        let clean = it.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
        !it.is_empty() && clean && !it.starts_with('-') && !it.ends_with('-')
    };
    let host_fits = host.rsplit_once('.').is_some_and(|(before, last)| {
        let is_domain = last.len() >= 2 && last.chars().all(|it| it.is_ascii_alphabetic());
        is_domain && before.split('.').all(is_label)
    });
    name_fits && host_fits
}

/// An absolute URI as in RFC 3986, with a scheme and a host.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let is_of_scheme = |it: char| it.is_ascii_alphanumeric() || "+-.".contains(it);
    let scheme_fits =
        scheme.starts_with(|it: char| it.is_ascii_alphabetic()) && scheme.chars().all(is_of_scheme);
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, at) = authority.rsplit_once('@').unwrap_or(("", authority));
    scheme_fits
        && is_host(at)
        && has_only(user, ":")
        && has_only(path, ":@/")
        && has_only(query, ":@/?")
        && has_only(fragment, ":@/?")
}

/// A host with an optional port.
fn is_host(text: &str) -> bool {
    let (host_fits, port) =
        if let Some((address, after)) = text.strip_prefix('[').and_then(|it| it.split_once(']')) {
            let port = after.strip_prefix(':').or(after.is_empty().then_some(""));
            (address.parse::<Ipv6Addr>().is_ok() && port.is_some(), port)
        } else {
            let (host, port) = text.split_once(':').unwrap_or((text, ""));
            (!host.is_empty() && has_only(host, ""), Some(port))
        };
    host_fits && port.is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()))
}

/// Returns whether the text has only characters that a URI may have anywhere, these extra ones, and
/// valid percent escapes.
fn has_only(text: &str, extra: &str) -> bool {
    let mut parts = text.split('%');
    let plain = |text: &str| {
        text.chars().all(|it| {
            it.is_ascii_alphanumeric() || "-._~!$&'()*+,;=".contains(it) || extra.contains(it)
        })
    };
    let encoded = |text: &str| {
        let mut bytes = text.bytes();
        let two = bytes.by_ref().take(2).filter(u8::is_ascii_hexdigit);
        two.count() == 2 && plain(text)
    };
    parts.next().is_none_or(plain) && parts.all(encoded)
}

fn is_identifier(text: &str) -> bool {
    let word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    text.chars().all(word) && text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
}

fn is_time(text: &str) -> bool {
    text.split(':').zip([24, 60, 60]).all(|(part, below)| {
        let two_digits = part.len() == 2 && part.bytes().all(|it| it.is_ascii_digit());
        two_digits && part.parse::<u8>().is_ok_and(|it| it < below)
    }) && text.len() >= 5
}
