//! Activation of presets, temperatures and thresholds.

use serde_json::{Value, json};

use super::{properties, refused, run_action, world};
use crate::world::{Caller, World, text};

const REACHED: &str = "/thermostats/simulate/temperature_reached";
const ADJUSTED: &str = "/thermostats/simulate/hvac_mode_adjusted";
const THRESHOLD: &str = "/thermostats/set_temperature_threshold";

/// Returns the thermostat's events of the types that start with `thermostat.` and this text.
fn events(world: &mut World, device: &str, begin: &str) -> Vec<Value> {
    let params = json!({ "since": "2000-01-01", "device_id": device });
    let listed = world.expect_ok(&Caller::ApiKey, "/events/list", params);
    let events = listed["events"].as_array().expect("a list").iter();
    let begin = format!("thermostat.{begin}");
    let matching = events.filter(|it| text(&it["event_type"]).starts_with(&begin));
    matching.cloned().collect()
}

#[test]
fn a_preset_is_activated_by_an_action_attempt() {
    let (mut world, device) = world();
    let preset = json!({ "device_id": device, "climate_preset_key": "away" });
    run_action(&mut world, "/thermostats/activate_climate_preset", preset);
    let shown = properties(&mut world, &device);
    let setting = &shown["current_climate_setting"];
    assert_eq!(setting["climate_preset_key"], "away");
    assert_eq!(setting["cooling_set_point_celsius"].as_f64(), Some(28.0));
    assert_eq!(shown["is_heating"], false);
    let activated = events(&mut world, &device, "climate_preset_activated");
    assert_eq!(activated[0]["climate_preset_key"], "away");
    assert_eq!(activated[0]["thermostat_schedule_id"], Value::Null);
    assert_eq!(activated[0]["is_fallback_climate_preset"], false);

    let heat = json!({ "device_id": device, "heating_set_point_celsius": 22 });
    run_action(&mut world, "/thermostats/heat", heat);
    let shown = properties(&mut world, &device);
    let setting = &shown["current_climate_setting"];
    assert_eq!(setting.get("climate_preset_key"), None);
    assert_eq!(setting["display_name"], "Manual setting");

    let unknown = json!({ "device_id": device, "climate_preset_key": "none" });
    for path in ["activate_climate_preset", "set_fallback_climate_preset"] {
        let path = format!("/thermostats/{path}");
        let expected = (400, "climate_preset_not_found");
        refused(
            &mut world,
            &Caller::ApiKey,
            &path,
            unknown.clone(),
            expected,
        );
    }
}

#[test]
fn a_fallback_does_not_replace_an_active_preset() {
    let (mut world, device) = world();
    let preset = json!({ "device_id": device, "climate_preset_key": "away" });
    run_action(&mut world, "/thermostats/activate_climate_preset", preset);
    let fallback = json!({ "device_id": device, "climate_preset_key": "home" });
    let path = "/thermostats/set_fallback_climate_preset";
    world.expect_ok(&Caller::ApiKey, path, fallback);
    let shown = properties(&mut world, &device);
    assert_eq!(shown["fallback_climate_preset_key"], "home");
    assert_eq!(
        shown["current_climate_setting"]["climate_preset_key"],
        "away"
    );
}

#[test]
fn a_room_reaches_its_set_point_ten_minutes_later() {
    let (mut world, device) = world();
    let heat = json!({ "device_id": device, "heating_set_point_celsius": 23 });
    run_action(&mut world, "/thermostats/heat", heat);
    let shown = properties(&mut world, &device);
    assert_eq!(shown["is_heating"], true);
    assert_eq!(shown["is_fan_running"], true);
    world.now += 9 * 60_000;
    assert_eq!(properties(&mut world, &device)["is_heating"], true);
    world.now += 60_000;
    let shown = properties(&mut world, &device);
    assert_eq!(shown["temperature_celsius"].as_f64(), Some(23.0));
    assert_eq!(shown["temperature_fahrenheit"].as_f64(), Some(73.4));
    assert_eq!(shown["is_heating"], false);
    assert_eq!(shown["is_fan_running"], false);
    assert_eq!(events(&mut world, &device, "temperature_changed").len(), 1);
    let reached = events(&mut world, &device, "temperature_reached_set_point");
    assert_eq!(
        reached[0]["desired_temperature_celsius"].as_f64(),
        Some(23.0)
    );
}

