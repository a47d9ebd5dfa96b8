use super::fields::{DeviceFields, FieldPaths};
use super::hash::{Hash, ROOT, TRUE, string, within};
use super::number;
use super::string as json_string;

/// The number of members of an object that a member's name is compared with. Later members count
/// with their place, so that their order matters and the time stays linear.
const MAX_COMPARED: usize = 4_096;

/// A parsed value.
pub(super) struct Value {
    /// The length of its text.
    pub(super) length: usize,
    /// The hash of its meaning.
    pub(super) semantic_hash: u64,
    pub(super) fields: DeviceFields,
}

/// Parses the JSON value (RFC 8259) that a text starts with, and records its fields. Its hash is
/// that of its meaning to `JSON.parse`: the order of members, the spelling of strings and numbers,
/// and all but the last of two members with one name make no difference, and 0 equals -0.
pub(super) fn read(text: &[u8], paths: &mut FieldPaths) -> Option<Value> {
    let mut parser = Parser {
        text,
        at: 0,
        str_value: &[],
        out: Vec::new(),
        number: 0.0,
        items: Vec::new(),
        paths,
        fields: DeviceFields::default(),
    };
    let semantic_hash = parser.value()?;
    Some(Value {
        length: parser.at,
        semantic_hash,
        fields: parser.fields,
    })
}

struct Parser<'a, 'n> {
    text: &'a [u8],
    at: usize,
    /// The value of the last string if it has no escapes; otherwise it is in `out`.
    str_value: &'a [u8],
    out: Vec<u8>,
    /// The last number.
    number: f64,
    /// The hashes of names and values in all open objects and arrays. Before those of each are the
    /// path of its parent, where the parent's items start, and the parent's first byte.
    items: Vec<(u64, u64)>,
    paths: &'n mut FieldPaths,
    fields: DeviceFields,
}

impl Parser<'_, '_> {
    /// Parses a value with all that is in it, without recursion: `JSON.parse` takes any nesting,
    /// and the stack of a WebAssembly module is small.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the parts were packed from values of this size"
    )]
    fn value(&mut self) -> Option<u64> {
        // The innermost open object or array: its path, where its items start, its first byte, or 0.
        let (mut own, mut start, mut kind) = (ROOT, 0, 0);
        let mut path = ROOT;
        loop {
            let mut first = self.token()?;
            self.fields.reset(path);
            let mut ended = None;
            if matches!(first, b'{' | b'[') {
                self.at += 1;
                self.items
                    .push((own, (start << 8) as u64 | u64::from(kind)));
                (own, start, kind) = (path, self.items.len(), first);
            } else {
                ended = Some(self.scalar(first)?);
            }
            // Until the next value begins.
            loop {
                if let Some(semantic_hash) = ended {
                    let str_value = if self.out.is_empty() {
                        self.str_value
                    } else {
                        &self.out
                    };
                    self.fields.record(
                        path,
                        first,
                        semantic_hash,
                        str_value,
                        self.number,
                        self.paths.id,
                    );
                    let items = self.items.get_mut(start..)?;
                    let Some((item, before)) = items.split_last_mut() else {
                        return ended;
                    };
                    item.1 = semantic_hash;
                    if own == ROOT {
                        let bit = self.paths.flags.known(item.0).unwrap_or_default();
                        self.fields.set(bit, semantic_hash == TRUE);
                    }
                    if before.len() >= MAX_COMPARED {
                        item.0 = item.0.wrapping_add(before.len() as u64);
                    } else if kind == b'{'
                        && let Some(same) = before.iter_mut().find(|it| it.0 == item.0)
                    {
                        *same = *item;
                        self.items.pop();
                    }
                }
                // In ASCII, `]` is two after `[`, and `}` two after `{`.
                if self.token()? == kind + 2 {
                    self.at += 1;
                    // A sum is the same in any order.
                    let mut sum = 0_u64;
                    while self.items.len() > start {
                        let (name, value) = self.items.pop()?;
                        sum = sum.wrapping_add(within(value, name));
                    }
                    ended = Some(Hash::new(kind.into()).add(sum).finish());
                    (first, path) = (kind, own);
                    let outer;
                    (own, outer) = self.items.pop()?;
                    (start, kind) = ((outer >> 8) as usize, outer as u8);
                    continue;
                }
                // The name of an item of an array is its place.
                let mut name = (self.items.len() - start) as u64;
                if name > 0 {
                    self.take(b',')?;
                    self.token()?;
                }
                if kind == b'{' {
                    let text = self.string()?;
                    let is_flag = own == ROOT && text.starts_with(b"can_");
                    name = Hash::of(text);
                    if is_flag {
                        self.paths.flags.add(name);
                    }
                    self.token()?;
                    self.take(b':')?;
                }
                self.items.push((name, 0));
                path = within(own, name);
                break;
            }
        }
    }

    /// Parses a value that is neither an object nor an array.
    fn scalar(&mut self, first: u8) -> Option<u64> {
        Some(match first {
            b'"' => string(self.string()?),
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => {
                self.number()?;
                // -0 + 0 is 0.
                let bits = (self.number + 0.0).to_bits();
                Hash::new(b'0'.into()).add(bits).finish()
            }
        })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Skips white space, and returns the next byte.
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

    /// Parses a string, and returns its value.
    fn string(&mut self) -> Option<&[u8]> {
        self.take(b'"')?;
        self.str_value = json_string::read(self.text, &mut self.at, &mut self.out)?;
        Some(if self.out.is_empty() {
            self.str_value
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
        self.number = number::short(text).unwrap_or_else(|| (self.paths.number)(text));
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
