//! What a string of each format looks like.

use crate::ids::Id;
use crate::schema::Format;
use crate::time;

/// What is wrong with this string, if anything is.
pub(super) fn wrong(text: &str, format: Format) -> Option<&'static str> {
    let (fits, message) = match format {
        Format::Any => return None,
        Format::Uuid => (Id::parse(text).is_some(), "Invalid uuid"),
        Format::Email => (is_email(text), "Invalid email"),
        Format::DateTime => (time::from_iso(text).is_some(), "Invalid datetime"),
        Format::Uri => (text.contains("://"), "Invalid url"),
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

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        let dotted = host
            .rsplit_once('.')
            .is_some_and(|(before, last)| !before.is_empty() && last.len() >= 2);
        let clean = !text.contains(|it: char| it.is_whitespace() || it.is_control());
        !name.is_empty() && !host.contains('@') && dotted && clean
    })
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
