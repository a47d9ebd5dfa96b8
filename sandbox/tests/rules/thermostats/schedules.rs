//! Schedules of thermostats that run on the sandbox's clock.

use serde_json::{Value, json};

use super::{properties, refused, run_action, world};
use crate::world::{Caller, World, text};

const HOUR: u64 = 3_600_000;
const CREATE: &str = "/thermostats/schedules/create";
const UPDATE: &str = "/thermostats/schedules/update";

/// Creates a schedule from one hour to another, counted from 2026-11-23T08:00:00Z, and returns its
/// id.
fn schedule(world: &mut World, device: &str, hours: (u64, u64), more: Value) -> String {
    let mut params = json!({
        "device_id": device,
        "climate_preset_key": "away",
        "starts_at": format!("2026-11-23T{:02}:00:00Z", 8 + hours.0),
        "ends_at": format!("2026-11-23T{:02}:00:00Z", 8 + hours.1),
    });
    for (name, value) in more.as_object().expect("an object") {
        params[name] = value.clone();
    }
    let created = world.expect_ok(&Caller::ApiKey, CREATE, params);
    text(&created["thermostat_schedule"]["thermostat_schedule_id"])
}

/// Returns the key of the current preset, or null.
fn preset(world: &mut World, device: &str) -> Value {
    properties(world, device)["current_climate_setting"]["climate_preset_key"].clone()
}

/// Returns preset, schedule and whether it is the fallback, of each activation.
fn activations(world: &mut World, device: &str) -> Vec<(String, Value, bool)> {
    let params = json!({
        "since": "2000-01-01",
        "device_id": device,
        "event_type": "thermostat.climate_preset_activated",
    });
    let listed = world.expect_ok(&Caller::ApiKey, "/events/list", params);
    let events = listed["events"].as_array().expect("a list").iter();
    let activation = |it: &Value| {
        let is_fallback = it["is_fallback_climate_preset"] == true;
        (
            text(&it["climate_preset_key"]),
            it["thermostat_schedule_id"].clone(),
            is_fallback,
        )
    };
    events.map(activation).collect()
}

/// Moves the clock to this hour, counted from 2026-11-23T08:00:00Z.
fn wait_until(world: &mut World, hour: u64) {
    world.now = crate::world::START - HOUR / 2 + hour * HOUR;
}

#[test]
fn a_schedule_starts_and_ends_and_then_the_fallback_applies() {
    let (mut world, device) = world();
    let fallback = json!({ "device_id": device, "climate_preset_key": "sleep" });
    let path = "/thermostats/set_fallback_climate_preset";
    world.expect_ok(&Caller::ApiKey, path, fallback);
    assert_eq!(preset(&mut world, &device), "sleep");
    let id = schedule(&mut world, &device, (2, 4), json!({}));
    wait_until(&mut world, 1);
    assert_eq!(
        properties(&mut world, &device)["active_thermostat_schedule_id"],
        Value::Null
    );

    wait_until(&mut world, 2);
    let active = properties(&mut world, &device);
    assert_eq!(active["active_thermostat_schedule_id"], id.as_str());
    assert_eq!(
        active["active_thermostat_schedule"]["climate_preset_key"],
        "away"
    );
    let setting = &active["current_climate_setting"];
    assert_eq!(setting["climate_preset_key"], "away");
    assert_eq!(setting["heating_set_point_celsius"].as_f64(), Some(16.0));

    wait_until(&mut world, 4);
    let over = properties(&mut world, &device);
    assert_eq!(over["active_thermostat_schedule_id"], Value::Null);
    assert_eq!(over["active_thermostat_schedule"], Value::Null);
    assert_eq!(
        over["current_climate_setting"]["climate_preset_key"],
        "sleep"
    );
    assert_eq!(
        activations(&mut world, &device),
        [
            ("sleep".to_owned(), Value::Null, true),
            ("away".to_owned(), json!(id), false),
            ("sleep".to_owned(), Value::Null, true),
        ]
    );
}

#[test]
fn of_two_schedules_the_one_that_started_last_is_active() {
    let (mut world, device) = world();
    let long = schedule(&mut world, &device, (0, 9), json!({}));
    // Its start is in the past, so it starts immediately.
    assert_eq!(preset(&mut world, &device), "away");
    let short = schedule(
        &mut world,
        &device,
        (2, 3),
        json!({ "climate_preset_key": "home" }),
    );
    for (hour, active, key) in [(1, &long, "away"), (2, &short, "home"), (3, &long, "away")] {
        wait_until(&mut world, hour);
        let shown = properties(&mut world, &device);
        assert_eq!(
            shown["active_thermostat_schedule_id"],
            active.as_str(),
            "{hour}"
        );
        assert_eq!(
            shown["current_climate_setting"]["climate_preset_key"], key,
            "{hour}"
        );
    }
    let update = json!({ "thermostat_schedule_id": long, "climate_preset_key": "sleep" });
    world.expect_ok(&Caller::ApiKey, UPDATE, update);
    assert_eq!(preset(&mut world, &device), "sleep");
    let delete = json!({ "thermostat_schedule_id": long });
    world.expect_ok(&Caller::ApiKey, "/thermostats/schedules/delete", delete);
    let shown = properties(&mut world, &device);
    assert_eq!(shown["active_thermostat_schedule_id"], Value::Null);
}

