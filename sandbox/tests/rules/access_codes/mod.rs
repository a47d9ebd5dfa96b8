//! Access codes.

mod backups;
mod constraints;
mod failures;
mod guests;
mod lifecycle;
mod offline;
mod unmanaged;

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World, text};

fn create(world: &mut World, caller: &Caller, params: Value) -> Value {
    world.expect_ok(caller, "/access_codes/create", params)["access_code"].take()
}

fn get(world: &mut World, caller: &Caller, id: &str) -> Value {
    let params = json!({ "access_code_id": id });
    world.expect_ok(caller, "/access_codes/get", params)["access_code"].take()
}

/// A filter that matches every code: the hyphen in its id.
fn all() -> Value {
    json!({ "search": "-" })
}

fn names(world: &mut World, caller: &Caller, params: Value) -> Vec<String> {
    let listed = world.expect_ok(caller, "/access_codes/list", params);
    let codes = listed["access_codes"].as_array().expect("a list").iter();
    codes.map(|it| text(&it["name"])).collect()
}

fn events(world: &mut World, caller: &Caller, code: &str) -> Vec<String> {
    let params = json!({ "access_code_id": code, "since": "2026-01-01T00:00:00Z" });
    let listed = world.expect_ok(caller, "/events/list", params);
    let events = listed["events"].as_array().expect("a list").iter();
    events.map(|it| text(&it["event_type"])).collect()
}

/// A workspace in which two guests share the front door, and both guests.
fn two_guests() -> (World, String, Caller, Caller) {
    let mut world = World::new();
    let door = world.device("Front Door");
    let (one, two) = (world.identity("one"), world.identity("two"));
    world.grant(&one, &door);
    world.grant(&two, &door);
    let (one, two) = (world.token(&one), world.token(&two));
    (world, door, one, two)
}

#[test]
fn a_new_code_is_setting_and_then_set() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let created = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/create",
        json!({ "device_id": door, "name": "Guest", "code": "1234" }),
    );
    let code = &created["access_code"];
    assert_eq!(code["status"], "setting");
    assert_eq!(code["type"], "ongoing");
    assert_eq!(
        created["action_attempt"]["action_type"],
        "CREATE_ACCESS_CODE"
    );
    let id = text(&code["access_code_id"]);

    world.now += AFTER_ATTEMPT;
    let code = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(code["status"], "set");
    assert_eq!(code["code"], "1234");
    assert_eq!(
        events(&mut world, &Caller::ApiKey, &id),
        ["access_code.created", "access_code.set_on_device"]
    );
}

#[test]
fn without_a_number_one_of_the_preferred_length_is_generated() {
    let mut world = World::new();
    let door = world.device("Front Door");
    for (preferred, expected) in [(None, 4), (Some(6), 6), (Some(11), 4)] {
        let params = json!({ "device_id": door, "preferred_code_length": preferred });
        let mut params = params;
        if preferred.is_none() {
            params = json!({ "device_id": door });
        }
        let code = create(&mut world, &Caller::ApiKey, params);
        assert_eq!(text(&code["code"]).len(), expected);
    }
}

