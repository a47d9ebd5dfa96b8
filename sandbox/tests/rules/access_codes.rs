//! Access codes.

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
    let made = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/create",
        json!({ "device_id": door, "name": "Guest", "code": "1234" }),
    );
    let code = &made["access_code"];
    assert_eq!(code["status"], "setting");
    assert_eq!(code["type"], "ongoing");
    assert_eq!(made["action_attempt"]["action_type"], "CREATE_ACCESS_CODE");
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
            json!({ "device_id": door, "ends_at": "2020-01-01T00:00:00Z" }),
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
fn a_lock_without_a_connection_gets_offline_codes() {
    let mut world = World::new();
    let storage = world.device("Storage Room");
    let code = create(&mut world, &Caller::ApiKey, json!({ "device_id": storage }));
    assert_eq!(code["is_offline_access_code"], true);
    assert_eq!(code["status"], "set");
}

#[test]
fn a_code_is_set_only_within_its_time_frame() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let params = json!({
        "device_id": door,
        "starts_at": "2026-11-23T09:00:00Z",
        "ends_at": "2026-11-23T10:00:00+00:00",
    });
    let code = create(&mut world, &Caller::ApiKey, params);
    assert_eq!(code["type"], "time_bound");
    let id = text(&code["access_code_id"]);
    for (minutes, expected) in [(1, "unset"), (31, "set"), (89, "set"), (90, "unset")] {
        world.now = crate::world::START + minutes * 60_000;
        let code = get(&mut world, &Caller::ApiKey, &id);
        assert_eq!(code["status"], expected, "{minutes}");
    }
    let update = json!({ "access_code_id": id, "type": "ongoing" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", update);
    world.now += AFTER_ATTEMPT;
    let code = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(
        (&code["type"], &code["status"]),
        (&json!("ongoing"), &json!("set"))
    );
    assert!(code.get("ends_at").is_none());
}

#[test]
fn updating_and_deleting_a_code_records_events() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let code = create(
        &mut world,
        &Caller::ApiKey,
        json!({ "device_id": door, "code": "1234" }),
    );
    let id = text(&code["access_code_id"]);
    let update = json!({ "access_code_id": id, "name": "New", "code": "5678" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", update);
    world.now += AFTER_ATTEMPT;
    let code = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(
        (&code["name"], &code["code"]),
        (&json!("New"), &json!("5678"))
    );

    world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/delete",
        json!({ "access_code_id": id }),
    );
    world.now += AFTER_ATTEMPT;
    let gone = world.post(
        &Caller::ApiKey,
        "/access_codes/get",
        json!({ "access_code_id": id }),
    );
    assert_eq!(gone.error(), (404, "access_code_not_found"));
    let details = events(&mut world, &Caller::ApiKey, &id);
    for event in [
        "access_code.created",
        "access_code.set_on_device",
        "access_code.name_changed",
        "access_code.code_changed",
        "access_code.changed",
        "access_code.deleted",
        "access_code.removed_from_device",
    ] {
        assert!(
            details.iter().any(|it| it == event),
            "{event} in {details:?}"
        );
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
        let details = &refused.body["error"];
        assert_eq!(
            details["validation_errors"]["_errors"][0],
            details["message"]
        );
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
    let made = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/create_multiple",
        json!({ "device_ids": devices, "name": "Guests" }),
    );
    let codes = made["access_codes"].as_array().expect("a list");
    assert_eq!(codes.len(), 2);
    assert_eq!(codes[0]["code"], codes[1]["code"]);
    let key = text(&codes[0]["common_code_key"]);
    assert_eq!(codes[1]["common_code_key"], key);

    let update = json!({ "common_code_key": key, "name": "Cleaners" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update_multiple", update);
    let found = names(&mut world, &Caller::ApiKey, json!({ "search": "cleaners" }));
    assert_eq!(found, ["Cleaners", "Cleaners"]);
    let unknown = json!({ "common_code_key": "unknown" });
    let refused = world.post(&Caller::ApiKey, "/access_codes/update_multiple", unknown);
    assert_eq!(refused.error(), (404, "access_code_not_found"));
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
fn a_guest_neither_sees_nor_changes_another_guests_code_on_a_shared_door() {
    let (mut world, door, one, two) = two_guests();
    let params = json!({ "device_id": door, "name": "Mine", "code": "6173" });
    let code = create(&mut world, &one, params);
    let id = text(&code["access_code_id"]);
    world.now += AFTER_ATTEMPT;

    let list = json!({ "device_id": door });
    assert_eq!(names(&mut world, &one, list.clone()), ["Cleaner", "Mine"]);
    assert_eq!(names(&mut world, &two, list), ["Cleaner"]);
    let before = world.sandbox.snapshot();
    for (path, params) in [
        ("get", json!({ "access_code_id": id })),
        ("get", json!({ "device_id": door, "code": "6173" })),
        ("update", json!({ "access_code_id": id, "name": "Theirs" })),
        ("delete", json!({ "access_code_id": id })),
        ("pull_backup_access_code", json!({ "access_code_id": id })),
    ] {
        let refused = world.post(&two, &format!("/access_codes/{path}"), params);
        assert_eq!(refused.error(), (404, "access_code_not_found"), "{path}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
    let other_events = events(&mut world, &two, &id);
    assert!(other_events.is_empty(), "{other_events:?}");
    assert_eq!(
        events(&mut world, &one, &id),
        ["access_code.created", "access_code.set_on_device"]
    );

    // A conflict would reveal the code.
    create(
        &mut world,
        &two,
        json!({ "device_id": door, "code": "6173" }),
    );
}

#[test]
fn update_multiple_updates_only_codes_that_the_caller_sees() {
    let (mut world, door, one, two) = two_guests();
    let key = "stay-1";
    let params = json!({ "device_id": door, "common_code_key": key, "name": "One's" });
    let ones = create(&mut world, &one, params);
    let params = json!({ "device_id": door, "common_code_key": key, "name": "Two's" });
    create(&mut world, &two, params);
    let update = json!({ "common_code_key": key, "name": "Changed" });
    world.expect_ok(&two, "/access_codes/update_multiple", update);
    let id = text(&ones["access_code_id"]);
    assert_eq!(get(&mut world, &one, &id)["name"], "One's");
}

#[test]
fn a_backup_can_be_pulled_once() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let params = json!({ "device_id": door, "use_backup_access_code_pool": true, "name": "Guest" });
    let code = create(&mut world, &Caller::ApiKey, params);
    assert_eq!(code["is_backup_access_code_available"], true);
    let id = code["access_code_id"].clone();
    let pull = json!({ "access_code_id": id });
    let pulled = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/pull_backup_access_code",
        pull.clone(),
    );
    let backup = &pulled["access_code"];
    assert_eq!(
        (&backup["is_backup"], &backup["name"]),
        (&json!(true), &json!("Guest"))
    );
    assert_ne!(backup["code"], code["code"]);
    let now = get(&mut world, &Caller::ApiKey, &text(&id));
    assert_eq!(
        now["pulled_backup_access_code_id"],
        backup["access_code_id"]
    );
    let again = world.post(
        &Caller::ApiKey,
        "/access_codes/pull_backup_access_code",
        pull,
    );
    assert_eq!(again.error(), (400, "no_backup_access_code_available"));
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
fn an_unmanaged_code_is_listed_converted_and_removed() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let params = json!({ "device_id": door, "name": "By hand", "code": "8080" });
    let path = "/access_codes/simulate/create_unmanaged_access_code";
    let made = world.expect_ok(&Caller::ApiKey, path, params);
    let id = made["access_code"]["access_code_id"].clone();
    let one = json!({ "access_code_id": id });
    let list = json!({ "device_id": door });
    let count = |world: &mut World| {
        let listed = world.expect_ok(
            &Caller::ApiKey,
            "/access_codes/unmanaged/list",
            list.clone(),
        );
        listed["access_codes"].as_array().expect("a list").len()
    };
    assert_eq!(count(&mut world), 2);
    let refused = world.post(&Caller::ApiKey, "/access_codes/get", one.clone());
    assert_eq!(refused.error(), (404, "access_code_not_found"));
    let got = world.expect_ok(&Caller::ApiKey, "/access_codes/unmanaged/get", one.clone());
    assert_eq!(got["access_code"]["name"], "By hand");

    let kept = json!({ "access_code_id": id, "is_managed": false });
    world.expect_ok(&Caller::ApiKey, "/access_codes/unmanaged/update", kept);
    assert_eq!(count(&mut world), 2);
    world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/unmanaged/convert_to_managed",
        one.clone(),
    );
    assert_eq!(count(&mut world), 1);
    assert_eq!(
        get(&mut world, &Caller::ApiKey, &text(&id))["is_managed"],
        true
    );
    let back = json!({ "access_code_id": id, "is_managed": false });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", back);
    assert_eq!(count(&mut world), 2);
    world.expect_ok(&Caller::ApiKey, "/access_codes/unmanaged/delete", one);
    assert_eq!(count(&mut world), 1);
}

#[test]
fn without_access_to_a_door_its_codes_are_out_of_scope() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let stranger = world.identity("stranger");
    let stranger = world.token(&stranger);
    let code = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/get",
        json!({ "device_id": door, "code": "4821" }),
    );
    let id = code["access_code"]["access_code_id"].clone();
    let unmanaged = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/unmanaged/get",
        json!({ "device_id": door, "code": "7350" }),
    );
    let bare = unmanaged["access_code"]["access_code_id"].clone();
    let before = world.sandbox.snapshot();
    let device = "device_not_found";
    let access_code = "access_code_not_found";
    for (path, params, expected) in [
        ("create", json!({ "device_id": door }), device),
        ("create_multiple", json!({ "device_ids": [door] }), device),
        ("delete", json!({ "access_code_id": id }), access_code),
        ("generate_code", json!({ "device_id": door }), device),
        ("get", json!({ "access_code_id": id }), access_code),
        ("get", json!({ "device_id": door, "code": "4821" }), device),
        ("list", json!({ "device_id": door }), device),
        (
            "pull_backup_access_code",
            json!({ "access_code_id": id }),
            access_code,
        ),
        (
            "report_device_constraints",
            json!({ "device_id": door, "supported_code_lengths": [4] }),
            device,
        ),
        (
            "simulate/create_unmanaged_access_code",
            json!({ "device_id": door, "name": "x", "code": "1111" }),
            device,
        ),
        (
            "unmanaged/convert_to_managed",
            json!({ "access_code_id": bare }),
            access_code,
        ),
        (
            "unmanaged/delete",
            json!({ "access_code_id": bare }),
            access_code,
        ),
        (
            "unmanaged/get",
            json!({ "access_code_id": bare }),
            access_code,
        ),
        ("unmanaged/list", json!({ "device_id": door }), device),
        (
            "unmanaged/update",
            json!({ "access_code_id": bare, "is_managed": true }),
            access_code,
        ),
        (
            "update",
            json!({ "access_code_id": id, "name": "x" }),
            access_code,
        ),
    ] {
        let refused = world.post(&stranger, &format!("/access_codes/{path}"), params);
        assert_eq!(refused.error(), (404, expected), "{path}");
    }
    assert_eq!(names(&mut world, &stranger, all()), Vec::<String>::new());
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn a_guest_keeps_its_code_when_the_back_end_updates_it() {
    let (mut world, door, one, two) = two_guests();
    let params = json!({ "device_id": door, "name": "mine" });
    let code = text(&create(&mut world, &one, params)["access_code_id"]);
    world.now += AFTER_ATTEMPT;
    let all = json!({ "since": "2026-01-01T00:00:00Z" });
    let before = world.expect_ok(&two, "/events/list", all.clone());

    let update = json!({ "access_code_id": code, "name": "changed" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", update);
    world.now += AFTER_ATTEMPT;
    let delete = json!({ "access_code_id": code });
    world.expect_ok(&Caller::ApiKey, "/access_codes/delete", delete);
    world.now += AFTER_ATTEMPT;

    let details = events(&mut world, &one, &code);
    let set = details
        .iter()
        .filter(|it| *it == "access_code.set_on_device");
    assert_eq!(set.count(), 2, "{details:?}");
    assert!(details.contains(&"access_code.removed_from_device".to_owned()));
    assert_eq!(world.expect_ok(&two, "/events/list", all), before);
}

#[test]
fn the_backup_of_a_guests_code_belongs_to_the_guest_whoever_pulls_it() {
    let (mut world, door, one, two) = two_guests();
    let params = json!({ "device_id": door, "use_backup_access_code_pool": true, "name": "mine" });
    let code = create(&mut world, &one, params);

    let pull = json!({ "access_code_id": code["access_code_id"] });
    world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/pull_backup_access_code",
        pull,
    );

    let named = json!({ "search": "mine" });
    assert_eq!(names(&mut world, &one, named.clone()), ["mine", "mine"]);
    assert!(names(&mut world, &two, named).is_empty());
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
fn the_codes_of_a_lock_made_unmanaged_cannot_be_changed() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let managed = create(&mut world, &Caller::ApiKey, json!({ "device_id": door }));
    let simulate = "/access_codes/simulate/create_unmanaged_access_code";
    let params = json!({ "device_id": door, "name": "Keypad", "code": "9753" });
    let unmanaged = world.expect_ok(&Caller::ApiKey, simulate, params)["access_code"].take();
    world.now += AFTER_ATTEMPT;
    let unmanage = json!({ "device_id": door, "is_managed": false });
    world.expect_ok(&Caller::ApiKey, "/devices/update", unmanage);
    let before = world.sandbox.snapshot();

    for (path, code) in [
        ("update", &managed),
        ("delete", &managed),
        ("unmanaged/convert_to_managed", &unmanaged),
        ("unmanaged/delete", &unmanaged),
    ] {
        let path = format!("/access_codes/{path}");
        let named = json!({ "access_code_id": code["access_code_id"] });
        let refused = world.post(&Caller::ApiKey, &path, named);
        assert_eq!(refused.error(), (400, "device_unmanaged"), "{path}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn a_code_that_failed_to_set_has_an_error_until_it_is_set() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    let guest = world.identity("guest");
    world.grant(&guest, &door);
    let guest = world.token(&guest);
    world.expect_ok(
        &Caller::ApiKey,
        "/devices/simulate/disconnect",
        on_door.clone(),
    );
    let id = text(&create(&mut world, &guest, on_door.clone())["access_code_id"]);
    world.now += AFTER_ATTEMPT;

    let code = get(&mut world, &guest, &id);
    assert_eq!(code["status"], "unset");
    let error = &code["errors"][0];
    assert_eq!(error["error_code"], "failed_to_set_on_device");
    assert_eq!(error["is_access_code_error"], true);
    let failed = json!({ "event_type": "access_code.failed_to_set_on_device" });
    let event = world.expect_ok(&guest, "/events/get", failed)["event"].clone();
    assert_eq!(event["access_code_id"], id.as_str());
    assert_eq!(event["access_code_errors"][0]["message"], error["message"]);
    assert_eq!(
        event["device_errors"][0]["error_code"],
        "device_disconnected"
    );

    let renamed = json!({ "access_code_id": id, "name": "Again" });
    world.expect_ok(&guest, "/access_codes/update", renamed.clone());
    world.now += AFTER_ATTEMPT;
    let again = get(&mut world, &guest, &id);
    assert_eq!(again["errors"].as_array().map(Vec::len), Some(1), "{again}");

    world.expect_ok(&Caller::ApiKey, "/devices/simulate/connect", on_door);
    world.expect_ok(&guest, "/access_codes/update", renamed);
    assert_eq!(get(&mut world, &guest, &id)["status"], "setting");
    world.now += AFTER_ATTEMPT;
    let set = get(&mut world, &guest, &id);
    assert_eq!(
        (&set["status"], &set["errors"]),
        (&json!("set"), &json!([]))
    );
}

#[test]
fn a_code_whose_update_failed_is_unknown_and_shows_what_is_on_the_lock() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    let made = json!({ "device_id": door, "code": "1234", "name": "Ann" });
    let code = create(&mut world, &Caller::ApiKey, made);
    let id = text(&code["access_code_id"]);
    let creating = json!([{
        "mutation_code": "creating",
        "created_at": code["created_at"],
        "message": code["pending_mutations"][0]["message"],
    }]);
    assert_eq!(code["pending_mutations"], creating);
    world.now += AFTER_ATTEMPT;
    assert_eq!(
        get(&mut world, &Caller::ApiKey, &id)["pending_mutations"],
        json!([])
    );
    world.expect_ok(
        &Caller::ApiKey,
        "/devices/simulate/disconnect",
        on_door.clone(),
    );

    let changed =
        json!({ "access_code_id": id, "code": "5678", "ends_at": "2027-01-01T00:00:00Z" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", changed);
    assert_eq!(get(&mut world, &Caller::ApiKey, &id)["status"], "setting");
    world.now += AFTER_ATTEMPT;
    let once_more = json!({ "access_code_id": id, "code": "9012", "name": "Anna" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", once_more.clone());
    world.now += AFTER_ATTEMPT;

    let failed = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(failed["status"], "unknown");
    assert_eq!(failed["code"], "9012");
    let error = &failed["errors"][0];
    assert_eq!(error["error_code"], "failed_to_set_on_device");
    let pending = failed["pending_mutations"].as_array().expect("a list");
    let details: Vec<_> = pending
        .iter()
        .map(|it| (&it["mutation_code"], &it["from"], &it["to"]))
        .map(|(code, from, to)| json!([code, from, to]))
        .collect();
    assert_eq!(
        details,
        [
            json!(["updating_code", { "code": "1234" }, { "code": "9012" }]),
            json!(["updating_name", { "name": "Ann" }, { "name": "Anna" }]),
            json!([
                "updating_time_frame",
                { "starts_at": null, "ends_at": null },
                { "starts_at": failed["starts_at"], "ends_at": "2027-01-01T00:00:00.000Z" },
            ]),
        ]
    );

    // An update that restores what is on the lock is not pending.
    let as_it_was = json!({ "access_code_id": id, "code": "1234" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", as_it_was);
    world.now += AFTER_ATTEMPT;
    let failed = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(failed["status"], "unknown");
    let pending = failed["pending_mutations"].as_array().map(Vec::len);
    assert_eq!(pending, Some(2), "{failed}");

    world.expect_ok(&Caller::ApiKey, "/devices/simulate/connect", on_door);
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", once_more);
    world.now += AFTER_ATTEMPT;
    let set = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(
        (&set["status"], &set["errors"], &set["pending_mutations"]),
        (&json!("set"), &json!([]), &json!([]))
    );
}

#[test]
fn a_code_whose_new_start_failed_to_set_may_still_open_the_door() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    let id = text(&create(&mut world, &Caller::ApiKey, on_door.clone())["access_code_id"]);
    world.now += AFTER_ATTEMPT;
    world.expect_ok(&Caller::ApiKey, "/devices/simulate/disconnect", on_door);
    let later = json!({
        "access_code_id": id,
        "starts_at": "2027-01-01T00:00:00Z",
        "ends_at": "2027-01-02T00:00:00Z",
    });

    world.expect_ok(&Caller::ApiKey, "/access_codes/update", later);
    world.now += AFTER_ATTEMPT;

    assert_eq!(get(&mut world, &Caller::ApiKey, &id)["status"], "unknown");
}

#[test]
fn the_backup_of_a_code_that_failed_to_set_has_no_error() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    world.expect_ok(&Caller::ApiKey, "/devices/simulate/disconnect", on_door);
    let wanted = json!({ "device_id": door, "use_backup_access_code_pool": true });
    let id = text(&create(&mut world, &Caller::ApiKey, wanted)["access_code_id"]);
    world.now += AFTER_ATTEMPT;

    let pull = json!({ "access_code_id": id });
    let pulled = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/pull_backup_access_code",
        pull,
    );

    let backup = &pulled["backup_access_code"];
    assert_eq!(backup["status"], "set");
    assert_eq!(backup["errors"], json!([]));
    assert_eq!(backup["pending_mutations"], json!([]));
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
