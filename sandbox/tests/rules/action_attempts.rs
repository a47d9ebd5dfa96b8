//! Action attempts: locking and unlocking.

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World};

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
    assert_eq!(locked(&mut world, &device), true);
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
