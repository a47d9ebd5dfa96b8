//! The schemas of parameters.

use std::collections::BTreeSet;

/// A parameter, or a member of an object.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) schema: Schema,
    pub(crate) required: bool,
    /// The default value, as JSON text.
    pub(crate) default: Option<&'static str>,
}

/// The schema of a value.
#[derive(Debug)]
pub(crate) enum Schema {
    Text {
        format: Format,
        min: usize,
        max: usize,
    },
    Bool,
    /// Only this boolean.
    Const(bool),
    Number {
        integer: bool,
        exclusive_min: Option<f64>,
        min: Option<f64>,
        max: Option<f64>,
    },
    Enum(&'static [&'static str]),
    Array {
        items: &'static Schema,
        min: usize,
        max: usize,
    },
    Object {
        fields: &'static [Field],
        additional: AdditionalProperties,
    },
    /// The first schema that fits applies.
    OneOf(&'static [Schema]),
    /// All schemas apply, each to its own members.
    AllOf(&'static [Schema]),
    Nullable(&'static Schema),
}

/// What happens to the members of an object that the schema does not name.
#[derive(Debug)]
pub(crate) enum AdditionalProperties {
    Dropped,
    Kept,
    Refused,
    Each(&'static Schema),
}

/// The format of a string.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Format {
    Any,
    Uuid,
    Email,
    DateTime,
    Uri,
    Digits,
    Identifier,
    /// `HH:MM` or `HH:MM:SS`.
    TimeOfDay,
    /// `HH:MM:SS`.
    TimeWithSeconds,
}

pub(crate) const TEXT: Schema = text(Format::Any);
pub(crate) const UUID: Schema = text(Format::Uuid);
pub(crate) const EMAIL: Schema = text(Format::Email);
pub(crate) const DATE_TIME: Schema = text(Format::DateTime);
pub(crate) const URI: Schema = text(Format::Uri);
pub(crate) const NUMBER: Schema = Schema::Number {
    integer: false,
    exclusive_min: None,
    min: None,
    max: None,
};

const fn text(format: Format) -> Schema {
    Schema::Text {
        format,
        min: 0,
        max: usize::MAX,
    }
}

pub(super) const fn text_of(min: usize, max: usize) -> Schema {
    Schema::Text {
        format: Format::Any,
        min,
        max,
    }
}

impl Schema {
    /// Returns the names of an object's members in all its alternatives.
    pub(super) fn names(&self) -> BTreeSet<&'static str> {
        match self {
            Self::Object { fields, .. } => fields.iter().map(|it| it.name).collect(),
            Self::OneOf(schemas) | Self::AllOf(schemas) => {
                schemas.iter().flat_map(Self::names).collect()
            }
            _ => BTreeSet::new(),
        }
    }
}
