//! Injected faults.

use seam_session_sandbox::{Connection, Request, Response};
use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World, text};

fn add(world: &mut World, fault: Value) -> Value {
    world.expect_ok(&Caller::ApiKey, "/_sandbox/faults", fault)["fault"].take()
}

fn faults(world: &mut World) -> usize {
    let listed = world.get(&Caller::ApiKey, "/_sandbox/faults").body;
    listed["faults"].as_array().expect("a list").len()
}

/// Makes a request with the API key over a fresh or a reused connection.
fn request_over(world: &mut World, connection: Connection, path: &str, params: Value) -> Response {
    let request = Request {
        method: "POST".to_owned(),
        target: path.to_owned(),
        headers: vec![(
            "authorization".to_owned(),
            format!("Bearer {}", world.sandbox.info().api_key),
        )],
        body: params.to_string().into_bytes(),
    };
    world.sandbox.handle_on(connection, &request, world.now)
}

fn fresh(world: &mut World, path: &str) -> Response {
    request_over(world, Connection::Fresh, path, json!({}))
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let found = response.headers.iter().find(|(it, _)| it == name);
    found.map(|(_, value)| value.as_str())
}

/// Locks the front door.
fn lock(world: &mut World, connection: Connection) -> Response {
    let device = world.device("Front Door");
    let params = json!({ "device_id": device });
    request_over(world, connection, "/locks/lock_door", params)
}

#[test]
fn an_outage_is_503_with_an_empty_body_until_it_is_removed() {
    let mut world = World::new();
    add(&mut world, json!({ "fault": "outage" }));
    for path in ["/devices/list", "/workspaces/get", "/webhooks/list"] {
        let response = fresh(&mut world, path);
        assert_eq!((response.status, response.body.as_str()), (503, ""));
    }
    let gone = world.send(&Caller::ApiKey, "DELETE", "/_sandbox/faults", "");
    assert_eq!(gone.status, 200);
    assert_eq!(fresh(&mut world, "/devices/list").status, 200);
}

#[test]
fn an_injected_rate_limit_has_retry_after() {
    let mut world = World::new();
    add(
        &mut world,
        json!({ "fault": "rate_limit", "path": "/devices/*", "retry_after": 7 }),
    );
    let refused = fresh(&mut world, "/devices/list");
    assert_eq!(refused.status, 429);
    assert_eq!(header(&refused, "retry-after"), Some("7"));
    assert_eq!(header(&refused, "content-type"), Some("application/json"));
    assert!(refused.body.contains("too_many_requests"));
    assert_eq!(fresh(&mut world, "/locks/list").status, 200);
}

#[test]
fn a_fault_with_times_applies_to_that_many_matching_requests() {
    let mut world = World::new();
    let path = "/devices/list";
    add(
        &mut world,
        json!({ "fault": "outage", "path": path, "times": 2 }),
    );
    let mut seen = Vec::new();
    for _ in 0..4 {
        assert_eq!(fresh(&mut world, "/locks/list").status, 200);
        seen.push(fresh(&mut world, path).status);
    }
    assert_eq!(seen, [503, 503, 200, 200]);
    assert_eq!(faults(&mut world), 0);
}

#[test]
fn latencies_add_up_and_change_nothing_else() {
    let mut world = World::new();
    add(&mut world, json!({ "fault": "latency", "latency_ms": 200 }));
    add(
        &mut world,
        json!({ "fault": "latency", "latency_ms": 50, "path": "/locks/list" }),
    );
    add(
        &mut world,
        json!({ "fault": "outage", "path": "/locks/list", "times": 1 }),
    );
    let slow = fresh(&mut world, "/devices/list");
    assert_eq!((slow.status, slow.delay_ms), (200, 200));
    let slower = fresh(&mut world, "/locks/list");
    assert_eq!((slower.status, slower.delay_ms), (503, 250));
}

#[test]
fn only_the_first_matching_response_fault_applies() {
    let mut world = World::new();
    add(&mut world, json!({ "fault": "rate_limit", "times": 1 }));
    add(&mut world, json!({ "fault": "outage", "times": 1 }));
    let seen = [(); 3].map(|()| fresh(&mut world, "/devices/list").status);
    assert_eq!(seen, [429, 503, 200]);
}

