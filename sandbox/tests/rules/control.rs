//! The sandbox's own routes: the state, the clock, the end of a session, what was covered.

use seam_session_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::world::{A_MOMENT, By, World, text};

const OWN: [(&str, &str); 11] = [
    ("GET", "/_sandbox/clock"),
    ("POST", "/_sandbox/clock"),
    ("GET", "/_sandbox/coverage"),
    ("DELETE", "/_sandbox/coverage"),
    ("POST", "/_sandbox/end_session"),
    ("GET", "/_sandbox/explain"),
    ("GET", "/_sandbox/faults"),
    ("POST", "/_sandbox/faults"),
    ("DELETE", "/_sandbox/faults"),
    ("GET", "/_sandbox/state"),
    ("POST", "/_sandbox/state"),
];

fn demo(world: &World) -> By {
    By::Token(world.sandbox.info().client_session_token)
}

/// The whole state as its route gives it.
fn state(world: &mut World) -> String {
    let key = format!("Bearer {}", world.sandbox.info().api_key);
    let headers = [("authorization", key.as_str())];
    let answer = world.raw("GET", "/_sandbox/state", &headers, "");
    assert_eq!(answer.status, 200);
    answer.body
}

/// A workspace in which something of most kinds has happened.
fn lived_in() -> World {
    let mut world = World::new();
    let jane = world.identity("jane");
    let door = world.device("Front Door");
    world.grant(&jane, &door);
    let token = world.token(&jane);
    world.done(&token, "/locks/unlock_door", json!({ "device_id": door }));
    world.now += A_MOMENT;
    world.done(&token, "/devices/list", json!({}));
    // One that is pending when the state is written down, and a limit half used up.
    world.done(&token, "/locks/lock_door", json!({ "device_id": door }));
    world.done(
        &By::Key,
        "/_sandbox/faults",
        json!({ "fault": "latency", "latency_ms": 5, "path": "/locks/*", "times": 9 }),
    );
    world.done(&By::Key, "/_sandbox/clock", json!({ "advance_ms": 100 }));
    world
}

#[test]
fn only_an_api_key_may_call_the_sandboxs_own_routes() {
    let mut world = World::new();
    for by in [demo(&world), By::Publishable, By::Nobody] {
        let before = world.sandbox.snapshot();
        for (method, path) in OWN {
            let refused = world.ask(&by, method, path, "");
            assert_eq!(refused.error(), (401, "unauthorized"), "{method} {path}");
        }
        assert_eq!(world.sandbox.snapshot(), before);
    }
}

#[test]
fn the_error_about_an_unknown_own_route_lists_the_known_ones() {
    let mut world = World::new();
    let refused = world.get(&By::Key, "/_sandbox/fault");
    assert_eq!(refused.error(), (404, "not_found"));
    let message = text(&refused.body["error"]["message"]);
    for (_, path) in OWN {
        assert!(message.contains(path), "{path}: {message}");
    }
    let refused = world.ask(&By::Key, "PUT", "/_sandbox/faults", "");
    assert_eq!(refused.error(), (405, "method_not_allowed"));
    let message = text(&refused.body["error"]["message"]);
    assert_eq!(message, "only GET, POST, DELETE accepted");
}

#[test]
fn a_restored_state_equals_the_saved_one() {
    for mut world in [
        World::new(),
        lived_in(),
        World::with(json!({ "devices": 60 })),
    ] {
        let before = state(&mut world);
        let snapshot = world.sandbox.snapshot();
        let info = world.sandbox.info();

        let mut other = World::with(json!({ "random_seed": 7, "faults": [{ "fault": "outage" }] }));
        let put = other.ask(&By::Key, "POST", "/_sandbox/state", &before);
        assert_eq!(put.status, 200, "{}", put.body);

        assert_eq!(other.sandbox.snapshot(), snapshot);
        let told = other.sandbox.info();
        assert_eq!(told.api_key, info.api_key);
        assert_eq!(told.client_session_token, info.client_session_token);
        assert_eq!(told.device_ids, info.device_ids);
        other.now = world.now;
        assert_eq!(state(&mut other), before);
    }
}

#[test]
fn a_restored_sandbox_continues_as_the_saved_one_would() {
    let mut world = lived_in();
    let door = world.device("Front Door");
    let saved = state(&mut world);
    let mut other = World::with(json!({ "random_seed": 7 }));
    other.ask(&By::Key, "POST", "/_sandbox/state", &saved);
    other.now = world.now;
    let asked = [
        ("/client_sessions/create", json!({})),
        ("/locks/unlock_door", json!({ "device_id": door })),
        (
            "/user_identities/create",
            json!({ "user_identity_key": "new" }),
        ),
        ("/devices/list", json!({})),
        ("/client_sessions/list", json!({})),
    ];
    for (path, params) in asked {
        for world in [&mut world, &mut other] {
            world.now += A_MOMENT;
        }
        let [one, two] = [&mut world, &mut other].map(|it| it.post(&By::Key, path, params.clone()));
        assert_eq!(one, two, "{path}");
        assert_eq!(one.status, 200, "{path}");
    }
}

