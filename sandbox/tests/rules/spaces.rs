//! Spaces, and what their members mean to a session with an access grant.

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World, text};

fn create(world: &mut World, params: Value) -> Value {
    world.expect_ok(&Caller::ApiKey, "/spaces/create", params)["space"].take()
}

fn get(world: &mut World, space: &str) -> Value {
    let params = json!({ "space_id": space });
    world.expect_ok(&Caller::ApiKey, "/spaces/get", params)["space"].take()
}

fn post(world: &mut World, path: &str, params: Value) {
    world.expect_ok(&Caller::ApiKey, path, params);
}

/// Gives an identity an access grant for a space, and returns its session.
fn guest_of(world: &mut World, space: &str) -> Caller {
    let identity = world.identity("guest");
    post(
        world,
        "/access_grants/create",
        json!({
            "user_identity_id": identity,
            "space_ids": [space],
            "requested_access_methods": [],
        }),
    );
    world.token(&identity)
}

fn devices(world: &mut World, caller: &Caller, params: Value) -> Vec<String> {
    world.post(caller, "/devices/list", params).device_ids()
}

fn entrances(world: &mut World, caller: &Caller, params: Value) -> Vec<String> {
    let listed = world.post(caller, "/acs/entrances/list", params);
    assert_eq!(listed.status, 200, "{}", listed.body);
    listed.ids("acs_entrances", "acs_entrance_id")
}

fn events(world: &mut World, caller: &Caller) -> Vec<String> {
    let listed = world.post(caller, "/events/list", json!({ "since": "2000-01-01" }));
    listed.ids("events", "event_type")
}

#[test]
fn a_space_is_created_found_updated_and_deleted() {
    let mut world = World::new();
    let (front, garage) = (world.device("Front Door"), world.device("Garage"));
    let gym = entrances(&mut world, &Caller::ApiKey, json!({ "search": "Gym" })).remove(0);
    let space = create(
        &mut world,
        json!({
            "name": "First floor",
            "space_key": "floor-1",
            "device_ids": [front],
            "acs_entrance_ids": [gym],
            "customer_data": { "time_zone": "Europe/Berlin" },
        }),
    );
    for (member, expected) in [
        ("name", json!("First floor")),
        ("display_name", json!("First floor")),
        ("space_key", json!("floor-1")),
        ("device_count", json!(1)),
        ("acs_entrance_count", json!(1)),
        ("customer_data", json!({ "time_zone": "Europe/Berlin" })),
    ] {
        assert_eq!(space[member], expected, "{member}");
    }
    let id = text(&space["space_id"]);
    let again = json!({ "name": "Another", "space_key": "floor-1" });
    let refused = world.post(&Caller::ApiKey, "/spaces/create", again);
    assert_eq!(refused.error(), (409, "space_key_conflict"));
    let by_key = json!({ "space_key": "floor-1" });
    let found = world.expect_ok(&Caller::ApiKey, "/spaces/get", by_key);
    assert_eq!(found["space"], space);

    world.now += 1;
    let house = create(&mut world, json!({ "name": "House", "space_key": "house" }));
    let update = json!({
        "space_key": "floor-1",
        "name": "Second floor",
        "device_ids": [garage],
        "acs_entrance_ids": [],
        "parent_space_key": "house",
        "customer_data": { "time_zone": null, "address": "Main Street 1" },
    });
    let updated = world.expect_ok(&Caller::ApiKey, "/spaces/update", update)["space"].take();
    for (member, expected) in [
        ("name", json!("Second floor")),
        ("device_count", json!(1)),
        ("acs_entrance_count", json!(0)),
        ("parent_space_id", house["space_id"].clone()),
        ("parent_space_key", json!("house")),
        ("customer_data", json!({ "address": "Main Street 1" })),
    ] {
        assert_eq!(updated[member], expected, "{member}");
    }
    let account = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "device_id": garage }),
    );
    let account = &account["device"]["connected_account_id"];
    for (filter, expected) in [
        (json!({}), vec!["Second floor", "House"]),
        (json!({ "search": "FLOOR" }), vec!["Second floor"]),
        (json!({ "space_key": "house" }), vec!["House"]),
        (json!({ "parent_space_key": "house" }), vec!["Second floor"]),
        (
            json!({ "parent_space_id": house["space_id"] }),
            vec!["Second floor"],
        ),
        (
            json!({ "connected_account_id": account }),
            vec!["Second floor"],
        ),
        (json!({ "customer_key": "anyone" }), vec![]),
    ] {
        let listed = world.post(&Caller::ApiKey, "/spaces/list", filter.clone());
        assert_eq!(listed.ids("spaces", "name"), expected, "{filter}");
    }

    post(&mut world, "/spaces/delete", json!({ "space_id": id }));
    let gone = world.post(&Caller::ApiKey, "/spaces/get", json!({ "space_id": id }));
    assert_eq!(gone.error(), (404, "space_not_found"));
    let in_space = json!({ "space_id": id });
    assert!(devices(&mut world, &Caller::ApiKey, in_space).is_empty());
    let recorded = events(&mut world, &Caller::ApiKey);
    assert_eq!(
        recorded,
        [
            "space.created",
            "space.created",
            "space.device_membership_changed",
            "space.deleted"
        ]
    );
    let deleted = json!({ "event_type": "space.deleted" });
    let deleted = world.expect_ok(&Caller::ApiKey, "/events/get", deleted)["event"].take();
    assert_eq!(deleted["device_ids"], json!([garage]));
    assert_eq!(deleted["space_key"], "floor-1");
}

