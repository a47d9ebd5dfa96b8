//! Thermostats: modes, presets, schedules and programs.

mod climate;
mod presets;
mod programs;
mod schedules;

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World};

fn world() -> (World, String) {
    let mut world = World::new();
    let device = world.device("Hallway Thermostat");
    (world, device)
}

fn properties(world: &mut World, device: &str) -> Value {
    let params = json!({ "device_id": device });
    world.expect_ok(&Caller::ApiKey, "/devices/get", params)["device"]["properties"].take()
}

/// Starts an action and lets its attempt end.
fn run_action(world: &mut World, path: &str, params: Value) {
    let requested = world.expect_ok(&Caller::ApiKey, path, params);
    let id = requested["action_attempt"]["action_attempt_id"].clone();
    world.now += AFTER_ATTEMPT;
    let params = json!({ "action_attempt_id": id });
    let done = world.expect_ok(&Caller::ApiKey, "/action_attempts/get", params);
    assert_eq!(done["action_attempt"]["status"], "success", "{path}");
}

/// Checks that the request fails with this error and changes nothing.
fn refused(world: &mut World, caller: &Caller, path: &str, params: Value, expected: (u16, &str)) {
    let before = world.sandbox.snapshot();
    let response = world.post(caller, path, params.clone());
    assert_eq!(response.error(), expected, "{path} {params}");
    assert_eq!(world.sandbox.snapshot(), before, "{path} {params}");
}

#[test]
fn thermostats_and_noise_sensors_have_their_own_lists() {
    let (mut world, device) = world();
    for (path, key, name) in [
        ("/thermostats/list", "thermostats", "Hallway Thermostat"),
        ("/noise_sensors/list", "noise_sensors", "Living Room Sensor"),
    ] {
        let listed = world.expect_ok(&Caller::ApiKey, path, json!({}));
        assert_eq!(listed["devices"], listed[key]);
        assert_eq!(listed[key].as_array().map(Vec::len), Some(1));
        assert_eq!(listed[key][0]["display_name"], name);
    }
    let other = world.identity("user-1");
    let other = world.token(&other);
    let listed = world.expect_ok(
        &other,
        "/thermostats/list",
        json!({ "device_ids": [device] }),
    );
    assert_eq!(listed["thermostats"], json!([]));
}

#[test]
fn a_mode_is_set_with_set_points_in_either_unit() {
    let cases = [
        (
            "heat",
            json!({ "heating_set_point_celsius": 20 }),
            json!("heat"),
        ),
        (
            "heat",
            json!({ "heating_set_point_fahrenheit": 68 }),
            json!("heat"),
        ),
        (
            "cool",
            json!({ "cooling_set_point_celsius": 24 }),
            json!("cool"),
        ),
        ("off", json!({}), json!("off")),
        (
            "heat_cool",
            json!({ "heating_set_point_celsius": 20, "cooling_set_point_fahrenheit": 77 }),
            json!("heat_cool"),
        ),
        (
            "set_hvac_mode",
            json!({ "hvac_mode_setting": "heat", "heating_set_point_celsius": 20 }),
            json!("heat"),
        ),
    ];
    for (name, mut params, mode) in cases {
        let (mut world, device) = world();
        params["device_id"] = device.clone().into();
        run_action(&mut world, &format!("/thermostats/{name}"), params.clone());
        let setting = &properties(&mut world, &device)["current_climate_setting"];
        assert_eq!(setting["hvac_mode_setting"], mode, "{name}");
        if mode != "off" && mode != "cool" {
            assert_eq!(
                setting["heating_set_point_celsius"].as_f64(),
                Some(20.0),
                "{params}"
            );
            assert_eq!(
                setting["heating_set_point_fahrenheit"].as_f64(),
                Some(68.0),
                "{params}"
            );
        }
        let params = json!({
            "device_id": device,
            "event_type": "thermostat.manually_adjusted",
            "since": "2026-01-01T00:00:00Z",
        });
        let response = world.expect_ok(&Caller::ApiKey, "/events/list", params);
        assert_eq!(response["events"][0]["hvac_mode_setting"], mode);
    }
}

