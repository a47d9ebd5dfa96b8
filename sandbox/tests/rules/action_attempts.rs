//! Action attempts: locking and unlocking.

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World, text};

fn start_action(world: &mut World, path: &str, device: &str) -> Value {
    let mut requested = world.expect_ok(&Caller::ApiKey, path, json!({ "device_id": device }));
    requested["action_attempt"].take()
}

fn finish(world: &mut World, attempt: &Value) -> Value {
    let id = json!({ "action_attempt_id": attempt["action_attempt_id"] });
    let mut found = world.expect_ok(&Caller::ApiKey, "/action_attempts/get", id);
    found["action_attempt"].take()
}

fn locked(world: &mut World, device: &str) -> Value {
    let found = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "device_id": device }),
    );
    found["device"]["properties"]["locked"].clone()
}

#[test]
fn an_attempt_is_pending_first_and_then_succeeds() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let attempt = start_action(&mut world, "/locks/unlock_door", &device);
    assert_eq!(attempt["status"], "pending");
    assert_eq!(attempt["result"], Value::Null);
    assert_eq!(attempt["error"], Value::Null);
    world.now += 399;
    assert_eq!(finish(&mut world, &attempt)["status"], "pending");
    assert_eq!(locked(&mut world, &device), true);
    world.now += 1;
    let success = finish(&mut world, &attempt);
    assert_eq!(success["status"], "success");
    assert_eq!(success["result"]["was_confirmed_by_device"], true);
    assert_eq!(success["error"], Value::Null);
    assert_eq!(locked(&mut world, &device), false);
}

#[test]
fn attempts_end_in_the_order_of_their_requests() {
    let mut world = World::new();
    let device = world.device("Front Door");
    for (paths, expected) in [
        (["/locks/unlock_door", "/locks/lock_door"], true),
        (["/locks/lock_door", "/locks/unlock_door"], false),
    ] {
        for path in paths {
            start_action(&mut world, path, &device);
        }
        world.now += AFTER_ATTEMPT;
        assert_eq!(locked(&mut world, &device), expected);
    }
}

#[test]
fn an_attempt_on_an_offline_device_fails_and_changes_nothing() {
    let mut world = World::new();
    let device = world.device("Cabin");
    let attempt = start_action(&mut world, "/locks/unlock_door", &device);
    assert_eq!(attempt["status"], "pending");
    world.now += AFTER_ATTEMPT;
    let failed = finish(&mut world, &attempt);
    assert_eq!(failed["status"], "error");
    assert_eq!(failed["error"]["type"], "device_offline");
    assert_eq!(failed["result"], Value::Null);
    assert_eq!(locked(&mut world, &device), Value::Null);
}

#[test]
fn a_device_without_the_capability_is_refused_at_once() {
    let mut world = World::new();
    for name in ["Storage Room", "Hallway Thermostat", "Living Room Sensor"] {
        let device = world.device(name);
        let before = world.sandbox.snapshot();
        for path in ["/locks/lock_door", "/locks/unlock_door"] {
            let refused = world.post(&Caller::ApiKey, path, json!({ "device_id": device }));
            assert_eq!(refused.error(), (400, "capability_not_supported"), "{name}");
        }
        assert_eq!(world.sandbox.snapshot(), before);
    }
}

#[test]
fn an_unknown_attempt_is_not_found() {
    let mut world = World::new();
    let id = json!({ "action_attempt_id": "11111111-1111-4111-8111-111111111111" });
    let refused = world.post(&Caller::ApiKey, "/action_attempts/get", id);
    assert_eq!(refused.error(), (404, "action_attempt_not_found"));
}

#[test]
fn a_host_clock_that_is_set_back_is_not_followed() {
    let mut world = World::new();
    let device = world.device("Front Door");
    start_action(&mut world, "/locks/unlock_door", &device);
    world.now += AFTER_ATTEMPT;
    assert_eq!(locked(&mut world, &device), false);
    world.now = 0;
    let attempt = start_action(&mut world, "/locks/lock_door", &device);
    assert_eq!(finish(&mut world, &attempt)["status"], "pending");
}

