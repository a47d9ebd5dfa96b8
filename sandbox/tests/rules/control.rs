//! The sandbox's own routes: state, clock, end of a session, coverage.

use seam_session_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World, text};

const OWN_ROUTES: [(&str, &str); 13] = [
    ("GET", "/_sandbox/clock"),
    ("POST", "/_sandbox/clock"),
    ("GET", "/_sandbox/coverage"),
    ("DELETE", "/_sandbox/coverage"),
    ("POST", "/_sandbox/end_session"),
    ("GET", "/_sandbox/explain"),
    ("GET", "/_sandbox/faults"),
    ("POST", "/_sandbox/faults"),
    ("DELETE", "/_sandbox/faults"),
    ("POST", "/_sandbox/open_session"),
    ("POST", "/_sandbox/reset"),
    ("GET", "/_sandbox/state"),
    ("POST", "/_sandbox/state"),
];

fn demo(world: &World) -> Caller {
    Caller::Token(world.sandbox.info().client_session_token)
}

/// Returns the whole state, through its route.
fn state(world: &mut World) -> String {
    let key = format!("Bearer {}", world.sandbox.info().api_key);
    let headers = [("authorization", key.as_str())];
    let response = world.raw("GET", "/_sandbox/state", &headers, "");
    assert_eq!(response.status, 200);
    response.body
}

/// Returns a workspace in which most kinds of changes have been made.
fn used_workspace() -> World {
    let mut world = World::new();
    let jane = world.identity("jane");
    let door = world.device("Front Door");
    world.grant(&jane, &door);
    let token = world.token(&jane);
    world.expect_ok(&token, "/locks/unlock_door", json!({ "device_id": door }));
    world.now += AFTER_ATTEMPT;
    world.expect_ok(&token, "/devices/list", json!({}));
    // An attempt that is pending when the state is saved, and a rate limit that is half used.
    world.expect_ok(&token, "/locks/lock_door", json!({ "device_id": door }));
    world.expect_ok(
        &Caller::ApiKey,
        "/_sandbox/faults",
        json!({ "fault": "latency", "latency_ms": 5, "path": "/locks/*", "times": 9 }),
    );
    world.expect_ok(
        &Caller::ApiKey,
        "/_sandbox/clock",
        json!({ "advance_ms": 100 }),
    );
    world
}

#[test]
fn only_an_api_key_may_call_the_sandboxs_own_routes() {
    let mut world = World::new();
    for caller in [demo(&world), Caller::Publishable, Caller::Nobody] {
        let before = world.sandbox.snapshot();
        for (method, path) in OWN_ROUTES {
            let refused = world.send(&caller, method, path, "");
            assert_eq!(refused.error(), (401, "unauthorized"), "{method} {path}");
        }
        assert_eq!(world.sandbox.snapshot(), before);
    }
}

#[test]
fn the_error_about_an_unknown_own_route_lists_the_known_ones() {
    let mut world = World::new();
    let refused = world.get(&Caller::ApiKey, "/_sandbox/fault");
    assert_eq!(refused.error(), (404, "not_found"));
    let message = text(&refused.body["error"]["message"]);
    for (_, path) in OWN_ROUTES {
        assert!(message.contains(path), "{path}: {message}");
    }
    let refused = world.send(&Caller::ApiKey, "PUT", "/_sandbox/faults", "");
    assert_eq!(refused.error(), (405, "method_not_allowed"));
    let message = text(&refused.body["error"]["message"]);
    assert_eq!(message, "only GET, POST, DELETE accepted");
}

#[test]
fn a_restored_state_equals_the_saved_one() {
    for mut world in [
        World::new(),
        used_workspace(),
        World::with(json!({ "devices": 60 })),
    ] {
        let before = state(&mut world);
        let snapshot = world.sandbox.snapshot();
        let info = world.sandbox.info();

        let mut other = World::with(json!({ "random_seed": 7, "faults": [{ "fault": "outage" }] }));
        let put = other.send(&Caller::ApiKey, "POST", "/_sandbox/state", &before);
        assert_eq!(put.status, 200, "{}", put.body);

        assert_eq!(other.sandbox.snapshot(), snapshot);
        let other_info = other.sandbox.info();
        assert_eq!(other_info.api_key, info.api_key);
        assert_eq!(other_info.client_session_token, info.client_session_token);
        assert_eq!(other_info.device_ids, info.device_ids);
        other.now = world.now;
        assert_eq!(state(&mut other), before);
    }
}

