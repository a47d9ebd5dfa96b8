//! Access methods that access grants create.

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, START, World, text};

pub(crate) const HOUR: u64 = 3_600_000;

/// Creates a grant of mode `code` for Jane, with these members, and returns its object.
pub(crate) fn create(world: &mut World, params: Value) -> Value {
    let mut all = json!({
        "user_identity": { "full_name": "Jane Doe" },
        "requested_access_methods": [{ "mode": "code" }],
    });
    for (name, value) in params.as_object().expect("an object") {
        all[name] = value.clone();
    }
    if all.get("user_identity_id").is_some() {
        all.as_object_mut()
            .expect("an object")
            .remove("user_identity");
    }
    let mut created = world.expect_ok(&Caller::ApiKey, "/access_grants/create", all);
    created["access_grant"].take()
}

pub(crate) fn method(world: &mut World, id: &Value) -> Value {
    let params = json!({ "access_method_id": id });
    let mut got = world.expect_ok(&Caller::ApiKey, "/access_methods/get", params);
    got["access_method"].take()
}

pub(crate) fn codes(world: &mut World, caller: &Caller, device: &str) -> Vec<Value> {
    let params = json!({ "device_id": device });
    let mut listed = world.expect_ok(caller, "/access_codes/list", params);
    let codes = listed["access_codes"].take();
    codes.as_array().expect("a list").clone()
}

pub(crate) fn event_types(world: &mut World, prefix: &str) -> Vec<String> {
    let all = json!({ "since": "2000-01-01", "limit": 1000 });
    let listed = world.post(&Caller::ApiKey, "/events/list", all);
    let types = listed.ids("events", "event_type").into_iter();
    types.filter(|it| it.starts_with(prefix)).collect()
}

#[test]
fn a_grant_of_mode_code_puts_the_guests_code_on_each_of_its_locks() {
    let mut world = World::new();
    let devices = [world.device("Front Door"), world.device("Garage")];
    let grant = create(
        &mut world,
        json!({ "device_ids": devices, "access_grant_key": "stay" }),
    );
    let ids = grant["access_method_ids"].as_array().expect("a list");
    assert_eq!(ids.len(), 1);
    let of_request = &grant["requested_access_methods"][0]["created_access_method_ids"];
    assert_eq!(of_request, &grant["access_method_ids"]);
    let created = method(&mut world, &ids[0]);
    assert_eq!(created["is_issued"], false);
    world.now += AFTER_ATTEMPT;
    let issued = method(&mut world, &ids[0]);
    assert_eq!(issued["is_issued"], true);
    assert_eq!(issued["pending_mutations"], json!([]));
    for device in &devices {
        let codes = codes(&mut world, &Caller::ApiKey, device);
        let of_guest = codes.iter().find(|it| it["name"] == "Jane Doe");
        assert_eq!(of_guest.expect("a code")["code"], issued["code"]);
    }
    assert_eq!(
        event_types(&mut world, "access_grant."),
        [
            "access_grant.created",
            "access_grant.access_granted_to_all_doors"
        ]
    );
    assert_eq!(
        event_types(&mut world, "access_method."),
        ["access_method.created", "access_method.issued"]
    );
}