#[test]
fn an_invalid_code_is_refused_and_changes_nothing() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let sensor = world.device("Living Room Sensor");
    let storage = world.device("Storage Room");
    let cases = [
        (json!({ "device_id": door, "code": "12" }), "invalid_input"),
        (
            json!({ "device_id": door, "code": "12a4" }),
            "invalid_input",
        ),
        (
            json!({ "device_id": door, "code": "123456789" }),
            "invalid_input",
        ),
        (
            json!({ "device_id": door, "code": "4821" }),
            "duplicate_access_code",
        ),
        (
            json!({ "device_id": door, "starts_at": "2026-12-01T00:00:00Z" }),
            "invalid_input",
        ),
        (
            json!({ "device_id": door, "ends_at": "yesterday" }),
            "invalid_input",
        ),
        (
            json!({ "device_id": door, "ends_at": "2027-01-01T00:00:00Z" }),
            "invalid_input",
        ),
        (
            json!({
                "device_id": door,
                "starts_at": "2019-01-01T00:00:00Z",
                "ends_at": "2020-01-01T00:00:00Z",
            }),
            "invalid_input",
        ),
        (
            json!({ "device_id": door, "use_backup_access_code_pool": true }),
            "invalid_input",
        ),
        (
            json!({
                "device_id": door,
                "starts_at": "2027-01-02T00:00:00Z",
                "ends_at": "2027-01-01T00:00:00Z",
            }),
            "invalid_input",
        ),
        (json!({ "device_id": sensor }), "capability_not_supported"),
        (
            json!({ "device_id": storage, "is_offline_access_code": false }),
            "capability_not_supported",
        ),
    ];
    let before = world.sandbox.snapshot();
    for (params, expected) in cases {
        let refused = world.post(&Caller::ApiKey, "/access_codes/create", params.clone());
        assert_eq!(refused.error().1, expected, "{params}");
        assert_eq!(world.sandbox.snapshot(), before, "{params}");
    }
}

#[test]
fn codes_are_found_by_device_and_number_and_by_filters() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let garage = world.device("Garage");
    let params = json!({ "device_id": door, "code": "4821" });
    let found = world.expect_ok(&Caller::ApiKey, "/access_codes/get", params);
    assert_eq!(found["access_code"]["name"], "Cleaner");
    let id = found["access_code"]["access_code_id"].clone();

    assert_eq!(
        names(&mut world, &Caller::ApiKey, all()),
        ["Cleaner", "Mechanic"]
    );
    let cases = [
        (json!({ "device_id": garage }), vec!["Mechanic"]),
        (json!({ "access_code_ids": [id] }), vec!["Cleaner"]),
        (json!({ "search": "mech" }), vec!["Mechanic"]),
        (json!({ "search": "4821" }), vec!["Cleaner"]),
        (json!({ "device_id": garage, "search": "4821" }), vec![]),
    ];
    for (params, expected) in cases {
        assert_eq!(
            names(&mut world, &Caller::ApiKey, params.clone()),
            expected,
            "{params}"
        );
    }
    for params in [
        json!({}),
        json!({ "device_id": door }),
        json!({ "code": "4821" }),
        json!({ "access_code_id": id, "code": "4821" }),
    ] {
        let refused = world.post(&Caller::ApiKey, "/access_codes/get", params);
        assert_eq!(refused.error(), (400, "invalid_input"));
    }
    let elsewhere = json!({ "access_code_id": id, "device_id": garage });
    let refused = world.post(&Caller::ApiKey, "/access_codes/get", elsewhere);
    assert_eq!(refused.error(), (404, "access_code_not_found"));
}

#[test]
fn a_list_of_codes_without_a_filter_is_refused() {
    let mut world = World::new();
    for params in [json!({}), json!({ "limit": 10 })] {
        let refused = world.post(&Caller::ApiKey, "/access_codes/list", params);
        assert_eq!(refused.error(), (400, "invalid_input"));
        let error = &refused.body["error"];
        assert_eq!(error["validation_errors"]["_errors"][0], error["message"]);
    }
}

#[test]
fn lists_come_in_pages() {
    let mut world = World::new();
    let params = json!({ "limit": 1, "search": "-" });
    let first = world.expect_ok(&Caller::ApiKey, "/access_codes/list", params);
    assert_eq!(first["pagination"]["has_next_page"], true);
    let cursor = first["pagination"]["next_page_cursor"].clone();
    let params = json!({ "limit": 1, "search": "-", "page_cursor": cursor });
    let second = world.expect_ok(&Caller::ApiKey, "/access_codes/list", params);
    assert_eq!(second["access_codes"][0]["name"], "Mechanic");
    assert_eq!(second["pagination"]["has_next_page"], false);
}

