//! Events: which are recorded, and who may see them.

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, START, World, text};

/// Returns the types of the events that the caller sees, the oldest first.
fn types(world: &mut World, caller: &Caller) -> Vec<String> {
    let listed = world.post(caller, "/events/list", json!({ "since": "2000-01-01" }));
    assert_eq!(listed.status, 200, "{}", listed.body);
    listed.ids("events", "event_type")
}

fn unlock(world: &mut World, caller: &Caller, device: &str) {
    world.expect_ok(caller, "/locks/unlock_door", json!({ "device_id": device }));
    world.now += AFTER_ATTEMPT;
}

#[test]
fn an_unlock_records_an_event_with_the_device_and_its_account() {
    let mut world = World::new();
    let device = world.device("Front Door");
    unlock(&mut world, &Caller::ApiKey, &device);
    let listed = world.post(
        &Caller::ApiKey,
        "/events/list",
        json!({ "since": "2000-01-01", "event_type": "lock.unlocked" }),
    );
    let event = &listed.body["events"][0];
    assert_eq!(event["device_id"], Value::String(device));
    assert!(event["connected_account_id"].is_string());
    let one = json!({ "event_id": event["event_id"] });
    assert_eq!(
        &world.expect_ok(&Caller::ApiKey, "/events/get", one)["event"],
        event
    );
}

#[test]
fn a_guest_sees_the_doors_events_since_the_grant_without_the_requester() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let (own, other) = (world.identity("user-1"), world.identity("user-2"));
    let (user, neighbour) = (world.token(&own), world.token(&other));
    world.grant(&other, &device);
    unlock(&mut world, &neighbour, &device);
    world.grant(&own, &device);
    assert!(types(&mut world, &user).is_empty());

    unlock(&mut world, &neighbour, &device);
    assert_eq!(types(&mut world, &user), ["lock.unlocked"]);
    let attempted = "action_attempt.unlock_door.succeeded".to_owned();
    assert!(types(&mut world, &neighbour).contains(&attempted));

    world.revoke(&own, &device);
    assert!(types(&mut world, &user).is_empty());
}

#[test]
fn an_event_outside_scope_is_not_found() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    unlock(&mut world, &Caller::ApiKey, &device);
    let latest = json!({ "device_id": device });
    let event = world.expect_ok(&Caller::ApiKey, "/events/get", latest.clone());
    let id = text(&event["event"]["event_id"]);
    for params in [
        json!({ "event_id": id }),
        latest,
        json!({ "event_type": "lock.unlocked" }),
    ] {
        assert!(is_none(&world.expect_ok(&user, "/events/get", params)));
    }
    let none = json!({ "event_id": "11111111-1111-4111-8111-111111111111" });
    assert!(is_none(&world.expect_ok(&user, "/events/get", none)));
}

/// Returns whether the response to `/events/get` says that there is no such event.
fn is_none(body: &Value) -> bool {
    body["message"].is_string() && body.get("event").is_none()
}

#[test]
fn a_session_does_not_see_the_event_of_another_sessions_deletion() {
    let mut world = World::new();
    let user = Caller::Token(text(&world.session(json!({}))["token"]));
    let other = world.session(json!({}));
    let params = json!({ "client_session_id": other["client_session_id"] });
    world.expect_ok(&Caller::ApiKey, "/client_sessions/delete", params);
    assert_eq!(
        types(&mut world, &Caller::ApiKey),
        ["client_session.deleted"]
    );
    let latest = json!({ "event_type": "client_session.deleted" });
    let event = world.expect_ok(&Caller::ApiKey, "/events/get", latest);
    let one = json!({ "event_id": event["event"]["event_id"] });
    assert!(is_none(&world.expect_ok(&user, "/events/get", one)));
    assert!(types(&mut world, &user).is_empty());
}

#[test]
fn a_list_of_events_requires_a_time_range_which_is_exclusive() {
    let mut world = World::new();
    let device = world.device("Front Door");
    unlock(&mut world, &Caller::ApiKey, &device);
    for params in [
        json!({}),
        json!({ "event_ids": [] }),
        json!({ "since": "2000-01-01", "between": ["2000-01-01", "2000-01-02"] }),
        json!({ "between": ["2000-01-02", "2000-01-01"] }),
    ] {
        let refused = world.post(&Caller::ApiKey, "/events/list", params.clone());
        assert_eq!(refused.error(), (400, "invalid_input"), "{params}");
    }
    for (params, there) in [
        (json!({ "since": "2026-11-23T08:30:00.399Z" }), true),
        (json!({ "since": "2026-11-23T08:30:00.400Z" }), false),
        (
            json!({ "between": ["2026-11-23T08:30:00Z", "2026-11-23T08:30:00.400Z"] }),
            false,
        ),
        (
            json!({ "between": ["2026-11-23T08:30:00Z", "2026-11-23T08:30:01Z"] }),
            true,
        ),
        (json!({ "since": "2000-01-01", "device_ids": [] }), false),
        (
            json!({ "since": "2000-01-01", "limit": 1, "unstable_offset": 2 }),
            false,
        ),
    ] {
        assert_eq!(world.now, START + AFTER_ATTEMPT);
        let listed = world.post(&Caller::ApiKey, "/events/list", params.clone());
        let found = listed.body["events"].as_array().expect("a list").len();
        assert_eq!(found > 0, there, "{params}");
    }
}

#[test]
fn events_of_the_same_millisecond_are_in_order() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let code = json!({ "device_id": device, "name": "one" });
    let created = world.expect_ok(&Caller::ApiKey, "/access_codes/create", code);
    let id = &created["access_code"]["access_code_id"];
    let mut expected = vec!["access_code.created"];
    for name in ["two", "three", "four", "five"] {
        let renamed = json!({ "access_code_id": id, "name": name });
        world.expect_ok(&Caller::ApiKey, "/access_codes/update", renamed);
        expected.extend(["access_code.mutations_requested", "access_code.changed"]);
    }
    assert_eq!(types(&mut world, &Caller::ApiKey), expected);
    let listed = world.post(
        &Caller::ApiKey,
        "/events/list",
        json!({ "since": "2000-01-01" }),
    );
    let listed = listed.body["events"].as_array().expect("a list");
    let names: Vec<_> = listed
        .iter()
        .filter_map(|it| it["requested_mutations"][0]["to"]["name"].as_str())
        .collect();
    assert_eq!(names, ["two", "three", "four", "five"]);

    let state = world.get(&Caller::ApiKey, "/_sandbox/state").body;
    world.expect_ok(&Caller::ApiKey, "/_sandbox/state", state);
    assert_eq!(types(&mut world, &Caller::ApiKey), expected);
}