#[test]
fn only_the_guest_sees_the_code_of_a_grant_and_not_another_guest_of_the_door() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let (guest, other) = (world.identity("guest"), world.identity("other"));
    let grant = create(
        &mut world,
        json!({ "user_identity_id": guest, "device_ids": [device], "name": "Stay" }),
    );
    world.grant(&other, &device);
    world.now += AFTER_ATTEMPT;
    let (guest, other) = (world.token(&guest), world.token(&other));
    let named = |codes: Vec<Value>| codes.iter().filter(|it| it["name"] == "Stay").count();
    assert_eq!(named(codes(&mut world, &guest, &device)), 1);
    assert_eq!(named(codes(&mut world, &other, &device)), 0);
    let filters = [
        json!({ "access_grant_id": grant["access_grant_id"] }),
        json!({ "access_method_id": grant["access_method_ids"][0] }),
    ];
    for filter in filters {
        for (caller, count) in [(&guest, 1), (&other, 0), (&Caller::ApiKey, 1)] {
            let listed = world.post(caller, "/access_codes/list", filter.clone());
            let ids = listed.ids("access_codes", "access_code_id");
            assert_eq!(ids.len(), count, "{filter} {caller:?}");
        }
    }
    let events = world.post(&other, "/events/list", json!({ "since": "2000-01-01" }));
    let types = events.ids("events", "event_type");
    assert!(
        types.iter().all(|it| !it.starts_with("access_code.")),
        "{types:?}"
    );
}

#[test]
fn a_deleted_grant_takes_its_methods_and_codes_with_it() {
    for by_identity in [false, true] {
        let mut world = World::new();
        let device = world.device("Front Door");
        let before = codes(&mut world, &Caller::ApiKey, &device).len();
        let grant = create(&mut world, json!({ "device_ids": [device] }));
        world.now += AFTER_ATTEMPT;
        assert_eq!(
            codes(&mut world, &Caller::ApiKey, &device).len(),
            before + 1
        );
        let (path, params) = if by_identity {
            let identity = grant["user_identity_id"].clone();
            (
                "/user_identities/delete",
                json!({ "user_identity_id": identity }),
            )
        } else {
            let id = grant["access_grant_id"].clone();
            ("/access_grants/delete", json!({ "access_grant_id": id }))
        };
        world.expect_ok(&Caller::ApiKey, path, params);
        world.now += 60 * AFTER_ATTEMPT;
        assert_eq!(
            codes(&mut world, &Caller::ApiKey, &device).len(),
            before,
            "{path}"
        );
        let params = json!({ "access_method_id": grant["access_method_ids"][0] });
        let gone = world.post(&Caller::ApiKey, "/access_methods/get", params);
        assert_eq!(gone.error(), (404, "access_method_not_found"));
        assert_eq!(
            event_types(&mut world, "access_method."),
            [
                "access_method.created",
                "access_method.issued",
                "access_method.deleted"
            ]
        );
    }
}

#[test]
fn a_deleted_method_takes_only_its_own_codes_with_it() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let two = json!([{ "mode": "code" }, { "mode": "cloud_key" }]);
    let grant = create(
        &mut world,
        json!({ "device_ids": [device], "requested_access_methods": two, "reservation_key": "r" }),
    );
    let id = grant["access_grant_id"].clone();
    let before = codes(&mut world, &Caller::ApiKey, &device).len();
    let first = json!({ "access_method_id": grant["access_method_ids"][0] });
    world.expect_ok(&Caller::ApiKey, "/access_methods/delete", first);
    world.now += 60 * AFTER_ATTEMPT;
    assert_eq!(
        codes(&mut world, &Caller::ApiKey, &device).len(),
        before - 1
    );
    let left = world.post(
        &Caller::ApiKey,
        "/access_methods/list",
        json!({ "access_grant_id": id }),
    );
    assert_eq!(left.ids("access_methods", "mode"), ["cloud_key"]);
    let of_grant = json!({ "access_grant_id": id });
    let shown = world.expect_ok(&Caller::ApiKey, "/access_grants/get", of_grant.clone());
    assert_eq!(
        shown["access_grant"]["access_method_ids"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let by_reservation = json!({ "reservation_key": "r" });
    world.expect_ok(&Caller::ApiKey, "/access_methods/delete", by_reservation);
    let left = world.post(&Caller::ApiKey, "/access_methods/list", of_grant);
    assert!(left.ids("access_methods", "mode").is_empty());
}

#[test]
fn new_times_of_a_grant_reissue_its_methods_with_the_same_number() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let grant = create(
        &mut world,
        json!({ "device_ids": [device], "ends_at": "2026-11-24T00:00:00Z" }),
    );
    let id = &grant["access_method_ids"][0];
    world.now += AFTER_ATTEMPT;
    let number = method(&mut world, id)["code"].clone();
    let times = json!({
        "access_grant_id": grant["access_grant_id"],
        "ends_at": "2026-11-25T00:00:00Z",
    });
    world.expect_ok(&Caller::ApiKey, "/access_grants/update", times.clone());
    let revoked = method(&mut world, id);
    assert_eq!(revoked["is_issued"], false);
    let pending = &revoked["pending_mutations"][0];
    assert_eq!(pending["mutation_code"], "updating_access_times");
    assert_eq!(pending["to"]["ends_at"], "2026-11-25T00:00:00.000Z");
    world.now += AFTER_ATTEMPT;
    let reissued = method(&mut world, id);
    assert_eq!(
        (&reissued["is_issued"], &reissued["code"]),
        (&json!(true), &number)
    );
    let of_guest = codes(&mut world, &Caller::ApiKey, &device);
    let of_guest = of_guest.iter().find(|it| it["name"] == "Jane Doe");
    let ends_at = &of_guest.expect("its code")["ends_at"];
    assert_eq!(ends_at, "2026-11-25T00:00:00.000Z");
    assert_eq!(
        event_types(&mut world, "access_method."),
        [
            "access_method.created",
            "access_method.issued",
            "access_method.revoked",
            "access_method.reissued"
        ]
    );
    // The same times again change nothing.
    world.expect_ok(&Caller::ApiKey, "/access_grants/update", times);
    assert_eq!(event_types(&mut world, "access_method.").len(), 4);
}