#[test]
fn codes_with_the_same_common_code_key_have_the_same_number() {
    let mut world = World::new();
    let (door, garage) = (world.device("Front Door"), world.device("Garage"));
    let first = create(
        &mut world,
        &Caller::ApiKey,
        json!({ "device_id": door, "common_code_key": "stay-1" }),
    );
    let params = json!({ "device_id": garage, "common_code_key": "stay-1" });
    let second = create(&mut world, &Caller::ApiKey, params.clone());
    assert_eq!(first["code"], second["code"]);
    let mut other = params;
    other["code"] = "0000".into();
    let refused = world.post(&Caller::ApiKey, "/access_codes/create", other);
    assert_eq!(refused.error(), (400, "invalid_input"));
}

#[test]
fn a_code_of_several_devices_is_created_and_updated_together() {
    let mut world = World::new();
    let devices = [world.device("Front Door"), world.device("Garage")];
    let created = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/create_multiple",
        json!({ "device_ids": devices, "name": "Guests" }),
    );
    let codes = created["access_codes"].as_array().expect("a list");
    assert_eq!(codes.len(), 2);
    assert_eq!(codes[0]["code"], codes[1]["code"]);
    let key = text(&codes[0]["common_code_key"]);
    assert_eq!(codes[1]["common_code_key"], key);

    let update = json!({ "common_code_key": key, "name": "Cleaners" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update_multiple", update);
    let found = names(&mut world, &Caller::ApiKey, json!({ "search": "cleaners" }));
    assert_eq!(found, ["Cleaners", "Cleaners"]);
    // A code that is being removed is left out.
    let delete = json!({ "access_code_id": codes[0]["access_code_id"] });
    world.expect_ok(&Caller::ApiKey, "/access_codes/delete", delete);
    let update = json!({ "common_code_key": key, "name": "Nobody" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update_multiple", update);
    let found = names(&mut world, &Caller::ApiKey, json!({ "search": "nobody" }));
    assert_eq!(found, ["Nobody"]);
    let unknown = json!({ "common_code_key": "unknown" });
    let refused = world.post(&Caller::ApiKey, "/access_codes/update_multiple", unknown);
    assert_eq!(refused.error(), (404, "access_code_not_found"));
}

#[test]
fn several_codes_with_a_custom_number_are_not_linked() {
    let mut world = World::new();
    let devices = [world.device("Front Door"), world.device("Garage")];
    let params = json!({ "device_ids": devices, "code": "6174" });
    let created = world.expect_ok(&Caller::ApiKey, "/access_codes/create_multiple", params);
    for code in created["access_codes"].as_array().expect("a list") {
        assert_eq!(
            (&code["code"], &code["common_code_key"]),
            (&json!("6174"), &json!(null))
        );
    }
}

#[test]
fn a_code_that_cannot_be_shared_is_another_one_and_not_linked() {
    let mut world = World::new();
    let (front, garage) = (world.device("Front Door"), world.device("Garage"));
    let lengths = json!({ "device_id": front, "supported_code_lengths": [6] });
    world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/report_device_constraints",
        lengths,
    );
    let lengths = json!({ "device_id": garage, "supported_code_lengths": [7] });
    world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/report_device_constraints",
        lengths,
    );
    let mut params = json!({ "device_ids": [front, garage] });
    let refused = world.post(
        &Caller::ApiKey,
        "/access_codes/create_multiple",
        params.clone(),
    );
    assert_eq!(refused.error(), (400, "invalid_input"));
    params["behavior_when_code_cannot_be_shared"] = "create_random_code".into();
    let created = world.expect_ok(&Caller::ApiKey, "/access_codes/create_multiple", params);
    for code in created["access_codes"].as_array().expect("a list") {
        assert_eq!(code["common_code_key"], json!(null));
    }
}

#[test]
fn a_number_that_is_taken_is_named_in_the_error() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let params = json!({ "device_id": door, "code": "4821", "name": "Guest" });
    let refused = world.post(&Caller::ApiKey, "/access_codes/create", params);
    assert_eq!(refused.error(), (409, "duplicate_access_code"));
    assert_eq!(
        refused.body["error"]["message"],
        "Cannot set duplicate access code 4821 named Guest"
    );
}