#[test]
fn the_fan_mode_is_set() {
    for name in ["fan_mode_setting", "fan_mode"] {
        let (mut world, device) = world();
        run_action(
            &mut world,
            "/thermostats/set_fan_mode",
            json!({ "device_id": device, name: "on" }),
        );
        let properties = properties(&mut world, &device);
        assert_eq!(properties["fan_mode_setting"], "on");
        assert_eq!(
            properties["current_climate_setting"]["fan_mode_setting"],
            "on"
        );
    }
}

#[test]
fn what_a_thermostat_cannot_do_is_refused() {
    let (mut world, device) = world();
    let door = world.device("Front Door");
    let invalid = (400, "invalid_input");
    let unable = (400, "capability_not_supported");
    for (path, params, expected) in [
        ("heat", json!({ "device_id": door }), unable),
        ("heat", json!({ "device_id": device }), invalid),
        ("cool", json!({ "device_id": device }), invalid),
        (
            "heat_cool",
            json!({ "device_id": device, "heating_set_point_celsius": 20 }),
            invalid,
        ),
        (
            "set_hvac_mode",
            json!({ "device_id": device, "hvac_mode_setting": "heat" }),
            invalid,
        ),
        (
            "heat",
            json!({
                "device_id": device,
                "heating_set_point_celsius": 20,
                "heating_set_point_fahrenheit": 68,
            }),
            invalid,
        ),
        (
            "set_fan_mode",
            json!({ "device_id": door, "fan_mode_setting": "on" }),
            unable,
        ),
        ("set_fan_mode", json!({ "device_id": device }), invalid),
        (
            "set_fan_mode",
            json!({ "device_id": device, "fan_mode_setting": "circulate" }),
            invalid,
        ),
        (
            "set_hvac_mode",
            json!({ "device_id": device, "hvac_mode_setting": "eco" }),
            invalid,
        ),
        (
            "heat",
            json!({ "device_id": device, "heating_set_point_celsius": 90 }),
            invalid,
        ),
        (
            "cool",
            json!({ "device_id": device, "cooling_set_point_fahrenheit": 20 }),
            invalid,
        ),
        (
            "heat_cool",
            json!({
                "device_id": device,
                "heating_set_point_celsius": 22,
                "cooling_set_point_celsius": 23,
            }),
            invalid,
        ),
    ] {
        refused(
            &mut world,
            &Caller::ApiKey,
            &format!("/thermostats/{path}"),
            params,
            expected,
        );
    }
}

#[test]
fn auto_lock_is_configured_with_a_delay() {
    let mut world = World::new();
    let (door, garage) = (world.device("Front Door"), world.device("Garage"));
    let path = "/locks/configure_auto_lock";
    for (params, delay) in [
        (
            json!({ "auto_lock_enabled": true, "auto_lock_delay_seconds": 30 }),
            30.0,
        ),
        (json!({ "auto_lock_enabled": false }), 30.0),
    ] {
        let mut params = params;
        params["device_id"] = door.clone().into();
        run_action(&mut world, path, params.clone());
        let shown = properties(&mut world, &door);
        assert_eq!(shown["auto_lock_enabled"], params["auto_lock_enabled"]);
        assert_eq!(shown["auto_lock_delay_seconds"].as_f64(), Some(delay));
    }
    let params = json!({ "device_id": door, "auto_lock_enabled": true });
    refused(
        &mut world,
        &Caller::ApiKey,
        path,
        params,
        (400, "invalid_input"),
    );
    let params =
        json!({ "device_id": garage, "auto_lock_enabled": true, "auto_lock_delay_seconds": 9 });
    refused(
        &mut world,
        &Caller::ApiKey,
        path,
        params,
        (400, "capability_not_supported"),
    );
}

