//! The types that parameters may be given as.

use serde_json::{Map, Value};

/// A text: a `&str`, a `String`, or one of the enums of [`resources`](crate::resources) by its
/// `as_str()`.
pub trait Text: sealed::Sealed {
    #[doc(hidden)]
    fn into_json(self) -> Option<Value>;
}

/// A text or null: as [`Text`], or an `Option` of it, where `None` is null.
pub trait NullableText: sealed::Sealed {
    #[doc(hidden)]
    fn into_json(self) -> Option<Value>;
}

/// A list of texts: a `Vec`, slice, reference to one, or array of `&str` or `String`.
pub trait TextList: sealed::Sealed {
    #[doc(hidden)]
    fn into_json(self) -> Option<Value>;
}

/// A `bool`.
pub trait Flag: sealed::Sealed {
    #[doc(hidden)]
    fn into_json(self) -> Option<Value>;
}

/// An integer or a float. A float that JSON does not have, such as NaN, is an error when the request
/// is sent.
pub trait Number: sealed::Sealed {
    #[doc(hidden)]
    fn into_json(self) -> Option<Value>;
}

/// A number or null: as [`Number`], or an `Option` of it, where `None` is null.
pub trait NullableNumber: sealed::Sealed {
    #[doc(hidden)]
    fn into_json(self) -> Option<Value>;
}

/// A list of integers.
pub trait NumberList: sealed::Sealed {
    #[doc(hidden)]
    fn into_json(self) -> Option<Value>;
}

/// JSON: a [`Value`], as `serde_json::json!` makes it, a [`Map`], or a `Vec` of values.
pub trait Json: sealed::Sealed {
    #[doc(hidden)]
    fn into_json(self) -> Option<Value>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! values {
    ($($trait:ident for $type:ty: $value:ident => $json:expr;)*) => {
        $(impl $trait for $type {
            fn into_json(self) -> Option<Value> {
                let $value = self;
                $json
            }
        })*
    };
}

macro_rules! texts {
    ($($type:ty),*) => {
        $(impl sealed::Sealed for $type {}
        impl sealed::Sealed for Option<$type> {}
        impl sealed::Sealed for Vec<$type> {}
        impl sealed::Sealed for &[$type] {}
        impl sealed::Sealed for &Vec<$type> {}
        impl<const N: usize> sealed::Sealed for [$type; N] {}
        values! {
            Text for $type: text => Some(Value::from(text.clone()));
            NullableText for $type: text => Some(Value::from(text.clone()));
            NullableText for Option<$type>: text => {
                Some(text.map_or(Value::Null, |text| Value::from(text.clone())))
            };
            TextList for Vec<$type>: list => Some(list.into_iter().map(|it| Value::from(it.clone())).collect());
            TextList for &[$type]: list => Some(list.iter().map(|it| Value::from(it.clone())).collect());
            TextList for &Vec<$type>: list => Some(list.iter().map(|it| Value::from(it.clone())).collect());
        }
        impl<const N: usize> TextList for [$type; N] {
            fn into_json(self) -> Option<Value> {
                Some(self.into_iter().map(|it| Value::from(it.clone())).collect())
            }
        })*
    };
}

macro_rules! numbers {
    ($($type:ty),*) => {
        $(impl sealed::Sealed for $type {}
        impl sealed::Sealed for Option<$type> {}
        impl sealed::Sealed for Vec<$type> {}
        values! {
            Number for $type: number => finite(Value::from(number));
            NullableNumber for $type: number => finite(Value::from(number));
            NullableNumber for Option<$type>: number => {
                number.map_or(Some(Value::Null), |number| finite(Value::from(number)))
            };
            NumberList for Vec<$type>: list => {
                list.into_iter().map(|number| finite(Value::from(number))).collect()
            };
        })*
    };
}

texts!(&str, String);
numbers!(u8, u16, u32, u64, i8, i16, i32, i64, f32, f64);

impl sealed::Sealed for &String {}
impl sealed::Sealed for bool {}
impl sealed::Sealed for Value {}
impl sealed::Sealed for Map<String, Value> {}
impl sealed::Sealed for Vec<Value> {}

values! {
    Text for &String: text => Some(Value::from(text.as_str()));
    NullableText for &String: text => Some(Value::from(text.as_str()));
    Flag for bool: flag => Some(Value::from(flag));
    Json for Value: value => Some(value);
    Json for Map<String, Value>: map => Some(Value::from(map));
    Json for Vec<Value>: list => Some(Value::from(list));
}

/// Returns the number; `None` if JSON does not have it.
fn finite(value: Value) -> Option<Value> {
    Some(value).filter(|value| !value.is_null())
}
