//! Access grants.

use serde_json::{Value, json};

use crate::world::{Caller, START, World, text};

const HOUR: u64 = 3_600_000;

fn create(world: &mut World, params: Value) -> Value {
    let mut all = json!({ "requested_access_methods": [] });
    for (name, value) in params.as_object().expect("an object") {
        all[name] = value.clone();
    }
    let mut created = world.expect_ok(&Caller::ApiKey, "/access_grants/create", all);
    created["access_grant"].take()
}

#[test]
fn a_grant_gives_access_to_its_devices_while_it_is_in_force() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    let grant = create(
        &mut world,
        json!({
            "user_identity_id": identity,
            "device_ids": [device],
            "starts_at": "2026-11-23T09:30:00Z",
            "ends_at": "2026-11-23T10:30:00Z",
        }),
    );
    let accessible = |world: &mut World| {
        let params = json!({ "user_identity_id": identity });
        let path = "/user_identities/list_accessible_devices";
        world.post(&Caller::ApiKey, path, params).device_ids()
    };
    for (hours, can_see) in [(0, false), (1, true), (2, false)] {
        world.now = START + hours * HOUR;
        let listed = world.get(&user, "/devices/list").device_ids();
        assert_eq!(listed.contains(&device), can_see, "after {hours} hours");
        assert_eq!(accessible(&mut world), listed);
        let unlock = json!({ "device_id": device });
        let response = world.post(&user, "/locks/unlock_door", unlock);
        assert_eq!(response.status == 200, can_see, "after {hours} hours");
    }
    let id = grant["access_grant_id"].clone();
    let longer = json!({ "access_grant_id": id, "ends_at": null });
    world.expect_ok(&Caller::ApiKey, "/access_grants/update", longer);
    assert!(
        world
            .get(&user, "/devices/list")
            .device_ids()
            .contains(&device)
    );
    let explained = world.expect_ok(
        &Caller::ApiKey,
        "/_sandbox/explain",
        json!({ "device_id": device, "client_session_token": match &user {
            Caller::Token(token) => token.clone(),
            _ => String::new(),
        }}),
    );
    assert_eq!(explained["because"][0]["grant"], "access_grant");
    world.expect_ok(
        &Caller::ApiKey,
        "/access_grants/delete",
        json!({ "access_grant_id": id }),
    );
    assert!(world.get(&user, "/devices/list").device_ids().is_empty());
}

#[test]
fn a_grant_gives_access_to_the_devices_of_its_space() {
    let space = "33333333-3333-4333-8333-333333333333";
    let mut world = World::with(json!({ "seed": { "devices": [
        { "device_type": "yale_lock", "display_name": "In", "space_ids": [space] },
        { "device_type": "yale_lock", "display_name": "Out" },
    ]}}));
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    create(
        &mut world,
        json!({ "user_identity_id": identity, "space_ids": [space] }),
    );
    let listed = world.get(&user, "/devices/list");
    assert_eq!(listed.ids("devices", "display_name"), ["In"]);
}

#[test]
fn a_grant_creates_its_user_identity_if_none_is_named() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let grant = create(
        &mut world,
        json!({
            "user_identity": { "user_identity_key": "new", "full_name": "New" },
            "device_ids": [device],
            "requested_access_methods": [{ "mode": "code", "code": "1234" }],
            "access_grant_key": "stay-1",
            "name": "Stay",
        }),
    );
    let key = json!({ "user_identity_key": "new" });
    let identity = world.expect_ok(&Caller::ApiKey, "/user_identities/get", key);
    assert_eq!(
        identity["user_identity"]["user_identity_id"],
        grant["user_identity_id"]
    );
    assert_eq!(grant["requested_access_methods"][0]["mode"], "code");
    let by_key = json!({ "access_grant_key": "stay-1" });
    let shown = world.expect_ok(&Caller::ApiKey, "/access_grants/get", by_key);
    assert_eq!(shown["access_grant"], grant);
}