#[test]
fn a_device_that_enters_or_leaves_a_space_does_so_for_its_guests_from_the_next_request_on() {
    let mut world = World::new();
    let (front, garage) = (world.device("Front Door"), world.device("Garage"));
    let space = create(
        &mut world,
        json!({ "name": "Floor", "device_ids": [front] }),
    );
    let space = text(&space["space_id"]);
    let guest = guest_of(&mut world, &space);
    assert_eq!(devices(&mut world, &guest, json!({})), [front.as_str()]);

    let change = json!({ "space_id": space, "device_ids": [garage] });
    post(&mut world, "/spaces/add_devices", change.clone());
    let mut both = [front.as_str(), garage.as_str()];
    both.sort_unstable();
    let mut seen = devices(&mut world, &guest, json!({ "space_id": space }));
    seen.sort_unstable();
    assert_eq!(seen, both);
    assert_eq!(get(&mut world, &space)["device_count"], 2);
    // To add it again changes nothing.
    let count = events(&mut world, &Caller::ApiKey).len();
    post(&mut world, "/spaces/add_devices", change.clone());
    assert_eq!(events(&mut world, &Caller::ApiKey).len(), count);

    post(&mut world, "/spaces/remove_devices", change);
    let unlock = json!({ "device_id": garage });
    let refused = world.post(&guest, "/locks/unlock_door", unlock);
    assert_eq!(refused.error(), (404, "device_not_found"));
    post(&mut world, "/spaces/delete", json!({ "space_id": space }));
    assert!(devices(&mut world, &guest, json!({})).is_empty());
}

#[test]
fn an_entrance_that_enters_or_leaves_a_space_does_so_for_its_guests() {
    let mut world = World::new();
    let all = entrances(&mut world, &Caller::ApiKey, json!({}));
    let space = text(&create(&mut world, json!({ "name": "Club" }))["space_id"]);
    let guest = guest_of(&mut world, &space);
    assert!(entrances(&mut world, &guest, json!({})).is_empty());
    let change = json!({ "space_id": space, "acs_entrance_ids": [all[0]] });
    post(&mut world, "/spaces/add_acs_entrances", change.clone());
    for params in [json!({}), json!({ "space_id": space })] {
        assert_eq!(entrances(&mut world, &guest, params), [all[0].as_str()]);
    }
    post(&mut world, "/spaces/remove_acs_entrances", change);
    assert!(entrances(&mut world, &guest, json!({})).is_empty());
}

