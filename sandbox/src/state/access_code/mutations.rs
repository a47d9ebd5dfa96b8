//! `pending_mutations`: changes of a code that its device has not made yet. Failed changes stay in
//! the list, so that it shows what is on the device.

use serde_json::{Value, json};

use crate::json::JsonObject;
use crate::time::{self, Millis};

/// The device has never had the code, and is to set it.
pub(crate) const CREATING: &str = "creating";

/// The device has never had the code, which is programmed later.
pub(super) const DEFERRING: &str = "deferring_creation";

/// The device is to remove the code.
pub(crate) const DELETING: &str = "deleting";

/// A kind of update.
struct Kind {
    mutation: &'static str,
    event_type: &'static str,
    members: &'static [&'static str],
    what: &'static str,
}

static KINDS: [Kind; 3] = [
    Kind {
        mutation: "updating_code",
        event_type: "access_code.code_changed",
        members: &["code"],
        what: "number",
    },
    Kind {
        mutation: "updating_name",
        event_type: "access_code.name_changed",
        members: &["name"],
        what: "name",
    },
    Kind {
        mutation: "updating_time_frame",
        event_type: "access_code.time_frame_changed",
        members: &["starts_at", "ends_at"],
        what: "time frame",
    },
];

/// The pending mutations of a new code.
pub(crate) fn creation(now: Millis) -> Value {
    one(CREATING, "The code is to be set on the device", now)
}

/// The pending mutations of a code that is programmed later.
pub(super) fn deferral(now: Millis, scheduled_at: Millis) -> Value {
    let mut deferral = one(
        DEFERRING,
        "The code is to be set on the device closer to its start",
        now,
    );
    if let Some(members) = deferral.get_mut(0).and_then(Value::as_object_mut) {
        let scheduled_at = time::to_iso(scheduled_at).into();
        members.insert("scheduled_at".to_owned(), scheduled_at);
    }
    deferral
}

/// The pending mutations of a code that is removed.
pub(super) fn deletion(now: Millis) -> Value {
    one(DELETING, "The code is to be removed from the device", now)
}

fn one(code: &str, message: &str, now: Millis) -> Value {
    json!([{ "mutation_code": code, "message": message, "created_at": time::to_iso(now) }])
}

/// The pending mutations after an update. `from` is what is on the device, so it comes from an
/// earlier pending mutation if there is one. A code that the device never had keeps its creation
/// and has no updates.
pub(super) fn after_update(before: &JsonObject, after: &JsonObject, now: Millis) -> Value {
    if was_never_set(before) {
        return before
            .get("pending_mutations")
            .cloned()
            .unwrap_or_else(|| json!([]));
    }
    let updates = KINDS.iter().filter_map(|kind| {
        let earlier = pending(before).find(|it| mutation_code(it) == Some(kind.mutation));
        let of_earlier = |name| earlier.and_then(|it| it.get(name)).cloned();
        let from = of_earlier("from").unwrap_or_else(|| members_of(before, kind.members));
        let to = members_of(after, kind.members);
        let since = of_earlier("created_at").unwrap_or_else(|| time::to_iso(now).into());
        (from != to).then(|| {
            json!({
                "mutation_code": kind.mutation,
                "message": format!("The {} is to be changed on the device", kind.what),
                "created_at": since,
                "from": from,
                "to": to,
            })
        })
    });
    updates.collect()
}

/// Returns what an update changes, for the event `access_code.mutations_requested`.
pub(super) fn requested(before: &JsonObject, after: &JsonObject) -> Vec<Value> {
    let changes = KINDS.iter().filter_map(|kind| {
        let (from, to) = (
            members_of(before, kind.members),
            members_of(after, kind.members),
        );
        (from != to).then(|| json!({ "mutation_code": kind.mutation, "from": from, "to": to }))
    });
    changes.collect()
}

/// Returns the events of the updates among these mutations, with their members: one for each
/// update, and then `access_code.changed`. There is none if nothing changed.
pub(super) fn change_events(mutations: &[Value]) -> Vec<(&'static str, Value)> {
    let mut events = Vec::new();
    let mut properties = Vec::new();
    for kind in &KINDS {
        let Some(mutation) = mutations
            .iter()
            .find(|it| mutation_code(it) == Some(kind.mutation))
        else {
            continue;
        };
        let (from, to) = (&mutation["from"], &mutation["to"]);
        let description = format!("The {} was changed through the API", kind.what);
        events.push((
            kind.event_type,
            json!({ "from": from, "to": to, "description": description }),
        ));
        let changed = kind.members.iter().filter(|it| from[**it] != to[**it]);
        properties
            .extend(changed.map(|it| json!({ "property": it, "from": from[*it], "to": to[*it] })));
    }
    if !properties.is_empty() {
        events.push((
            "access_code.changed",
            json!({ "changed_properties": properties }),
        ));
    }
    events
}

/// Restores the members that the device has, instead of those that it is to have.
pub(super) fn restore_device_members(code: &mut JsonObject) {
    let updates: Vec<Value> = pending(code).cloned().collect();
    for from in updates.iter().filter_map(|it| it.get("from")?.as_object()) {
        for (name, value) in from {
            match value {
                Value::Null if name != "name" => code.shift_remove(name),
                value => code.insert(name.clone(), value.clone()),
            };
        }
    }
}

/// Returns whether a code has a pending mutation of this kind.
pub(crate) fn has_mutation(code: &JsonObject, kind: &str) -> bool {
    pending(code).any(|it| mutation_code(it) == Some(kind))
}

/// Returns whether the device never had the code.
pub(super) fn was_never_set(code: &JsonObject) -> bool {
    has_mutation(code, CREATING) || has_mutation(code, DEFERRING)
}

pub(super) fn pending(code: &JsonObject) -> impl Iterator<Item = &Value> {
    let pending = code.get("pending_mutations").and_then(Value::as_array);
    pending.into_iter().flatten()
}

fn mutation_code(mutation: &Value) -> Option<&str> {
    mutation.get("mutation_code").and_then(Value::as_str)
}

/// Returns these members of the object, or null for those that it does not have.
fn members_of(of: &JsonObject, names: &[&str]) -> Value {
    let member = |name: &&str| of.get(*name).cloned().unwrap_or(Value::Null);
    let members = names.iter().map(|it| ((*it).to_owned(), member(it)));
    members.collect::<JsonObject>().into()
}
