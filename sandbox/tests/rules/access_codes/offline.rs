//! Offline access codes.

use serde_json::json;

use super::{create, events, get};
use crate::world::{Caller, START, World, text};

#[test]
fn an_offline_code_is_set_at_its_start_and_gone_at_its_end() {
    let mut world = World::new();
    let storage = world.device("Storage Room");
    let on_storage = json!({ "device_id": storage });
    // It needs no connection to the lock.
    let path = "/devices/simulate/disconnect_from_hub";
    world.expect_ok(&Caller::ApiKey, path, on_storage);
    let params = json!({
        "device_id": storage,
        "starts_at": "2026-11-23T09:10:00Z",
        "ends_at": "2026-11-23T11:20:00Z",
    });
    let code = create(&mut world, &Caller::ApiKey, params);
    for (member, expected) in [
        ("is_offline_access_code", json!(true)),
        ("type", json!("time_bound")),
        ("status", json!("unset")),
        // Rounded to whole hours.
        ("starts_at", json!("2026-11-23T09:00:00.000Z")),
        ("ends_at", json!("2026-11-23T12:00:00.000Z")),
        ("pending_mutations", json!([])),
    ] {
        assert_eq!(code[member], expected, "{member}");
    }
    let id = text(&code["access_code_id"]);
    world.now = START + 30 * 60_000;
    assert_eq!(get(&mut world, &Caller::ApiKey, &id)["status"], "set");
    world.now = START + 210 * 60_000;
    let one = json!({ "access_code_id": id });
    let gone = world.post(&Caller::ApiKey, "/access_codes/get", one);
    assert_eq!(gone.error(), (404, "access_code_not_found"));
    assert_eq!(
        events(&mut world, &Caller::ApiKey, &id),
        [
            "access_code.created",
            "access_code.set_on_device",
            "access_code.deleted"
        ]
    );
}

#[test]
fn a_one_time_offline_code_needs_only_a_start() {
    let mut world = World::new();
    let storage = world.device("Storage Room");
    let params = json!({
        "device_id": storage,
        "is_offline_access_code": true,
        "is_one_time_use": true,
        "starts_at": "2026-11-23T09:10:00Z",
    });
    let code = create(&mut world, &Caller::ApiKey, params);
    assert_eq!(code["is_one_time_use"], true);
    assert_eq!(code["starts_at"], "2026-11-23T09:10:00.000Z");
    assert_eq!(code["ends_at"], "2026-11-24T09:10:00.000Z");
}

#[test]
fn an_offline_code_cannot_be_chosen_updated_or_deleted() {
    let mut world = World::new();
    let storage = world.device("Storage Room");
    let times = json!({
        "device_id": storage,
        "starts_at": "2026-11-23T09:00:00Z",
        "ends_at": "2026-11-23T12:00:00Z",
    });
    let mut custom = times.clone();
    custom["code"] = "123456".into();
    // 30 days and two hours are no whole days.
    let mut long = times.clone();
    long["ends_at"] = "2026-12-23T11:00:00Z".into();
    for params in [custom, json!({ "device_id": storage }), long.clone()] {
        let refused = world.post(&Caller::ApiKey, "/access_codes/create", params.clone());
        assert_eq!(refused.error(), (400, "invalid_input"), "{params}");
    }
    long["max_time_rounding"] = "1d".into();
    let code = create(&mut world, &Caller::ApiKey, long);
    assert_eq!(code["ends_at"], "2026-12-24T09:00:00.000Z");
    let id = &code["access_code_id"];
    for (path, params) in [
        (
            "/access_codes/update",
            json!({ "access_code_id": id, "name": "New" }),
        ),
        ("/access_codes/delete", json!({ "access_code_id": id })),
    ] {
        let refused = world.post(&Caller::ApiKey, path, params);
        assert_eq!(refused.error(), (400, "offline_access_code_not_modifiable"));
    }
}
