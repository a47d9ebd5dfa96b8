//! HTTP as the official clients and browsers use it.

use seam_session_sandbox::{Request, Response};
use serde_json::{Value, json};

use crate::world::{Caller, World};

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let mut found = response.headers.iter().filter(|(it, _)| it == name);
    let value = found.next().map(|(_, value)| value.as_str());
    assert!(found.next().is_none(), "{name} comes twice");
    value
}

#[test]
fn a_preflight_gets_the_published_headers_for_any_path() {
    let mut world = World::new();
    for target in ["/devices/list", "/no/such/route", "*", ""] {
        let headers = [("Origin", "https://app.example")];
        let response = world.raw("OPTIONS", target, &headers, "");
        assert_eq!((response.status, response.body.as_str()), (200, ""));
        let origin = header(&response, "access-control-allow-origin");
        assert_eq!(origin, Some("https://app.example"));
        assert_eq!(
            header(&response, "access-control-allow-credentials"),
            Some("true")
        );
        let methods = header(&response, "access-control-allow-methods");
        assert_eq!(methods, Some("GET, POST, PUT, PATCH, DELETE, OPTIONS"));
        let allowed = header(&response, "access-control-allow-headers").expect("a list");
        for name in [
            "authorization",
            "client-session-token",
            "content-type",
            "seam-sdk-name",
        ] {
            assert!(allowed.split(", ").any(|it| it == name), "{name}");
        }
    }
}

