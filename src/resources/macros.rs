//! The macros that the generated modules call. A generated module has only what the schema says,
//! and the macros write the types. A change of all types is then one change here.

/// `name: Type = "note",` is a member; `name as "wire"` where Rust forbids its
/// name. The members are sorted by their names on the wire.
macro_rules! object {
    (
        $(#[$meta:meta])*
        $type:ident {
            $($name:ident $(as $wire:literal)?: $member:ty $(= $note:literal)?,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $type {
            $(
                #[doc = concat!(
                    "`", $crate::resources::macros::wire!($name $($wire)?), "`" $(, ", ", $note)?
                )]
                pub $name: $member,
            )*
            /// The members that the schema does not describe, by name.
            pub other: $crate::resources::Map<String, $crate::resources::Value>,
        }

        impl $crate::resources::wire::Wire for $type {
            fn read(
                value: &$crate::resources::Value,
            ) -> Result<Self, $crate::resources::wire::Mismatch> {
                let from = $crate::resources::wire::members(value)?;
                let mut other = $crate::resources::wire::rest(
                    from,
                    &[$($crate::resources::macros::wire!($name $($wire)?)),*],
                );
                Ok(Self {
                    $($name: $crate::resources::wire::take(
                        &mut other,
                        from,
                        $crate::resources::macros::wire!($name $($wire)?),
                    )?,)*
                    other,
                })
            }

            fn write(&self) -> Option<$crate::resources::Value> {
                let mut known = $crate::resources::Map::new();
                $($crate::resources::wire::put(
                    &mut known,
                    $crate::resources::macros::wire!($name $($wire)?),
                    $crate::resources::wire::Wire::write(&self.$name),
                );)*
                Some($crate::resources::wire::object(known, &self.other))
            }
        }

        impl $crate::resources::wire::Object for $type {
            fn other(
                &mut self,
            ) -> &mut $crate::resources::Map<String, $crate::resources::Value> {
                &mut self.other
            }
        }

        $crate::resources::macros::serde!($type);
    };
}

/// `Variant = "wire",` is one value.
macro_rules! open_enum {
    ($(#[$meta:meta])* $type:ident { $($variant:ident = $wire:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $(#[doc = concat!("`", $wire, "`")] $variant,)*
            /// A value that the schema does not list.
            Unlisted(String),
        }

        impl $type {
            /// The value on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Unlisted(value) => value,
                }
            }
        }

        impl From<&str> for $type {
            fn from(value: &str) -> Self {
                match value {
                    $($wire => Self::$variant,)*
                    value => Self::Unlisted(value.to_owned()),
                }
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::resources::wire::Wire for $type {
            fn read(
                value: &$crate::resources::Value,
            ) -> Result<Self, $crate::resources::wire::Mismatch> {
                $crate::resources::wire::text(value).map(Self::from)
            }

            fn write(&self) -> Option<$crate::resources::Value> {
                Some(self.as_str().into())
            }
        }

        $crate::resources::macros::serde!($type);
    };
}

/// `Variant(Struct) = ["tag"],` is one variant: the members after `by` have these values, and
/// the struct holds the others. The members after `having` are texts in every variant.
macro_rules! union {
    (
        $(#[$meta:meta])*
        $type:ident by $($tag:ident),+ having $having:tt {
            $($variant:ident($members:ident) = [$($value:literal),+],)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $type {
            $(#[doc = concat!($("`", $value, "` "),+)] $variant(Box<$members>),)*
            /// An object that is none of the schema's variants.
            Other($crate::resources::Map<String, $crate::resources::Value>),
        }

        impl $type {
            const TAGS: &'static [&'static str] = &[$(stringify!($tag)),+];

            /// The member that identifies the variant; `None` for an unknown variant.
            fn values(&self) -> Option<&'static [&'static str]> {
                match self {
                    $(Self::$variant(_) => Some(&[$($value),+]),)*
                    Self::Other(_) => None,
                }
            }

            fn tag(&self, name: &str) -> Option<&str> {
                match (self, self.values()) {
                    (Self::Other(members), _) => members.get(name)?.as_str(),
                    (_, values) => {
                        let at = Self::TAGS.iter().position(|it| *it == name)?;
                        values?.get(at).copied()
                    }
                }
            }

            $(
                #[doc = concat!("`", stringify!($tag), "`, if it is there.")]
                #[must_use]
                pub fn $tag(&self) -> Option<&str> {
                    self.tag(stringify!($tag))
                }
            )+

            $crate::resources::macros::having!($having [$($variant)*]);
        }

        impl $crate::resources::wire::Wire for $type {
            fn read(
                value: &$crate::resources::Value,
            ) -> Result<Self, $crate::resources::wire::Mismatch> {
                let from = $crate::resources::wire::members(value)?;
                let known = match [$(
                    from.get(stringify!($tag)).and_then($crate::resources::Value::as_str)
                ),+] {
                    $([$(Some($value)),+] => {
                        $crate::resources::wire::variant(value, Self::TAGS).map(Self::$variant)
                    })*
                    _ => None,
                };
                Ok(known.unwrap_or_else(|| Self::Other(from.clone())))
            }

            fn write(&self) -> Option<$crate::resources::Value> {
                let values = self.values().unwrap_or_default();
                let known = match self {
                    $(Self::$variant(it) => it.write(),)*
                    Self::Other(members) => return Some(members.clone().into()),
                };
                $crate::resources::wire::tagged(known, Self::TAGS, values)
            }
        }

        $crate::resources::macros::serde!($type);
    };
}

macro_rules! having {
    ([$($name:ident),*] $variants:tt) => {
        $($crate::resources::macros::having!(@ $name $variants);)*
    };
    (@ $name:ident [$($variant:ident)*]) => {
        #[doc = concat!("`", stringify!($name), "`, if it is there.")]
        #[must_use]
        pub fn $name(&self) -> Option<&str> {
            match self {
                $(Self::$variant(it) => Some(&it.$name),)*
                Self::Other(members) => members.get(stringify!($name))?.as_str(),
            }
        }
    };
}

macro_rules! wire {
    ($name:ident) => {
        stringify!($name)
    };
    ($name:ident $wire:literal) => {
        $wire
    };
}

macro_rules! serde {
    ($type:ident) => {
        impl From<$type> for $crate::resources::Value {
            fn from(value: $type) -> Self {
                $crate::resources::wire::value(&value)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::resources::wire::serialize(self, to)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::resources::wire::deserialize(from)
            }
        }
    };
}

pub(crate) use {having, object, open_enum, serde, union, wire};