#[test]
fn without_access_to_a_thermostat_everything_of_it_is_out_of_scope() {
    let (mut world, device) = world();
    let times = json!({
        "device_id": device,
        "climate_preset_key": "home",
        "starts_at": "2026-12-20T00:00:00Z",
        "ends_at": "2027-01-02T00:00:00Z",
    });
    let schedule = world.expect_ok(
        &Caller::ApiKey,
        "/thermostats/schedules/create",
        times.clone(),
    );
    let schedule = schedule["thermostat_schedule"]["thermostat_schedule_id"].clone();
    let periods = json!([{ "starts_at_time": "07:00:00", "climate_preset_key": "home" }]);
    let program = json!({ "device_id": device, "name": "Day", "periods": periods });
    let created = world.expect_ok(
        &Caller::ApiKey,
        "/thermostats/daily_programs/create",
        program.clone(),
    );
    let id = created["thermostat_daily_program"]["thermostat_daily_program_id"].clone();
    let other = world.identity("user-1");
    let other = world.token(&other);

    let on_device = json!({ "device_id": device });
    let preset = json!({ "device_id": device, "climate_preset_key": "home" });
    let device_not_found = (404, "device_not_found");
    let no_schedule = (404, "thermostat_schedule_not_found");
    let no_program = (404, "thermostat_daily_program_not_found");
    let schedule = json!({ "thermostat_schedule_id": schedule });
    let of_program = json!({ "thermostat_daily_program_id": id });
    for (path, params, expected) in [
        ("cool", on_device.clone(), device_not_found),
        ("heat", on_device.clone(), device_not_found),
        ("heat_cool", on_device.clone(), device_not_found),
        ("off", on_device.clone(), device_not_found),
        (
            "set_hvac_mode",
            json!({ "device_id": device, "hvac_mode_setting": "off" }),
            device_not_found,
        ),
        (
            "set_fan_mode",
            json!({ "device_id": device, "fan_mode_setting": "on" }),
            device_not_found,
        ),
        ("create_climate_preset", preset.clone(), device_not_found),
        ("update_climate_preset", preset.clone(), device_not_found),
        ("delete_climate_preset", preset, device_not_found),
        ("schedules/create", times, device_not_found),
        ("schedules/list", on_device.clone(), device_not_found),
        ("schedules/get", schedule.clone(), no_schedule),
        ("schedules/update", schedule.clone(), no_schedule),
        ("schedules/delete", schedule, no_schedule),
        ("daily_programs/create", program, device_not_found),
        (
            "daily_programs/update",
            json!({ "thermostat_daily_program_id": id, "name": "x", "periods": periods }),
            no_program,
        ),
        ("daily_programs/delete", of_program, no_program),
        ("update_weekly_program", on_device, device_not_found),
    ] {
        refused(
            &mut world,
            &other,
            &format!("/thermostats/{path}"),
            params,
            expected,
        );
    }
}

#[test]
fn two_pending_changes_of_a_setting_both_take_effect() {
    let (mut world, device) = world();
    let heat = json!({ "device_id": device, "heating_set_point_celsius": 23 });
    let cooling = json!({
        "device_id": device,
        "hvac_mode_setting": "cool",
        "cooling_set_point_celsius": 26,
    });
    let fan = json!({ "device_id": device, "fan_mode_setting": "on" });
    world.expect_ok(&Caller::ApiKey, "/thermostats/heat", heat);
    world.expect_ok(&Caller::ApiKey, "/thermostats/set_hvac_mode", cooling);
    world.expect_ok(&Caller::ApiKey, "/thermostats/set_fan_mode", fan);
    world.now += AFTER_ATTEMPT;

    let properties = properties(&mut world, &device);

    let setting = &properties["current_climate_setting"];
    assert_eq!(setting["hvac_mode_setting"], "cool");
    assert_eq!(setting["heating_set_point_celsius"].as_f64(), Some(23.0));
    assert_eq!(setting["cooling_set_point_celsius"].as_f64(), Some(26.0));
    assert_eq!(setting["fan_mode_setting"], "on");
}
