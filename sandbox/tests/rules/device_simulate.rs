//! `/devices/simulate`.

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World, text};

fn device(world: &mut World, id: &str) -> Value {
    let mut shown = world.expect_ok(&Caller::ApiKey, "/devices/get", json!({ "device_id": id }));
    shown["device"].take()
}

fn codes(device: &Value) -> Vec<&str> {
    let errors = device["errors"].as_array().expect("a list");
    errors
        .iter()
        .filter_map(|it| it["error_code"].as_str())
        .collect()
}

fn simulate(world: &mut World, what: &str, params: Value) {
    world.expect_ok(
        &Caller::ApiKey,
        &format!("/devices/simulate/{what}"),
        params,
    );
}

fn event_types(world: &mut World, device: &str) -> Vec<String> {
    let params = json!({ "since": "2000-01-01", "device_id": device });
    let listed = world.post(&Caller::ApiKey, "/events/list", params);
    listed.ids("events", "event_type")
}

#[test]
fn disconnecting_and_connecting_a_device_each_record_one_event() {
    let mut world = World::new();
    let id = world.device("Front Door");
    let one = json!({ "device_id": id });
    for _ in 0..2 {
        simulate(&mut world, "disconnect", one.clone());
        world.now += 1;
    }
    let offline = device(&mut world, &id);
    assert_eq!(offline["properties"]["online"], false);
    assert_eq!(codes(&offline), ["device_disconnected"]);
    let requested = world.expect_ok(&Caller::ApiKey, "/locks/unlock_door", one.clone());
    world.now += AFTER_ATTEMPT;
    let attempt = requested["action_attempt"]["action_attempt_id"].clone();
    let attempt = json!({ "action_attempt_id": attempt });
    let failed = world.expect_ok(&Caller::ApiKey, "/action_attempts/get", attempt);
    assert_eq!(failed["action_attempt"]["status"], "error");
    for _ in 0..2 {
        simulate(&mut world, "connect", one.clone());
        world.now += 1;
    }
    let online = device(&mut world, &id);
    assert_eq!(online["properties"]["online"], true);
    assert!(codes(&online).is_empty());
    let types = event_types(&mut world, &id);
    assert_eq!(
        types,
        [
            "device.disconnected",
            "action_attempt.unlock_door.failed",
            "device.connected"
        ]
    );
}

#[test]
fn a_removed_device_stays_visible_with_an_error() {
    let mut world = World::new();
    let id = world.device("Front Door");
    let identity = world.identity("user-1");
    world.grant(&identity, &id);
    let user = world.token(&identity);
    simulate(&mut world, "remove", json!({ "device_id": id }));
    let shown = world.expect_ok(&user, "/devices/get", json!({ "device_id": id }));
    assert_eq!(codes(&shown["device"]), ["device_removed"]);
    assert_eq!(shown["device"]["properties"]["online"], false);
    assert_eq!(event_types(&mut world, &id), ["device.removed"]);
}

#[test]
fn hubs_and_subscriptions_are_simulated_for_some_device_types_only() {
    let mut world = World::new();
    let (august, nuki) = (world.device("Front Door"), world.device("Cabin"));
    let before = world.sandbox.snapshot();
    for (what, device) in [
        ("connect_to_hub", &nuki),
        ("disconnect_from_hub", &nuki),
        ("paid_subscription", &august),
    ] {
        let params = json!({ "device_id": device, "is_expired": true });
        let path = format!("/devices/simulate/{what}");
        let refused = world.post(&Caller::ApiKey, &path, params);
        assert_eq!(
            refused.error(),
            (400, "device_type_not_supported"),
            "{what}"
        );
    }
    assert_eq!(world.sandbox.snapshot(), before);

    simulate(
        &mut world,
        "disconnect_from_hub",
        json!({ "device_id": august }),
    );
    assert_eq!(codes(&device(&mut world, &august)), ["hub_disconnected"]);
    simulate(&mut world, "connect_to_hub", json!({ "device_id": august }));
    assert!(codes(&device(&mut world, &august)).is_empty());
    for (is_expired, expired) in [(true, true), (true, true), (false, false)] {
        let params = json!({ "device_id": nuki, "is_expired": is_expired });
        simulate(&mut world, "paid_subscription", params);
        let shown = device(&mut world, &nuki);
        assert_eq!(codes(&shown).contains(&"subscription_required"), expired);
    }
}