#[test]
fn a_simulated_temperature_is_reported_in_either_unit() {
    for (params, celsius, is_reached) in [
        (json!({ "temperature_celsius": 24.5 }), 24.5, true),
        (json!({ "temperature_celsius": 22 }), 22.0, false),
        (json!({ "temperature_fahrenheit": 68 }), 20.0, true),
    ] {
        let (mut world, device) = world();
        let mut params = params;
        params["device_id"] = device.clone().into();
        world.expect_ok(&Caller::ApiKey, REACHED, params);
        let shown = properties(&mut world, &device);
        assert_eq!(shown["temperature_celsius"].as_f64(), Some(celsius));
        assert_eq!(events(&mut world, &device, "temperature_changed").len(), 1);
        let reached = events(&mut world, &device, "temperature_reached_set_point");
        assert_eq!(reached.len(), usize::from(is_reached), "{celsius}");
    }
    let (mut world, device) = world();
    let lock = world.device("Front Door");
    for (params, expected) in [
        (json!({ "device_id": device }), (400, "invalid_input")),
        (
            json!({ "device_id": device, "temperature_celsius": 1, "temperature_fahrenheit": 1 }),
            (400, "invalid_input"),
        ),
        (
            json!({ "device_id": lock, "temperature_celsius": 1 }),
            (400, "capability_not_supported"),
        ),
    ] {
        refused(&mut world, &Caller::ApiKey, REACHED, params, expected);
    }
}

#[test]
fn a_person_adjusts_the_thermostat() {
    let (mut world, device) = world();
    let params = json!({
        "device_id": device,
        "hvac_mode": "heat_cool",
        "heating_set_point_celsius": 18,
        "cooling_set_point_fahrenheit": 77,
    });
    world.expect_ok(&Caller::ApiKey, ADJUSTED, params);
    let shown = properties(&mut world, &device);
    assert_eq!(
        shown["current_climate_setting"]["heating_set_point_celsius"].as_f64(),
        Some(18.0)
    );
    let adjusted = events(&mut world, &device, "manually_adjusted");
    assert_eq!(adjusted[0]["method"], "external");
    assert_eq!(adjusted[0]["hvac_mode_setting"], "heat_cool");
    assert_eq!(
        adjusted[0]["cooling_set_point_celsius"].as_f64(),
        Some(25.0)
    );
    let incomplete = json!({ "device_id": device, "hvac_mode": "heat" });
    refused(
        &mut world,
        &Caller::ApiKey,
        ADJUSTED,
        incomplete,
        (400, "invalid_input"),
    );
}

#[test]
fn a_temperature_outside_of_the_threshold_is_a_warning() {
    let (mut world, device) = world();
    let warnings = |world: &mut World| {
        let params = json!({ "device_id": device });
        let shown = world.expect_ok(&Caller::ApiKey, "/devices/get", params);
        let warnings = shown["device"]["warnings"]
            .as_array()
            .expect("a list")
            .iter();
        warnings
            .map(|it| text(&it["warning_code"]))
            .collect::<Vec<_>>()
    };
    let threshold = json!({
        "device_id": device,
        "lower_limit_celsius": 15,
        "upper_limit_fahrenheit": 77,
    });
    world.expect_ok(&Caller::ApiKey, THRESHOLD, threshold);
    let shown = properties(&mut world, &device);
    let threshold = &shown["temperature_threshold"];
    assert_eq!(threshold["lower_limit_fahrenheit"].as_f64(), Some(59.0));
    assert_eq!(threshold["upper_limit_celsius"].as_f64(), Some(25.0));
    for (celsius, is_outside) in [(24, false), (26, true), (27, true), (25, false), (14, true)] {
        let params = json!({ "device_id": device, "temperature_celsius": celsius });
        world.expect_ok(&Caller::ApiKey, REACHED, params);
        let expected: &[&str] = if is_outside {
            &["temperature_threshold_exceeded"]
        } else {
            &[]
        };
        assert_eq!(warnings(&mut world), expected, "{celsius}");
    }
    let types = events(&mut world, &device, "temperature_threshold");
    let types: Vec<_> = types.iter().map(|it| text(&it["event_type"])).collect();
    assert_eq!(
        types,
        [
            "thermostat.temperature_threshold_exceeded",
            "thermostat.temperature_threshold_no_longer_exceeded",
            "thermostat.temperature_threshold_exceeded",
        ]
    );
    world.expect_ok(&Caller::ApiKey, THRESHOLD, json!({ "device_id": device }));
    assert_eq!(warnings(&mut world), [] as [&str; 0]);
    let shown = properties(&mut world, &device);
    assert_eq!(
        shown["temperature_threshold"]["lower_limit_celsius"],
        Value::Null
    );

    for params in [
        json!({ "device_id": device, "lower_limit_celsius": 15, "lower_limit_fahrenheit": 59 }),
        json!({ "device_id": device, "lower_limit_celsius": 20, "upper_limit_celsius": 20 }),
    ] {
        refused(
            &mut world,
            &Caller::ApiKey,
            THRESHOLD,
            params,
            (400, "invalid_input"),
        );
    }
}
