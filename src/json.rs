//! Finds values in JSON text without building them: the client looks at a few
//! members of an answer and hands the text on for `JSON.parse`.

/// Deeper nesting than this is not an answer of Seam's.
const MAX_DEPTH: u8 = 128;

/// One well-formed JSON value, as the bytes that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Json<'a>(&'a [u8]);

impl<'a> Json<'a> {
    /// Takes `bytes` when they are exactly one JSON object (RFC 8259), with
    /// white space around it at most, and gives the value of its last member
    /// named `key`, as `JSON.parse` would: one pass over the bytes does both.
    #[expect(
        clippy::option_option,
        reason = "no object, no such member, the member: the callers flatten or name each"
    )]
    pub(crate) fn object(bytes: &'a [u8], key: &str) -> Option<Option<Self>> {
        let mut scanner = Scanner { bytes, at: 0 };
        let mut found = None;
        (scanner.token()? == b'{').then_some(())?;
        scanner.list(b'}', |scanner| {
            let (name, value) = scanner.member(1)?;
            if name.is(key) {
                found = Some(value);
            }
            Some(())
        })?;
        scanner.space();
        (scanner.at == bytes.len()).then_some(found)
    }

    /// The member named `key` of the object that it is, if it is one.
    pub(crate) fn member(self, key: &str) -> Option<Self> {
        Self::object(self.0, key)?
    }

    /// The text of the value.
    pub(crate) fn text(self) -> String {
        String::from_utf8_lossy(self.0).into_owned()
    }

    /// Whether it is the string `expected`.
    pub(crate) fn is(self, expected: &str) -> bool {
        match self.inner() {
            Some(inner) if !inner.contains(&b'\\') => inner == expected.as_bytes(),
            _ => self.string().is_some_and(|string| string == expected),
        }
    }

    /// The string that it is, unescaped. A lone surrogate becomes U+FFFD.
    pub(crate) fn string(self) -> Option<String> {
        let inner = String::from_utf8_lossy(self.inner()?);
        let mut out = String::with_capacity(inner.len());
        let mut rest = inner.chars();
        while let Some(c) = rest.next() {
            if c != '\\' {
                out.push(c);
                continue;
            }
            out.push(match rest.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => unicode_escape(&mut rest)?,
                other => other,
            });
        }
        Some(out)
    }

    fn inner(self) -> Option<&'a [u8]> {
        self.0.strip_prefix(b"\"")?.strip_suffix(b"\"")
    }
}

