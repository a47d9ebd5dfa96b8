//! Adds events of access systems to the state, because the sandbox records none.

use serde_json::{Value, json};

use super::users::User;
use crate::world::{Caller, World};

const PAST: [(&str, &str, &str); 5] = [
    ("acs_system.added", "system", "acs_system_id"),
    ("acs_entrance.added", "entrance", "acs_entrance_id"),
    ("acs_user.created", "acs_user", "acs_user_id"),
    ("acs_credential.issued", "credential", "acs_credential_id"),
    ("acs_access_group.deleted", "group", "acs_access_group_id"),
];

/// Adds events of both users to the workspace.
pub(super) fn put(world: &mut World, users: [&User; 2]) {
    let mut state = world.get(&Caller::ApiKey, "/_sandbox/state").body;
    let created_at = state["state"]["clock"]["now"].clone();
    let log = &mut state["state"]["workspace"]["things"]["event"];
    let log = log.as_array_mut().expect("a list of events");
    for (turn, user) in users.into_iter().enumerate() {
        for (index, (event_type, kind, member)) in PAST.into_iter().enumerate() {
            let id = format!("e000000{index}-0000-4000-8000-00000000000{turn}");
            let mut object: Value = json!({
                "event_id": id,
                "event_type": event_type,
                "workspace_id": log[0]["object"]["workspace_id"],
                "created_at": "2026-11-23T08:30:00.000Z",
                "occurred_at": "2026-11-23T08:30:00.000Z",
                "acs_system_id": user.own["system"],
            });
            object[member] = user.own[kind].as_str().into();
            log.push(json!({ "id": id, "created_at": created_at, "object": object }));
        }
    }
    world.expect_ok(&Caller::ApiKey, "/_sandbox/state", state);
}