#[test]
fn a_connection_is_simulated_for_devices_with_its_flags_only() {
    let seed = json!({ "devices": [
        { "device_type": "august_lock", "display_name": "August" },
        { "device_type": "yale_lock", "display_name": "Yale" },
        { "device_type": "nuki_lock", "display_name": "Nuki" },
        { "device_type": "ecobee_thermostat", "display_name": "Ecobee" },
        {
            "device_type": "nuki_lock",
            "display_name": "Nuki with a flag",
            "can_simulate_disconnection": true,
        },
    ] });
    let mut world = World::with(json!({ "seed": seed }));
    for (name, is_possible) in [
        ("August", true),
        ("Yale", true),
        ("Nuki", false),
        ("Ecobee", false),
        ("Nuki with a flag", true),
    ] {
        let id = world.device(name);
        let shown = device(&mut world, &id);
        assert_eq!(
            shown["can_simulate_disconnection"] == true,
            is_possible,
            "{name}"
        );
        for what in ["disconnect", "connect", "remove"] {
            let path = format!("/devices/simulate/{what}");
            let response = world.post(&Caller::ApiKey, &path, json!({ "device_id": id }));
            let expected = if is_possible {
                (200, "no error")
            } else {
                (400, "device_type_not_supported")
            };
            assert_eq!(response.error(), expected, "{what} {name}");
        }
    }
}

#[test]
fn an_offline_device_shows_neither_its_lock_nor_its_battery() {
    let mut world = World::new();
    let id = world.device("Front Door");
    let online = device(&mut world, &id);
    assert_eq!(online["can_simulate_connection"], false);
    simulate(&mut world, "disconnect", json!({ "device_id": id }));
    let seeded = world.device("Cabin");
    for id in [&id, &seeded] {
        let properties = device(&mut world, id)["properties"].take();
        for name in ["locked", "battery", "battery_level"] {
            assert_eq!(properties.get(name), None, "{name}");
        }
    }
    let saved = world.get(&Caller::ApiKey, "/_sandbox/state").body;
    world.expect_ok(&Caller::ApiKey, "/_sandbox/state", saved);
    simulate(&mut world, "connect", json!({ "device_id": id }));
    assert_eq!(device(&mut world, &id), online);
}

#[test]
fn a_session_may_not_simulate() {
    let mut world = World::new();
    let id = world.device("Front Door");
    let identity = world.identity("user-1");
    world.grant(&identity, &id);
    let user = world.token(&identity);
    let before = world.sandbox.snapshot();
    for what in ["connect", "disconnect", "remove", "connect_to_hub"] {
        let path = format!("/devices/simulate/{what}");
        let refused = world.post(&user, &path, json!({ "device_id": id }));
        assert_eq!(refused.error(), (401, "unauthorized"), "{what}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn an_unmanaged_device_has_its_own_event_types() {
    let mut world = World::new();
    let id = world.device("Front Door");
    let unmanage = json!({ "device_id": id, "is_managed": false });
    world.expect_ok(&Caller::ApiKey, "/devices/update", unmanage);
    for what in ["disconnect", "connect"] {
        world.now += 1;
        simulate(&mut world, what, json!({ "device_id": id }));
    }
    assert_eq!(
        event_types(&mut world, &id),
        [
            "device.converted_to_unmanaged",
            "device.unmanaged.disconnected",
            "device.unmanaged.connected",
        ]
    );
    let shown = world.expect_ok(
        &Caller::ApiKey,
        "/devices/unmanaged/get",
        json!({ "device_id": id }),
    );
    assert_eq!(text(&shown["device"]["device_id"]), id);
}