#[test]
fn attempts_can_be_set_to_end_at_once_or_later() {
    let mut at_once = World::with(json!({ "attempt_ms": 0 }));
    let door = at_once.device("Front Door");
    let params = json!({ "device_id": door });
    let attempt = at_once.expect_ok(&Caller::ApiKey, "/locks/unlock_door", params.clone());
    assert_eq!(attempt["action_attempt"]["status"], "success");
    let lock = at_once.expect_ok(&Caller::ApiKey, "/locks/get", params.clone());
    assert_eq!(lock["device"]["properties"]["locked"], false);
    // Injected faults decide the result as ever.
    for (fault, status) in [("attempt_fails", "error"), ("attempt_hangs", "pending")] {
        let fault = json!({ "fault": fault, "times": 1 });
        at_once.expect_ok(&Caller::ApiKey, "/_sandbox/faults", fault);
        let attempt = at_once.expect_ok(&Caller::ApiKey, "/locks/lock_door", params.clone());
        assert_eq!(attempt["action_attempt"]["status"], status);
    }

    let mut later = World::with(json!({ "attempt_ms": 5_000 }));
    let attempt = later.expect_ok(&Caller::ApiKey, "/locks/unlock_door", params);
    let id = json!({ "action_attempt_id": attempt["action_attempt"]["action_attempt_id"] });
    for (passed, status) in [(4_999, "pending"), (1, "success")] {
        later.now += passed;
        let found = later.expect_ok(&Caller::ApiKey, "/action_attempts/get", id.clone());
        assert_eq!(found["action_attempt"]["status"], status);
    }
}

#[test]
fn attempts_are_listed_by_id_and_by_device_in_pages() {
    let mut world = World::new();
    let (front, garage) = (world.device("Front Door"), world.device("Garage"));
    let one = start_action(&mut world, "/locks/unlock_door", &front);
    world.now += 1;
    let two = start_action(&mut world, "/locks/lock_door", &garage);
    world.now += AFTER_ATTEMPT;
    let (one, two) = (
        text(&one["action_attempt_id"]),
        text(&two["action_attempt_id"]),
    );
    let (one, two) = (one.as_str(), two.as_str());
    let unknown = "11111111-1111-4111-8111-111111111111";
    for (params, expected) in [
        (json!({}), vec![one, two]),
        (json!({ "action_attempt_ids": [two, unknown] }), vec![two]),
        (json!({ "device_id": front }), vec![one]),
        (
            json!({ "device_id": front, "action_attempt_ids": [one, two] }),
            vec![one],
        ),
        (json!({ "limit": 1 }), vec![one]),
        (json!({ "action_attempt_ids": [] }), vec![]),
    ] {
        let listed = world.post(&Caller::ApiKey, "/action_attempts/list", params.clone());
        let ids = listed.ids("action_attempts", "action_attempt_id");
        assert_eq!(ids, expected, "{params}");
        let has_more = &listed.body["pagination"]["has_next_page"];
        assert_eq!(has_more, params.get("limit").is_some(), "{params}");
        for attempt in listed.body["action_attempts"].as_array().expect("a list") {
            assert_eq!(attempt["status"], "success");
        }
    }
    let params = json!({ "action_attempt_ids": [unknown] });
    let refused = world.post(&Caller::ApiKey, "/action_attempts/list", params);
    assert_eq!(refused.error(), (404, "action_attempts_not_found"));
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    let refused = world.post(&user, "/action_attempts/list", json!({}));
    assert_eq!(refused.status, 401);
}

#[test]
fn with_sync_the_response_has_the_end_of_the_attempt() {
    let mut world = World::new();
    let (front, cabin) = (world.device("Front Door"), world.device("Cabin"));
    // An offline lock does not show whether it is locked.
    for (device, status, is_locked) in [
        (&front, "success", json!(false)),
        (&cabin, "error", Value::Null),
    ] {
        let params = json!({ "device_id": device, "sync": true });
        let ended = world.expect_ok(&Caller::ApiKey, "/locks/unlock_door", params);
        assert_eq!(ended["action_attempt"]["status"], status);
        assert_eq!(locked(&mut world, device), is_locked);
    }
    // The same attempt does not end again.
    let lock = json!({ "device_id": front, "sync": true });
    world.expect_ok(&Caller::ApiKey, "/locks/lock_door", lock);
    world.now += AFTER_ATTEMPT;
    assert_eq!(locked(&mut world, &front), true);
    let ended = json!({ "since": "2000-01-01", "event_type": "lock.unlocked" });
    let unlocked = world.post(&Caller::ApiKey, "/events/list", ended);
    assert_eq!(unlocked.ids("events", "event_id").len(), 1);
}