#[test]
fn a_requested_number_that_a_lock_has_already_is_replaced_with_a_warning() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let taken = json!({ "device_id": device, "code": "4321" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/create", taken);
    let wanted = json!([{ "mode": "code", "code": "4321" }]);
    let grant = create(
        &mut world,
        json!({ "device_ids": [device], "requested_access_methods": wanted }),
    );
    let warning = &grant["warnings"][0];
    assert_eq!(warning["warning_code"], "requested_code_unavailable");
    assert_eq!(warning["original_code"], "4321");
    world.now += AFTER_ATTEMPT;
    let issued = method(&mut world, &grant["access_method_ids"][0]);
    assert_eq!(issued["code"], warning["new_code"]);
}

#[test]
fn devices_without_codes_are_a_warning_or_without_any_other_an_error() {
    let mut world = World::new();
    let lock = world.device("Front Door");
    let thermostat = world.device("Hallway Thermostat");
    let mixed = create(&mut world, json!({ "device_ids": [lock, thermostat] }));
    let warning = &mixed["warnings"][0];
    assert_eq!(
        warning["warning_code"],
        "device_does_not_support_access_codes"
    );
    assert_eq!(warning["device_id"], thermostat.as_str());
    assert_eq!(mixed["access_method_ids"].as_array().map(Vec::len), Some(1));
    let none = create(&mut world, json!({ "device_ids": [thermostat] }));
    assert_eq!(
        none["errors"][0]["error_code"],
        "cannot_create_requested_access_methods"
    );
    assert_eq!(none["errors"][0]["missing_device_ids"], json!([thermostat]));
    assert_eq!(none["access_method_ids"], json!([]));
    let types = event_types(&mut world, "access_grant.could_not");
    assert_eq!(
        types,
        ["access_grant.could_not_create_requested_access_methods"]
    );
}

#[test]
fn a_lock_without_room_for_another_code_gets_none_from_a_grant() {
    let mut world = World::with(json!({ "seed": { "devices": [
        { "device_type": "yale_lock", "display_name": "Open" },
        {
            "device_type": "yale_lock",
            "display_name": "Full",
            "properties": { "max_active_codes_supported": 0 },
        },
    ]}}));
    let (open, full) = (world.device("Open"), world.device("Full"));
    let grant = create(&mut world, json!({ "device_ids": [open, full] }));
    assert_eq!(grant["errors"][0]["missing_device_ids"], json!([full]));
    assert_eq!(grant["access_method_ids"].as_array().map(Vec::len), Some(1));
    assert_eq!(codes(&mut world, &Caller::ApiKey, &open).len(), 1);
    assert!(codes(&mut world, &Caller::ApiKey, &full).is_empty());
}

#[test]
fn a_method_whose_lock_is_offline_is_late_then_failed_and_issued_when_the_lock_returns() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let simulate = |world: &mut World, what: &str| {
        let path = format!("/devices/simulate/{what}");
        world.expect_ok(&Caller::ApiKey, &path, json!({ "device_id": device }));
    };
    simulate(&mut world, "disconnect");
    let grant = create(
        &mut world,
        json!({ "device_ids": [device], "starts_at": "2026-11-23T09:00:00Z" }),
    );
    let id = &grant["access_method_ids"][0];
    world.now = START + AFTER_ATTEMPT;
    let late = method(&mut world, id);
    assert_eq!(late["warnings"][0]["warning_code"], "delay_in_issuing");
    world.now = START + HOUR;
    let failed = method(&mut world, id);
    assert_eq!(failed["errors"][0]["error_code"], "failed_to_issue");
    simulate(&mut world, "connect");
    world.now += 24 * HOUR;
    let issued = method(&mut world, id);
    assert_eq!(issued["is_issued"], true);
    assert_eq!(
        (&issued["errors"], &issued["warnings"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(
        event_types(&mut world, "access_method."),
        [
            "access_method.created",
            "access_method.delay_in_issuing",
            "access_method.failed_to_issue",
            "access_method.issued"
        ]
    );
}

#[test]
fn more_methods_can_be_requested_later() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let grant = create(&mut world, json!({ "device_ids": [device] }));
    let more = json!({
        "access_grant_id": grant["access_grant_id"],
        "requested_access_methods": [{ "mode": "code" }],
    });
    let path = "/access_grants/request_access_methods";
    let updated = world.expect_ok(&Caller::ApiKey, path, more);
    let grant = &updated["access_grant"];
    assert_eq!(grant["access_method_ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        grant["requested_access_methods"].as_array().map(Vec::len),
        Some(2)
    );
    world.now += AFTER_ATTEMPT;
    let first = method(&mut world, &grant["access_method_ids"][0]);
    let second = method(&mut world, &grant["access_method_ids"][1]);
    assert_ne!(first["code"], second["code"]);
}

#[test]
fn the_code_of_a_grant_for_entrances_alone_is_its_own() {
    let mut world = World::new();
    let entrances = world.post(&Caller::ApiKey, "/acs/entrances/list", json!({}));
    let entrances = entrances.ids("acs_entrances", "acs_entrance_id");
    let mut numbers = Vec::new();
    for _ in 0..3 {
        let grant = create(&mut world, json!({ "acs_entrance_ids": [entrances[0]] }));
        world.now += AFTER_ATTEMPT;
        let issued = method(&mut world, &grant["access_method_ids"][0]);
        numbers.push(text(&issued["code"]));
    }
    assert!(numbers.iter().all(|it| it.len() == 4), "{numbers:?}");
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 3, "{numbers:?}");
}

#[test]
fn the_methods_of_a_grant_are_listed_in_the_order_of_the_request() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let modes = ["cloud_key", "code", "mobile_key", "cloud_key", "mobile_key"];
    let requested: Vec<Value> = modes.iter().map(|it| json!({ "mode": it })).collect();
    let grant = create(
        &mut world,
        json!({ "device_ids": [device], "requested_access_methods": requested }),
    );
    let of_grant = json!({ "access_grant_id": grant["access_grant_id"] });
    let listed = world.post(&Caller::ApiKey, "/access_methods/list", of_grant);
    assert_eq!(listed.ids("access_methods", "mode"), modes);
    let ids = listed.ids("access_methods", "access_method_id");
    assert_eq!(json!(ids), grant["access_method_ids"]);
}

#[test]
fn methods_are_listed_by_what_they_open() {
    let mut world = World::new();
    let (one, other) = (world.device("Front Door"), world.device("Garage"));
    let first = create(
        &mut world,
        json!({ "device_ids": [one], "access_grant_key": "a" }),
    );
    let second = create(&mut world, json!({ "device_ids": [other] }));
    let of = |grant: &Value| text(&grant["access_method_ids"][0]);
    let by_code = json!({ "access_grant_id": first["access_grant_id"] });
    let code = world.post(&Caller::ApiKey, "/access_codes/list", by_code);
    let code = code.ids("access_codes", "access_code_id").remove(0);
    for (params, expected) in [
        (json!({}), vec![of(&first), of(&second)]),
        (json!({ "access_grant_key": "a" }), vec![of(&first)]),
        (json!({ "device_id": other }), vec![of(&second)]),
        (json!({ "access_code_id": code }), vec![of(&first)]),
        (json!({ "space_id": one }), vec![]),
    ] {
        let listed = world.post(&Caller::ApiKey, "/access_methods/list", params.clone());
        let ids = listed.ids("access_methods", "access_method_id");
        assert_eq!(ids, expected, "{params}");
    }
    let by_code = json!({ "access_code_id": code });
    let grants = world.post(&Caller::ApiKey, "/access_grants/list", by_code);
    let ids = grants.ids("access_grants", "access_grant_id");
    assert_eq!(ids, [text(&first["access_grant_id"])]);
}

#[test]
fn related_resources_are_returned_in_one_batch() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let grant = create(&mut world, json!({ "device_ids": [device] }));
    let names = |batch: &Value| {
        let members = batch["batch"].as_object().expect("a batch");
        members.keys().cloned().collect::<Vec<_>>()
    };
    let ids = json!([grant["access_grant_id"]]);
    let path = "/access_grants/get_related";
    let all = world.expect_ok(&Caller::ApiKey, path, json!({ "access_grant_ids": ids }));
    assert_eq!(all["batch"]["devices"][0]["device_id"], device.as_str());
    let method = &all["batch"]["access_methods"][0]["access_method_id"];
    assert_eq!(method, &grant["access_method_ids"][0]);
    let identity = &all["batch"]["user_identities"][0]["full_name"];
    assert_eq!(identity, "Jane Doe");
    let params = json!({ "access_grant_ids": ids, "include": ["devices"] });
    let some = world.expect_ok(&Caller::ApiKey, path, params);
    assert_eq!(names(&some), ["devices"]);
    let path = "/access_methods/get_related";
    let params = json!({ "access_method_ids": [method], "exclude": ["devices"] });
    let of_method = world.expect_ok(&Caller::ApiKey, path, params);
    assert_eq!(of_method["batch"]["access_grants"][0], grant);
    assert!(!names(&of_method).contains(&"devices".to_owned()));
}

