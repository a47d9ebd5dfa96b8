//! A workspace of two users who share a door, its codes and an access system; and the same
//! workspace without user b's own records.

use std::collections::BTreeSet;

use seam_session_sandbox::{Response, session_routes};
use serde_json::{Value, json};

use super::prune::prune;
use super::request::base_params;
use super::users::{User, world_with};
use crate::world::{AFTER_ATTEMPT, Caller, World, text};

pub(super) const DOOR: &str = "c0000000-0000-4000-8000-000000000000";
pub(super) const SYSTEM: &str = "c0000001-0000-4000-8000-000000000000";
pub(super) const ENTRANCE: &str = "c0000002-0000-4000-8000-000000000000";
pub(super) const GROUP: &str = "c0000003-0000-4000-8000-000000000000";
pub(super) const SPACE: &str = "c0000004-0000-4000-8000-000000000000";

/// User a's user in the access system that both are in.
pub(super) const GUEST: &str = "a0000099-0000-4000-8000-000000000000";

/// The records that both users see.
fn shared() -> Value {
    let acs_user = |user: &str| {
        json!({
            "display_name": format!("Guest {user}-records"),
            "acs_user_id": format!("{user}0000099-0000-4000-8000-000000000000"),
            "acs_system": "Club",
            "user_identity_key": user,
            "acs_entrances": ["Gym"],
        })
    };
    json!({
        "devices": [{
            "device_type": "august_lock",
            "display_name": "Shared Lock",
            "device_id": DOOR,
            "space_ids": [SPACE],
        }],
        "acs_systems": [{ "name": "Club", "acs_system_id": SYSTEM, "connected_account": "devices" }],
        "acs_entrances": [{
            "display_name": "Gym",
            "acs_entrance_id": ENTRANCE,
            "acs_system": "Club",
            "space_ids": [SPACE],
        }],
        "acs_users": [acs_user("a"), acs_user("b")],
        "acs_access_groups": [{
            "name": "Members",
            "acs_access_group_id": GROUP,
            "acs_system": "Club",
            "acs_users": ["Guest a-records", "Guest b-records"],
            "acs_entrances": ["Gym"],
        }],
        "access_codes": [{ "device": DOOR, "name": "Cleaner", "code": "975312" }],
    })
}

/// The workspace of both users, the one without user b, and the users.
pub(super) struct Pair {
    pub(super) full: World,
    pub(super) pruned: World,
    pub(super) a: User,
    /// The states of the two workspaces, to restore them.
    pub(super) states: [Value; 2],
    pub(super) b: User,
}

impl Pair {
    pub(super) fn new() -> Self {
        let (mut full, mut a, b) = world_with(404, &shared());
        full.grant(&a.own["identity"], DOOR);
        full.grant(&b.own["identity"], DOOR);
        use_workspace(&mut full, &mut a, &b);
        let state = full.get(&Caller::ApiKey, "/_sandbox/state").body;
        let mut marks: BTreeSet<String> = b.own.values().cloned().collect();
        marks.extend(["b-records", "b0000099-0000-4000-8000-000000000000"].map(str::to_owned));
        let rest = prune(&state, marks);
        let mut pruned = World::new();
        pruned.now = full.now;
        let mut pair = Self {
            full,
            pruned,
            a,
            states: [state, rest],
            b,
        };
        pair.restore();
        pair
    }

    pub(super) fn restore(&mut self) {
        for (world, state) in [&mut self.full, &mut self.pruned]
            .into_iter()
            .zip(&self.states)
        {
            // With the state the second workspace gets the API key of the first.
            world.expect_ok(&Caller::ApiKey, "/_sandbox/state", state.clone());
        }
    }

    /// Makes a request in both workspaces. Returns the response if it is the same.
    pub(super) fn send(
        &mut self,
        caller: &Caller,
        path: &str,
        params: &Value,
    ) -> Result<Response, String> {
        let [one, other] = [&mut self.full, &mut self.pruned].map(|world| {
            let token = match caller {
                Caller::Token(token) => format!("Bearer {token}"),
                _ => format!("Bearer {}", world.sandbox.info().api_key),
            };
            let headers = [
                ("authorization", token.as_str()),
                ("content-type", "application/json"),
            ];
            let mut response = world.raw("POST", path, &headers, &params.to_string());
            response
                .headers
                .retain(|(name, _)| name != "seam-request-id");
            response.body = without_request_id(&response.body);
            response
        });
        let details = format!("{one:?}");
        if details == format!("{other:?}") {
            Ok(one)
        } else {
            Err(format!(
                "{path} {params}: {details}, and without: {other:?}"
            ))
        }
    }

    /// Makes every read of user a in both workspaces and returns the differences.
    pub(super) fn compare_reads(&mut self) -> Vec<String> {
        let mut problems = Vec::new();
        for route in session_routes().into_iter().filter(|it| it.reads) {
            let params = base_params(route.path, &self.a.own);
            let caller = self.a.caller(route.path).clone();
            problems.extend(self.send(&caller, route.path, &params).err());
        }
        problems
    }
}

/// Returns the body of an error without the number of the request.
fn without_request_id(body: &str) -> String {
    let Some((before, rest)) = body.split_once(",\"request_id\":\"") else {
        return body.to_owned();
    };
    let (_, after) = rest.split_once('"').expect("the end of the id");
    format!("{before}{after}")
}

/// Makes typical requests of both users, in turns.
fn use_workspace(world: &mut World, a: &mut User, b: &User) {
    // User b's code has the number that user a asks for.
    for (user, number) in [("b", "135790"), ("a", "246802")] {
        let code = json!({
            "device_id": DOOR,
            "name": format!("Secret {user}-records"),
            "code": number,
            "common_code_key": format!("common-door-{user}"),
        });
        let caller = if user == "a" {
            a.caller("")
        } else {
            b.caller("")
        };
        let created = world.expect_ok(caller, "/access_codes/create", code);
        if user == "a" {
            let id = text(&created["access_code"]["access_code_id"]);
            a.own.insert("door_code", id);
        }
    }
    let a = &*a;
    for _ in 0..3 {
        for user in [b, a] {
            world.now += 100;
            for device in [DOOR, user.own["lock"].as_str()] {
                let door = json!({ "device_id": device });
                world.expect_ok(user.caller(""), "/locks/lock_door", door);
            }
            let threshold = json!({ "device_id": user.own["lock"], "name": user.own["search"] });
            world.expect_ok(user.caller(""), "/devices/update", threshold);
        }
    }
    let passing = world.session(json!({ "user_identity_id": b.own["identity"] }));
    for user in [b, a] {
        let grant = json!({
            "user_identity_id": user.own["identity"],
            "device_ids": [DOOR],
            "requested_access_methods": [{ "mode": "code" }, { "mode": "mobile_key" }],
        });
        world.expect_ok(&Caller::ApiKey, "/access_grants/create", grant);
    }
    world.now += AFTER_ATTEMPT;
    world.expect_ok(
        &Caller::Token(text(&passing["token"])),
        "/devices/list",
        json!({}),
    );
    let last = json!({ "device_id": b.own["lock"] });
    world.expect_ok(b.caller(""), "/locks/unlock_door", last);
    // So that no pending task takes the next ids.
    world.now += AFTER_ATTEMPT;
}
