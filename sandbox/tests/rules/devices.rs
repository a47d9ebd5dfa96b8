//! `/devices/list` and `/devices/get`.

use serde_json::{Value, json};

use crate::world::{Caller, World, text};

#[test]
fn the_default_workspace_has_eight_devices_of_mixed_kinds() {
    let mut world = World::new();
    let devices = world.get(&Caller::ApiKey, "/devices/list").body["devices"].clone();
    let devices = devices.as_array().expect("a list");
    assert_eq!(devices.len(), 8);
    let count = |matches: fn(&Value) -> bool| devices.iter().filter(|it| matches(it)).count();
    assert_eq!(count(|it| it["properties"]["online"] == false), 1);
    assert_eq!(count(|it| text(&it["device_type"]).ends_with("_lock")), 6);
    assert_eq!(
        count(|it| text(&it["device_type"]).ends_with("_thermostat")),
        1
    );
    assert_eq!(count(|it| it["device_type"] == "minut_sensor"), 1);
    assert_eq!(count(|it| it["can_remotely_unlock"] == true), 5);
    assert!(devices.iter().all(|it| it["can_remotely_unlock"] != false));
    let locks = world.get(&Caller::ApiKey, "/locks/list");
    assert_eq!(locks.device_ids().len(), 6);
    assert_eq!(locks.body["locks"], locks.body["devices"]);
    assert!(locks.body.get("pagination").is_none());
}

#[test]
fn each_filter_narrows_the_list() {
    let mut world = World::new();
    let front = world.device("Front Door");
    let cabin =
        world.expect_ok(&Caller::ApiKey, "/devices/get", json!({ "name": "Cabin" }))["device"]
            .clone();
    let account = text(&cabin["connected_account_id"]);
    let space = "33333333-3333-4333-8333-333333333333";
    for (filter, expected) in [
        (format!("device_ids={front}"), 1),
        ("device_ids=".to_owned(), 0),
        (format!("connected_account_id={account}"), 4),
        (format!("connected_account_ids={account}"), 4),
        (format!("connect_webview_id={space}"), 0),
        ("device_type=august_lock".to_owned(), 1),
        (
            "device_types=august_lock&device_types=minut_sensor".to_owned(),
            2,
        ),
        ("manufacturer=ecobee".to_owned(), 1),
        ("created_before=2026-11-22T08:30:00.003Z".to_owned(), 3),
        (
            "created_before=2026-11-22T09:30:00.003%2B01:00".to_owned(),
            3,
        ),
        (format!("space_id={space}"), 0),
        (
            "include_if=can_remotely_unlock&include_if=can_remotely_lock".to_owned(),
            5,
        ),
        ("exclude_if=can_remotely_unlock".to_owned(), 3),
        ("custom_metadata_has.floor=2".to_owned(), 0),
        ("search=front".to_owned(), 1),
        (format!("search={}", &front[..4]), 1),
        ("customer_key=nobody".to_owned(), 0),
        ("user_identifier_key=nobody".to_owned(), 0),
        ("limit=3".to_owned(), 3),
        (String::new(), 8),
    ] {
        let listed = world.get(&Caller::ApiKey, &format!("/devices/list?{filter}"));
        assert_eq!(listed.device_ids().len(), expected, "{filter}");
    }
}

#[test]
fn metadata_and_spaces_are_found_by_value() {
    let space = "33333333-3333-4333-8333-333333333333";
    let mut world = World::with(json!({ "seed": { "devices": [
        {
            "device_type": "yale_lock",
            "display_name": "A",
            "custom_metadata": { "floor": "2", "vip": true },
            "space_ids": [space],
        },
        { "device_type": "yale_lock", "display_name": "B", "custom_metadata": { "floor": "3" } },
    ]}}));
    for filter in [
        "custom_metadata_has.floor=2&custom_metadata_has.vip=true".to_owned(),
        format!("space_id={space}"),
        format!("unstable_location_id={space}"),
    ] {
        let found = world.get(&Caller::ApiKey, &format!("/devices/list?{filter}"));
        assert_eq!(found.ids("devices", "display_name"), ["A"], "{filter}");
    }
}

#[test]
fn with_a_user_identifier_key_an_api_key_lists_what_the_session_sees() {
    let mut world = World::new();
    let device = world.device("Garage");
    let identity = world.identity("user-1");
    world.grant(&identity, &device);
    world.session(json!({ "user_identity_id": identity, "user_identifier_key": "key" }));
    let listed = world.get(&Caller::ApiKey, "/devices/list?user_identifier_key=key");
    assert_eq!(listed.device_ids(), [device]);
}

#[test]
fn a_device_is_found_by_id_or_name_and_both_must_match() {
    let mut world = World::new();
    let front = world.device("Front Door");
    for (path, params, expected) in [
        (
            "/devices/get",
            json!({ "device_id": front.to_uppercase() }),
            200,
        ),
        (
            "/devices/get",
            json!({ "device_id": front, "name": "Front Door" }),
            200,
        ),
        (
            "/devices/get",
            json!({ "device_id": front, "name": "Back Door" }),
            404,
        ),
        ("/devices/get", json!({ "name": "No Door" }), 404),
        ("/devices/get", json!({}), 400),
        ("/devices/get", json!({ "name": "Hallway Thermostat" }), 200),
        ("/locks/get", json!({ "name": "Hallway Thermostat" }), 404),
        ("/locks/get", json!({ "name": "Front Door" }), 200),
    ] {
        let response = world.post(&Caller::ApiKey, path, params.clone());
        assert_eq!(response.status, expected, "{path} {params}");
    }
}
