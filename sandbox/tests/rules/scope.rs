//! What a session may see and do, and what it may not.

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, ApiResponse, Caller, World, text};

/// Requests that name one device in every possible way, as (method, target, body).
fn requests_for(device: &str) -> Vec<(&'static str, String, String)> {
    let body = json!({ "device_id": device }).to_string();
    let mut requests = Vec::new();
    for path in [
        "/devices/get",
        "/devices/update",
        "/locks/get",
        "/noise_sensors/noise_thresholds/list",
        "/locks/lock_door",
        "/locks/unlock_door",
    ] {
        requests.push(("POST", path.to_owned(), body.clone()));
    }
    for path in ["/devices/get", "/locks/get"] {
        requests.push(("GET", format!("{path}?device_id={device}"), String::new()));
    }
    requests
}

#[test]
fn a_device_outside_scope_is_refused_as_if_it_did_not_exist() {
    let mut world = World::new();
    let device = world.device("Back Door");
    let nonexistent = "11111111-1111-4111-8111-111111111111";
    let identity = world.identity("user-1");
    let other = world.identity("user-2");
    world.grant(&other, &device);
    let user = world.token(&identity);
    let owner = world.token(&other);
    let before = world.sandbox.snapshot();
    for (there, nonexistent) in requests_for(&device)
        .into_iter()
        .zip(requests_for(nonexistent))
    {
        let refused = world.send(&user, there.0, &there.1, &there.2);
        assert_eq!(refused.error(), (404, "device_not_found"), "{there:?}");
        let unknown = world.send(&user, nonexistent.0, &nonexistent.1, &nonexistent.2);
        assert_eq!(refused, unknown, "{there:?}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
    for (method, target, body) in requests_for(&device) {
        let response = world.send(&owner, method, &target, &body);
        assert_eq!(response.status, 200, "{target}");
    }
    assert_ne!(world.sandbox.snapshot(), before);
}

#[test]
fn with_401_for_out_of_scope_existing_and_unknown_devices_differ() {
    let mut world = World::with(json!({ "out_of_scope": 401 }));
    let device = world.device("Back Door");
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    let before = world.sandbox.snapshot();
    for (method, target, body) in requests_for(&device) {
        let refused = world.send(&user, method, &target, &body);
        let error = json!({
            "type": "unauthorized",
            "message": "Not authorized to view this device",
        });
        assert_eq!(refused.status, 401, "{target}");
        assert_eq!(
            refused.body,
            json!({ "error": error, "ok": false }),
            "{target}"
        );
    }
    for (method, target, body) in requests_for("11111111-1111-4111-8111-111111111111") {
        let refused = world.send(&user, method, &target, &body);
        assert_eq!(refused.error(), (404, "device_not_found"), "{target}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn names_are_resolved_within_scope() {
    for options in [json!({}), json!({ "out_of_scope": 401 })] {
        let mut world = World::with(options);
        let device = world.device("Front Door");
        let identity = world.identity("user-1");
        world.grant(&identity, &device);
        let user = world.token(&identity);
        let ask = |world: &mut World, name: &str| -> ApiResponse {
            world.post(&user, "/devices/get", json!({ "name": name }))
        };
        assert_eq!(
            text(&ask(&mut world, "Front Door").body["device"]["device_id"]),
            device
        );
        let refused = ask(&mut world, "Back Door");
        assert_eq!(refused.error(), (404, "device_not_found"));
        assert_eq!(refused, ask(&mut world, "No Door"));
    }
}

#[test]
fn a_filter_finds_nothing_outside_scope() {
    let mut world = World::new();
    let (own, foreign) = (world.device("Front Door"), world.device("Back Door"));
    let identity = world.identity("user-1");
    world.grant(&identity, &own);
    let user = world.token(&identity);
    let other = world.identity("user-2");
    world.grant(&other, &own);
    world.session(json!({ "user_identity_id": other, "user_identifier_key": "other" }));
    for (filter, found) in [
        (json!({ "device_ids": [own, foreign] }), true),
        (json!({ "device_ids": [foreign] }), false),
        (json!({ "search": "Back Door" }), false),
        (json!({ "search": foreign }), false),
        (json!({ "search": "Door" }), true),
        (json!({ "device_type": "schlage_lock" }), false),
        (json!({ "user_identifier_key": "other" }), false),
    ] {
        for path in ["/devices/list", "/locks/list"] {
            let listed = world.post(&user, path, filter.clone()).device_ids();
            let expected = if found { vec![own.clone()] } else { vec![] };
            assert_eq!(listed, expected, "{path} {filter}");
        }
    }
}

#[test]
fn grants_and_revocations_apply_from_the_next_request() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    let one = json!({ "device_id": device });
    for _ in 0..2 {
        assert_eq!(world.post(&user, "/devices/get", one.clone()).status, 404);
        world.grant(&identity, &device);
        assert_eq!(world.post(&user, "/devices/get", one.clone()).status, 200);
        world.revoke(&identity, &device);
    }
}

#[test]
fn a_session_sees_the_union_of_its_identity_accounts_and_webviews() {
    let mut world = World::with(json!({ "seed": {
        "connected_accounts": [
            { "name": "a" },
            { "name": "b" },
            { "name": "c", "connect_webview_id": "22222222-2222-4222-8222-222222222222" },
        ],
        "devices": [
            { "device_type": "yale_lock", "display_name": "A", "connected_account": "a" },
            { "device_type": "yale_lock", "display_name": "B", "connected_account": "b" },
            { "device_type": "yale_lock", "display_name": "C", "connected_account": "c" },
            { "device_type": "yale_lock", "display_name": "A2", "connected_account": "a" },
        ],
    }}));
    let device = |world: &mut World, name: &str| {
        let found = world.expect_ok(&Caller::ApiKey, "/devices/get", json!({ "name": name }));
        found["device"].clone()
    };
    let (a, b) = (device(&mut world, "A"), device(&mut world, "B"));
    let identity = world.identity("user-1");
    world.grant(&identity, &text(&a["device_id"]));
    let webview = "22222222-2222-4222-8222-222222222222";
    let session = world.session(json!({
        "user_identity_id": identity,
        "connected_account_ids": [b["connected_account_id"]],
        "connect_webview_ids": [webview],
    }));
    assert_eq!(session["device_count"], 3);
    let user = Caller::Token(text(&session["token"]));
    let names = |response: ApiResponse| response.ids("devices", "display_name");
    assert_eq!(names(world.get(&user, "/devices/list")), ["A", "B", "C"]);
    let by_webview = format!("/devices/list?connect_webview_id={webview}");
    assert_eq!(names(world.get(&user, &by_webview)), ["C"]);
    let by_account = text(&a["connected_account_id"]);
    let by_account = format!("/devices/list?connected_account_id={by_account}");
    assert_eq!(names(world.get(&user, &by_account)), ["A"]);
    assert_eq!(names(world.get(&Caller::ApiKey, &by_account)), ["A", "A2"]);
}

#[test]
fn a_session_that_is_associated_with_nothing_sees_nothing() {
    let mut world = World::new();
    let user = Caller::Token(text(&world.session(json!({}))["token"]));
    assert!(world.get(&user, "/devices/list").device_ids().is_empty());
    assert!(world.get(&user, "/locks/list").device_ids().is_empty());
    let identities = world.get(&user, "/user_identities/list");
    assert_eq!(identities.body["user_identities"], json!([]));
}

#[test]
fn a_session_sees_its_own_identity_and_no_other() {
    let mut world = World::new();
    let own = world.identity("user-1");
    let other = world.identity("user-2");
    let user = world.token(&own);
    let listed = world.get(&user, "/user_identities/list");
    assert_eq!(listed.ids("user_identities", "user_identity_id"), [own]);
    let target = format!("/user_identities/list?user_identity_ids={other}");
    assert_eq!(world.get(&user, &target).body["user_identities"], json!([]));
}

#[test]
fn a_session_sees_itself_and_no_other() {
    let mut world = World::new();
    let own = world.session(json!({ "user_identifier_key": "own" }));
    let other = world.session(json!({ "user_identifier_key": "other" }));
    let user = Caller::Token(text(&own["token"]));
    let get = "/client_sessions/get";
    for params in [
        json!({}),
        json!({ "client_session_id": own["client_session_id"] }),
        json!({ "user_identifier_key": "own" }),
    ] {
        assert_eq!(world.expect_ok(&user, get, params)["client_session"], own);
    }
    for params in [
        json!({ "client_session_id": other["client_session_id"] }),
        json!({ "user_identifier_key": "other" }),
        json!({ "user_identifier_key": "no such key" }),
    ] {
        let refused = world.post(&user, get, params);
        assert_eq!(refused.error(), (404, "client_session_not_found"));
    }
}

#[test]
fn a_session_does_not_see_the_publishable_key() {
    let mut world = World::new();
    let demo = Caller::Token(world.sandbox.info().client_session_token);
    let key = world.sandbox.info().publishable_key;
    let shown = world.get(&Caller::ApiKey, "/workspaces/get").body["workspace"].clone();
    assert_eq!(shown["publishable_key"], Value::String(key));
    let shown = world.get(&demo, "/workspaces/list").body["workspaces"][0].clone();
    assert_eq!(shown["publishable_key"], Value::Null);
    assert_eq!(shown["is_sandbox"], true);
}

#[test]
fn an_attempt_is_visible_to_the_requesting_identity_with_access_to_the_device() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let (one, two) = (world.identity("user-1"), world.identity("user-2"));
    world.grant(&one, &device);
    world.grant(&two, &device);
    let (first, same, other) = (world.token(&one), world.token(&one), world.token(&two));
    let one_lock = json!({ "device_id": device });
    let requested = world.expect_ok(&first, "/locks/unlock_door", one_lock.clone());
    let by_key = world.expect_ok(&Caller::ApiKey, "/locks/lock_door", one_lock);
    world.now += AFTER_ATTEMPT;
    let mut seen = |caller: &Caller, attempt: &Value| {
        let id = json!({ "action_attempt_id": attempt["action_attempt"]["action_attempt_id"] });
        world.post(caller, "/action_attempts/get", id).status
    };
    assert_eq!(seen(&first, &requested), 200);
    assert_eq!(seen(&same, &requested), 200);
    assert_eq!(seen(&Caller::ApiKey, &requested), 200);
    assert_eq!(seen(&other, &requested), 404);
    assert_eq!(seen(&first, &by_key), 404);
    assert_eq!(seen(&Caller::ApiKey, &by_key), 200);
    world.revoke(&one, &device);
    let id = json!({ "action_attempt_id": requested["action_attempt"]["action_attempt_id"] });
    let hidden = world.post(&first, "/action_attempts/get", id.clone());
    assert_eq!(hidden.error(), (404, "action_attempt_not_found"));
    assert_eq!(
        world
            .post(&Caller::ApiKey, "/action_attempts/get", id)
            .status,
        200
    );
}

#[test]
fn a_session_with_a_new_identity_does_not_see_its_earlier_attempts() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let (one, two) = (world.identity("user-1"), world.identity("user-2"));
    world.grant(&one, &device);
    world.grant(&two, &device);
    let account = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "device_id": device }),
    );
    let move_to = |world: &mut World, identity: Option<&str>| {
        let mut wanted = json!({
            "user_identifier_key": "key",
            "connected_account_ids": [account["device"]["connected_account_id"]],
        });
        if let Some(identity) = identity {
            wanted["user_identity_id"] = identity.into();
        }
        let found = world.expect_ok(&Caller::ApiKey, "/client_sessions/get_or_create", wanted);
        Caller::Token(text(&found["client_session"]["token"]))
    };
    let ask = |world: &mut World, caller: &Caller| {
        let requested =
            world.expect_ok(caller, "/locks/unlock_door", json!({ "device_id": device }));
        json!({ "action_attempt_id": requested["action_attempt"]["action_attempt_id"] })
    };
    let seen = |world: &mut World, caller: &Caller, attempts: &[&Value]| -> Vec<u16> {
        let attempts = attempts.iter().map(|it| (*it).clone());
        attempts
            .map(|it| world.post(caller, "/action_attempts/get", it).status)
            .collect()
    };
    let user = move_to(&mut world, None);
    let without = ask(&mut world, &user);
    assert_eq!(seen(&mut world, &user, &[&without]), [200]);
    let same = move_to(&mut world, Some(&one));
    assert_eq!(format!("{user:?}"), format!("{same:?}"));
    let by_one = ask(&mut world, &user);
    assert_eq!(seen(&mut world, &user, &[&without, &by_one]), [404, 200]);
    move_to(&mut world, Some(&two));
    let by_two = ask(&mut world, &user);
    let all = [&without, &by_one, &by_two];
    assert_eq!(seen(&mut world, &user, &all), [404, 404, 200]);
    let first = world.token(&one);
    assert_eq!(seen(&mut world, &first, &all), [404, 200, 404]);
    let nobody = world.session(json!({
        "connected_account_ids": [account["device"]["connected_account_id"]],
    }));
    let nobody = Caller::Token(text(&nobody["token"]));
    assert_eq!(seen(&mut world, &nobody, &all), [404, 404, 404]);
}