#[test]
fn grants_are_filtered_by_what_they_give_access_to() {
    let mut world = World::new();
    let (one, other) = (world.device("Front Door"), world.device("Garage"));
    let (first, second) = (world.identity("user-1"), world.identity("user-2"));
    let a = create(
        &mut world,
        json!({ "user_identity_id": first, "device_ids": [one], "access_grant_key": "a" }),
    );
    world.now += 1;
    let b = create(
        &mut world,
        json!({ "user_identity_id": second, "device_ids": [one, other], "reservation_key": "r" }),
    );
    let (a, b) = (text(&a["access_grant_id"]), text(&b["access_grant_id"]));
    for (params, found) in [
        (json!({}), vec![&a, &b]),
        (json!({ "user_identity_id": first }), vec![&a]),
        (json!({ "device_id": one }), vec![&a, &b]),
        (json!({ "device_id": other }), vec![&b]),
        (json!({ "access_grant_ids": [b] }), vec![&b]),
        (json!({ "access_grant_key": "a" }), vec![&a]),
        (json!({ "access_grant_key": null }), vec![&b]),
        (json!({ "reservation_key": "r" }), vec![&b]),
        (json!({ "customer_key": "x" }), vec![]),
    ] {
        let listed = world.post(&Caller::ApiKey, "/access_grants/list", params.clone());
        let ids = listed.ids("access_grants", "access_grant_id");
        assert_eq!(ids.iter().collect::<Vec<_>>(), found, "{params}");
    }
    let page = world.post(
        &Caller::ApiKey,
        "/access_grants/list",
        json!({ "limit": 1 }),
    );
    assert_eq!(page.body["pagination"]["has_next_page"], true);
}

#[test]
fn an_invalid_grant_is_refused_and_changes_nothing() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    create(
        &mut world,
        json!({ "user_identity_id": identity, "access_grant_key": "a" }),
    );
    let nonexistent = "11111111-1111-4111-8111-111111111111";
    let accounts = world.expect_ok(&Caller::ApiKey, "/connected_accounts/list", json!({}));
    let account = &accounts["connected_accounts"][0]["connected_account_id"];
    let before = world.sandbox.snapshot();
    for (more, error) in [
        (
            json!({ "user_identity_id": nonexistent }),
            (400, "user_identity_not_found"),
        ),
        (
            json!({ "device_ids": [device, nonexistent] }),
            (400, "device_not_found"),
        ),
        (
            json!({ "acs_entrance_ids": [nonexistent] }),
            (400, "acs_entrance_not_found"),
        ),
        (
            json!({ "space_ids": [nonexistent] }),
            (400, "space_not_found"),
        ),
        (json!({ "space_ids": [account] }), (400, "space_not_found")),
        (json!({ "space_keys": ["lobby"] }), (400, "space_not_found")),
        (
            json!({ "access_grant_key": "a" }),
            (409, "access_grant_key_conflict"),
        ),
        (
            json!({ "ends_at": "2026-11-23T08:00:00Z" }),
            (400, "invalid_input"),
        ),
        (
            json!({ "starts_at": "2027-01-02", "ends_at": "2027-01-01" }),
            (400, "invalid_input"),
        ),
        (json!({ "starts_at": "tomorrow" }), (400, "invalid_input")),
        (
            json!({ "requested_access_methods": null }),
            (400, "invalid_input"),
        ),
    ] {
        let mut params = json!({
            "user_identity": { "user_identity_key": "another" },
            "requested_access_methods": [],
        });
        for (name, value) in more.as_object().expect("an object") {
            params[name] = value.clone();
        }
        if more.get("user_identity_id").is_some() {
            params
                .as_object_mut()
                .expect("an object")
                .remove("user_identity");
        }
        let refused = world.post(&Caller::ApiKey, "/access_grants/create", params);
        assert_eq!(refused.error(), error, "{more}");
    }
    for path in ["get", "update", "delete"] {
        let params = json!({ "access_grant_id": nonexistent });
        let refused = world.post(&Caller::ApiKey, &format!("/access_grants/{path}"), params);
        assert_eq!(refused.error(), (404, "access_grant_not_found"), "{path}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn a_session_cannot_call_the_routes_of_access_grants() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    for path in ["create", "get", "list", "update", "delete"] {
        let refused = world.post(&user, &format!("/access_grants/{path}"), json!({}));
        assert_eq!(refused.error(), (401, "unauthorized"), "{path}");
    }
}

