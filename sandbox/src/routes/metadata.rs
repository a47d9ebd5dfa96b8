//! Custom metadata: the documented limits, and the filters of lists.

use serde_json::Value;

use crate::error::ApiError;
use crate::input::Params;
use crate::json::JsonObject;

const NAME: &str = "custom_metadata";
const MAX_PAIRS: usize = 50;
const MAX_KEY_LENGTH: usize = 40;

/// Checks the documented limits, except the length of values, which the schema checks.
pub(super) fn check(params: &Params) -> Result<(), ApiError> {
    let Some(metadata) = params.object(NAME) else {
        return Ok(());
    };
    if metadata.len() > MAX_PAIRS {
        let message = format!("Object must have at most {MAX_PAIRS} keys");
        return Err(ApiError::invalid_parameter(NAME, &message));
    }
    let wrong = |it: &String| it.chars().count() > MAX_KEY_LENGTH || it.contains('.');
    if metadata.keys().any(wrong) {
        let message = format!("Keys have at most {MAX_KEY_LENGTH} characters, and no period");
        return Err(ApiError::invalid_parameter(NAME, &message));
    }
    Ok(())
}

/// Merges the given metadata into the object's. A null removes a pair (our choice).
pub(super) fn merge_params(object: &mut JsonObject, params: &Params) {
    let Some(given) = params.object(NAME) else {
        return;
    };
    let metadata = object
        .entry(NAME)
        .or_insert_with(|| JsonObject::new().into());
    let Some(metadata) = metadata.as_object_mut() else {
        return;
    };
    for (name, value) in given {
        if value.is_null() {
            metadata.shift_remove(name);
        } else {
            metadata.insert(name.clone(), value.clone());
        }
    }
}

/// Returns whether the object's metadata has all of these pairs.
pub(super) fn has(object: &JsonObject, wanted: &JsonObject) -> bool {
    let metadata = object.get(NAME).and_then(Value::as_object);
    wanted
        .iter()
        .all(|(name, value)| metadata.and_then(|it| it.get(name)) == Some(value))
}

/// Returns whether a value of the object's metadata contains this text, which must be in lower
/// case.
pub(super) fn matches_search(object: &JsonObject, text: &str) -> bool {
    let metadata = object.get(NAME).and_then(Value::as_object);
    let mut values = metadata.into_iter().flat_map(JsonObject::values);
    values.any(|it| {
        it.as_str()
            .is_some_and(|it| it.to_lowercase().contains(text))
    })
}
