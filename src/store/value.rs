use super::facts::{Names, Seen};
use super::hash::Hash;
use super::number;
use super::string;

/// Deeper nesting than this, or more members in one object, is not an answer of Seam's.
const MAX_DEPTH: u8 = 128;
const MAX_MEMBERS: u64 = 4_096;

/// The path of the value that is read.
pub(super) const ROOT: u64 = 0;

/// The hash of `true`.
pub(super) const TRUE: u64 = Hash::new(b't' as u64).finish();

/// The hash of an array without items.
pub(super) const EMPTY: u64 = Hash::new(b'[' as u64).add(0).finish();

/// The hash of a string that says this.
pub(super) const fn string(text: &[u8]) -> u64 {
    Hash::new(b'"' as u64).add(Hash::of(text)).finish()
}

/// The path of a member in what has a path, by the hash of its name.
pub(super) const fn within(path: u64, name: u64) -> u64 {
    Hash::from(path).add(name).finish()
}

/// A value that was read.
pub(super) struct Value {
    /// How much of the text it is.
    pub(super) length: usize,
    /// The hash of what it means.
    pub(super) meaning: u64,
    pub(super) seen: Seen,
}

/// Reads the JSON value (RFC 8259) that a text begins with. Its hash is of what it
/// means to `JSON.parse`: the order of members, the spelling of strings and numbers,
/// and all but the last of two members of one name make no difference, and 0 is -0,
/// as `===` has it. What is seen on the way is noted.
pub(super) fn read(text: &[u8], names: &mut Names) -> Option<Value> {
    let mut reading = Reading {
        text,
        at: 0,
        said: &[],
        out: Vec::new(),
        number: 0.0,
        items: Vec::new(),
        names,
        seen: Seen::default(),
    };
    let meaning = reading.value(ROOT, 0)?;
    Some(Value {
        length: reading.at,
        meaning,
        seen: reading.seen,
    })
}

struct Reading<'a, 'n> {
    text: &'a [u8],
    at: usize,
    /// What the last string says, if it is written so; else that is in `out`.
    said: &'a [u8],
    out: Vec<u8>,
    /// The last number.
    number: f64,
    /// The names' and the values' hashes in all objects and arrays that have not ended.
    items: Vec<(u64, u64)>,
    names: &'n mut Names,
    seen: Seen,
}

impl Reading<'_, '_> {
    fn value(&mut self, path: u64, depth: u8) -> Option<u64> {
        let first = self.token()?;
        self.seen.forget(path);
        let meaning = match first {
            b'"' => string(self.string()?),
            b'{' | b'[' => self.items(first == b'{', path, depth)?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => {
                self.number()?;
                // -0 + 0 is 0.
                let bits = (self.number + 0.0).to_bits();
                Hash::new(b'0'.into()).add(bits).finish()
            }
        };
        let said = if self.out.is_empty() {
            self.said
        } else {
            &self.out
        };
        self.seen
            .note(path, first, meaning, said, self.number, self.names.id);
        Some(meaning)
    }

    /// An object or array, whose items are named by their places. Names are
    /// hashed into the paths of what they name.
    fn items(&mut self, object: bool, path: u64, depth: u8) -> Option<u64> {
        (depth < MAX_DEPTH).then_some(())?;
        self.at += 1;
        let (kind, end) = if object { (b'{', b'}') } else { (b'[', b']') };
        let start = self.items.len();
        let mut nth = 0;
        while self.token()? != end {
            if nth > 0 {
                self.take(b',')?;
                self.token()?;
            }
            let (mut name, mut is_flag) = (nth, false);
            if object {
                let text = self.string()?;
                name = Hash::of(text);
                is_flag = path == ROOT && text.starts_with(b"can_");
                self.token()?;
                self.take(b':')?;
            }
            let value = self.value(within(path, name), depth + 1)?;
            if is_flag {
                self.seen.set(self.names.flags.bit(name), value == TRUE);
            }
            // In an array no two have one name.
            let mut own = self
                .items
                .iter_mut()
                .skip(if object { start } else { usize::MAX });
            match own.find(|item| item.0 == name) {
                Some(item) => item.1 = value,
                None => self.items.push((name, value)),
            }
            nth += 1;
            (nth < MAX_MEMBERS || !object).then_some(())?;
        }
        self.at += 1;
        // The same in any order.
        let mut sum = 0_u64;
        for (name, value) in self.items.drain(start..) {
            sum = sum.wrapping_add(within(value, name));
        }
        Some(Hash::new(kind.into()).add(sum).finish())
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
        let rest = self.text.get(self.at..)?;
        rest.starts_with(word).then(|| self.at += word.len())?;
        Some(Hash::new((*word.first()?).into()).finish())
    }

    /// What a string says.
    fn string(&mut self) -> Option<&[u8]> {
        self.take(b'"')?;
        self.said = string::read(self.text, &mut self.at, &mut self.out)?;
        Some(if self.out.is_empty() {
            self.said
        } else {
            &self.out
        })
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
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
        let text = self.text.get(start..self.at)?;
        self.number = number::short(text).unwrap_or_else(|| (self.names.number)(text));
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
