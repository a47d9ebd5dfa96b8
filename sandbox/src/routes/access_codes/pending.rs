//! What of a code its device was fields and has not taken over yet: `pending_mutations`. What failed
//! stays in there, so that one sees what the lock still has.

use serde_json::{Value, json};

use crate::json::JsonObject;
use crate::state::{CREATING, mutation_code};
use crate::time::{self, Millis};

/// Each kind of update, the members that it is about, and what it says.
const UPDATES: [(&str, &[&str], &str); 3] = [
    (
        "updating_code",
        &["code"],
        "The number is to be changed on the device",
    ),
    (
        "updating_name",
        &["name"],
        "The name is to be changed on the device",
    ),
    (
        "updating_time_frame",
        &["starts_at", "ends_at"],
        "The time frame is to be changed on the device",
    ),
];

/// Of a code that is new.
pub(super) fn creation(now: Millis) -> Value {
    json!([{
        "mutation_code": CREATING,
        "message": "The code is to be set on the device",
        "created_at": time::to_iso(now),
    }])
}

/// Of a code that is changed from this to that. What the device has not taken over from an earlier
/// time counts from what it had then; and of a code that it never had there are no updates.
pub(super) fn update(before: &JsonObject, after: &JsonObject, now: Millis) -> Value {
    let pending = before.get("pending_mutations").and_then(Value::as_array);
    let pending = pending.map_or(&[][..], Vec::as_slice);
    if pending.iter().any(|it| mutation_code(it) == Some(CREATING)) {
        return pending.into();
    }
    let updates = UPDATES.iter().filter_map(|(kind, names, message)| {
        let earlier = pending.iter().find(|it| mutation_code(it) == Some(kind));
        let of_earlier = |name| earlier.and_then(|it| it.get(name)).cloned();
        let from = of_earlier("from").unwrap_or_else(|| part(before, names));
        let to = part(after, names);
        let since = of_earlier("created_at").unwrap_or_else(|| time::to_iso(now).into());
        (from != to).then(|| {
            json!({
                "mutation_code": kind,
                "message": message,
                "created_at": since,
                "from": from,
                "to": to,
            })
        })
    });
    updates.collect()
}

/// Of these members what the object has, null where it has none.
pub(super) fn part(of: &JsonObject, names: &[&str]) -> Value {
    let member = |name: &&str| of.get(*name).cloned().unwrap_or(Value::Null);
    let members = names.iter().map(|it| ((*it).to_owned(), member(it)));
    members.collect::<JsonObject>().into()
}