#[test]
fn a_cloud_key_unlocks_an_entrance_of_its_grant_while_it_is_in_force() {
    let mut world = World::new();
    let entrances = world.post(&Caller::ApiKey, "/acs/entrances/list", json!({}));
    let entrances = entrances.ids("acs_entrances", "acs_entrance_id");
    let cloud = json!([{ "mode": "cloud_key" }]);
    let grant = create(
        &mut world,
        json!({
            "acs_entrance_ids": [entrances[0]],
            "requested_access_methods": cloud,
            "starts_at": "2026-11-23T09:30:00Z",
        }),
    );
    let unlock = |world: &mut World, entrance: &str| {
        let params = json!({
            "access_method_id": grant["access_method_ids"][0],
            "acs_entrance_id": entrance,
        });
        world.post(&Caller::ApiKey, "/access_methods/unlock_door", params)
    };
    world.now += AFTER_ATTEMPT;
    let early = unlock(&mut world, &entrances[0]);
    assert_eq!(early.error(), (400, "access_method_not_usable"));
    world.now = START + HOUR;
    let started = unlock(&mut world, &entrances[0]);
    assert_eq!(started.status, 200, "{}", started.body);
    let attempt = started.body["action_attempt"]["action_attempt_id"].clone();
    world.now += AFTER_ATTEMPT;
    let params = json!({ "action_attempt_id": attempt });
    let ended = world.expect_ok(&Caller::ApiKey, "/action_attempts/get", params);
    assert_eq!(ended["action_attempt"]["status"], "success");
    let types = event_types(&mut world, "access_grant.access_granted");
    assert_eq!(
        types,
        [
            "access_grant.access_granted_to_door",
            "access_grant.access_granted_to_all_doors"
        ]
    );
}

