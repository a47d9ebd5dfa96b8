//! Seed documents.

use seam_session_sandbox::{Options, Sandbox};
use serde_json::{Value, json};

use crate::world::{Caller, START, World};

fn problem(options: Value) -> String {
    let options: Options = serde_json::from_value(options).expect("valid options");
    Sandbox::new(options, START)
        .expect_err("a seed that does not hold together")
        .to_string()
}

#[test]
fn a_seed_defines_the_workspace() {
    let device_id = "44444444-4444-4444-8444-444444444444";
    let mut world = World::with(json!({ "seed": {
        "workspace": { "name": "Hotel" },
        "connected_accounts": [{ "name": "locks" }],
        "devices": [
            {
                "device_type": "yale_lock",
                "display_name": "Room 1",
                "device_id": device_id,
                "connected_account": "locks",
                "can_remotely_lock": null,
                "properties": { "locked": false, "serial_number": "7" },
            },
            { "device_type": "ecobee_thermostat", "display_name": "Lobby" },
        ],
        "user_identities": [{ "user_identity_key": "jane", "devices": ["Lobby", device_id] }],
        "client_sessions": [{ "user_identity_key": "jane", "user_identifier_key": "jane-key" }],
    }}));
    let info = world.sandbox.info();
    assert_eq!(info.device_ids[0], device_id);
    let jane = Caller::Token(info.client_session_token);
    let listed = world.get(&jane, "/devices/list");
    assert_eq!(listed.ids("devices", "display_name"), ["Room 1", "Lobby"]);
    let room = &listed.body["devices"][0];
    assert_eq!(room["properties"]["locked"], false);
    assert_eq!(room["properties"]["serial_number"], "7");
    assert_eq!(room["can_remotely_unlock"], true);
    assert!(room.get("can_remotely_lock").is_none());
    let workspace = world.get(&jane, "/workspaces/get").body["workspace"].clone();
    assert_eq!(workspace["name"], "Hotel");
}

#[test]
fn an_empty_seed_gives_an_empty_workspace_with_a_demo_user() {
    let mut world = World::with(json!({ "seed": {} }));
    let info = world.sandbox.info();
    assert!(info.device_ids.is_empty());
    let demo = Caller::Token(info.client_session_token);
    assert!(world.get(&demo, "/devices/list").device_ids().is_empty());
}

#[test]
fn the_number_of_devices_can_be_chosen() {
    for count in [0, 1, 8, 9, 100] {
        let mut world = World::with(json!({ "devices": count }));
        let listed = world.get(&Caller::ApiKey, "/devices/list?limit=1000");
        let mut names = listed.ids("devices", "display_name");
        assert_eq!(names.len(), count);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "each has a name of its own");
    }
}

#[test]
fn of_eight_devices_one_is_offline_and_one_has_a_low_battery() {
    for (count, shares) in [(None, 1), (Some(8), 1), (Some(800), 100)] {
        let options = count.map_or(json!({}), |it: u32| json!({ "devices": it }));
        let mut world = World::with(options);
        let listed = world.get(&Caller::ApiKey, "/devices/list?limit=1000");
        let devices = listed.body["devices"].as_array().expect("a list");
        let such = |name: &str, value: Value| {
            let name = format!("/properties/{name}");
            let with = devices
                .iter()
                .filter(|it| it.pointer(&name) == Some(&value));
            with.count()
        };
        assert_eq!(such("online", json!(false)), shares);
        assert_eq!(such("battery/status", json!("low")), shares);
        assert_eq!(such("battery/level", json!(0.12)), shares);
        assert_eq!(such("battery_level", json!(0.12)), shares);
    }
}