#[test]
fn every_response_has_the_origin_and_its_own_request_id() {
    let mut world = World::new();
    let headers = [("origin", "http://localhost:5173")];
    let mut seen = Vec::new();
    for (method, target) in [
        ("GET", "/devices/list"),
        ("GET", "/nowhere"),
        ("PUT", "/devices/list"),
    ] {
        let response = world.raw(method, target, &headers, "");
        let origin = header(&response, "access-control-allow-origin");
        assert_eq!(origin, Some("http://localhost:5173"));
        assert_eq!(
            header(&response, "access-control-allow-credentials"),
            Some("true")
        );
        assert_eq!(header(&response, "vary"), Some("Origin"));
        assert_eq!(header(&response, "content-type"), Some("application/json"));
        let id = header(&response, "seam-request-id").expect("a request id");
        assert_eq!(id.len(), 36);
        seen.push(id.to_owned());
    }
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

#[test]
fn every_error_has_the_request_id_of_its_header() {
    let mut world = World::new();
    let fault = json!({ "fault": "rate_limit", "path": "/locks/list" });
    world.expect_ok(&Caller::ApiKey, "/_sandbox/faults", fault);
    let key = format!("Bearer {}", world.sandbox.info().api_key);
    for (method, target, headers, status) in [
        ("GET", "/nowhere", vec![], 404),
        ("PUT", "/devices/list", vec![], 405),
        ("GET", "/devices/list", vec![], 401),
        ("GET", "/locks/list", vec![("authorization", &*key)], 429),
        ("GET", "/devices/get", vec![("authorization", &*key)], 400),
        ("GET", "/webhooks/list", vec![("authorization", &*key)], 501),
    ] {
        let response = world.raw(method, target, &headers, "");
        assert_eq!(response.status, status, "{target}");
        let body: Value = serde_json::from_str(&response.body).expect("JSON");
        let id = body["error"]["request_id"].as_str();
        assert!(id.is_some(), "{target}: {body}");
        assert_eq!(id, header(&response, "seam-request-id"), "{target}");
    }
}

#[test]
fn telemetry_of_seams_components_is_accepted_without_a_credential() {
    let mut world = World::new();
    let before = world.sandbox.snapshot();
    let headers = [("origin", "http://localhost:5173")];
    let response = world.raw("POST", "/internal/tlmtry", &headers, "{\"context\":{}}");
    assert_eq!((response.status, response.body.as_str()), (204, ""));
    let origin = header(&response, "access-control-allow-origin");
    assert_eq!(origin, Some("http://localhost:5173"));
    assert_eq!(world.sandbox.snapshot(), before);
    assert_eq!(world.raw("GET", "/internal/tlmtry", &[], "").status, 404);
}

#[test]
fn a_head_is_answered_before_its_body_is_read_only_if_the_body_cannot_matter() {
    let mut world = World::new();
    let info = world.sandbox.info();
    let [key, unknown] =
        [info.api_key.as_str(), "seam_test_unknown"].map(|it| format!("Bearer {it}"));
    let before = world.sandbox.snapshot();
    for (method, target, authorization, status) in [
        ("POST", "/_sandbox/state", "", Some(401)),
        ("POST", "/_sandbox/state", unknown.as_str(), Some(401)),
        ("POST", "/webhooks/create", "", Some(401)),
        ("POST", "/nowhere", key.as_str(), Some(404)),
        ("PUT", "/devices/list", key.as_str(), Some(405)),
        ("OPTIONS", "/devices/list", "", Some(200)),
        ("POST", "/internal/tlmtry", "", Some(204)),
        ("POST", "/_sandbox/state", key.as_str(), None),
        ("POST", "/devices/get", key.as_str(), None),
    ] {
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: vec![("authorization".to_owned(), authorization.to_owned())],
            body: Vec::new(),
        };
        let response = world.sandbox.handle_head(&request, world.now);
        assert_eq!(response.map(|it| it.status), status, "{method} {target}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn an_origin_that_could_inject_headers_is_not_echoed() {
    let mut world = World::new();
    for origin in ["", "a\r\nset-cookie: x", "https://é", "a b"] {
        let response = world.raw("GET", "/devices/list", &[("origin", origin)], "");
        assert_eq!(
            header(&response, "access-control-allow-origin"),
            None,
            "{origin:?}"
        );
    }
}

#[test]
fn an_unknown_route_or_method_is_refused() {
    let mut world = World::new();
    for path in [
        "/",
        "/devices",
        "/devices/list/",
        "/_sandbox/nothing",
        "devices/list",
    ] {
        assert_eq!(
            world.get(&Caller::ApiKey, path).error(),
            (404, "not_found"),
            "{path}"
        );
    }
    let refused = world.send(&Caller::ApiKey, "DELETE", "/devices/list", "");
    assert_eq!(refused.error(), (405, "method_not_allowed"));
    let response = world.raw("PATCH", "/locks/unlock_door", &[], "");
    assert_eq!(response.status, 405);
    assert_eq!(header(&response, "allow"), Some("POST"));
    assert_eq!(world.get(&Caller::ApiKey, "/locks/unlock_door").status, 405);
}

#[test]
fn the_error_of_a_route_that_is_not_simulated_names_it() {
    let mut world = World::new();
    for path in ["/acs/encoders/list", "/customers/push_data"] {
        let refused = world.post(&Caller::ApiKey, path, json!({}));
        assert_eq!(refused.error(), (501, "not_simulated"));
        let message = refused.body["error"]["message"]
            .as_str()
            .unwrap_or_default();
        assert!(message.contains(path), "{message}");
    }
}

#[test]
fn a_body_must_be_a_json_object_of_the_right_type() {
    let mut world = World::new();
    for body in ["{", "[]", "nul", "\"x\"", "1", "{\"a\":}", "\u{0}"] {
        let refused = world.send(&Caller::ApiKey, "POST", "/devices/list", body);
        assert_eq!(refused.error(), (400, "invalid_input"), "{body}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(
        world
            .send(&Caller::ApiKey, "POST", "/devices/list", &deep)
            .status,
        400
    );
    let key = format!("Bearer {}", world.sandbox.info().api_key);
    for (kind, status) in [
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("application/x-www-form-urlencoded", 400),
        ("text/plain", 400),
    ] {
        let headers = [("authorization", key.as_str()), ("content-type", kind)];
        let response = world.raw("POST", "/devices/list", &headers, "{}");
        assert_eq!(response.status, status, "{kind}");
    }
    let bare = world.raw("POST", "/devices/list", &[("authorization", &key)], "");
    assert_eq!(bare.status, 200);
}

#[test]
fn a_body_of_null_has_no_parameters() {
    let mut world = World::new();
    let listed = world.send(&Caller::ApiKey, "POST", "/devices/list", " null\n");
    assert_eq!(listed.device_ids().len(), 8);
    let refused = world.send(&Caller::ApiKey, "POST", "/locks/unlock_door", "null");
    assert_eq!(refused.body["error"]["message"], "device_id is required");
}

#[test]
fn parameters_may_be_in_the_query_or_the_body() {
    let mut world = World::new();
    let front = world.device("Front Door");
    let back = world.device("Back Door");
    let params = json!({ "device_ids": [front, back], "limit": 2, "page_cursor": null });
    let by_body = world.post(&Caller::ApiKey, "/devices/list", params);
    let query = format!("device_ids={front}&device_ids={back}&limit=2&page_cursor=&_strict=true");
    let by_query = world.get(&Caller::ApiKey, &format!("/devices/list?{query}"));
    assert_eq!(by_query, by_body);
    assert_eq!(by_query.device_ids(), [front, back]);
}

#[test]
fn ok_is_true_in_a_success_and_false_in_an_error() {
    let mut world = World::new();
    assert_eq!(
        world.get(&Caller::ApiKey, "/workspaces/get").body["ok"],
        true
    );
    let refused = world.get(&Caller::Nobody, "/workspaces/get").body;
    assert_eq!(refused["ok"], Value::Bool(false));
}
