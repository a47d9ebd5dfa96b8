//! What Seam's own fake server gets wrong about scope, one test for each row of the table of what
//! it implements. There, a session without any grant unlocks every door.

use serde_json::{Value, json};

use super::users::{User, world};
use crate::world::{Caller, World, text};

/// Checks that all these requests of user a about user b's records fail and change nothing.
fn assert_refused(requests: impl Fn(&User) -> Vec<(&'static str, Value, (u16, &'static str))>) {
    let (mut world, a, b) = world(404);
    let before = world.sandbox.snapshot();
    for (path, params, error) in requests(&b) {
        let refused = world.post(a.caller(path), path, params.clone());
        assert_eq!(refused.error(), error, "{path} {params}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

/// Returns the ids of a list that a user sees.
fn listed(world: &mut World, caller: &Caller, path: &str, list: &str, id: &str) -> Vec<String> {
    let response = world.post(caller, path, json!({ "since": "2000-01-01" }));
    assert_eq!(response.status, 200, "{path}: {}", response.body);
    response.ids(list, id)
}

#[test]
fn a_user_identity_given_to_a_new_session_is_honoured() {
    let mut world = World::new();
    let identity = world.identity("jane");
    for given in [
        json!({ "user_identity_id": identity }),
        json!({ "user_identity_ids": [identity] }),
    ] {
        let session = world.session(given);
        assert_eq!(session["user_identity_id"], identity);
        assert_eq!(session["user_identity_ids"], json!([identity]));
    }
}

#[test]
fn grants_accounts_and_webviews_give_access_and_are_counted() {
    let (mut world, a, _) = world(404);
    let ids = listed(
        &mut world,
        a.caller(""),
        "/devices/list",
        "devices",
        "device_id",
    );
    // Three granted directly, one by an access grant, three of the webview's account.
    assert_eq!(ids.len(), 7);
    let session = world.expect_ok(a.caller(""), "/client_sessions/get", json!({}));
    assert_eq!(session["client_session"]["device_count"], 7);
}

#[test]
fn getting_a_device_outside_scope_does_not_reveal_that_it_exists() {
    assert_refused(|b| {
        let gone = (404, "device_not_found");
        let lock = json!({ "device_id": b.own["lock"] });
        let unmanaged = json!({ "device_id": b.own["unmanaged_device"] });
        vec![
            ("/devices/get", lock.clone(), gone),
            ("/locks/get", lock, gone),
            ("/devices/unmanaged/get", unmanaged, gone),
        ]
    });
}

#[test]
fn locks_and_thermostats_are_listed_within_scope() {
    let (mut world, a, b) = world(404);
    for (path, list, kind) in [
        ("/locks/list", "devices", "lock"),
        ("/thermostats/list", "devices", "thermostat"),
    ] {
        let ids = listed(&mut world, a.caller(""), path, list, "device_id");
        assert!(ids.contains(&a.own[kind]) && !ids.contains(&b.own[kind]));
    }
}

#[test]
fn a_door_outside_scope_is_neither_locked_nor_unlocked() {
    assert_refused(|b| {
        let lock = json!({ "device_id": b.own["lock"] });
        let paths = ["/locks/unlock_door", "/locks/lock_door"];
        paths
            .map(|it| (it, lock.clone(), (404, "device_not_found")))
            .to_vec()
    });
}

#[test]
fn a_device_outside_scope_is_not_updated_and_devices_cannot_be_deleted() {
    assert_refused(|b| {
        let named = json!({ "device_id": b.own["lock"], "name": "Mine" });
        vec![
            ("/devices/update", named.clone(), (404, "device_not_found")),
            // There is no such route.
            ("/devices/delete", named, (404, "not_found")),
        ]
    });
}

#[test]
fn access_codes_are_scoped() {
    assert_refused(|b| {
        let device = json!({ "device_id": b.own["lock"] });
        let code = json!({ "access_code_id": b.own["access_code"] });
        let (no_device, no_code) = ((404, "device_not_found"), (404, "access_code_not_found"));
        vec![
            ("/access_codes/create", device.clone(), no_device),
            ("/access_codes/get", code.clone(), no_code),
            ("/access_codes/list", device, no_device),
            ("/access_codes/update", code.clone(), no_code),
            ("/access_codes/delete", code, no_code),
        ]
    });
    let (mut world, a, _) = world(404);
    let ask = |device: &str| json!({ "device_id": device });
    for (device, count) in [("lock", 1), ("granted_lock", 0)] {
        let codes = world.expect_ok(a.caller(""), "/access_codes/list", ask(&a.own[device]));
        assert_eq!(
            codes["access_codes"].as_array().map(Vec::len),
            Some(count),
            "{device}"
        );
    }
}

#[test]
fn events_are_scoped_and_filtered() {
    let (mut world, a, b) = world(404);
    let [own, other] = [&a, &b].map(|it| {
        listed(
            &mut world,
            it.caller(""),
            "/events/list",
            "events",
            "event_id",
        )
    });
    assert!(own.contains(&a.own["event"]) && other.contains(&b.own["event"]));
    assert!(own.iter().all(|it| !other.contains(it)));
    for (filter, any) in [("access_code", true), ("lock", false)] {
        let params = json!({ "since": "2000-01-01", "access_code_id": a.own[filter] });
        let events = world.expect_ok(a.caller(""), "/events/list", params);
        let events = events["events"].as_array().expect("events");
        let about = |it: &Value| it["access_code_id"] == a.own["access_code"].as_str();
        assert!(
            events.iter().all(about) && events.is_empty() != any,
            "{filter}"
        );
    }
}

#[test]
fn single_events_and_attempts_are_scoped_and_attempts_are_not_listed() {
    assert_refused(|b| {
        let attempt = json!({ "action_attempt_id": b.own["attempt"] });
        let attempts = json!({ "action_attempt_ids": [b.own["attempt"]] });
        vec![
            (
                "/action_attempts/get",
                attempt,
                (404, "action_attempt_not_found"),
            ),
            ("/action_attempts/list", attempts, (401, "unauthorized")),
        ]
    });
    let (mut world, a, b) = world(404);
    let event = json!({ "event_id": b.own["event"] });
    let none = world.expect_ok(a.caller(""), "/events/get", event);
    assert!(none.get("event").is_none(), "{none}");
}

#[test]
fn an_account_is_scoped_and_read_only_for_a_session() {
    assert_refused(|b| {
        let account = json!({ "connected_account_id": b.own["account"] });
        let denied = (401, "unauthorized");
        vec![
            (
                "/connected_accounts/get",
                account.clone(),
                (404, "connected_account_not_found"),
            ),
            ("/connected_accounts/list", json!({}), denied),
            ("/connected_accounts/delete", account.clone(), denied),
            ("/connected_accounts/update", account, denied),
        ]
    });
}

#[test]
fn webviews_are_scoped() {
    let (mut world, a, b) = world(404);
    let list = "/connect_webviews/list";
    let ids = listed(
        &mut world,
        a.caller(""),
        list,
        "connect_webviews",
        "connect_webview_id",
    );
    assert_eq!(ids, [a.own["webview"].as_str()]);
    let other = json!({ "connect_webview_id": b.own["webview"] });
    let refused = world.post(a.caller(""), "/connect_webviews/get", other);
    assert_eq!(refused.error(), (404, "connect_webview_not_found"));
}

#[test]
fn routes_that_take_no_sessions_refuse_them() {
    assert_refused(|b| {
        let denied = (401, "unauthorized");
        let session = json!({ "client_session_id": b.own["session"] });
        vec![
            ("/webhooks/list", json!({}), denied),
            ("/user_identities/create", json!({}), denied),
            ("/client_sessions/list", json!({}), denied),
            ("/client_sessions/delete", session, denied),
        ]
    });
}

#[test]
fn an_api_key_finds_or_opens_sessions_and_ends_them() {
    let mut world = World::new();
    let path = "/client_sessions/get_or_create";
    let key = json!({ "user_identifier_key": "jane" });
    let opened = world.expect_ok(&Caller::ApiKey, path, key.clone())["client_session"].clone();
    let found = world.expect_ok(&Caller::ApiKey, path, key)["client_session"].clone();
    assert_eq!(found["client_session_id"], opened["client_session_id"]);
    let user = Caller::Token(text(&opened["token"]));
    assert_eq!(world.post(&user, "/devices/list", json!({})).status, 200);
    let id = json!({ "client_session_id": opened["client_session_id"] });
    world.expect_ok(&Caller::ApiKey, "/client_sessions/revoke", id);
    assert_eq!(world.post(&user, "/devices/list", json!({})).status, 401);
}

#[test]
fn the_routes_of_user_identities_and_their_grants_exist() {
    let mut world = World::new();
    let (identity, device) = (world.identity("jane"), world.device("Front Door"));
    let accessible = |world: &mut World| {
        let params = json!({ "user_identity_id": identity });
        let path = "/user_identities/list_accessible_devices";
        let response = world.post(&Caller::ApiKey, path, params);
        response.device_ids()
    };
    world.grant(&identity, &device);
    assert_eq!(accessible(&mut world), [device.as_str()]);
    world.revoke(&identity, &device);
    assert!(accessible(&mut world).is_empty());
}

#[test]
fn the_url_of_the_next_page_has_the_documented_page_cursor() {
    let (mut world, a, _) = world(404);
    let page = world.expect_ok(a.caller(""), "/devices/list", json!({ "limit": 1 }));
    let pagination = &page["pagination"];
    let url = text(&pagination["next_page_url"]);
    let cursor = text(&pagination["next_page_cursor"]);
    assert!(url.contains(&format!("page_cursor={cursor}")) && !url.contains("next_page_cursor"));
}

#[test]
fn device_ids_must_be_uuids() {
    let (mut world, a, _) = world(404);
    let invalid_value = json!({ "device_ids": ["august_device_1"] });
    let refused = world.post(a.caller(""), "/devices/list", invalid_value);
    assert_eq!(refused.error(), (400, "invalid_input"));
}

#[test]
fn a_completed_webview_gives_its_account_to_the_session_that_created_it() {
    let (mut world, _, b) = world(404);
    let first = Caller::Token(text(&world.session(json!({}))["token"]));
    let second = Caller::Token(text(&world.session(json!({}))["token"]));
    let created = world.expect_ok(&second, "/connect_webviews/create", json!({}));
    let id = json!({ "connect_webview_id": created["connect_webview"]["connect_webview_id"] });
    world.expect_ok(&Caller::ApiKey, "/_sandbox/complete_connect_webview", id);
    let count = |world: &mut World, caller: &Caller| {
        world
            .post(caller, "/devices/list", json!({}))
            .device_ids()
            .len()
    };
    assert_eq!(count(&mut world, &second), 1);
    assert_eq!(count(&mut world, &first), 0);
    assert_eq!(count(&mut world, b.caller("")), 7);
}

#[test]
fn devices_have_their_capability_flags_and_uuids() {
    let mut world = World::new();
    let devices = world.expect_ok(&Caller::ApiKey, "/devices/list", json!({}));
    for device in devices["devices"].as_array().expect("devices") {
        let id = text(&device["device_id"]);
        assert!(id.len() == 36 && id.matches('-').count() == 4, "{id}");
        let capabilities = &device["capabilities_supported"];
        let capabilities = capabilities.as_array().expect("a list");
        let members = device.as_object().expect("an object");
        let has_flags = members.keys().any(|it| it.starts_with("can_"));
        let is_sensor = text(&device["device_type"]) == "minut_sensor";
        assert_eq!(has_flags, !is_sensor, "{id}");
        let is_thermostat = text(&device["device_type"]) == "ecobee_thermostat";
        assert!(!(is_thermostat && capabilities.contains(&json!("lock"))));
    }
}

#[test]
fn a_door_has_a_rate_limit_with_retry_after() {
    let (mut world, a, _) = world(404);
    let params = json!({ "device_id": a.own["lock"] }).to_string();
    let token = a.token();
    let headers = [("client-session-token", token)];
    let responses: Vec<_> = (0..17)
        .map(|_| world.raw("POST", "/locks/unlock_door", &headers, &params))
        .collect();
    let last = responses.last().expect("an answer");
    assert_eq!(last.status, 429);
    assert!(last.headers.iter().any(|(name, _)| name == "retry-after"));
}