#[test]
fn a_guest_sees_the_events_of_a_device_since_it_entered_the_space() {
    let mut world = World::new();
    let front = world.device("Front Door");
    let space = text(&create(&mut world, json!({ "name": "Floor" }))["space_id"]);
    let guest = guest_of(&mut world, &space);
    let unlock = json!({ "device_id": front });
    post(&mut world, "/locks/unlock_door", unlock.clone());
    world.now += AFTER_ATTEMPT;
    let change = json!({ "space_id": space, "device_ids": [front] });
    post(&mut world, "/spaces/add_devices", change.clone());
    assert!(events(&mut world, &guest).is_empty());
    post(&mut world, "/locks/unlock_door", unlock.clone());
    world.now += AFTER_ATTEMPT;
    assert_eq!(events(&mut world, &guest), ["lock.unlocked"]);

    // Nothing is shown of a time in which it was not in the space.
    post(&mut world, "/spaces/remove_devices", change.clone());
    post(&mut world, "/locks/unlock_door", unlock);
    world.now += AFTER_ATTEMPT;
    post(&mut world, "/spaces/add_devices", change);
    assert!(events(&mut world, &guest).is_empty());
}

#[test]
fn a_session_has_no_route_for_spaces_and_sees_none_of_their_events() {
    let mut world = World::new();
    let space = text(&create(&mut world, json!({ "name": "Floor" }))["space_id"]);
    let guest = guest_of(&mut world, &space);
    for path in [
        "add_acs_entrances",
        "add_connected_account",
        "add_devices",
        "create",
        "delete",
        "get",
        "get_related",
        "list",
        "remove_acs_entrances",
        "remove_connected_account",
        "remove_devices",
        "update",
    ] {
        let refused = world.post(&guest, &format!("/spaces/{path}"), json!({}));
        assert_eq!(refused.error(), (401, "unauthorized"), "{path}");
    }
    assert!(events(&mut world, &guest).is_empty());
}

#[test]
fn what_is_not_there_cannot_be_in_a_space() {
    let mut world = World::new();
    let space = text(&create(&mut world, json!({ "name": "Floor" }))["space_id"]);
    let unknown = "11111111-1111-4111-8111-111111111111";
    let before = world.sandbox.snapshot();
    for (path, params, expected) in [
        (
            "create",
            json!({ "name": "x", "device_ids": [unknown] }),
            (400, "device_not_found"),
        ),
        (
            "create",
            json!({ "name": "x", "acs_entrance_ids": [unknown] }),
            (400, "acs_entrance_not_found"),
        ),
        (
            "create",
            json!({ "name": "x", "connected_account_ids": [unknown] }),
            (400, "connected_account_not_found"),
        ),
        (
            "create",
            json!({ "name": "x", "customer_key": "c" }),
            (501, "not_simulated"),
        ),
        (
            "add_devices",
            json!({ "space_id": space, "device_ids": [unknown] }),
            (400, "device_not_found"),
        ),
        (
            "add_devices",
            json!({ "space_id": unknown, "device_ids": [] }),
            (400, "invalid_input"),
        ),
        (
            "remove_devices",
            json!({ "space_id": unknown, "device_ids": [] }),
            (404, "space_not_found"),
        ),
        (
            "update",
            json!({ "space_id": space, "parent_space_id": unknown }),
            (400, "space_not_found"),
        ),
        (
            "update",
            json!({ "space_id": space, "parent_space_id": space }),
            (400, "invalid_input"),
        ),
        (
            "get",
            json!({ "space_key": "unknown" }),
            (404, "space_not_found"),
        ),
        ("get_related", json!({}), (400, "invalid_input")),
    ] {
        let refused = world.post(&Caller::ApiKey, &format!("/spaces/{path}"), params.clone());
        assert_eq!(refused.error(), expected, "{path} {params}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn a_space_comes_with_what_is_in_it() {
    let mut world = World::new();
    let front = world.device("Front Door");
    let gym = entrances(&mut world, &Caller::ApiKey, json!({ "search": "Gym" })).remove(0);
    let params = json!({
        "name": "Club",
        "space_key": "club",
        "device_ids": [front],
        "acs_entrance_ids": [gym],
    });
    let space = create(&mut world, params);
    let grant = json!({
        "user_identity": { "full_name": "Jane Doe" },
        "space_keys": ["club"],
        "requested_access_methods": [{ "mode": "code" }],
    });
    world.expect_ok(&Caller::ApiKey, "/access_grants/create", grant);
    let params = json!({ "space_keys": ["club", "club"] });
    let related = world.expect_ok(&Caller::ApiKey, "/spaces/get_related", params.clone());
    let batch = related["batch"].as_object().expect("a batch");
    let mut counts: Vec<_> = batch
        .iter()
        .map(|(name, list)| (name.as_str(), list.as_array().map_or(0, Vec::len)))
        .collect();
    counts.sort_unstable();
    assert_eq!(
        counts,
        [
            ("access_methods", 1),
            ("acs_entrances", 1),
            ("acs_systems", 1),
            ("connected_accounts", 2),
            ("devices", 1),
            ("spaces", 1),
        ]
    );
    assert_eq!(batch["spaces"][0], space);
    for (more, expected) in [
        (json!({ "include": ["devices"] }), vec!["devices"]),
        (
            json!({ "include": ["devices", "spaces"], "exclude": ["devices"] }),
            vec!["spaces"],
        ),
    ] {
        let mut params = params.clone();
        params
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("more").clone());
        let related = world.expect_ok(&Caller::ApiKey, "/spaces/get_related", params);
        let names: Vec<_> = related["batch"]
            .as_object()
            .expect("a batch")
            .keys()
            .collect();
        assert_eq!(names, expected);
    }
}

#[test]
fn an_account_can_be_associated_with_a_space() {
    let mut world = World::new();
    let front = world.device("Front Door");
    let device = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "device_id": front }),
    );
    let account = &device["device"]["connected_account_id"];
    let space = text(&create(&mut world, json!({ "name": "Floor" }))["space_id"]);
    let listed = |world: &mut World| {
        let filter = json!({ "connected_account_id": account });
        world
            .post(&Caller::ApiKey, "/spaces/list", filter)
            .ids("spaces", "space_id")
            .len()
    };
    assert_eq!(listed(&mut world), 0);
    let change = json!({ "space_id": space, "connected_account_id": account });
    post(&mut world, "/spaces/add_connected_account", change.clone());
    assert_eq!(listed(&mut world), 1);
    // It has no members by that.
    assert_eq!(get(&mut world, &space)["device_count"], 0);
    post(&mut world, "/spaces/remove_connected_account", change);
    assert_eq!(listed(&mut world), 0);
}

