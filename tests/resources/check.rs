//! JSON through one type and back.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Takes JSON through a type: what came back, and the type's `Debug` output.
pub(crate) type Check = fn(&Value) -> Result<(Value, String), String>;

pub(crate) const fn row<T: DeserializeOwned + Serialize + Debug>(
    name: &'static str,
) -> (&'static str, Check) {
    (name, run::<T>)
}

fn run<T: DeserializeOwned + Serialize + Debug>(sample: &Value) -> Result<(Value, String), String> {
    // As text, as it comes from a server.
    let read: T = serde_json::from_str(&sample.to_string()).map_err(|error| error.to_string())?;
    let text = serde_json::to_string(&read).unwrap();
    Ok((serde_json::from_str(&text).unwrap(), format!("{read:?}")))
}

/// How many parts of a value its type only kept and did not know. A type that knew nothing would
/// take every value unchanged.
pub(crate) fn unknowns(debug: &str) -> usize {
    let kept = debug.matches("other: {").count() - debug.matches("other: {}").count();
    kept + debug.matches("Unlisted(").count() + debug.matches("Other(").count()
}
