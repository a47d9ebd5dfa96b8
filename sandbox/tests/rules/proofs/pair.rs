//! A workspace of two users who share a door, its codes and an access system; and beside it the
//! same workspace without anything that is the second one's alone.

use std::collections::BTreeSet;

use seam_session_sandbox::{Response, session_routes};
use serde_json::{Value, json};

use super::request::others;
use super::sides::{Side, world_with};
use super::without::without;
use crate::world::{A_MOMENT, By, World, text};

pub(super) const DOOR: &str = "c0000000-0000-4000-8000-000000000000";
pub(super) const SYSTEM: &str = "c0000001-0000-4000-8000-000000000000";
pub(super) const ENTRANCE: &str = "c0000002-0000-4000-8000-000000000000";
pub(super) const GROUP: &str = "c0000003-0000-4000-8000-000000000000";
pub(super) const SPACE: &str = "c0000004-0000-4000-8000-000000000000";

/// The first one in the access system that both are in.
pub(super) const GUEST: &str = "a0000099-0000-4000-8000-000000000000";

/// What both see.
fn shared() -> Value {
    let user = |side: &str| {
        json!({
            "display_name": format!("Guest {side}-things"),
            "acs_user_id": format!("{side}0000099-0000-4000-8000-000000000000"),
            "acs_system": "Club",
            "user_identity_key": side,
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
        "acs_users": [user("a"), user("b")],
        "acs_access_groups": [{
            "name": "Members",
            "acs_access_group_id": GROUP,
            "acs_system": "Club",
            "acs_users": ["Guest a-things", "Guest b-things"],
            "acs_entrances": ["Gym"],
        }],
        "access_codes": [{ "device": DOOR, "name": "Cleaner", "code": "975312" }],
    })
}

/// The workspace of both, the same without the second, and the two users.
pub(super) struct Pair {
    pub(super) full: World,
    pub(super) without: World,
    pub(super) a: Side,
    /// The two states, to start over from.
    pub(super) states: [Value; 2],
    pub(super) b: Side,
}

impl Pair {
    pub(super) fn new() -> Self {
        let (mut full, mut a, b) = world_with(404, &shared());
        full.grant(&a.own["identity"], DOOR);
        full.grant(&b.own["identity"], DOOR);
        busy(&mut full, &mut a, &b);
        let state = full.get(&By::Key, "/_sandbox/state").body;
        let mut marks: BTreeSet<String> = b.own.values().cloned().collect();
        marks.extend(["b-things", "b0000099-0000-4000-8000-000000000000"].map(str::to_owned));
        let rest = without(&state, marks);
        let mut without = World::new();
        without.now = full.now;
        let mut pair = Self {
            full,
            without,
            a,
            states: [state, rest],
            b,
        };
        pair.start_over();
        pair
    }

    pub(super) fn start_over(&mut self) {
        for (world, state) in [&mut self.full, &mut self.without]
            .into_iter()
            .zip(&self.states)
        {
            // Its key is that of the first workspace from then on.
            world.done(&By::Key, "/_sandbox/state", state.clone());
        }
    }

    /// Asks both the same; the answer, if it is the same.
    pub(super) fn ask(&mut self, by: &By, path: &str, params: &Value) -> Result<Response, String> {
        let [one, other] = [&mut self.full, &mut self.without].map(|world| {
            let token = match by {
                By::Token(token) => format!("Bearer {token}"),
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
            response
        });
        let told = format!("{one:?}");
        if told == format!("{other:?}") {
            Ok(one)
        } else {
            Err(format!("{path} {params}: {told}, and without: {other:?}"))
        }
    }

    /// Everything that the first one is shown; what differs.
    pub(super) fn look_around(&mut self) -> Vec<String> {
        let mut wrongs = Vec::new();
        for route in session_routes().into_iter().filter(|it| it.reads) {
            let params = others(route.path, &self.a.own);
            let by = self.a.by(route.path).clone();
            wrongs.extend(self.ask(&by, route.path, &params).err());
        }
        wrongs
    }
}

/// Both do what users do, in turns.
fn busy(world: &mut World, a: &mut Side, b: &Side) {
    // The second one's code has the number that the first one is going to ask for.
    for (side, number) in [("b", "135790"), ("a", "246802")] {
        let code = json!({
            "device_id": DOOR,
            "name": format!("Secret {side}-things"),
            "code": number,
            "common_code_key": format!("common-door-{side}"),
        });
        let by = if side == "a" { a.by("") } else { b.by("") };
        let made = world.done(by, "/access_codes/create", code);
        if side == "a" {
            let id = text(&made["access_code"]["access_code_id"]);
            a.own.insert("door_code", id);
        }
    }
    let a = &*a;
    for _ in 0..3 {
        for side in [b, a] {
            world.now += 100;
            for device in [DOOR, side.own["lock"].as_str()] {
                let door = json!({ "device_id": device });
                world.done(side.by(""), "/locks/lock_door", door);
            }
            let threshold = json!({ "device_id": side.own["lock"], "name": side.own["search"] });
            world.done(side.by(""), "/devices/update", threshold);
        }
    }
    let passing = world.session(json!({ "user_identity_id": b.own["identity"] }));
    let grant = json!({
        "user_identity_id": b.own["identity"],
        "device_ids": [DOOR],
        "requested_access_methods": [{ "mode": "code" }],
    });
    world.done(&By::Key, "/access_grants/create", grant);
    world.now += A_MOMENT;
    world.done(
        &By::Token(text(&passing["token"])),
        "/devices/list",
        json!({}),
    );
    let last = json!({ "device_id": b.own["lock"] });
    world.done(b.by(""), "/locks/unlock_door", last);
    // What is still to happen would take the next ids.
    world.now += A_MOMENT;
}
