use super::hash::Hash;
use super::number;
use super::tokens::{Token, Tokens};
use super::unescape::unescape;

/// A value within an object or array that is still open.
struct Item {
    /// The hash of the member's name; 0 in an array.
    key: u64,
    nth: usize,
    value: u64,
}

/// An object or array that is still open.
struct Level {
    object: bool,
    /// The name that it has itself, in the one around it.
    key: u64,
    /// Where its items begin.
    start: usize,
}

/// A hash of what a JSON text means to `JSON.parse`: the order of members, the
/// spelling of strings and numbers, and all but the last of two members of one
/// name make no difference. 0 and -0 are the same, as `===` has it.
pub(super) fn meaning(text: &[u8]) -> u64 {
    let mut tokens = Tokens::new();
    let mut levels: Vec<Level> = Vec::new();
    let mut items: Vec<Item> = Vec::new();
    let mut key = 0;
    while let Ok(Some(token)) = tokens.next(text) {
        let value = match token {
            Token::Key(name) => {
                key = Hash::of(&unescape(name));
                continue;
            }
            Token::Object | Token::Array => {
                let (object, start) = (token == Token::Object, items.len());
                levels.push(Level { object, key, start });
                key = 0;
                continue;
            }
            Token::End => {
                let Some(level) = levels.pop() else { break };
                key = level.key;
                all(&mut items, &level)
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
        let nth = items.len();
        items.push(Item { key, nth, value });
    }
    items.first().map_or(0, |item| item.value)
}

/// The hash of an object or array, whose items are taken.
fn all(items: &mut Vec<Item>, level: &Level) -> u64 {
    let own = items.get_mut(level.start..).unwrap_or_default();
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
    items.truncate(level.start);
    hash.finish()
}