#[test]
fn if_one_device_is_out_of_scope_no_device_gets_the_code() {
    let (mut world, door, one, _) = two_guests();
    let garage = world.device("Garage");
    let before = world.sandbox.snapshot();
    let params = json!({ "device_ids": [door, garage] });
    let refused = world.post(&one, "/access_codes/create_multiple", params);
    assert_eq!(refused.error(), (404, "device_not_found"));
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn generate_code_creates_nothing() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let before = world.sandbox.snapshot();
    let params = json!({ "device_id": door });
    let made_up = world.expect_ok(&Caller::ApiKey, "/access_codes/generate_code", params);
    assert_eq!(text(&made_up["generated_code"]["code"]).len(), 4);
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn reported_constraints_apply_to_later_codes() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let path = "/access_codes/report_device_constraints";
    for params in [
        json!({ "device_id": door }),
        json!({ "device_id": door, "min_code_length": 5 }),
        json!({ "device_id": door, "min_code_length": 7, "max_code_length": 6 }),
    ] {
        let refused = world.post(&Caller::ApiKey, path, params);
        assert_eq!(refused.error(), (400, "invalid_input"));
    }
    let range = json!({ "device_id": door, "min_code_length": 6, "max_code_length": 7 });
    world.expect_ok(&Caller::ApiKey, path, range);
    let code = create(&mut world, &Caller::ApiKey, json!({ "device_id": door }));
    assert_eq!(text(&code["code"]).len(), 6);
    let listed = json!({ "device_id": door, "supported_code_lengths": [8.0, 5.0] });
    world.expect_ok(&Caller::ApiKey, path, listed);
    let code = create(&mut world, &Caller::ApiKey, json!({ "device_id": door }));
    assert_eq!(text(&code["code"]).len(), 5);
}

#[test]
fn no_number_is_generated_when_all_are_taken() {
    let mut world = World::with(json!({ "seed": { "devices": [{
        "device_type": "august_lock",
        "display_name": "Front Door",
        "properties": { "supported_code_lengths": [1] },
    }] , "access_codes": (0..10).map(|it| json!({ "device": "Front Door", "code": it.to_string() })).collect::<Vec<_>>() } }));
    let door = world.device("Front Door");
    for path in ["/access_codes/generate_code", "/access_codes/create"] {
        let refused = world.post(&Caller::ApiKey, path, json!({ "device_id": door }));
        assert_eq!(refused.error(), (400, "no_free_access_code"), "{path}");
    }
    let several = json!({
        "device_ids": [door],
        "behavior_when_code_cannot_be_shared": "create_random_code",
    });
    let refused = world.post(&Caller::ApiKey, "/access_codes/create_multiple", several);
    assert_eq!(refused.error(), (400, "no_free_access_code"));
}

#[test]
fn a_device_has_at_most_a_thousand_codes() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let path = "/access_codes/simulate/create_unmanaged_access_code";
    let code =
        |number: u32| json!({ "device_id": door, "code": format!("{number:06}"), "name": "x" });
    let full = (0..=1_000).find(|it| world.post(&Caller::ApiKey, path, code(*it)).status != 200);
    let refused = world.post(&Caller::ApiKey, path, code(full.expect("no end")));
    assert_eq!(refused.error(), (400, "limit_reached"));
    let mut there = 0;
    for path in ["/access_codes/list", "/access_codes/unmanaged/list"] {
        let listed = world.expect_ok(&Caller::ApiKey, path, json!({ "device_id": door }));
        there += listed["access_codes"].as_array().map_or(0, Vec::len);
    }
    assert_eq!(there, 1_000);
}
