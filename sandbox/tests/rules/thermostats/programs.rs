//! Schedules, daily programs and weekly programs of thermostats.

use serde_json::{Value, json};

use super::{properties, refused, run_action, world};
use crate::world::{Caller, World};

#[test]
fn a_schedule_is_created_listed_updated_and_deleted() {
    let (mut world, device) = world();
    let params = json!({
        "device_id": device,
        "climate_preset_key": "away",
        "name": "Holiday",
        "starts_at": "2026-12-20T00:00:00Z",
        "ends_at": "2027-01-02T00:00:00Z",
        "max_override_period_minutes": 60,
    });
    let created = world.expect_ok(
        &Caller::ApiKey,
        "/thermostats/schedules/create",
        params.clone(),
    );
    let id = created["thermostat_schedule"]["thermostat_schedule_id"].clone();
    let one = json!({ "thermostat_schedule_id": id });
    let update = json!({ "thermostat_schedule_id": id, "climate_preset_key": "sleep" });
    world.expect_ok(&Caller::ApiKey, "/thermostats/schedules/update", update);
    let got = world.expect_ok(&Caller::ApiKey, "/thermostats/schedules/get", one.clone());
    assert_eq!(got["thermostat_schedule"]["climate_preset_key"], "sleep");
    assert_eq!(got["thermostat_schedule"]["name"], "Holiday");
    let list = json!({ "device_id": device });
    let listed = world.expect_ok(&Caller::ApiKey, "/thermostats/schedules/list", list.clone());
    assert_eq!(
        listed["thermostat_schedules"][0],
        got["thermostat_schedule"]
    );

    for (name, value, kind) in [
        ("device_id", json!("no id"), "invalid_input"),
        (
            "climate_preset_key",
            json!("none"),
            "climate_preset_not_found",
        ),
        ("starts_at", json!("tomorrow"), "invalid_input"),
        ("ends_at", json!("2026-12-01T00:00:00Z"), "invalid_input"),
        ("max_override_period_minutes", json!(0), "invalid_input"),
    ] {
        let mut params = params.clone();
        params[name] = value;
        let path = "/thermostats/schedules/create";
        refused(&mut world, &Caller::ApiKey, path, params, (400, kind));
    }
    let update = json!({ "thermostat_schedule_id": id, "ends_at": "2026-12-01T00:00:00Z" });
    let path = "/thermostats/schedules/update";
    refused(
        &mut world,
        &Caller::ApiKey,
        path,
        update,
        (400, "invalid_input"),
    );

    world.expect_ok(&Caller::ApiKey, "/thermostats/schedules/delete", one);
    let listed = world.expect_ok(&Caller::ApiKey, "/thermostats/schedules/list", list);
    assert_eq!(listed["thermostat_schedules"], json!([]));
}

#[test]
fn daily_programs_are_combined_to_a_weekly_program() {
    let (mut world, device) = world();
    let params = json!({
        "device_id": device,
        "name": "Weekday",
        "periods": [
            { "starts_at_time": "22:00:00", "climate_preset_key": "sleep" },
            { "starts_at_time": "07:00:00", "climate_preset_key": "home" },
        ],
    });
    let created = world.expect_ok(
        &Caller::ApiKey,
        "/thermostats/daily_programs/create",
        params.clone(),
    );
    let program = &created["thermostat_daily_program"];
    assert_eq!(program["periods"][0]["starts_at_time"], "07:00:00");
    let id = program["thermostat_daily_program_id"].clone();

    let week = json!({ "device_id": device, "monday_program_id": id });
    run_action(&mut world, "/thermostats/update_weekly_program", week);
    let shown = properties(&mut world, &device);
    assert_eq!(shown["thermostat_daily_programs"][0], *program);
    assert_eq!(shown["thermostat_weekly_program"]["monday_program_id"], id);
    assert_eq!(
        shown["thermostat_weekly_program"]["sunday_program_id"],
        Value::Null
    );

    let update = json!({
        "thermostat_daily_program_id": id,
        "name": "Every day",
        "periods": [{ "starts_at_time": "08:00:00", "climate_preset_key": "home" }],
    });
    run_action(&mut world, "/thermostats/daily_programs/update", update);
    let shown = properties(&mut world, &device);
    assert_eq!(shown["thermostat_daily_programs"][0]["name"], "Every day");

    for periods in [
        json!([]),
        json!([{ "starts_at_time": "8:00", "climate_preset_key": "home" }]),
        json!([
            { "starts_at_time": "08:00:00", "climate_preset_key": "home" },
            { "starts_at_time": "08:00:00", "climate_preset_key": "away" },
        ]),
    ] {
        let mut params = params.clone();
        params["periods"] = periods;
        let path = "/thermostats/daily_programs/create";
        refused(
            &mut world,
            &Caller::ApiKey,
            path,
            params,
            (400, "invalid_input"),
        );
    }

    let one = json!({ "thermostat_daily_program_id": id });
    let delete = "/thermostats/daily_programs/delete";
    let in_use = (409, "thermostat_daily_program_in_use");
    refused(&mut world, &Caller::ApiKey, delete, one.clone(), in_use);
    // The weekly program is replaced as a whole.
    let week = json!({ "device_id": device, "friday_program_id": null });
    run_action(&mut world, "/thermostats/update_weekly_program", week);
    let shown = properties(&mut world, &device);
    assert_eq!(
        shown["thermostat_weekly_program"]["monday_program_id"],
        Value::Null
    );
    world.expect_ok(&Caller::ApiKey, delete, one);
    let shown = properties(&mut world, &device);
    assert_eq!(shown["thermostat_daily_programs"], json!([]));
}

