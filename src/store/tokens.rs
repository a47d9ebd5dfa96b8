use super::StoreError;

/// Deeper nesting than this is not an answer of Seam's; it is also as many bits as `objects` has.
const MAX_DEPTH: u32 = 128;

/// A piece of JSON text (RFC 8259).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// The name of a member, between its quotes, with its escapes.
    Key(&'a [u8]),
    /// A string, between its quotes, with its escapes.
    String(&'a [u8]),
    /// A number as it is written.
    Number(&'a [u8]),
    True,
    False,
    Null,
    /// An object begins.
    Object,
    /// An array begins.
    Array,
    /// The innermost object or array ends.
    End,
}

/// What may stand at this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
    Nothing,
}

/// Reads one JSON value token by token, out of bytes that may still be
/// arriving: a token that is not all there is asked for again later. It keeps
/// a bit for each level of nesting instead of calling itself.
#[derive(Debug)]
pub(super) struct Tokens {
    at: usize,
    /// The string that begins at `at` has been looked at up to here.
    seen: usize,
    /// A bit for each open level, the lowest for the innermost: 1 is an object.
    objects: u128,
    depth: u32,
    next: Next,
}

impl Tokens {
    /// At the beginning of a value.
    pub(super) fn new() -> Self {
        Self {
            at: 0,
            seen: 0,
            objects: 0,
            depth: 0,
            next: Next::Value,
        }
    }

    /// Where the next token begins, or the white space before it.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The number of objects and arrays that are open.
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// Whether the value has ended, and only white space may follow.
    pub(super) fn ended(&self) -> bool {
        self.next == Next::Nothing
    }

    /// The first `count` bytes have gone: the rest has moved to the front.
    pub(super) fn shift(&mut self, count: usize) {
        self.at -= count;
        self.seen = self.seen.saturating_sub(count);
    }

    /// Takes the object that has just begun as read, up to where it ends.
    pub(super) fn leave(&mut self, end: usize) {
        self.at = end;
        self.close();
    }

    /// The next token; nothing if it is not all there yet, or if all has been read.
    pub(super) fn next<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<Token<'a>>, StoreError> {
        let Some(mut first) = self.skip_space(bytes) else {
            return Ok(None);
        };
        if self.next == Next::CommaOrEnd && first == b',' {
            self.at += 1;
            self.next = if self.in_object() {
                Next::Key
            } else {
                Next::Value
            };
            match self.skip_space(bytes) {
                Some(byte) => first = byte,
                None => return Ok(None),
            }
        }
        match (self.next, first) {
            (Next::Key | Next::KeyOrEnd, b'"') => self.key(bytes),
            (Next::KeyOrEnd, b'}') | (Next::ValueOrEnd, b']') => Ok(Some(self.end())),
            (Next::CommaOrEnd, b'}') if self.in_object() => Ok(Some(self.end())),
            (Next::CommaOrEnd, b']') if !self.in_object() => Ok(Some(self.end())),
            (Next::Value | Next::ValueOrEnd, _) => self.value(bytes, first),
            _ => Err(StoreError::NotJson),
        }
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn skip_space(&mut self, bytes: &[u8]) -> Option<u8> {
        loop {
            let byte = *bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn open(&mut self, object: bool) -> Result<(), StoreError> {
        if self.depth == MAX_DEPTH {
            return Err(StoreError::NotJson);
        }
        self.at += 1;
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(object);
        self.next = if object {
            Next::KeyOrEnd
        } else {
            Next::ValueOrEnd
        };
        Ok(())
    }

    fn end(&mut self) -> Token<'static> {
        self.at += 1;
        self.close();
        Token::End
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.objects >>= 1;
        self.after_value();
    }

    fn after_value(&mut self) {
        self.next = if self.depth == 0 {
            Next::Nothing
        } else {
            Next::CommaOrEnd
        };
    }

    /// A member's name, and the colon after it.
    fn key<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<Token<'a>>, StoreError> {
        let Some(quote) = self.string(bytes)? else {
            return Ok(None);
        };
        let after = bytes.get(quote + 1..).unwrap_or_default();
        let space = after.iter().take_while(|byte| byte.is_ascii_whitespace());
        let space = space.count();
        match after.get(space) {
            None => return Ok(None),
            // `is_ascii_whitespace` takes the form feed too, which JSON does not.
            Some(b':') if !after.iter().take(space).any(|byte| *byte == 0xc) => {}
            Some(_) => return Err(StoreError::NotJson),
        }
        let key = bytes.get(self.at + 1..quote).unwrap_or_default();
        self.at = quote + 1 + space + 1;
        self.next = Next::Value;
        Ok(Some(Token::Key(key)))
    }

    fn value<'a>(&mut self, bytes: &'a [u8], first: u8) -> Result<Option<Token<'a>>, StoreError> {
        let (end, token) = match first {
            b'"' => {
                let Some(quote) = self.string(bytes)? else {
                    return Ok(None);
                };
                let string = bytes.get(self.at + 1..quote).unwrap_or_default();
                (quote + 1, Token::String(string))
            }
            b'{' => return self.open(true).map(|()| Some(Token::Object)),
            b'[' => return self.open(false).map(|()| Some(Token::Array)),
            b't' => (self.at + 4, Token::True),
            b'f' => (self.at + 5, Token::False),
            b'n' => (self.at + 4, Token::Null),
            _ => {
                let Some(end) = number(bytes, self.at)? else {
                    return Ok(None);
                };
                let number = bytes.get(self.at..end).unwrap_or_default();
                (end, Token::Number(number))
            }
        };
        let word: &[u8] = match token {
            Token::True => b"true",
            Token::False => b"false",
            Token::Null => b"null",
            _ => b"",
        };
        let there = bytes.get(self.at..).unwrap_or_default();
        if !there.iter().zip(word).all(|(is, should)| is == should) {
            return Err(StoreError::NotJson);
        }
        if there.len() < word.len() {
            return Ok(None);
        }
        self.at = end;
        self.after_value();
        Ok(Some(token))
    }

    /// Where the string that begins here has its closing quote.
    fn string(&mut self, bytes: &[u8]) -> Result<Option<usize>, StoreError> {
        let mut at = self.seen.max(self.at + 1);
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let plain = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            at += plain.unwrap_or(rest.len());
            self.seen = at;
            let escape = match (bytes.get(at), bytes.get(at + 1)) {
                (Some(b'"'), _) => return Ok(Some(at)),
                (None, _) | (Some(b'\\'), None) => return Ok(None),
                (Some(b'\\'), Some(escape)) => *escape,
                (Some(_), _) => return Err(StoreError::NotJson),
            };
            at += match escape {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                b'u' => {
                    let digits = bytes.get(at + 2..).unwrap_or_default();
                    if !digits.iter().take(4).all(u8::is_ascii_hexdigit) {
                        return Err(StoreError::NotJson);
                    }
                    if digits.len() < 4 {
                        return Ok(None);
                    }
                    6
                }
                _ => return Err(StoreError::NotJson),
            };
        }
    }
}

/// Where the number that begins at `at` ends, if what follows it is there.
fn number(bytes: &[u8], mut at: usize) -> Result<Option<usize>, StoreError> {
    let is = |at: usize, one_of: &[u8]| bytes.get(at).is_some_and(|byte| one_of.contains(byte));
    at += usize::from(is(at, b"-"));
    at = if is(at, b"0") {
        at + 1
    } else {
        digits(bytes, at)?
    };
    if is(at, b".") {
        at = digits(bytes, at + 1)?;
    }
    if is(at, b"eE") {
        at += 1;
        at = digits(bytes, at + usize::from(is(at, b"+-")))?;
    }
    Ok((at < bytes.len()).then_some(at))
}

/// Where the digits end that must stand at `at`, unless the bytes end before.
fn digits(bytes: &[u8], at: usize) -> Result<usize, StoreError> {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
        0 if !rest.is_empty() => Err(StoreError::NotJson),
        count => Ok(at + count),
    }
}
