//! A code from its creation to its end, on the clock of the sandbox.

use serde_json::{Value, json};

use super::{create, events, get};
use crate::world::{AFTER_ATTEMPT, Caller, START, World, text};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// A code on this device from ten days after the start of the sandbox, for a day.
fn in_ten_days(device: &str) -> Value {
    json!({
        "device_id": device,
        "code": "1234",
        "starts_at": "2026-12-03T08:30:00Z",
        "ends_at": "2026-12-04T08:30:00Z",
    })
}

const STARTS_AT: u64 = START + 240 * HOUR;
const ENDS_AT: u64 = STARTS_AT + 24 * HOUR;

/// Moves the clock through these times, and returns the events of each step.
fn steps(world: &mut World, id: &str, steps: &[(u64, &str, &[&str])]) {
    let mut seen = events(world, &Caller::ApiKey, id).len();
    for (at, expected_status, expected_events) in steps {
        world.now = *at;
        let one = json!({ "access_code_id": id });
        let response = world.post(&Caller::ApiKey, "/access_codes/get", one);
        let status = match response.status {
            200 => text(&response.body["access_code"]["status"]),
            _ => "gone".to_owned(),
        };
        assert_eq!(status, *expected_status, "{at}");
        let all = events(world, &Caller::ApiKey, id);
        assert_eq!(all[seen..], **expected_events, "{at}");
        seen = all.len();
    }
}

#[test]
fn a_natively_scheduled_code_is_on_the_lock_72_hours_ahead_and_set_at_its_start() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let code = create(&mut world, &Caller::ApiKey, in_ten_days(&door));
    assert_eq!(code["status"], "unset");
    let deferral = &code["pending_mutations"][0];
    assert_eq!(deferral["mutation_code"], "deferring_creation");
    assert_eq!(deferral["scheduled_at"], "2026-11-30T08:30:00.000Z");
    let id = text(&code["access_code_id"]);
    steps(
        &mut world,
        &id,
        &[
            (STARTS_AT - 72 * HOUR - 1, "unset", &[]),
            (
                STARTS_AT - 72 * HOUR + AFTER_ATTEMPT,
                "unset",
                &["access_code.scheduled_on_device"],
            ),
            (STARTS_AT - 1, "unset", &[]),
        ],
    );
    let code = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(code["is_scheduled_on_device"], true);
    assert_eq!(code["pending_mutations"], json!([]));
    steps(
        &mut world,
        &id,
        &[
            (STARTS_AT, "set", &["access_code.set_on_device"]),
            (ENDS_AT - 1, "set", &[]),
            (ENDS_AT, "removing", &[]),
            (
                ENDS_AT + AFTER_ATTEMPT,
                "gone",
                &["access_code.removed_from_device", "access_code.deleted"],
            ),
        ],
    );
}

#[test]
fn a_just_in_time_code_is_set_an_hour_ahead() {
    for (device_type, prefers_native) in [("smartthings_lock", true), ("august_lock", false)] {
        let device = json!({ "device_type": device_type, "display_name": "Door" });
        let mut world = World::with(json!({ "seed": { "devices": [device] } }));
        let mut params = in_ten_days(&world.device("Door"));
        params["prefer_native_scheduling"] = prefers_native.into();
        let code = create(&mut world, &Caller::ApiKey, params);
        let deferral = &code["pending_mutations"][0];
        assert_eq!(deferral["scheduled_at"], "2026-12-03T07:30:00.000Z");
        let id = text(&code["access_code_id"]);
        steps(
            &mut world,
            &id,
            &[
                (STARTS_AT - 72 * HOUR, "unset", &[]),
                (STARTS_AT - HOUR, "setting", &[]),
                (
                    STARTS_AT - HOUR + AFTER_ATTEMPT,
                    "set",
                    &["access_code.set_on_device"],
                ),
                (STARTS_AT, "set", &[]),
                (
                    ENDS_AT + AFTER_ATTEMPT,
                    "gone",
                    &["access_code.removed_from_device", "access_code.deleted"],
                ),
            ],
        );
    }
}