fn unicode_escape(rest: &mut core::str::Chars<'_>) -> Option<char> {
    let high = hex4(rest)?;
    let mut after = rest.clone();
    if (0xd800..0xdc00).contains(&high) && after.next() == Some('\\') && after.next() == Some('u') {
        let low = hex4(&mut after)?;
        if (0xdc00..0xe000).contains(&low) {
            *rest = after;
            return char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00));
        }
    }
    Some(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn hex4(rest: &mut core::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |value, _| Some(value * 16 + rest.next()?.to_digit(16)?))
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take_if(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    /// Goes over all bytes that `belongs` takes; says whether there were any.
    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| belongs(**byte)).count();
        self.at += length;
        length > 0
    }

    fn space(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn token(&mut self) -> Option<u8> {
        self.space();
        self.peek()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.space();
        self.take_if(byte).then_some(())
    }

    fn since(&self, start: usize) -> Option<Json<'a>> {
        self.bytes.get(start..self.at).map(Json)
    }

    fn value(&mut self, depth: u8) -> Option<Json<'a>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let first = self.token()?;
        let start = self.at;
        match first {
            b'"' => self.string()?,
            b'{' => self.list(b'}', |scanner| scanner.member(depth + 1).map(|_| ()))?,
            b'[' => self.list(b']', |scanner| scanner.value(depth + 1).map(|_| ()))?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        self.since(start)
    }

    fn member(&mut self, depth: u8) -> Option<(Json<'a>, Json<'a>)> {
        self.space();
        let start = self.at;
        self.string()?;
        let name = self.since(start)?;
        self.expect(b':')?;
        Some((name, self.value(depth)?))
    }

    fn list(&mut self, end: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        if self.token()? == end {
            self.at += 1;
            return Some(());
        }
        loop {
            item(self)?;
            self.space();
            if self.take_if(end) {
                return Some(());
            }
            self.expect(b',')?;
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        rest.starts_with(word).then(|| self.at += word.len())
    }

    fn string(&mut self) -> Option<()> {
        self.take_if(b'"').then_some(())?;
        loop {
            self.take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20));
            if self.take_if(b'"') {
                return Some(());
            }
            self.take_if(b'\\').then_some(())?;
            let escape = self.peek()?;
            self.at += 1;
            match escape {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => {
                    let digits = self.bytes.get(self.at..self.at + 4)?;
                    digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                    self.at += 4;
                }
                _ => return None,
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        self.take_if(b'-');
        if !self.take_if(b'0') {
            self.digits()?;
        }
        if self.take_if(b'.') {
            self.digits()?;
        }
        if self.take_if(b'e') || self.take_if(b'E') {
            let _sign = self.take_if(b'+') || self.take_if(b'-');
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        self.take_while(|byte| byte.is_ascii_digit()).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn finds_every_member_of_any_object_as_a_full_parser_does(
            members in prop::collection::vec((any::<String>(), any_json()), 0..8),
            pretty in any::<bool>(),
        ) {
            let value = Value::Object(members.into_iter().collect());
            let text = if pretty { format!("{value:#}") } else { value.to_string() };
            for (key, member) in value.as_object().unwrap() {
                let found = Json::object(text.as_bytes(), key).expect("it is JSON");
                let found = found.expect("it is there");
                prop_assert_eq!(&serde_json::from_str::<Value>(&found.text()).unwrap(), member);
                if let Value::String(string) = member {
                    prop_assert_eq!(&found.string().unwrap(), string);
                    prop_assert!(found.is(string));
                }
            }
        }

        #[test]
        fn refuses_every_truncation(value in any_json(), cut in any::<prop::sample::Index>()) {
            let text = serde_json::json!({ "a": value }).to_string();
            let bytes = text.as_bytes();
            prop_assert_eq!(Json::object(&bytes[..cut.index(bytes.len())], "a"), None);
        }

        #[test]
        fn agrees_with_a_full_parser_on_what_is_json(
            inner in r#"[ \[\]{}",:0-9eE.+\-a-z\\]{0,24}"#,
        ) {
            let text = format!("{{\"a\":{inner}}}");
            // A number too large for a float is JSON all the same, so only text is compared.
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            prop_assert_eq!(Json::object(text.as_bytes(), "a").is_some(), theirs, "{}", text);
        }

        #[test]
        fn agrees_with_a_full_parser_on_objects_that_are_nearly_whole(
            (value, other) in (any_json(), any_json()),
            edits in prop::collection::vec((any::<Place>(), any::<Place>(), 0..5_u8, any_byte()), 0..4),
        ) {
            let write = |value: &Value| serde_json::json!({ "a": value, "b": 1 }).to_string();
            let (mut text, other) = (write(&value).into_bytes(), write(&other).into_bytes());
            for (at, from, kind, byte) in edits {
                let at = at.index(text.len() + 1);
                let few = at..(at + usize::from(byte % 9)).min(text.len());
                match kind {
                    0 => text.insert(at, byte),
                    1 => drop(text.drain(few)),
                    2 => text.extend_from_within(few),
                    3 => text.iter_mut().skip(at).take(1).for_each(|it| *it ^= 1 << (byte % 8)),
                    _ => {
                        text.truncate(at);
                        text.extend_from_slice(&other[from.index(other.len())..]);
                    }
                }
            }
            // As `Response.text()` decodes it. A number too large for a float and a surrogate that
            // stands alone are JSON all the same, so only text is compared.
            let decoded = String::from_utf8_lossy(&text);
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&decoded);
            let theirs = theirs.is_ok_and(|it| it.get().starts_with('{'));
            prop_assert_eq!(Json::object(&text, "a").is_some(), theirs, "{:?}", decoded);
        }
    }

    type Place = prop::sample::Index;

    fn any_byte() -> impl Strategy<Value = u8> {
        prop_oneof![
            prop::sample::select(br#"{}[]",:\0-9.eEtfnu "#.to_vec()),
            any::<u8>()
        ]
    }

    fn member(text: &str, key: &str) -> Option<String> {
        Json::object(text.as_bytes(), key)?.map(Json::text)
    }

    #[test]
    fn is_an_object_and_nothing_else() {
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
            assert_eq!(Json::object(text.as_bytes(), "a"), None, "{text}");
        }
        assert_eq!(Json::object(b" {} ", "a"), Some(None));
    }

    #[test]
    fn gives_the_last_of_two_members_of_one_name_as_json_parse_does() {
        assert_eq!(member(r#"{"a":1,"a":2}"#, "a").unwrap(), "2");
    }

    #[test]
    fn sees_through_escapes_in_names_and_strings() {
        let text = br#"{"\u006fk":"\ud83d\ude00\n\ud800x"}"#;
        let value = Json::object(text, "ok").unwrap().unwrap();
        assert_eq!(value.string().unwrap(), "\u{1f600}\n\u{fffd}x");
    }

    #[test]
    fn refuses_what_nests_too_deep_instead_of_overflowing() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(member(&deep, "a"), None);
    }
}