#[test]
fn a_program_is_not_found_for_another_thermostat() {
    let seed = json!({
        "connected_accounts": [{ "name": "house" }],
        "devices": [
            { "device_type": "ecobee_thermostat", "display_name": "Up", "connected_account": "house" },
            { "device_type": "ecobee_thermostat", "display_name": "Down", "connected_account": "house" },
        ],
    });
    let mut world = World::with(json!({ "seed": seed }));
    let (up, down) = (world.device("Up"), world.device("Down"));
    let periods = json!([{ "starts_at_time": "07:00:00", "climate_preset_key": "home" }]);
    let program = json!({ "device_id": up, "name": "Day", "periods": periods });
    let created = world.expect_ok(
        &Caller::ApiKey,
        "/thermostats/daily_programs/create",
        program,
    );
    let id = &created["thermostat_daily_program"]["thermostat_daily_program_id"];
    let week = json!({ "device_id": down, "friday_program_id": id });
    refused(
        &mut world,
        &Caller::ApiKey,
        "/thermostats/update_weekly_program",
        week,
        (404, "thermostat_daily_program_not_found"),
    );
}

#[test]
fn programs_of_a_thermostat_without_the_capability_are_refused_and_unchanged() {
    let mut world = World::with(json!({ "seed": {
        "devices": [{
            "device_type": "ecobee_thermostat",
            "display_name": "Hall",
            "can_run_thermostat_programs": null,
        }],
        "thermostat_daily_programs": [{
            "device": "Hall",
            "thermostat_daily_program_id": "11111111-1111-4111-8111-111111111111",
        }],
    } }));
    let update = json!({
        "thermostat_daily_program_id": "11111111-1111-4111-8111-111111111111",
        "name": "New",
        "periods": [{ "starts_at_time": "07:00:00", "climate_preset_key": "home" }],
    });
    let path = "/thermostats/daily_programs/update";
    let expected = (400, "capability_not_supported");
    refused(&mut world, &Caller::ApiKey, path, update, expected);
}

#[test]
fn the_schedules_of_an_unmanaged_thermostat_cannot_be_used() {
    let (mut world, device) = world();
    let schedule = json!({
        "device_id": device,
        "climate_preset_key": "home",
        "starts_at": "2026-12-01T00:00:00Z",
        "ends_at": "2026-12-02T00:00:00Z",
    });
    let created = world.expect_ok(&Caller::ApiKey, "/thermostats/schedules/create", schedule);
    let id = &created["thermostat_schedule"]["thermostat_schedule_id"];
    let named = json!({ "thermostat_schedule_id": id, "name": "New" });
    let unmanage = json!({ "device_id": device, "is_managed": false });

    world.expect_ok(&Caller::ApiKey, "/devices/update", unmanage);

    for path in ["get", "update", "delete"] {
        let path = format!("/thermostats/schedules/{path}");
        let expected = (400, "device_unmanaged");
        refused(&mut world, &Caller::ApiKey, &path, named.clone(), expected);
    }
}