#[test]
fn an_inconsistent_seed_is_refused() {
    let lock = |more: Value| {
        let mut lock = json!({ "device_type": "yale_lock", "display_name": "A" });
        for (name, value) in more.as_object().expect("an object") {
            lock[name] = value.clone();
        }
        lock
    };
    let id = "44444444-4444-4444-8444-444444444444";
    for (options, expected) in [
        (json!({ "devices": 1, "seed": {} }), "exclude each other"),
        (json!({ "devices": 100_001 }), "at most 100000"),
        (
            json!({ "seed": { "devices": [lock(json!({ "device_id": "x" }))] } }),
            "\"x\" is not a UUID",
        ),
        (
            json!({ "seed": { "devices": [lock(json!({ "device_id": id })), lock(json!({ "device_id": id }))] } }),
            "more than one device",
        ),
        (
            json!({ "seed": { "devices": [lock(json!({ "connected_account": "x" }))] } }),
            "no connected account \"x\"",
        ),
        (
            json!({ "seed": { "devices": [lock(json!({ "properties": { "online": 1 } }))] } }),
            "properties.online",
        ),
        (
            json!({ "seed": { "user_identities": [{ "devices": ["x"] }] } }),
            "no device \"x\"",
        ),
        (
            json!({ "seed": { "client_sessions": [{ "user_identity_key": "x" }] } }),
            "no user identity \"x\"",
        ),
        (
            json!({ "seed": { "access_codes": [{ "device": "x" }] } }),
            "no device \"x\"",
        ),
        (
            json!({ "seed": { "access_codes": [{ "code": "1234" }] } }),
            "access code: device is missing",
        ),
        (
            json!({ "seed": { "acs_entrances": [{ "acs_system": "x" }] } }),
            "no access system \"x\"",
        ),
    ] {
        let problem = problem(options);
        assert!(problem.contains(expected), "{problem}");
    }
}

#[test]
fn invalid_options_are_refused() {
    for options in [
        json!({ "port": 3020 }),
        json!({ "out_of_scope": 403 }),
        json!({ "devices": -1 }),
        json!({ "seed": { "device": [] } }),
    ] {
        assert!(
            serde_json::from_value::<Options>(options.clone()).is_err(),
            "{options}"
        );
    }
}

#[test]
fn names_in_a_seed_are_resolved() {
    let mut world = World::with(json!({ "seed": {
        "devices": [
            { "device_type": "yale_lock", "display_name": "Room 1" },
            { "device_type": "minut_sensor", "display_name": "Ear" },
            { "device_type": "yale_lock", "display_name": "Cellar", "is_managed": false },
        ],
        "user_identities": [{ "user_identity_key": "jane" }],
        "client_sessions": [{ "user_identity_key": "jane" }],
        "access_grants": [{ "user_identity_key": "jane", "devices": ["Ear"] }],
        "noise_thresholds": [{ "device": "Ear", "name": "Party" }],
        "acs_systems": [{ "name": "Club" }],
        "acs_entrances": [{ "display_name": "Gym", "acs_system": "Club" }],
        "acs_users": [{
            "display_name": "Jane",
            "acs_system": "Club",
            "user_identity_key": "jane",
            "acs_entrances": ["Gym"],
        }],
        "acs_access_groups": [{ "name": "All", "acs_system": "Club", "acs_users": ["Jane"] }],
        "acs_credentials": [{ "acs_user": "Jane" }],
        "phones": [{ "user_identity_key": "jane" }],
    }}));
    let jane = Caller::Token(world.sandbox.info().client_session_token);
    let shown = world.get(&jane, "/devices/list");
    assert_eq!(shown.ids("devices", "display_name"), ["Ear"]);
    let ear = shown.device_ids().remove(0);
    let thresholds = world.expect_ok(
        &jane,
        "/noise_sensors/noise_thresholds/list",
        json!({ "device_id": ear }),
    );
    assert_eq!(thresholds["noise_thresholds"][0]["name"], "Party");
    let identity = &world.get(&jane, "/user_identities/list").body["user_identities"][0];
    assert_eq!(identity["acs_user_ids"].as_array().map(Vec::len), Some(1));
    let unmanaged = world.get(&Caller::ApiKey, "/devices/unmanaged/list");
    assert_eq!(unmanaged.device_ids().len(), 1);
    assert_eq!(world.sandbox.info().device_ids.len(), 2);
}
