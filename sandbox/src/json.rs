//! JSON objects.

use serde_json::{Map, Value};

pub(crate) type JsonObject = Map<String, Value>;

/// Returns the object that `json!` has built; an empty one if the value is not an object.
pub(crate) fn json_object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}
