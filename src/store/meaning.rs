use super::hash::Hash;
use super::number;
use super::tokens::Token;
use super::unescape::unescape;

/// A value within an object or array that is still open.
#[derive(Debug)]
struct Item {
    /// The hash of the member's name; 0 in an array.
    key: u64,
    nth: usize,
    value: u64,
}

/// An object or array that is still open.
#[derive(Debug)]
struct Level {
    object: bool,
    /// The name that it has itself, in the one around it.
    key: u64,
    /// Where its items begin.
    start: usize,
}

/// Makes a hash of what a JSON text means to `JSON.parse`, out of its tokens:
/// the order of members, the spelling of strings and numbers, and all but the
/// last of two members of one name make no difference. 0 and -0 are the same,
/// as `===` has it.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    levels: Vec<Level>,
    items: Vec<Item>,
    key: u64,
}

impl Meaning {
    /// Takes the next token; gives the hash when the value has ended.
    pub(super) fn take(&mut self, token: Token<'_>) -> Option<u64> {
        let value = match token {
            Token::Key(name) => {
                self.key = Hash::of(&unescape(name));
                return None;
            }
            Token::Object | Token::Array => {
                self.levels.push(Level {
                    object: token == Token::Object,
                    key: self.key,
                    start: self.items.len(),
                });
                self.key = 0;
                return None;
            }
            Token::End => {
                let level = self.levels.pop()?;
                self.key = level.key;
                self.all(&level)
            }
            Token::String(raw) => Hash::new(b'"').add_bytes(&unescape(raw)).finish(),
            // -0 + 0 is 0.
            Token::Number(text) => Hash::new(b'0')
                .add((number::value(text) + 0.0).to_bits())
                .finish(),
            Token::True => Hash::new(b't').finish(),
            Token::False => Hash::new(b'f').finish(),
            Token::Null => Hash::new(b'n').finish(),
        };
        if self.levels.is_empty() {
            self.key = 0;
            return Some(value);
        }
        self.items.push(Item {
            key: self.key,
            nth: self.items.len(),
            value,
        });
        None
    }

    /// The hash of an object or array, whose items are taken.
    fn all(&mut self, level: &Level) -> u64 {
        let own = self.items.get_mut(level.start..).unwrap_or_default();
        let mut hash = Hash::new(if level.object { b'{' } else { b'[' });
        if level.object {
            own.sort_unstable_by_key(|item| (item.key, item.nth));
        }
        let mut own = own.iter().peekable();
        while let Some(item) = own.next() {
            let replaced = own.peek().is_some_and(|next| next.key == item.key);
            if !(level.object && replaced) {
                hash = hash.add(item.key).add(item.value);
            }
        }
        self.items.truncate(level.start);
        hash.finish()
    }
}
