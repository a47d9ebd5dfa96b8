//! Conversion of the types to JSON and back.
//!
//! All conversions use [`Value`] instead of serde's generic calls. When both were measured, derived
//! implementations with a flattened member took twice as long to compile, and were twice as large.

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value};

use crate::Secret;

/// A type of a member's value.
pub(crate) trait Wire: Sized {
    fn read(value: &Value) -> Result<Self, Mismatch>;

    /// `None` leaves the member out.
    fn write(&self) -> Option<Value>;

    /// The value of a member that is absent, if it may be.
    fn absent() -> Option<Self> {
        None
    }
}

/// A struct with the documented members of an object, and `other` for the rest.
pub(crate) trait Object: Wire {
    fn other(&mut self) -> &mut Map<String, Value>;
}

/// The path of a value that is not of the documented type. It does not hold the value, which may be
/// a secret.
pub(crate) struct Mismatch {
    /// From the innermost member outwards.
    path: Vec<String>,
    expected: &'static str,
    found: &'static str,
}

impl Mismatch {
    fn new(expected: &'static str, found: &Value) -> Self {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Self {
            path: Vec::new(),
            expected,
            found,
        }
    }

    fn missing(name: &str) -> Self {
        Self {
            path: vec![name.to_owned()],
            expected: "a value",
            found: "nothing",
        }
    }

    fn within(mut self, step: String) -> Self {
        self.path.push(step);
        self
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.path.iter().rev().enumerate() {
            let dot = if at == 0 { "" } else { "." };
            write!(f, "{dot}{step}")?;
        }
        let colon = if self.path.is_empty() { "" } else { ": " };
        write!(f, "{colon}expected {}, found {}", self.expected, self.found)
    }
}

pub(crate) fn members(value: &Value) -> Result<&Map<String, Value>, Mismatch> {
    value
        .as_object()
        .ok_or_else(|| Mismatch::new("an object", value))
}

pub(crate) fn text(value: &Value) -> Result<&str, Mismatch> {
    value
        .as_str()
        .ok_or_else(|| Mismatch::new("a string", value))
}

/// Returns the member `name`. An optional one of another type stays in `other`.
pub(crate) fn take<T: Wire>(
    other: &mut Map<String, Value>,
    from: &Map<String, Value>,
    name: &str,
) -> Result<T, Mismatch> {
    let read = from.get(name).map(|value| (value, T::read(value)));
    match (read, T::absent()) {
        (Some((_, Ok(read))), _) => Ok(read),
        (None, Some(absent)) => Ok(absent),
        (Some((value, Err(_))), Some(absent)) => {
            other.insert(name.to_owned(), value.clone());
            Ok(absent)
        }
        (Some((_, Err(mismatch))), None) => Err(mismatch.within(name.to_owned())),
        (None, None) => Err(Mismatch::missing(name)),
    }
}

/// Returns the members that are not among `names`, which are sorted.
pub(crate) fn rest(from: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    from.iter()
        .filter(|(name, _)| names.binary_search(&name.as_str()).is_err())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

pub(crate) fn put(to: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        to.insert(name.to_owned(), value);
    }
}

/// Returns `known` with the members of `other` that it lacks.
pub(crate) fn object(mut known: Map<String, Value>, other: &Map<String, Value>) -> Value {
    for (name, value) in other {
        if !known.contains_key(name) {
            known.insert(name.clone(), value.clone());
        }
    }
    Value::Object(known)
}

/// Reads the variant `T` of an enum, without the members that identify it.
pub(crate) fn variant<T: Object>(value: &Value, tags: &[&str]) -> Option<Box<T>> {
    let mut read = T::read(value).ok()?;
    without(read.other(), tags);
    Some(Box::new(read))
}

fn without(members: &mut Map<String, Value>, names: &[&str]) {
    members.retain(|name, _| !names.contains(&name.as_str()));
}

/// Returns the variant with the members that identify it.
pub(crate) fn tagged(known: Option<Value>, tags: &[&str], values: &[&str]) -> Option<Value> {
    let tags = tags.iter().zip(values);
    let tags = tags.map(|(tag, value)| ((*tag).to_owned(), Value::from(*value)));
    let Some(Value::Object(known)) = known else {
        return None;
    };
    Some(object(tags.collect(), &known))
}

pub(crate) fn value(of: &impl Wire) -> Value {
    of.write().unwrap_or(Value::Null)
}

pub(crate) fn serialize<S: Serializer>(it: &impl Wire, to: S) -> Result<S::Ok, S::Error> {
    value(it).serialize(to)
}

pub(crate) fn deserialize<'de, T: Wire, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    T::read(&Value::deserialize(from)?).map_err(D::Error::custom)
}

impl<T: Wire> Wire for Option<T> {
    fn read(value: &Value) -> Result<Self, Mismatch> {
        T::read(value).map(Some)
    }

    fn write(&self) -> Option<Value> {
        self.as_ref()?.write()
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Wire> Wire for Box<T> {
    fn read(value: &Value) -> Result<Self, Mismatch> {
        T::read(value).map(Self::new)
    }

    fn write(&self) -> Option<Value> {
        self.as_ref().write()
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn read(value: &Value) -> Result<Self, Mismatch> {
        let Value::Array(items) = value else {
            return Err(Mismatch::new("a list", value));
        };
        let mut read = Self::with_capacity(items.len());
        for item in items {
            match T::read(item) {
                Ok(item) => read.push(item),
                Err(mismatch) => return Err(mismatch.within(read.len().to_string())),
            }
        }
        Ok(read)
    }

    fn write(&self) -> Option<Value> {
        let mut items = Vec::with_capacity(self.len());
        for item in self {
            items.extend(item.write());
        }
        Some(Value::Array(items))
    }
}

macro_rules! plain {
    ($type:ty, $pattern:pat => $read:expr, $write:expr, $expected:literal) => {
        impl Wire for $type {
            fn read(value: &Value) -> Result<Self, Mismatch> {
                match value {
                    $pattern => Ok($read),
                    value => Err(Mismatch::new($expected, value)),
                }
            }

            fn write(&self) -> Option<Value> {
                let write: fn(&Self) -> Value = $write;
                Some(write(self))
            }
        }
    };
}

plain!(String, Value::String(it) => it.clone(), |it| it.as_str().into(), "a string");
plain!(bool, Value::Bool(it) => *it, |it| (*it).into(), "a boolean");
plain!(Number, Value::Number(it) => it.clone(), |it| Value::Number(it.clone()), "a number");
plain!(Map<String, Value>, Value::Object(it) => it.clone(), |it| Value::Object(it.clone()), "an object");
plain!(Secret, Value::String(it) => Self::new(it.clone()), |it| it.expose().into(), "a string");

impl Wire for Value {
    fn read(value: &Value) -> Result<Self, Mismatch> {
        Ok(value.clone())
    }

    fn write(&self) -> Option<Value> {
        Some(self.clone())
    }
}