#[test]
fn an_invalid_state_changes_nothing_and_is_not_quoted() {
    let mut world = lived_in();
    let saved = state(&mut world);
    let whole: Value = serde_json::from_str(&saved).expect("JSON");
    let mut newer = whole.clone();
    newer["state"]["format"] = json!(2);
    let mut odd = whole.clone();
    odd["state"]["clock"] = json!("seam_cst1secret_secret");
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
        odd.to_string(),
        lacking.to_string(),
    ] {
        let refused = world.ask(&By::Key, "POST", "/_sandbox/state", &body);
        assert_eq!(refused.error(), (400, "invalid_input"), "{body:.80}");
        assert!(!refused.body.to_string().contains("seam_"), "{body:.80}");
        assert_eq!(world.sandbox.snapshot(), before, "{body:.80}");
    }
}

#[test]
fn moving_the_clock_forward_runs_due_tasks() {
    let mut world = World::new();
    let session = world.session(json!({ "expires_at": "2026-11-23T09:30:00Z" }));
    let token = By::Token(text(&session["token"]));
    assert_eq!(world.get(&token, "/devices/list").status, 200);

    let moved = world.done(
        &By::Key,
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
    let later = world.get(&By::Key, "/_sandbox/clock").body;
    assert_eq!(later["clock"]["now"], "2026-11-23T09:30:01.000Z");
    let to = json!({ "to": "2027-01-01T00:00:00Z" });
    let moved = world.done(&By::Key, "/_sandbox/clock", to.clone());
    assert_eq!(moved["clock"]["now"], "2027-01-01T00:00:00.000Z");
    for params in [
        json!({ "to": "2026-12-31T23:59:59Z" }),
        json!({ "advance_ms": -1 }),
        json!({ "advance_ms": 0.5 }),
        json!({ "advance_ms": 1, "to": "2028-01-01T00:00:00Z" }),
        json!({ "to": "tomorrow" }),
        json!({}),
    ] {
        let refused = world.post(&By::Key, "/_sandbox/clock", params.clone());
        assert_eq!(refused.error(), (400, "invalid_input"), "{params}");
    }
}

#[test]
fn the_clock_continues_after_the_host_clock_was_set_back() {
    let mut world = World::new();
    let session = world.session(json!({ "expires_at": "2026-11-23T08:30:02Z" }));
    let token = By::Token(text(&session["token"]));
    world.now -= 3_600_000;
    assert_eq!(world.get(&token, "/devices/list").status, 200);
    world.now += 1_999;
    assert_eq!(world.get(&token, "/devices/list").status, 200);

    world.now += 1;

    let expired = world.get(&token, "/devices/list");
    assert_eq!(expired.error(), (401, "client_session_expired"));
    // Once the time outside has overtaken, it is followed.
    world.now += 7_200_000;
    let clock = world.get(&By::Key, "/_sandbox/clock").body;
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
        world.done(&By::Key, "/_sandbox/clock", json!({ "advance_ms": 60_000 }));
        let state = world.get(&By::Key, "/_sandbox/state").body;
        let options = serde_json::from_value(json!({})).expect("options");
        world.now = world.now.saturating_add_signed(outside);
        world.sandbox = Sandbox::new(options, world.now).expect("a valid seed");

        world.done(&By::Key, "/_sandbox/state", state);

        let clock = world.get(&By::Key, "/_sandbox/clock").body;
        assert_eq!(clock["clock"]["now"], resumed);
        world.now += 1_000;
        let clock = world.get(&By::Key, "/_sandbox/clock").body;
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
            world.done(&By::Key, "/_sandbox/end_session", params);
            let token = By::Token(text(&session["token"]));
            let refused = world.get(&token, "/devices/list");
            assert_eq!(refused.error(), (401, kind), "{how}");
            assert_eq!(world.get(&other, "/devices/list").status, 200);
        }
    }
    let mut world = World::new();
    let unknown = json!({ "client_session_token": "seam_cst1x" });
    let refused = world.post(&By::Key, "/_sandbox/end_session", unknown);
    assert_eq!(refused.error(), (404, "client_session_not_found"));
    let refused = world.post(&By::Key, "/_sandbox/end_session", json!({}));
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
    let nowhere = "33333333-3333-4333-8333-333333333333";
    world.post(&token, "/locks/get", json!({ "device_id": nowhere }));
    world.get(&By::Key, "/workspaces/get");

    let told = world.get(&By::Key, "/_sandbox/coverage").body["coverage"].take();

    assert_eq!(told["routes"], 71);
    assert_eq!(
        (&told["in_scope"], &told["out_of_scope"]),
        (&json!(2), &json!(1))
    );
    let by_route = told["by_route"].as_array().expect("a list");
    assert_eq!(by_route.len(), 71);
    let of = |path: &str| {
        let row = by_route.iter().find(|it| it["path"] == path).expect(path);
        ["in_scope", "out_of_scope", "other"].map(|it| row[it].as_u64().expect("a number"))
    };
    assert_eq!(of("/devices/list"), [1, 0, 0]);
    assert_eq!(of("/devices/get"), [1, 1, 1]);
    // What is not there at all is no test of scope.
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

    world.ask(&By::Key, "DELETE", "/_sandbox/coverage", "");
    let told = world.get(&By::Key, "/_sandbox/coverage").body["coverage"].take();
    assert_eq!(told["in_scope"], 0);
}