#[test]
fn a_code_within_its_time_frame_is_set_at_once_and_an_update_can_end_it() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let params = json!({
        "device_id": door,
        "starts_at": "2026-11-23T08:30:00Z",
        "ends_at": "2026-11-23T10:30:00+00:00",
    });
    let code = create(&mut world, &Caller::ApiKey, params);
    assert_eq!(
        (&code["type"], &code["status"]),
        (&json!("time_bound"), &json!("setting"))
    );
    let id = text(&code["access_code_id"]);
    steps(
        &mut world,
        &id,
        &[(START + AFTER_ATTEMPT, "set", &["access_code.set_on_device"])],
    );
    let earlier = json!({ "access_code_id": id, "ends_at": "2026-11-23T08:35:00Z" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", earlier);
    steps(
        &mut world,
        &id,
        &[
            (
                START + 2 * MINUTE,
                "set",
                &[
                    "access_code.time_frame_changed",
                    "access_code.changed",
                    "access_code.set_on_device",
                ],
            ),
            (
                START + 6 * MINUTE,
                "gone",
                &["access_code.removed_from_device", "access_code.deleted"],
            ),
            // The earlier end means nothing any more.
            (START + 3 * HOUR, "gone", &[]),
        ],
    );
}

#[test]
fn an_update_is_requested_first_and_changed_when_the_device_has_it() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let params = json!({ "device_id": door, "code": "1234" });
    let code = create(&mut world, &Caller::ApiKey, params);
    let id = text(&code["access_code_id"]);
    world.now += AFTER_ATTEMPT;
    let update = json!({ "access_code_id": id, "name": "New", "code": "5678" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", update);
    let recorded = events(&mut world, &Caller::ApiKey, &id);
    assert_eq!(
        recorded.last().map(String::as_str),
        Some("access_code.mutations_requested")
    );
    let requested = json!({ "event_type": "access_code.mutations_requested" });
    let requested = world.expect_ok(&Caller::ApiKey, "/events/get", requested);
    assert_eq!(
        requested["event"]["requested_mutations"],
        json!([
            { "mutation_code": "updating_code", "from": { "code": "1234" }, "to": { "code": "5678" } },
            { "mutation_code": "updating_name", "from": { "name": null }, "to": { "name": "New" } },
        ])
    );
    world.now += AFTER_ATTEMPT;
    let recorded = events(&mut world, &Caller::ApiKey, &id);
    let on_device = [
        "access_code.code_changed",
        "access_code.name_changed",
        "access_code.changed",
        "access_code.set_on_device",
    ];
    assert!(
        recorded.ends_with(&on_device.map(str::to_owned)),
        "{recorded:?}"
    );
    let changed = json!({ "event_type": "access_code.changed" });
    let changed = world.expect_ok(&Caller::ApiKey, "/events/get", changed);
    assert_eq!(
        changed["event"]["changed_properties"],
        json!([
            { "property": "code", "from": "1234", "to": "5678" },
            { "property": "name", "from": null, "to": "New" },
        ])
    );
    let code = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(
        (&code["name"], &code["code"]),
        (&json!("New"), &json!("5678"))
    );
}

#[test]
fn an_update_can_move_a_code_into_the_future_and_back() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let id =
        text(&create(&mut world, &Caller::ApiKey, json!({ "device_id": door }))["access_code_id"]);
    world.now += AFTER_ATTEMPT;
    let mut later = in_ten_days(&door);
    later["access_code_id"] = id.as_str().into();
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", later);
    assert_eq!(get(&mut world, &Caller::ApiKey, &id)["status"], "unset");
    world.now += AFTER_ATTEMPT;
    let code = get(&mut world, &Caller::ApiKey, &id);
    // The lock keeps it, with its schedule.
    assert_eq!(code["is_scheduled_on_device"], true);
    let ongoing = json!({ "access_code_id": id, "type": "ongoing" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", ongoing);
    world.now += AFTER_ATTEMPT;
    let code = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(
        (&code["type"], &code["status"]),
        (&json!("ongoing"), &json!("set"))
    );
    assert!(code.get("ends_at").is_none() && code.get("is_scheduled_on_device").is_none());
    world.now = ENDS_AT + AFTER_ATTEMPT;
    assert_eq!(get(&mut world, &Caller::ApiKey, &id)["status"], "set");
}

#[test]
fn a_deleted_code_is_removing_until_its_device_has_removed_it() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let code = create(
        &mut world,
        &Caller::ApiKey,
        json!({ "device_id": door, "code": "1234" }),
    );
    let id = text(&code["access_code_id"]);
    world.now += AFTER_ATTEMPT;
    let delete = json!({ "access_code_id": id });
    let deleted = world.expect_ok(&Caller::ApiKey, "/access_codes/delete", delete.clone());
    assert_eq!(
        deleted["action_attempt"]["action_type"],
        "DELETE_ACCESS_CODE"
    );
    let code = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(code["status"], "removing");
    assert_eq!(code["pending_mutations"][0]["mutation_code"], "deleting");
    assert_eq!(code["warnings"][0]["warning_code"], "being_deleted");
    // Its number is free, and it cannot be changed any more.
    create(
        &mut world,
        &Caller::ApiKey,
        json!({ "device_id": door, "code": "1234" }),
    );
    let update = json!({ "access_code_id": id, "name": "New" });
    let refused = world.post(&Caller::ApiKey, "/access_codes/update", update);
    assert_eq!(refused.error(), (404, "access_code_not_found"));
    // To delete it twice is no error.
    world.expect_ok(&Caller::ApiKey, "/access_codes/delete", delete.clone());
    world.now += AFTER_ATTEMPT;
    let gone = world.post(&Caller::ApiKey, "/access_codes/get", delete);
    assert_eq!(gone.error(), (404, "access_code_not_found"));
    let recorded = events(&mut world, &Caller::ApiKey, &id);
    let end = ["access_code.removed_from_device", "access_code.deleted"];
    assert!(recorded.ends_with(&end.map(str::to_owned)), "{recorded:?}");
}

#[test]
fn a_code_that_was_never_on_the_lock_is_not_removed_from_it() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let code = create(&mut world, &Caller::ApiKey, in_ten_days(&door));
    let id = text(&code["access_code_id"]);
    let on_door = json!({ "device_id": door });
    // Nothing has to be done at the lock.
    world.expect_ok(&Caller::ApiKey, "/devices/simulate/disconnect", on_door);
    let delete = json!({ "access_code_id": id });
    world.expect_ok(&Caller::ApiKey, "/access_codes/delete", delete);
    world.now += AFTER_ATTEMPT;
    assert_eq!(
        events(&mut world, &Caller::ApiKey, &id),
        [
            "access_code.created",
            "access_code.mutations_requested",
            "access_code.deleted"
        ]
    );
}

#[test]
fn a_code_whose_lock_is_offline_at_its_time_is_set_when_it_comes_back() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    let id = text(&create(&mut world, &Caller::ApiKey, in_ten_days(&door))["access_code_id"]);
    world.expect_ok(
        &Caller::ApiKey,
        "/devices/simulate/disconnect",
        on_door.clone(),
    );
    steps(
        &mut world,
        &id,
        &[
            (
                STARTS_AT - HOUR,
                "unset",
                &["access_code.failed_to_set_on_device"],
            ),
            (STARTS_AT, "setting", &[]),
        ],
    );
    world.now = STARTS_AT + MINUTE;
    world.expect_ok(&Caller::ApiKey, "/devices/simulate/connect", on_door);
    world.now += AFTER_ATTEMPT;
    let code = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(
        (&code["status"], &code["errors"]),
        (&json!("set"), &json!([]))
    );
}