#[test]
fn drop_before_changes_nothing_and_drop_after_does() {
    for (fault, changes) in [("drop_before", false), ("drop_after", true)] {
        let mut world = World::new();
        let device = world.device("Front Door");
        let before = world.sandbox.snapshot();
        let add_and_drop = json!({ "fault": fault, "times": 1, "reset": true });
        add(&mut world, add_and_drop);

        let response = request_over(
            &mut world,
            Connection::Fresh,
            "/locks/lock_door",
            json!({ "device_id": device }),
        );

        let cut = response.cut.expect("a cut");
        assert_eq!((cut.after_bytes, cut.reset), (None, true), "{fault}");
        // The fault has been removed, so the request has made any difference.
        let after = world
            .sandbox
            .snapshot()
            .replace("\"last_id\": 1", "\"last_id\": 0");
        assert_eq!(after != before, changes, "{fault}");
    }
}

#[test]
fn a_truncated_response_is_never_complete() {
    for (after_bytes, expected) in [(None, None), (Some(3), Some(3)), (Some(u32::MAX), None)] {
        let mut world = World::new();
        let mut fault = json!({ "fault": "truncate" });
        if let Some(bytes) = after_bytes {
            fault["after_bytes"] = bytes.into();
        }
        add(&mut world, fault);
        let response = fresh(&mut world, "/devices/list");
        let cut = response.cut.and_then(|it| it.after_bytes).expect("a cut");
        assert!(cut < response.body.len(), "{after_bytes:?}");
        assert!(expected.is_none_or(|it| it == cut), "{after_bytes:?}");
    }
}

#[test]
fn a_fault_of_reused_connections_spares_the_first_request() {
    let mut world = World::new();
    add(
        &mut world,
        json!({ "fault": "drop_after", "path": "/locks/lock_door", "reused_connection": true }),
    );
    assert_eq!(lock(&mut world, Connection::Fresh).cut, None);
    assert!(lock(&mut world, Connection::Reused).cut.is_some());
    assert_eq!(lock(&mut world, Connection::Fresh).cut, None);
}

#[test]
fn an_injected_failure_ends_the_attempt_and_leaves_the_door_unchanged() {
    let mut world = World::new();
    let device = world.device("Front Door");
    add(
        &mut world,
        json!({
            "fault": "attempt_fails", "device_id": device, "times": 1,
            "error_type": "jammed", "error_message": "The bolt is stuck",
        }),
    );
    let before = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "device_id": device }),
    );
    let (locked, other) = (
        before["device"]["properties"]["locked"].as_bool(),
        "Back Door",
    );
    let path = if locked == Some(true) {
        "/locks/unlock_door"
    } else {
        "/locks/lock_door"
    };
    let other = world.device(other);
    let of_other = world.expect_ok(&Caller::ApiKey, path, json!({ "device_id": other }));
    let failing = world.expect_ok(&Caller::ApiKey, path, json!({ "device_id": device }));
    let working = world.expect_ok(&Caller::ApiKey, path, json!({ "device_id": device }));
    world.now += AFTER_ATTEMPT;
    let mut end = |started: &Value| {
        let id = &started["action_attempt"]["action_attempt_id"];
        let params = json!({ "action_attempt_id": id });
        world.expect_ok(&Caller::ApiKey, "/action_attempts/get", params)["action_attempt"].take()
    };
    assert_eq!(end(&of_other)["status"], "success");
    let failed = end(&failing);
    assert_eq!(failed["status"], "error");
    assert_eq!(
        failed["error"],
        json!({ "type": "jammed", "message": "The bolt is stuck" })
    );
    assert_eq!(end(&working)["status"], "success");
}

#[test]
fn an_attempt_that_hangs_stays_pending() {
    let mut world = World::new();
    let device = world.device("Front Door");
    add(&mut world, json!({ "fault": "attempt_hangs", "times": 1 }));
    let started = world.expect_ok(
        &Caller::ApiKey,
        "/locks/lock_door",
        json!({ "device_id": device }),
    );
    let id = text(&started["action_attempt"]["action_attempt_id"]);
    for _ in 0..3 {
        world.now += 86_400_000;
        let attempt = world.expect_ok(
            &Caller::ApiKey,
            "/action_attempts/get",
            json!({ "action_attempt_id": id }),
        );
        assert_eq!(attempt["action_attempt"]["status"], "pending");
    }
}

#[test]
fn faults_do_not_apply_to_preflights_and_the_sandboxs_own_routes() {
    let mut world = World::new();
    add(&mut world, json!({ "fault": "drop_before" }));
    assert_eq!(faults(&mut world), 1);
    let preflight = world.raw("OPTIONS", "/devices/list", &[], "");
    assert_eq!((preflight.status, preflight.cut), (200, None));
}

