//! `pending_mutations`: changes of a code that its device has not made yet. Failed changes stay in
//! the list, so that it shows what is on the device.

use serde_json::{Value, json};

use crate::json::JsonObject;
use crate::state::{CREATING, mutation_code};
use crate::time::{self, Millis};

/// Each kind of update, its members and its message.
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

/// The pending mutation of a new code.
pub(super) fn creation(now: Millis) -> Value {
    json!([{
        "mutation_code": CREATING,
        "message": "The code is to be set on the device",
        "created_at": time::to_iso(now),
    }])
}

/// The pending mutations of an update. `from` is what is on the device, so it comes from an earlier
/// pending mutation if there is one. A code that was never set on the device keeps its creation and
/// has no updates.
pub(super) fn update(before: &JsonObject, after: &JsonObject, now: Millis) -> Value {
    let pending = before.get("pending_mutations").and_then(Value::as_array);
    let pending = pending.map_or(&[][..], Vec::as_slice);
    if pending.iter().any(|it| mutation_code(it) == Some(CREATING)) {
        return pending.into();
    }
    let updates = UPDATES.iter().filter_map(|(kind, names, message)| {
        let earlier = pending.iter().find(|it| mutation_code(it) == Some(kind));
        let of_earlier = |name| earlier.and_then(|it| it.get(name)).cloned();
        let from = of_earlier("from").unwrap_or_else(|| members_of(before, names));
        let to = members_of(after, names);
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

/// Returns these members of the object, or null for those that it does not have.
pub(super) fn members_of(of: &JsonObject, names: &[&str]) -> Value {
    let member = |name: &&str| of.get(*name).cloned().unwrap_or(Value::Null);
    let members = names.iter().map(|it| ((*it).to_owned(), member(it)));
    members.collect::<JsonObject>().into()
}