#[test]
fn an_access_grant_may_name_spaces_by_their_keys() {
    let mut world = World::new();
    let front = world.device("Front Door");
    create(
        &mut world,
        json!({ "name": "Floor", "space_key": "floor", "device_ids": [front] }),
    );
    let identity = world.identity("guest");
    let mut params = json!({
        "user_identity_id": identity,
        "space_keys": ["floor"],
        "requested_access_methods": [],
    });
    post(&mut world, "/access_grants/create", params.clone());
    let guest = world.token(&identity);
    assert_eq!(devices(&mut world, &guest, json!({})), [front.as_str()]);
    params["space_keys"] = json!(["unknown"]);
    let refused = world.post(&Caller::ApiKey, "/access_grants/create", params);
    assert_eq!(refused.error(), (400, "space_not_found"));
}

#[test]
fn a_seed_has_spaces_by_name_and_by_the_ids_that_devices_have() {
    let id = "11111111-1111-4111-8111-111111111111";
    let mut world = World::with(json!({ "seed": {
        "devices": [
            { "device_type": "august_lock", "display_name": "Front", "space_ids": [id] },
            { "device_type": "august_lock", "display_name": "Back" },
        ],
        "spaces": [{ "name": "Garden", "space_key": "garden", "devices": ["Back"] }],
    } }));
    let listed = world.expect_ok(&Caller::ApiKey, "/spaces/list", json!({}));
    let spaces = listed["spaces"].as_array().expect("a list");
    let mut shown: Vec<_> = spaces
        .iter()
        .map(|it| (text(&it["name"]), it["device_count"].clone()))
        .collect();
    shown.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(
        shown,
        [
            ("Garden".to_owned(), json!(1)),
            ("Space".to_owned(), json!(1))
        ]
    );
    assert_eq!(get(&mut world, id)["device_count"], 1);
    let back = world.device("Back");
    let garden = spaces
        .iter()
        .find(|it| it["name"] == "Garden")
        .expect("a garden");
    let in_garden = json!({ "space_id": garden["space_id"] });
    assert_eq!(devices(&mut world, &Caller::ApiKey, in_garden), [back]);
}