#[test]
fn a_request_without_a_valid_credential_uses_up_no_fault() {
    let mut world = World::new();
    add(&mut world, json!({ "fault": "outage", "times": 1 }));
    add(
        &mut world,
        json!({ "fault": "latency", "latency_ms": 5, "times": 1 }),
    );
    let token = world.sandbox.info().client_session_token;
    let session = [("client-session-token", token.as_str())];
    for (target, headers, status) in [
        ("/devices/list", &[][..], 401),
        (
            "/devices/list",
            &[("authorization", "Bearer seam_none")],
            401,
        ),
        ("/devices/list", &[("client-session-token", "x")], 400),
        ("/client_sessions/list", &session, 401),
        ("/internal/tlmtry", &[], 204),
        ("/nowhere", &session, 404),
    ] {
        let response = world.raw("POST", target, headers, "");
        assert_eq!(
            (response.status, response.delay_ms),
            (status, 0),
            "{target}"
        );
    }
    assert_eq!(faults(&mut world), 2);
    let response = world.raw("POST", "/devices/list", &session, "");
    assert_eq!((response.status, response.delay_ms), (503, 5));
    assert_eq!(faults(&mut world), 0);
}

#[test]
fn an_invalid_fault_is_refused_with_the_parameters_name() {
    let mut world = World::new();
    for (fault, names) in [
        (json!({}), "fault"),
        (json!({ "fault": "fire" }), "fault"),
        (json!({ "fault": "latency" }), "latency_ms"),
        (
            json!({ "fault": "latency", "latency_ms": -1 }),
            "latency_ms",
        ),
        (
            json!({ "fault": "latency", "latency_ms": 600_001 }),
            "latency_ms",
        ),
        (
            json!({ "fault": "latency", "latency_ms": 1.5 }),
            "latency_ms",
        ),
        (json!({ "fault": "outage", "latency_ms": 1 }), "latency_ms"),
        (json!({ "fault": "outage", "times": 0 }), "times"),
        (json!({ "fault": "outage", "times": "x" }), "times"),
        (json!({ "fault": "outage", "path": "/devces/list" }), "path"),
        (
            json!({ "fault": "outage", "path": "/_sandbox/faults" }),
            "path",
        ),
        (json!({ "fault": "outage", "path": "" }), "path"),
        (json!({ "fault": "outage", "colour": "red" }), "colour"),
        (
            json!({ "fault": "rate_limit", "retry_after": -1 }),
            "retry_after",
        ),
        (
            json!({ "fault": "drop_after", "device_id": world.device("Front Door") }),
            "device_id",
        ),
        (
            json!({ "fault": "attempt_fails", "device_id": "x" }),
            "device_id",
        ),
        (
            json!({ "fault": "attempt_hangs", "error_type": "x" }),
            "error_type",
        ),
    ] {
        let refused = world.post(&Caller::ApiKey, "/_sandbox/faults", fault.clone());
        assert_eq!(refused.error(), (400, "invalid_input"), "{fault}");
        let message = text(&refused.body["error"]["message"]);
        assert!(message.contains(names), "{fault}: {message}");
    }
    assert_eq!(faults(&mut world), 0);
}

#[test]
fn a_fault_is_removed_by_its_id() {
    let mut world = World::new();
    let first = add(&mut world, json!({ "fault": "outage" }));
    add(&mut world, json!({ "fault": "latency", "latency_ms": 1 }));
    let body = json!({ "fault_id": first["fault_id"] }).to_string();
    let gone = world.send(&Caller::ApiKey, "DELETE", "/_sandbox/faults", &body);
    assert_eq!(gone.status, 200);
    assert_eq!(faults(&mut world), 1);
    let again = world.send(&Caller::ApiKey, "DELETE", "/_sandbox/faults", &body);
    assert_eq!(again.error(), (404, "fault_not_found"));
}

#[test]
fn faults_can_be_given_as_options() {
    let mut world = World::with(json!({ "faults": [{ "fault": "outage", "times": 1 }] }));
    assert_eq!(fresh(&mut world, "/devices/list").status, 503);
    assert_eq!(fresh(&mut world, "/devices/list").status, 200);
    let options = json!({ "faults": [{ "fault": "outage" }, { "fault": "fire" }] });
    let options = serde_json::from_value(options).expect("options");
    let refused = seam_session_sandbox::Sandbox::new(options, world.now);
    let message = refused.expect_err("no such fault").to_string();
    assert!(message.starts_with("fault 2: "), "{message}");
}
