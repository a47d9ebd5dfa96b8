use super::fields::{DeviceFields, FieldPaths};
use super::hash::{Hash, ROOT, TRUE, string, within};
use super::number;
use super::string as json_string;

/// Each member of an object is compared with so many before it. What comes after
/// these counts with its place: then another order is a change, and the time that
/// an object takes grows no faster than the object.
const MAX_COMPARED: usize = 4_096;

/// A value that was read.
pub(super) struct Value {
    /// How much of the text it is.
    pub(super) length: usize,
    /// The hash of what it means.
    pub(super) semantic_hash: u64,
    pub(super) fields: DeviceFields,
}

/// Reads the JSON value (RFC 8259) that a text begins with. Its hash is of what it
/// means to `JSON.parse`: the order of members, the spelling of strings and numbers,
/// and all but the last of two members of one name make no difference, and 0 is -0,
/// as `===` has it. What is fields on the way is noted.
pub(super) fn read(text: &[u8], names: &mut FieldPaths) -> Option<Value> {
    let mut parser = Parser {
        text,
        at: 0,
        str_value: &[],
        out: Vec::new(),
        number: 0.0,
        items: Vec::new(),
        names,
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
    /// What the last string says, if it is written so; else that is in `out`.
    str_value: &'a [u8],
    out: Vec<u8>,
    /// The last number.
    number: f64,
    /// The names' and the values' hashes in all objects and arrays that have not
    /// ended. Before those of each stands what it is in: the path of that, where
    /// its items begin, and its first byte.
    items: Vec<(u64, u64)>,
    names: &'n mut FieldPaths,
    fields: DeviceFields,
}

impl Parser<'_, '_> {
    /// A value, with all that is in it. It does not call itself: `JSON.parse` takes
    /// any nesting, and the stack of a WebAssembly module is small.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is taken apart was put together of no more"
    )]
    fn value(&mut self) -> Option<u64> {
        // What is open: its path, where its items begin, its first byte. 0 is nothing.
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
                        self.names.id,
                    );
                    let items = self.items.get_mut(start..)?;
                    let Some((item, before)) = items.split_last_mut() else {
                        return ended;
                    };
                    item.1 = semantic_hash;
                    if own == ROOT {
                        let bit = self.names.flags.known(item.0).unwrap_or_default();
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
                // `]` comes as far after `[` as `}` after `{`.
                if self.token()? == kind + 2 {
                    self.at += 1;
                    // The same in any order.
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
                // The items of an array are named by their places.
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
                        self.names.flags.add(name);
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

    /// What has no items.
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