#[test]
fn a_restored_sandbox_continues_as_the_saved_one_would() {
    let mut world = used_workspace();
    let door = world.device("Front Door");
    let saved = state(&mut world);
    let mut other = World::with(json!({ "random_seed": 7 }));
    other.send(&Caller::ApiKey, "POST", "/_sandbox/state", &saved);
    other.now = world.now;
    let requested = [
        ("/client_sessions/create", json!({})),
        ("/locks/unlock_door", json!({ "device_id": door })),
        (
            "/user_identities/create",
            json!({ "user_identity_key": "new" }),
        ),
        ("/devices/list", json!({})),
        ("/client_sessions/list", json!({})),
    ];
    for (path, params) in requested {
        for world in [&mut world, &mut other] {
            world.now += AFTER_ATTEMPT;
        }
        let [one, two] =
            [&mut world, &mut other].map(|it| it.post(&Caller::ApiKey, path, params.clone()));
        assert_eq!(one, two, "{path}");
        assert_eq!(one.status, 200, "{path}");
    }
}

#[test]
fn a_state_that_was_saved_before_personal_access_tokens_gets_one() {
    let mut world = World::new();
    let mut saved: Value = serde_json::from_str(&state(&mut world)).expect("JSON");
    let workspace = saved["state"]["workspace"]["workspace"].as_object_mut();
    let removed = workspace
        .expect("an object")
        .shift_remove("personal_access_token");
    assert!(removed.is_some_and(|it| it.is_string()));
    world.expect_ok(&Caller::ApiKey, "/_sandbox/state", saved);
    let info = world.sandbox.info();
    let authorization = format!("Bearer {}", info.personal_access_token);
    let headers = [
        ("authorization", authorization.as_str()),
        ("seam-workspace", info.workspace_id.as_str()),
    ];
    assert_eq!(world.raw("GET", "/devices/list", &headers, "").status, 200);
}

#[test]
fn an_invalid_state_changes_nothing_and_is_not_quoted() {
    let mut world = used_workspace();
    let saved = state(&mut world);
    let whole: Value = serde_json::from_str(&saved).expect("JSON");
    let mut newer = whole.clone();
    newer["state"]["format"] = json!(2);
    let mut invalid_value = whole.clone();
    invalid_value["state"]["clock"] = json!("seam_cst1secret_secret");
    let mut lacking = whole;
    lacking["state"]["workspace"]
        .as_object_mut()
        .expect("an object")
        .shift_remove("devices");
    let cut = saved[..saved.len() / 2].to_owned();
    let before = world.sandbox.snapshot();
    for body in [
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        cut,
        newer.to_string(),
        invalid_value.to_string(),
        lacking.to_string(),
    ] {
        let refused = world.send(&Caller::ApiKey, "POST", "/_sandbox/state", &body);
        assert_eq!(refused.error(), (400, "invalid_input"), "{body:.80}");
        assert!(!refused.body.to_string().contains("seam_"), "{body:.80}");
        assert_eq!(world.sandbox.snapshot(), before, "{body:.80}");
    }
}

#[test]
fn moving_the_clock_forward_runs_due_tasks() {
    let mut world = World::new();
    let session = world.session(json!({ "expires_at": "2026-11-23T09:30:00Z" }));
    let token = Caller::Token(text(&session["token"]));
    assert_eq!(world.get(&token, "/devices/list").status, 200);

    let moved = world.expect_ok(
        &Caller::ApiKey,
        "/_sandbox/clock",
        json!({ "advance_ms": 3_600_000 }),
    );

    assert_eq!(
        moved["clock"],
        json!({ "now": "2026-11-23T09:30:00.000Z", "ahead_ms": 3_600_000 })
    );
    let expired = world.get(&token, "/devices/list");
    assert_eq!(expired.error(), (401, "client_session_expired"));
    world.now += 1_000;
    let later = world.get(&Caller::ApiKey, "/_sandbox/clock").body;
    assert_eq!(later["clock"]["now"], "2026-11-23T09:30:01.000Z");
    let to = json!({ "to": "2027-01-01T00:00:00Z" });
    let moved = world.expect_ok(&Caller::ApiKey, "/_sandbox/clock", to.clone());
    assert_eq!(moved["clock"]["now"], "2027-01-01T00:00:00.000Z");
    for params in [
        json!({ "to": "2026-12-31T23:59:59Z" }),
        json!({ "advance_ms": -1 }),
        json!({ "advance_ms": 0.5 }),
        json!({ "advance_ms": 1, "to": "2028-01-01T00:00:00Z" }),
        json!({ "to": "tomorrow" }),
        json!({}),
    ] {
        let refused = world.post(&Caller::ApiKey, "/_sandbox/clock", params.clone());
        assert_eq!(refused.error(), (400, "invalid_input"), "{params}");
    }
}