#[test]
fn two_schedules_of_a_thermostat_do_not_start_at_the_same_time() {
    let (mut world, device) = world();
    let first = schedule(&mut world, &device, (2, 4), json!({}));
    let second = schedule(&mut world, &device, (5, 6), json!({}));
    let invalid = (400, "invalid_input");
    let params = json!({
        "device_id": device,
        "climate_preset_key": "home",
        "starts_at": "2026-11-23T11:00:00+01:00",
        "ends_at": "2026-11-24T00:00:00Z",
    });
    refused(&mut world, &Caller::ApiKey, CREATE, params, invalid);
    let moved = json!({ "thermostat_schedule_id": second, "starts_at": "2026-11-23T10:00:00Z" });
    refused(&mut world, &Caller::ApiKey, UPDATE, moved, invalid);
    let same = json!({ "thermostat_schedule_id": first, "starts_at": "2026-11-23T10:00:00Z" });
    world.expect_ok(&Caller::ApiKey, UPDATE, same);
}

#[test]
fn an_override_ends_after_its_period() {
    let (mut world, device) = world();
    let more = json!({ "max_override_period_minutes": 30 });
    schedule(&mut world, &device, (0, 9), more);
    let heat = json!({ "device_id": device, "heating_set_point_celsius": 25 });
    run_action(&mut world, "/thermostats/heat", heat);
    let requested = world.now;
    let shown = properties(&mut world, &device);
    assert_eq!(shown["is_temporary_manual_override_active"], true);
    assert_eq!(preset(&mut world, &device), Value::Null);
    world.now = requested + 29 * 60_000;
    assert_eq!(preset(&mut world, &device), Value::Null);
    world.now = requested + 30 * 60_000;
    assert_eq!(preset(&mut world, &device), "away");
    let shown = properties(&mut world, &device);
    assert_eq!(shown["is_temporary_manual_override_active"], false);
}

#[test]
fn a_schedule_without_overrides_refuses_the_api_and_restores_what_a_person_adjusts() {
    let (mut world, device) = world();
    schedule(
        &mut world,
        &device,
        (0, 9),
        json!({ "is_override_allowed": false }),
    );
    let not_allowed = (400, "manual_override_not_allowed");
    for (path, params) in [
        (
            "heat",
            json!({ "device_id": device, "heating_set_point_celsius": 25 }),
        ),
        ("off", json!({ "device_id": device })),
        (
            "set_fan_mode",
            json!({ "device_id": device, "fan_mode_setting": "on" }),
        ),
        (
            "activate_climate_preset",
            json!({ "device_id": device, "climate_preset_key": "home" }),
        ),
    ] {
        let path = format!("/thermostats/{path}");
        refused(&mut world, &Caller::ApiKey, &path, params, not_allowed);
    }
    let adjusted = json!({ "device_id": device, "hvac_mode": "off" });
    let path = "/thermostats/simulate/hvac_mode_adjusted";
    world.expect_ok(&Caller::ApiKey, path, adjusted);
    assert_eq!(preset(&mut world, &device), "away");
    assert_eq!(activations(&mut world, &device).len(), 2);
}

#[test]
fn an_offline_thermostat_follows_its_schedules_when_it_is_back() {
    let seed = json!({ "devices": [{
        "device_type": "ecobee_thermostat",
        "display_name": "Hall",
        "can_simulate_disconnection": true,
    }] });
    let mut world = World::with(json!({ "seed": seed }));
    let device = world.device("Hall");
    let id = schedule(&mut world, &device, (2, 9), json!({}));
    let one = json!({ "device_id": device });
    world.expect_ok(&Caller::ApiKey, "/devices/simulate/disconnect", one.clone());
    wait_until(&mut world, 3);
    assert_eq!(preset(&mut world, &device), Value::Null);
    world.expect_ok(&Caller::ApiKey, "/devices/simulate/connect", one);
    assert_eq!(preset(&mut world, &device), "away");
    let shown = properties(&mut world, &device);
    assert_eq!(shown["active_thermostat_schedule_id"], id.as_str());
}

#[test]
fn a_schedule_of_a_seed_runs_and_also_after_its_state_is_restored() {
    let mut world = World::with(json!({ "seed": {
        "devices": [{ "device_type": "ecobee_thermostat", "display_name": "Hall" }],
        "thermostat_schedules": [{
            "device": "Hall",
            "climate_preset_key": "away",
            "starts_at": "2026-11-23T10:00:00Z",
            "ends_at": "2026-11-23T12:00:00Z",
        }],
    } }));
    let device = world.device("Hall");
    let mut saved = world.get(&Caller::ApiKey, "/_sandbox/state").body;
    // As in a state of an earlier version, which had no timers.
    saved["state"]["workspace"]["agenda"] = json!([]);
    world.expect_ok(&Caller::ApiKey, "/_sandbox/state", saved);
    wait_until(&mut world, 2);
    assert_eq!(preset(&mut world, &device), "away");
}