#[test]
fn with_sync_the_response_has_the_code_as_the_lock_has_it() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let params = json!({ "device_id": door, "code": "1234", "sync": true });
    let created = world.expect_ok(&Caller::ApiKey, "/access_codes/create", params);
    assert_eq!(created["access_code"]["status"], "set");
    let attempt = &created["action_attempt"];
    assert_eq!(attempt["status"], "success");
    assert_eq!(attempt["result"]["access_code"], created["access_code"]);
    let id = &created["access_code"]["access_code_id"];
    let update = json!({ "access_code_id": id, "name": "New", "sync": true });
    let updated = world.expect_ok(&Caller::ApiKey, "/access_codes/update", update);
    let result = &updated["action_attempt"]["result"]["access_code"];
    assert_eq!(
        (&result["name"], &result["status"]),
        (&json!("New"), &json!("set"))
    );
    let delete = json!({ "access_code_id": id, "sync": true });
    let deleted = world.expect_ok(&Caller::ApiKey, "/access_codes/delete", delete);
    assert_eq!(deleted["action_attempt"]["status"], "success");
    let gone = world.post(
        &Caller::ApiKey,
        "/access_codes/get",
        json!({ "access_code_id": id }),
    );
    assert_eq!(gone.error(), (404, "access_code_not_found"));
}

#[test]
fn a_seeded_code_follows_its_time_frame() {
    let code = |name: &str, starts_at: &str, ends_at: &str| {
        json!({
            "device": "Door",
            "name": name,
            "code": "1234",
            "type": "time_bound",
            "starts_at": starts_at,
            "ends_at": ends_at,
        })
    };
    let mut world = World::with(json!({ "seed": {
        "devices": [{ "device_type": "august_lock", "display_name": "Door" }],
        "access_codes": [
            code("Now", "2026-11-22T00:00:00Z", "2026-11-24T00:00:00Z"),
            code("Soon", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z"),
            code("Later", "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"),
            code("Over", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
        ],
    } }));
    let door = world.device("Door");
    let listed = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/list",
        json!({ "device_id": door }),
    );
    let listed = listed["access_codes"].as_array().expect("a list");
    let shown: Vec<_> = listed
        .iter()
        .map(|it| json!([it["name"], it["status"], it["is_scheduled_on_device"]]))
        .collect();
    assert_eq!(
        shown,
        [
            json!(["Now", "set", null]),
            json!(["Soon", "unset", true]),
            json!(["Later", "unset", null]),
            json!(["Over", "removing", null]),
        ]
    );
}
