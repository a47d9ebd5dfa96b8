use core::ops::{Deref, DerefMut};

use serde_json::Value;

use super::wire::{Mismatch, Wire};

/// A member that is present but may be null. It dereferences to an [`Option`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nullable<T>(pub Option<T>);

impl<T> Deref for Nullable<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<T> DerefMut for Nullable<T> {
    fn deref_mut(&mut self) -> &mut Option<T> {
        &mut self.0
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

impl<T: Wire> Wire for Nullable<T> {
    fn read(value: &Value) -> Result<Self, Mismatch> {
        match value {
            Value::Null => Ok(Self(None)),
            value => T::read(value).map(|it| Self(Some(it))),
        }
    }

    fn write(&self) -> Option<Value> {
        self.0.as_ref().map_or(Some(Value::Null), Wire::write)
    }
}