#[test]
fn the_clock_continues_after_the_host_clock_was_set_back() {
    let mut world = World::new();
    let session = world.session(json!({ "expires_at": "2026-11-23T08:30:02Z" }));
    let token = Caller::Token(text(&session["token"]));
    world.now -= 3_600_000;
    assert_eq!(world.get(&token, "/devices/list").status, 200);
    world.now += 1_999;
    assert_eq!(world.get(&token, "/devices/list").status, 200);

    world.now += 1;

    let expired = world.get(&token, "/devices/list");
    assert_eq!(expired.error(), (401, "client_session_expired"));
    // When the host's clock is ahead again, it is followed.
    world.now += 7_200_000;
    let clock = world.get(&Caller::ApiKey, "/_sandbox/clock").body;
    assert_eq!(clock["clock"]["now"], "2026-11-23T09:30:02.000Z");
}

#[test]
fn a_saved_clock_continues_from_its_own_time_or_a_later_host_time() {
    for (outside, resumed, later) in [
        (
            -3_600_000,
            "2026-11-23T08:31:00.000Z",
            "2026-11-23T08:31:01.000Z",
        ),
        (
            3_600_000,
            "2026-11-23T09:31:00.000Z",
            "2026-11-23T09:31:01.000Z",
        ),
    ] {
        let mut world = World::new();
        world.expect_ok(
            &Caller::ApiKey,
            "/_sandbox/clock",
            json!({ "advance_ms": 60_000 }),
        );
        let state = world.get(&Caller::ApiKey, "/_sandbox/state").body;
        let options = serde_json::from_value(json!({})).expect("options");
        world.now = world.now.saturating_add_signed(outside);
        world.sandbox = Sandbox::new(options, world.now).expect("a valid seed");

        world.expect_ok(&Caller::ApiKey, "/_sandbox/state", state);

        let clock = world.get(&Caller::ApiKey, "/_sandbox/clock").body;
        assert_eq!(clock["clock"]["now"], resumed);
        world.now += 1_000;
        let clock = world.get(&Caller::ApiKey, "/_sandbox/clock").body;
        assert_eq!(clock["clock"]["now"], later);
    }
}

#[test]
fn end_session_expires_or_revokes_a_session() {
    for (how, kind) in [
        (json!({}), "client_session_expired"),
        (json!({ "how": "expired" }), "client_session_expired"),
        (json!({ "how": "revoked" }), "client_session_revoked"),
    ] {
        for by_token in [true, false] {
            let mut world = World::new();
            let session = world.session(json!({}));
            let other = demo(&world);
            let (name, value) = if by_token {
                ("client_session_token", &session["token"])
            } else {
                ("client_session_id", &session["client_session_id"])
            };
            let mut params = how.clone();
            params[name] = value.clone();
            world.expect_ok(&Caller::ApiKey, "/_sandbox/end_session", params);
            let token = Caller::Token(text(&session["token"]));
            let refused = world.get(&token, "/devices/list");
            assert_eq!(refused.error(), (401, kind), "{how}");
            assert_eq!(world.get(&other, "/devices/list").status, 200);
        }
    }
    let mut world = World::new();
    let unknown = json!({ "client_session_token": "seam_cst1x" });
    let refused = world.post(&Caller::ApiKey, "/_sandbox/end_session", unknown);
    assert_eq!(refused.error(), (404, "client_session_not_found"));
    let refused = world.post(&Caller::ApiKey, "/_sandbox/end_session", json!({}));
    assert_eq!(refused.error(), (400, "invalid_input"));
}

#[test]
fn coverage_counts_calls_of_sessions_in_and_out_of_scope() {
    let mut world = World::new();
    let token = demo(&world);
    let (front, back) = (world.device("Front Door"), world.device("Back Door"));
    world.get(&token, "/devices/list");
    world.post(&token, "/devices/get", json!({ "device_id": front }));
    world.post(&token, "/devices/get", json!({ "device_id": back }));
    world.post(&token, "/devices/get", json!({ "device_id": "x" }));
    let nonexistent = "33333333-3333-4333-8333-333333333333";
    world.post(&token, "/locks/get", json!({ "device_id": nonexistent }));
    world.get(&Caller::ApiKey, "/workspaces/get");

    let coverage = world.get(&Caller::ApiKey, "/_sandbox/coverage").body["coverage"].take();

    assert_eq!(coverage["routes"], 71);
    assert_eq!(
        (&coverage["in_scope"], &coverage["out_of_scope"]),
        (&json!(2), &json!(1))
    );
    let by_route = coverage["by_route"].as_array().expect("a list");
    assert_eq!(by_route.len(), 71);
    let of = |path: &str| {
        let row = by_route.iter().find(|it| it["path"] == path).expect(path);
        ["in_scope", "out_of_scope", "other"].map(|it| row[it].as_u64().expect("a number"))
    };
    assert_eq!(of("/devices/list"), [1, 0, 0]);
    assert_eq!(of("/devices/get"), [1, 1, 1]);
    // A record that does not exist is no test of scope.
    assert_eq!(of("/locks/get"), [0, 0, 1]);
    assert_eq!(of("/workspaces/get"), [0, 0, 0]);

    let key = format!("Bearer {}", world.sandbox.info().api_key);
    let headers = [("authorization", key.as_str())];
    let table = world.raw("GET", "/_sandbox/coverage?format=text", &headers, "");
    assert!(
        table
            .headers
            .iter()
            .any(|(_, it)| it.starts_with("text/plain"))
    );
    assert_eq!(table.body.lines().count(), 71 + 3);
    assert!(
        table
            .body
            .ends_with("Of 71 routes 2 in scope, 1 out of scope.\n")
    );

    world.send(&Caller::ApiKey, "DELETE", "/_sandbox/coverage", "");
    let coverage = world.get(&Caller::ApiKey, "/_sandbox/coverage").body["coverage"].take();
    assert_eq!(coverage["in_scope"], 0);
}

