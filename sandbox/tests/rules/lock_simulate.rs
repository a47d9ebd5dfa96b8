//! `/locks/simulate`.

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World, text};

const ENTER: &str = "/locks/simulate/keypad_code_entry";
const LOCK: &str = "/locks/simulate/manual_lock_via_keypad";

/// Makes the request, waits for its action attempt to succeed, and returns the latest event of a
/// lock that the caller sees.
fn run(world: &mut World, path: &str, params: Value, caller: &Caller) -> Value {
    let since = world.now;
    let requested = world.expect_ok(&Caller::ApiKey, path, params);
    world.now += AFTER_ATTEMPT;
    let id = requested["action_attempt"]["action_attempt_id"].clone();
    let attempt = json!({ "action_attempt_id": id });
    let done = world.expect_ok(&Caller::ApiKey, "/action_attempts/get", attempt);
    assert_eq!(done["action_attempt"]["status"], "success");
    let since = json!({ "since": since_text(since) });
    let listed = world.expect_ok(caller, "/events/list", since);
    let events = listed["events"].as_array().expect("a list").iter();
    let mut of_lock = events.filter(|it| text(&it["event_type"]).starts_with("lock."));
    of_lock.next_back().cloned().unwrap_or_default()
}

/// The tests take less than a minute from 08:30.
fn since_text(now: u64) -> String {
    let ms = now - crate::world::START;
    format!("2026-11-23T08:30:{:02}.{:03}Z", ms / 1000, ms % 1000)
}

fn is_locked(world: &mut World, device: &str) -> Value {
    let params = json!({ "device_id": device });
    let shown = world.expect_ok(&Caller::ApiKey, "/devices/get", params);
    shown["device"]["properties"]["locked"].clone()
}

#[test]
fn a_code_on_the_keypad_opens_the_door_and_the_event_says_whose_it_was() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let codes = json!({ "device_id": device });
    let managed = world.expect_ok(&Caller::ApiKey, "/access_codes/list", codes.clone());
    let unmanaged = world.expect_ok(&Caller::ApiKey, "/access_codes/unmanaged/list", codes);
    for (code, is_managed) in [
        (&managed["access_codes"][0], true),
        (&unmanaged["access_codes"][0], false),
    ] {
        let entry = json!({ "device_id": device, "code": code["code"] });
        let event = run(&mut world, ENTER, entry, &Caller::ApiKey);
        assert_eq!(event["event_type"], "lock.unlocked");
        assert_eq!(event["method"], "keycode");
        assert_eq!(event["access_code_id"], code["access_code_id"]);
        assert_eq!(event["access_code_is_managed"], is_managed);
        assert_eq!(event["code"], code["code"]);
        assert_eq!(event.get("action_attempt_id"), None);
        assert_eq!(is_locked(&mut world, &device), false);
        let lock = json!({ "device_id": device });
        let event = run(&mut world, LOCK, lock, &Caller::ApiKey);
        assert_eq!(event["event_type"], "lock.locked");
        assert_eq!(event["method"], "manual");
        assert_eq!(is_locked(&mut world, &device), true);
    }
}

#[test]
fn a_code_that_the_lock_does_not_have_opens_nothing() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let later = json!({
        "device_id": device,
        "code": "2468",
        "starts_at": "2026-12-24T00:00:00Z",
        "ends_at": "2026-12-25T00:00:00Z",
    });
    world.expect_ok(&Caller::ApiKey, "/access_codes/create", later);
    world.now += AFTER_ATTEMPT;
    for code in ["0000", "2468"] {
        let entry = json!({ "device_id": device, "code": code });
        let event = run(&mut world, ENTER, entry, &Caller::ApiKey);
        assert_eq!(event["event_type"], "lock.access_denied", "{code}");
        assert_eq!(event.get("access_code_id"), None);
        assert_eq!(is_locked(&mut world, &device), true);
    }
}

#[test]
fn the_entry_of_a_guests_code_is_private_to_the_guest() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let (one, other) = (world.identity("user-1"), world.identity("user-2"));
    world.grant(&one, &device);
    world.grant(&other, &device);
    let (guest, second) = (world.token(&one), world.token(&other));
    let code = json!({ "device_id": device, "code": "2468" });
    world.expect_ok(&guest, "/access_codes/create", code.clone());
    world.now += AFTER_ATTEMPT;
    let event = run(&mut world, ENTER, code.clone(), &guest);
    assert_eq!(event["code"], "2468");
    let event = run(&mut world, ENTER, code, &second);
    assert_eq!(event, Value::Null);
}

#[test]
fn only_august_locks_have_a_simulated_keypad() {
    let mut world = World::new();
    let garage = world.device("Garage");
    for path in [ENTER, LOCK] {
        let params = json!({ "device_id": garage, "code": "1234" });
        let refused = world.post(&Caller::ApiKey, path, params);
        assert_eq!(refused.error(), (400, "device_type_not_supported"));
    }
}

#[test]
fn the_event_of_an_unlock_names_its_action_attempt_to_its_requester() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let (one, other) = (world.identity("user-1"), world.identity("user-2"));
    world.grant(&one, &device);
    world.grant(&other, &device);
    let (guest, second) = (world.token(&one), world.token(&other));
    let unlock = json!({ "device_id": device });
    let requested = world.expect_ok(&guest, "/locks/unlock_door", unlock);
    let attempt = requested["action_attempt"]["action_attempt_id"].clone();
    world.now += AFTER_ATTEMPT;
    for (caller, named) in [
        (&guest, &attempt),
        (&Caller::ApiKey, &attempt),
        (&second, &Value::Null),
    ] {
        let event = json!({ "event_type": "lock.unlocked" });
        let event = world.expect_ok(caller, "/events/get", event);
        assert_eq!(&event["event"]["action_attempt_id"], named);
    }
}
