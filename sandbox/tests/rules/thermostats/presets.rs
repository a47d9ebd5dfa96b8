//! Climate presets.

use serde_json::json;

use super::{properties, refused, world};
use crate::world::{Caller, World};

#[test]
fn a_preset_is_created_updated_and_deleted() {
    let (mut world, device) = world();
    let key = "movie";
    let one = json!({ "device_id": device, "climate_preset_key": key });
    let preset = |world: &mut World| {
        let presets = properties(world, &device)["available_climate_presets"].take();
        let presets = presets.as_array().expect("a list").clone();
        presets
            .into_iter()
            .find(|it| it["climate_preset_key"] == key)
    };
    let mut created = one.clone();
    created["name"] = "Movie".into();
    created["heating_set_point_celsius"] = 21.into();
    world.expect_ok(
        &Caller::ApiKey,
        "/thermostats/create_climate_preset",
        created.clone(),
    );
    assert_eq!(
        preset(&mut world).expect("it is there")["display_name"],
        "Movie"
    );
    refused(
        &mut world,
        &Caller::ApiKey,
        "/thermostats/create_climate_preset",
        created,
        (409, "duplicate_climate_preset"),
    );

    let mut changed = one.clone();
    changed["heating_set_point_celsius"] = 19.into();
    world.expect_ok(
        &Caller::ApiKey,
        "/thermostats/update_climate_preset",
        changed,
    );
    let now = preset(&mut world).expect("it is there");
    assert_eq!(now["heating_set_point_celsius"].as_f64(), Some(19.0));
    assert_eq!(now["display_name"], "Movie");

    world.expect_ok(
        &Caller::ApiKey,
        "/thermostats/delete_climate_preset",
        one.clone(),
    );
    assert_eq!(preset(&mut world), None);
    for path in ["update_climate_preset", "delete_climate_preset"] {
        let path = format!("/thermostats/{path}");
        refused(
            &mut world,
            &Caller::ApiKey,
            &path,
            one.clone(),
            (404, "climate_preset_not_found"),
        );
    }
}

#[test]
fn a_preset_that_is_in_use_is_not_deleted() {
    let (mut world, device) = world();
    let preset = |key: &str| json!({ "device_id": device, "climate_preset_key": key });
    for key in ["scheduled", "programmed", "free"] {
        let mut new = preset(key);
        new["name"] = key.into();
        new["manual_override_allowed"] = true.into();
        world.expect_ok(&Caller::ApiKey, "/thermostats/create_climate_preset", new);
    }
    let mut schedule = preset("scheduled");
    schedule["starts_at"] = "2026-12-20T00:00:00Z".into();
    schedule["ends_at"] = "2027-01-02T00:00:00Z".into();
    let created = world.expect_ok(&Caller::ApiKey, "/thermostats/schedules/create", schedule);
    let schedule = &created["thermostat_schedule"]["thermostat_schedule_id"];
    let program = json!({
        "device_id": device,
        "name": "Day",
        "periods": [{ "starts_at_time": "07:00:00", "climate_preset_key": "programmed" }],
    });
    world.expect_ok(
        &Caller::ApiKey,
        "/thermostats/daily_programs/create",
        program,
    );

    let path = "/thermostats/delete_climate_preset";
    for key in ["scheduled", "programmed"] {
        let in_use = (409, "climate_preset_in_use");
        refused(&mut world, &Caller::ApiKey, path, preset(key), in_use);
    }
    world.expect_ok(&Caller::ApiKey, path, preset("free"));
    let schedule = json!({ "thermostat_schedule_id": schedule });
    world.expect_ok(&Caller::ApiKey, "/thermostats/schedules/delete", schedule);
    world.expect_ok(&Caller::ApiKey, path, preset("scheduled"));
}

#[test]
fn a_thermostat_has_at_most_a_hundred_presets() {
    let (mut world, device) = world();
    let preset = |number: usize| {
        json!({
            "device_id": device,
            "climate_preset_key": format!("preset-{number}"),
            "manual_override_allowed": true,
        })
    };
    let path = "/thermostats/create_climate_preset";
    let full = (0..=100).find(|it| world.post(&Caller::ApiKey, path, preset(*it)).status != 200);
    let full = full.expect("no end");
    refused(
        &mut world,
        &Caller::ApiKey,
        path,
        preset(full),
        (400, "limit_reached"),
    );
    let one = json!({ "device_id": device });
    let thermostat = world.expect_ok(&Caller::ApiKey, "/devices/get", one);
    let presets = &thermostat["device"]["properties"]["available_climate_presets"];
    assert_eq!(presets.as_array().map(Vec::len), Some(100));
}