#[test]
fn changes_of_a_grant_are_recorded_as_events() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let grant = create(&mut world, json!({ "user_identity_id": identity }));
    let id = &grant["access_grant_id"];
    let one = json!({ "access_grant_id": id });
    world.now += 1;
    let times = json!({ "access_grant_id": id, "ends_at": "2027-01-01T00:00:00Z" });
    world.expect_ok(&Caller::ApiKey, "/access_grants/update", times);
    world.now += 1;
    world.expect_ok(&Caller::ApiKey, "/access_grants/delete", one);
    let of_grant = json!({ "since": "2000-01-01", "access_grant_id": id });
    let listed = world.post(&Caller::ApiKey, "/events/list", of_grant);
    assert_eq!(
        listed.ids("events", "event_type"),
        [
            "access_grant.created",
            "access_grant.access_times_changed",
            "access_grant.deleted",
        ]
    );
}

#[test]
fn a_backdated_grant_shows_nothing_from_before_its_creation() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    let unlock = json!({ "device_id": device });
    world.expect_ok(&Caller::ApiKey, "/locks/unlock_door", unlock.clone());
    world.now += HOUR;
    create(
        &mut world,
        json!({
            "user_identity_id": identity,
            "device_ids": [device],
            "starts_at": "2026-11-01T00:00:00Z",
        }),
    );
    let since = json!({ "since": "2000-01-01" });
    let response = world.post(&user, "/events/list", since.clone());
    assert_eq!(response.body["events"], json!([]));
    world.expect_ok(&Caller::ApiKey, "/locks/unlock_door", unlock);
    world.now += HOUR;
    let response = world.post(&user, "/events/list", since);
    assert_eq!(response.ids("events", "event_type"), ["lock.unlocked"]);
}

#[test]
fn a_renewed_grant_shows_nothing_of_the_time_since_its_end() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    let unlock = json!({ "device_id": device });
    let types = |world: &mut World| {
        let since = json!({ "since": "2000-01-01" });
        world
            .post(&user, "/events/list", since)
            .ids("events", "event_type")
    };
    let id = create(
        &mut world,
        json!({
            "user_identity_id": identity,
            "device_ids": [device],
            "ends_at": "2026-11-23T09:30:00Z",
        }),
    )["access_grant_id"]
        .clone();
    let longer = |until: &str| json!({ "access_grant_id": id, "ends_at": until });

    world.expect_ok(&Caller::ApiKey, "/locks/unlock_door", unlock.clone());
    world.now += HOUR / 2;
    world.expect_ok(
        &Caller::ApiKey,
        "/access_grants/update",
        longer("2026-11-23T09:00:01Z"),
    );
    assert_eq!(types(&mut world), ["lock.unlocked"]);
    world.now += HOUR;
    world.expect_ok(&Caller::ApiKey, "/locks/unlock_door", unlock.clone());
    world.now += HOUR;

    world.expect_ok(
        &Caller::ApiKey,
        "/access_grants/update",
        longer("2026-11-24T08:30:00Z"),
    );
    assert!(types(&mut world).is_empty());
    world.expect_ok(&Caller::ApiKey, "/locks/lock_door", unlock);
    world.now += HOUR;
    assert_eq!(types(&mut world), ["lock.locked"]);
}