#[test]
fn a_reset_sandbox_equals_a_new_one() {
    for options in [
        json!({}),
        json!({ "devices": 60, "random_seed": 7, "faults": [{ "fault": "latency", "latency_ms": 1 }] }),
        json!({ "seed": { "devices": [{ "device_type": "yale_lock", "display_name": "Cabin" }] } }),
    ] {
        let mut world = World::with(options.clone());
        let info = world.sandbox.info();
        world.session(json!({}));
        world.expect_ok(
            &Caller::ApiKey,
            "/_sandbox/faults",
            json!({ "fault": "outage" }),
        );
        let forward = json!({ "advance_ms": 3_600_000 });
        world.expect_ok(&Caller::ApiKey, "/_sandbox/clock", forward);

        let reset = world.post(&Caller::ApiKey, "/_sandbox/reset", json!({}));

        assert_eq!(reset.status, 200, "{}", reset.body);
        assert_eq!(
            world.sandbox.snapshot(),
            World::with(options).sandbox.snapshot()
        );
        let after = world.sandbox.info();
        assert_eq!(after.api_key, info.api_key);
        assert_eq!(after.client_session_token, info.client_session_token);
        let clock = world.get(&Caller::ApiKey, "/_sandbox/clock").body;
        assert_eq!(
            clock["clock"],
            json!({ "now": "2026-11-23T08:30:00.000Z", "ahead_ms": 0 })
        );
    }
}

#[test]
fn open_session_signs_in_a_user_by_key_or_id() {
    let mut world = World::new();
    let jane = world.identity("jane");
    let door = world.device("Front Door");
    world.grant(&jane, &door);
    // No injected fault applies to it.
    world.expect_ok(
        &Caller::ApiKey,
        "/_sandbox/faults",
        json!({ "fault": "outage" }),
    );
    let mut open = |params: Value| {
        let opened = world.expect_ok(&Caller::ApiKey, "/_sandbox/open_session", params);
        opened["client_session"].clone()
    };

    let session = open(json!({ "user_identity_key": "jane" }));

    assert_eq!(session["user_identity_id"], jane.as_str());
    assert_eq!(session["device_count"], 1);
    assert_eq!(session["expires_at"], "2027-11-23T08:30:00.000Z");
    let again = open(json!({ "user_identity_id": jane, "expires_in_ms": 1_000 }));
    assert_eq!(again["token"], session["token"]);
    assert_eq!(again["expires_at"], "2026-11-23T08:30:01.000Z");
}

#[test]
fn open_session_says_which_users_there_are() {
    let mut world = World::new();
    world.identity("jane");
    for (params, error, message) in [
        (
            json!({ "user_identity_key": "jan" }),
            (404, "user_identity_not_found"),
            "No user identity has the key jan: this workspace has demo-user, jane",
        ),
        (
            json!({ "user_identity_id": "33333333-3333-4333-8333-333333333333" }),
            (400, "user_identity_not_found"),
            "User identity not found",
        ),
        (
            json!({}),
            (400, "invalid_input"),
            "one of user_identity_id and user_identity_key is required",
        ),
        (
            json!({ "user_identity_key": "jane", "user_identity_id": "33333333-3333-4333-8333-333333333333" }),
            (400, "invalid_input"),
            "one of user_identity_id and user_identity_key is required",
        ),
    ] {
        let refused = world.post(&Caller::ApiKey, "/_sandbox/open_session", params.clone());
        assert_eq!(refused.error(), error, "{params}");
        assert_eq!(refused.body["error"]["message"], message);
    }
}