#[test]
fn events_of_a_grant_are_hidden_from_a_guest_of_the_same_entrance() {
    let mut world = World::new();
    let entrances = world.post(&Caller::ApiKey, "/acs/entrances/list", json!({}));
    let entrance = entrances.ids("acs_entrances", "acs_entrance_id").remove(0);
    let identity = world.identity("guest");
    let guest = world.token(&identity);
    for user in [json!({ "user_identity_id": identity }), json!({})] {
        let mut params = user;
        params["acs_entrance_ids"] = json!([entrance]);
        params["requested_access_methods"] = json!([{ "mode": "cloud_key" }]);
        create(&mut world, params);
    }
    let seen = world.post(&guest, "/acs/entrances/list", json!({}));
    assert_eq!(seen.ids("acs_entrances", "acs_entrance_id"), [entrance]);
    let granted = event_types(&mut world, "access_grant.access_granted_to_door");
    assert_eq!(granted.len(), 2);
    let seen = world.post(&guest, "/events/list", json!({ "since": "2000-01-01" }));
    let types = seen.ids("events", "event_type");
    let is_of_grant = |it: &String| it.starts_with("access_grant.");
    assert!(!types.iter().any(is_of_grant), "{types:?}");
}

#[test]
fn new_times_before_a_method_is_issued_do_not_reissue_it() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let grant = create(
        &mut world,
        json!({ "device_ids": [device], "ends_at": "2026-11-24T00:00:00Z" }),
    );
    let times = json!({
        "access_grant_id": grant["access_grant_id"],
        "ends_at": "2026-11-25T00:00:00Z",
    });
    world.now += 100;
    world.expect_ok(&Caller::ApiKey, "/access_grants/update", times);
    world.now += AFTER_ATTEMPT;
    assert_eq!(
        event_types(&mut world, "access_method."),
        ["access_method.created", "access_method.issued"]
    );
}

#[test]
fn access_is_granted_to_all_doors_when_the_last_requested_method_is_issued() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let both = json!([{ "mode": "cloud_key" }, { "mode": "code" }]);
    create(
        &mut world,
        json!({ "device_ids": [device], "requested_access_methods": both }),
    );
    let granted = "access_grant.access_granted_to_all_doors";
    assert!(event_types(&mut world, granted).is_empty());
    world.now += AFTER_ATTEMPT;
    assert_eq!(event_types(&mut world, granted).len(), 1);
}

#[test]
fn a_card_is_not_simulated_and_creates_nothing() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let card = json!({
        "user_identity": { "user_identity_key": "jane" },
        "device_ids": [device],
        "requested_access_methods": [{ "mode": "card" }],
    });
    let refused = world.post(&Caller::ApiKey, "/access_grants/create", card);
    assert_eq!(refused.error(), (501, "not_simulated"));
    let key = json!({ "user_identity_key": "jane" });
    let identity = world.post(&Caller::ApiKey, "/user_identities/get", key);
    assert_eq!(identity.error(), (404, "user_identity_not_found"));
}
