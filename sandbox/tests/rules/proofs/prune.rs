//! Removes from a state everything that belongs to one user. It does not use the rules of scope: it
//! removes every row, list element and map entry that mentions one of the user's ids or names.

use std::collections::BTreeSet;

use serde_json::Value;

/// Returns the state without everything that mentions one of the marks, or the id of something
/// removed.
pub(super) fn prune(state: &Value, mut marks: BTreeSet<String>) -> Value {
    loop {
        let mut gone = BTreeSet::new();
        let rest = prune_value(state, &marks, &mut gone);
        let known = marks.len();
        marks.extend(gone);
        if marks.len() == known {
            return rest;
        }
    }
}

/// Returns the value without what mentions a mark. The ids of removed rows are added to `gone`.
fn prune_value(value: &Value, marks: &BTreeSet<String>, gone: &mut BTreeSet<String>) -> Value {
    match value {
        Value::Array(items) => {
            let mut kept = Vec::new();
            for item in items {
                let rest = prune_value(item, marks, gone);
                if is_marked(&rest, marks) {
                    gone.extend(item["id"].as_str().map(str::to_owned));
                } else {
                    kept.push(rest);
                }
            }
            Value::Array(kept)
        }
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| !marks.contains(*name));
            let members = members.map(|(name, it)| (name.clone(), prune_value(it, marks, gone)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

fn is_marked(value: &Value, marks: &BTreeSet<String>) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|it| is_marked(it, marks)),
        Value::Object(members) => members.values().any(|it| is_marked(it, marks)),
        Value::String(text) => marks.iter().any(|it| text.contains(it)),
        _ => false,
    }
}
