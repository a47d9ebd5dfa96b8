//! A state with everything taken out that is one user's alone. It knows nothing of scope: what is
//! taken out is each row, each member of a list and each entry of a map that mentions any of the
//! user's ids or names.

use std::collections::BTreeSet;

use serde_json::Value;

/// The state without whatever mentions one of these, and without what mentions the ids of that.
pub(super) fn without(state: &Value, mut marks: BTreeSet<String>) -> Value {
    loop {
        let mut gone = BTreeSet::new();
        let rest = pruned(state, &marks, &mut gone);
        let known = marks.len();
        marks.extend(gone);
        if marks.len() == known {
            return rest;
        }
    }
}

/// The value without what mentions a mark; the ids of what is gone are collected.
fn pruned(value: &Value, marks: &BTreeSet<String>, gone: &mut BTreeSet<String>) -> Value {
    match value {
        Value::Array(items) => {
            let mut kept = Vec::new();
            for item in items {
                let rest = pruned(item, marks, gone);
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
            let members = members.map(|(name, it)| (name.clone(), pruned(it, marks, gone)));
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
