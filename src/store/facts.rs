use super::flags::Flags;
use super::fold::fold;
use super::hash::Hash;
use super::number;
use super::query::Query;
use super::tokens::Token;
use super::unescape::unescape;

/// Without a status, a battery below this is low: a choice, Seam names no number.
const LOW_BATTERY: f64 = 0.25;

/// What can be asked of a device without its object.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// A bit for each thing that is so: those of `Query`, and those of
    /// `Flags` for the capability flags that are present and true.
    pub(super) bits: u64,
    /// The hash of `device_type`, 0 if there is none.
    pub(super) device_type: u64,
    /// `display_name`, else `name`, folded.
    pub(super) name: Box<[u8]>,
}

/// Ends the name of an object or array in a path; no name has this byte.
const INTO: u8 = 0xff;

/// The members that are looked at, by their paths. What is in an array has no name.
const PATHS: [&[u8]; 8] = [
    b"device_type",
    b"display_name",
    b"name",
    b"errors\xff",
    b"properties\xffonline",
    b"properties\xffbattery_level",
    b"properties\xffbattery\xfflevel",
    b"properties\xffbattery\xffstatus",
];

/// What the deepest of them is in.
const DEEPEST: usize = 3;

/// What such a member is.
#[derive(Debug)]
enum Value {
    Text(Box<[u8]>),
    Number(f64),
    True,
    Other,
}

/// What is the same for all devices.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) id_member: Vec<u8>,
    pub(super) flags: Flags,
}

/// Gathers the id and the facts of one device out of its tokens.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    /// Where it is.
    path: Vec<u8>,
    /// How long the path of each object or array is that is open.
    levels: Vec<usize>,
    id: Option<Box<[u8]>>,
    flags: u64,
    values: [Option<Value>; PATHS.len()],
}

impl Gatherer {
    /// The object of a device begins.
    pub(super) fn begin(&mut self) {
        self.path.clear();
        self.levels.clear();
        self.levels.push(0);
        self.id = None;
        self.flags = 0;
        self.values = [const { None }; PATHS.len()];
    }

    /// Takes the next token.
    pub(super) fn take(&mut self, token: Token<'_>, names: &mut Names) {
        if token == Token::End {
            self.levels.pop();
        }
        let Some(level) = self.levels.last() else {
            return;
        };
        if let Token::End | Token::Key(_) = token {
            self.path.truncate(*level);
        }
        let matters = self.levels.len() <= DEEPEST;
        match token {
            Token::End => return,
            Token::Key(raw) if matters => self.path.extend_from_slice(&unescape(raw)),
            Token::Key(_) => {}
            _ if matters => self.value(token, names),
            _ => {}
        }
        if let Token::Object | Token::Array = token {
            self.path.push(INTO);
            self.levels.push(self.path.len());
        }
    }

    /// A value begins, which is at the path. Of two of one name the last counts.
    fn value(&mut self, token: Token<'_>, names: &mut Names) {
        for (path, value) in PATHS.iter().zip(&mut self.values) {
            if let Some(inside) = path.strip_prefix(&*self.path) {
                match inside.first() {
                    None => *value = Some(Value::of(token)),
                    Some(&INTO) => *value = None,
                    Some(_) => {}
                }
            }
        }
        if self.levels.len() > 1 {
            return;
        }
        if self.path == names.id_member {
            self.id = match Value::of(token) {
                Value::Text(text) => Some(text),
                _ => None,
            };
        } else if self.path.starts_with(b"can_") {
            let bit = names.flags.bit(Hash::of(&self.path));
            self.flags &= !bit;
            if token == Token::True {
                self.flags |= bit;
            }
        }
    }

    /// The id, and the facts; nothing for a device without an id.
    pub(super) fn finish(&mut self) -> Option<(Box<[u8]>, Facts)> {
        let [
            device_type,
            display_name,
            name,
            errors,
            online,
            level,
            in_battery,
            status,
        ] = core::mem::take(&mut self.values);
        let text = |value| match value {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        let low = match (text(status), in_battery.or(level)) {
            (Some(status), _) => matches!(&*status, b"low" | b"critical"),
            (None, Some(Value::Number(level))) => level < LOW_BATTERY,
            _ => false,
        };
        let mut bits = self.flags;
        for (is, bit) in [
            (matches!(online, Some(Value::True)), Query::ONLINE),
            (low, Query::LOW_BATTERY),
            (errors.is_some(), Query::HAS_ERRORS),
        ] {
            bits |= if is { bit } else { 0 };
        }
        let facts = Facts {
            bits,
            device_type: text(device_type).map_or(0, |name| Hash::of(&name)),
            name: fold(&text(display_name).or(text(name)).unwrap_or_default()),
        };
        Some((self.id.take()?, facts))
    }
}

impl Value {
    fn of(token: Token<'_>) -> Self {
        match token {
            Token::String(raw) => Self::Text(unescape(raw).into()),
            Token::Number(text) => Self::Number(number::value(text)),
            Token::True => Self::True,
            _ => Self::Other,
        }
    }
}
