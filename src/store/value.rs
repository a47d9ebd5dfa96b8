use super::facts::{Names, Seen};
use super::hash::Hash;
use super::number;
use super::unescape::unescape;

/// Deeper nesting than this is not an answer of Seam's.
const MAX_DEPTH: u8 = 128;

/// The path of the value that is read.
pub(super) const ROOT: u64 = 0;

/// The hash of `true`.
pub(super) const TRUE: u64 = Hash::new(b't' as u64).finish();

/// The hash of an array without items.
pub(super) const EMPTY: u64 = Hash::new(b'[' as u64).finish();

/// The hash of a string that says this.
pub(super) const fn string(text: &[u8]) -> u64 {
    Hash::new(b'"' as u64).add(Hash::of(text)).finish()
}

/// The path of a member in what has a path, by the hash of its name.
pub(super) const fn within(path: u64, name: u64) -> u64 {
    Hash::from(path).add(name).finish()
}

/// Reads a whole JSON value (RFC 8259). Gives a hash of what it means to
/// `JSON.parse`: the order of members, the spelling of strings and numbers, and
/// all but the last of two members of one name make no difference, and 0 is -0,
/// as `===` has it. What is seen on the way is noted.
pub(super) fn read<'a>(text: &'a [u8], names: &mut Names) -> Option<(u64, Seen<'a>)> {
    let mut reading = Reading {
        text,
        at: 0,
        items: Vec::new(),
        names,
        seen: Seen::default(),
    };
    let meaning = reading.value(ROOT, 0)?;
    (reading.at == text.len()).then_some((meaning, reading.seen))
}

/// A value within an object or array that has not ended.
struct Item {
    /// The hash of the member's name; 0 in an array.
    name: u64,
    nth: usize,
    value: u64,
}

struct Reading<'a, 'n> {
    text: &'a [u8],
    at: usize,
    /// Of all objects and arrays that have not ended.
    items: Vec<Item>,
    names: &'n mut Names,
    seen: Seen<'a>,
}

impl<'a> Reading<'a, '_> {
    fn value(&mut self, path: u64, depth: u8) -> Option<u64> {
        let first = self.token()?;
        let start = self.at;
        self.seen.forget(path);
        let hash = match first {
            b'"' => string(&unescape(self.string()?)),
            b'{' | b'[' => self.items(first == b'{', path, depth)?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => {
                self.number()?;
                let number = number::value(self.text.get(start..self.at)?);
                // -0 + 0 is 0.
                Hash::new(b'0'.into())
                    .add((number + 0.0).to_bits())
                    .finish()
            }
        };
        let text = self.text.get(start..self.at)?;
        self.seen.note(path, text, hash, self.names);
        Some(hash)
    }

    /// An object or array. Its names are hashed into the paths of its members.
    fn items(&mut self, object: bool, path: u64, depth: u8) -> Option<u64> {
        (depth < MAX_DEPTH).then_some(())?;
        self.at += 1;
        let end = if object { b'}' } else { b']' };
        let start = self.items.len();
        while self.token()? != end {
            if self.items.len() > start {
                self.take(b',')?;
            }
            let (mut name, mut is_flag) = (0, false);
            if object {
                self.token()?;
                let text = unescape(self.string()?);
                name = Hash::of(&text);
                is_flag = path == ROOT && text.starts_with(b"can_");
                self.token()?;
                self.take(b':')?;
            }
            let value = self.value(within(path, name), depth + 1)?;
            if is_flag {
                self.seen.set(self.names.flags.bit(name), value == TRUE);
            }
            let nth = self.items.len();
            self.items.push(Item { name, nth, value });
        }
        self.at += 1;
        let own = self.items.get_mut(start..)?;
        if object {
            own.sort_unstable_by_key(|item| (item.name, item.nth));
        }
        let mut hash = Hash::new(if object { b'{' } else { b'[' }.into());
        let mut own = own.iter().peekable();
        while let Some(item) = own.next() {
            let replaced = own.peek().is_some_and(|next| next.name == item.name);
            if !(object && replaced) {
                hash = hash.add(item.name).add(item.value);
            }
        }
        self.items.truncate(start);
        Some(hash.finish())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Goes over white space; gives what comes after.
    fn token(&mut self) -> Option<u8> {
        while matches!(self.peek()?, b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.peek()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn word(&mut self, word: &[u8]) -> Option<u64> {
        self.text
            .get(self.at..)?
            .starts_with(word)
            .then(|| self.at += word.len())?;
        Some(Hash::new((*word.first()?).into()).finish())
    }

    /// A string, between its quotes, with its escapes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                0..0x20 => return None,
                b'\\' => {
                    self.at += 1;
                    match self.peek()? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            let digits = self.text.get(self.at + 1..self.at + 5)?;
                            digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                            self.at += 4;
                        }
                        _ => return None,
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        self.text.get(start..self.at - 1)
    }

    fn number(&mut self) -> Option<()> {
        let _sign = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if self.take(b'e').or_else(|| self.take(b'E')).is_some() {
            let _sign = self.take(b'+').or_else(|| self.take(b'-'));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}
