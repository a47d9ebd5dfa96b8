//! Validated parameters, with accessors for the types that handlers need.

use serde_json::Value;

use crate::ids::Id;
use crate::json::JsonObject;
use crate::time::{self, Millis};

/// The validated parameters of a request.
#[derive(Debug)]
pub(crate) struct Params(JsonObject);

impl Params {
    pub(super) fn new(members: JsonObject) -> Self {
        Self(members)
    }

    pub(crate) fn members(&self) -> &JsonObject {
        &self.0
    }

    /// Returns whether the parameter is present; it may be null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    /// Returns an integer of at least 0, which the schema has ensured.
    pub(crate) fn integer(&self, name: &str) -> Option<u64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates"
        )]
        self.number(name).map(|it| it as u64)
    }

    pub(crate) fn id(&self, name: &str) -> Option<Id> {
        self.text(name).and_then(Id::parse)
    }

    pub(crate) fn time(&self, name: &str) -> Option<Millis> {
        self.text(name).and_then(time::parse)
    }

    pub(crate) fn object(&self, name: &str) -> Option<&JsonObject> {
        self.0.get(name)?.as_object()
    }

    /// Returns an object as parameters.
    pub(crate) fn nested(&self, name: &str) -> Option<Self> {
        self.object(name).cloned().map(Self)
    }

    pub(crate) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        let items = self.0.get(name)?.as_array()?;
        Some(items.iter().filter_map(Value::as_str).collect())
    }

    pub(crate) fn ids(&self, name: &str) -> Option<Vec<Id>> {
        let texts = self.texts(name)?;
        Some(texts.into_iter().filter_map(Id::parse).collect())
    }
}
