//! The members of a JSON object, for hosts that have a response as bytes.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

/// A JSON string. A lone surrogate, which Rust's strings cannot hold, is replaced.
#[derive(PartialEq, Eq, Hash)]
struct Text(String);

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(String::from_utf8_lossy(bytes).into_owned()))
            }
        }

        // `deserialize_str` fails on a lone surrogate.
        deserializer.deserialize_bytes(Bytes)
    }
}

/// The members of the JSON object that `text` is. Of two with one name the last one counts.
fn members(text: &str) -> Option<HashMap<Text, &RawValue>> {
    serde_json::from_str(text).ok()
}

/// Returns whether `text` is a JSON object.
pub(crate) fn is_object(text: &str) -> bool {
    members(text).is_some()
}

/// Returns whether the JSON object that `text` is has the member `name`; `None` if it is not an
/// object.
pub(crate) fn has_member(text: &str, name: &str) -> Option<bool> {
    Some(members(text)?.contains_key(name))
}

/// Returns the JSON text of the value at `path`, the names of members with dots between them.
pub(crate) fn at<'a>(text: &'a str, path: &str) -> Option<&'a str> {
    path.split('.').try_fold(text, |text, name| {
        members(text)?.get(name).map(|value| value.get())
    })
}

/// Returns the string that the JSON text `text` is.
pub(crate) fn string(text: &str) -> Option<String> {
    let text: Text = serde_json::from_str(text).ok()?;
    Some(text.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    proptest! {
        #[test]
        fn every_member_of_an_object_is_found_by_its_name(
            members in prop::collection::hash_map("[^.]{0,6}", any::<String>(), 0..8),
        ) {
            let text = serde_json::to_string(&members).unwrap();
            for (name, value) in &members {
                prop_assert_eq!(has_member(&text, name), Some(true));
                prop_assert_eq!(&string(at(&text, name).unwrap()).unwrap(), value);
            }
        }

        #[test]
        fn a_truncated_object_is_no_object(value in any::<f64>(), cut in any::<prop::sample::Index>()) {
            let text = serde_json::json!({ "a": [Value::from(value), "x", {}] }).to_string();
            prop_assert!(!is_object(&text[..cut.index(text.len())]));
        }
    }

    #[test]
    fn only_an_object_is_an_object() {
        for text in [
            "",
            " ",
            "null",
            "[]",
            "1",
            "\"{}\"",
            "{",
            "{}{}",
            "{} x",
            "{,}",
            "{\"a\":1,}",
        ] {
            assert!(!is_object(text), "{text}");
        }
        assert_eq!(has_member(" {} ", "a"), Some(false));
    }

    #[test]
    fn the_last_of_two_members_with_one_name_counts() {
        assert_eq!(at(r#"{"a":1,"a":2}"#, "a"), Some("2"));
    }

    #[test]
    fn the_text_of_a_value_is_unchanged() {
        let text = r#"{"a":{"b": 1.50, "c":1e999}}"#;
        assert_eq!(at(text, "a.b"), Some("1.50"));
        assert_eq!(at(text, "a.c"), Some("1e999"));
    }

    #[test]
    fn escapes_in_names_and_strings_are_decoded() {
        let text = r#"{"\u006fk":"\ud83d\ude00\n\ud800x","\ud800":1}"#;
        let found = string(at(text, "ok").unwrap()).unwrap();
        assert!(
            found.starts_with("\u{1f600}\n\u{fffd}") && found.ends_with('x'),
            "{found}"
        );
    }

    #[test]
    fn deep_nesting_does_not_overflow_the_stack() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(is_object(&deep));
        assert!(!is_object(&deep[..150_000]));
    }
}
