//! Which credentials each route takes, and the errors for the others.

use serde_json::json;

use crate::world::{Caller, World, text};

#[test]
fn an_invalid_credential_is_refused_with_the_reason() {
    let mut world = World::new();
    let info = world.sandbox.info();
    let session = world.session(json!({}));
    let revoked = text(&session["token"]);
    let id = json!({ "client_session_id": session["client_session_id"] });
    world.expect_ok(&Caller::ApiKey, "/client_sessions/revoke", id);
    let expired = world.session(json!({ "expires_at": "2026-11-23T08:30:01Z" }));
    world.now += 1_000;
    let bearer = |token: &str| format!("Bearer {token}");
    let unknown = "seam_cst1AAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAA";
    for (name, value, expected) in [
        ("accept", String::new(), (401, "unauthorized")),
        (
            "authorization",
            bearer("seam_test_no_such_key"),
            (401, "unauthorized"),
        ),
        ("authorization", bearer(""), (401, "unauthorized")),
        (
            "authorization",
            format!("Basic {}", info.api_key),
            (401, "unauthorized"),
        ),
        (
            "authorization",
            bearer("seam_at1_personal"),
            (401, "unauthorized"),
        ),
        (
            "authorization",
            bearer(&info.publishable_key),
            (401, "unauthorized"),
        ),
        (
            "authorization",
            bearer(unknown),
            (401, "client_session_not_found"),
        ),
        (
            "client-session-token",
            unknown.to_owned(),
            (401, "client_session_not_found"),
        ),
        (
            "client-session-token",
            info.api_key,
            (400, "invalid_client_session_token"),
        ),
        ("client-session-token", String::new(), (401, "unauthorized")),
        (
            "seam-client-session-token",
            revoked,
            (401, "client_session_revoked"),
        ),
        (
            "client-session-token",
            text(&expired["token"]),
            (401, "client_session_expired"),
        ),
        (
            "seam-publishable-key",
            info.publishable_key,
            (401, "unauthorized"),
        ),
        (
            "seam-publishable-key",
            "seam_pk1_no".to_owned(),
            (401, "workspace_not_found"),
        ),
    ] {
        let response = world.raw("GET", "/devices/list", &[(name, &value)], "");
        let body: serde_json::Value = serde_json::from_str(&response.body).expect("JSON");
        let error = (
            response.status,
            body["error"]["type"].as_str().unwrap_or(""),
        );
        assert_eq!(error, expected, "{name}: {value}");
        assert_eq!(body["ok"], false);
        assert!(body["error"]["message"].is_string());
    }
}

#[test]
fn a_session_token_is_accepted_in_each_header_and_the_seam_header_takes_precedence() {
    let mut world = World::new();
    let info = world.sandbox.info();
    let token = info.client_session_token.as_str();
    let bearer = format!("Bearer {token}");
    let key = format!("bearer  {}", info.api_key);
    let mut devices = |headers: &[(&str, &str)]| {
        let response = world.raw("GET", "/devices/list", headers, "");
        let body: serde_json::Value = serde_json::from_str(&response.body).expect("JSON");
        body["devices"].as_array().map(Vec::len)
    };
    assert_eq!(devices(&[("Authorization", &bearer)]), Some(1));
    assert_eq!(devices(&[("Client-Session-Token", token)]), Some(1));
    assert_eq!(
        devices(&[
            ("seam-client-session-token", token),
            ("client-session-token", "x")
        ]),
        Some(1)
    );
    assert_eq!(
        devices(&[("authorization", &bearer), ("client-session-token", token)]),
        Some(1)
    );
    assert_eq!(devices(&[("authorization", &key)]), Some(8));
    assert_eq!(
        devices(&[("authorization", &key), ("client-session-token", token)]),
        Some(1)
    );
}

#[test]
fn an_empty_header_of_a_credential_counts_as_absent() {
    let mut world = World::new();
    let info = world.sandbox.info();
    let key = format!("Bearer {}", info.api_key);
    let token = info.client_session_token.as_str();
    for (headers, devices) in [
        // As the Go SDK sends them.
        (
            vec![
                ("Authorization", &*key),
                ("Seam-Workspace", ""),
                ("Seam-Client-Session-Token", ""),
                ("Client-Session-Token", ""),
            ],
            8,
        ),
        (
            vec![
                ("seam-client-session-token", " "),
                ("client-session-token", token),
            ],
            1,
        ),
        (
            vec![("authorization", ""), ("client-session-token", token)],
            1,
        ),
    ] {
        let response = world.raw("POST", "/devices/list", &headers, "null");
        let body: serde_json::Value = serde_json::from_str(&response.body).expect("JSON");
        let listed = body["devices"].as_array().map(Vec::len);
        assert_eq!(listed, Some(devices), "{headers:?}");
    }
    // As the PHP SDK sends it without a key, and a page without a publishable key.
    for headers in [
        [("authorization", "Bearer "), ("accept", "*/*")],
        [
            ("seam-publishable-key", ""),
            ("seam-user-identifier-key", "x"),
        ],
    ] {
        let response = world.raw("POST", "/client_sessions/get_or_create", &headers, "{}");
        assert_eq!(response.status, 401, "{headers:?}");
        let expected = "No authentication methods succeeded";
        assert!(
            response.body.contains(expected),
            "{headers:?}: {}",
            response.body
        );
    }
}

#[test]
fn an_unknown_api_key_is_named_as_such() {
    let mut world = World::new();
    let headers = [("authorization", "Bearer seam_test1234_unknown")];
    let response = world.raw("GET", "/devices/list", &headers, "");
    assert_eq!(response.status, 401);
    assert!(
        response.body.contains("API Key not found"),
        "{}",
        response.body
    );
}

#[test]
fn a_personal_access_token_needs_its_workspace_except_to_list_workspaces() {
    let mut world = World::new();
    let info = world.sandbox.info();
    let token = info.personal_access_token.as_str();
    assert!(token.starts_with("seam_at1"), "{token}");
    let own = info.workspace_id.as_str();
    let other = "33333333-3333-4333-8333-333333333333";
    for (path, token, workspace, expected) in [
        ("/devices/list", token, own, (200, "devices")),
        ("/workspaces/get", token, own, (200, "workspace")),
        ("/workspaces/list", token, own, (200, "workspaces")),
        ("/workspaces/list", token, "", (200, "workspaces")),
        (
            "/devices/list",
            token,
            "",
            (401, "needs the header seam-workspace"),
        ),
        (
            "/devices/list",
            token,
            other,
            (401, "Access token not found"),
        ),
        (
            "/devices/list",
            token,
            "mine",
            (401, "Access token not found"),
        ),
        (
            "/workspaces/list",
            token,
            other,
            (401, "Access token not found"),
        ),
        (
            "/devices/list",
            "seam_at1none_none",
            own,
            (401, "Access token not found"),
        ),
        (
            "/workspaces/list",
            "seam_at1none_none",
            "",
            (401, "Access token not found"),
        ),
        (
            "/_sandbox/state",
            token,
            own,
            (401, "does not accept a personal access token"),
        ),
    ] {
        let authorization = format!("Bearer {token}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("seam-workspace", workspace),
        ];
        let response = world.raw("GET", path, &headers, "");
        assert_eq!(response.status, expected.0, "{path}: {}", response.body);
        assert!(
            response.body.contains(expected.1),
            "{path}: {}",
            response.body
        );
    }
    let unlocked = world.device("Front Door");
    let body = json!({ "device_id": unlocked }).to_string();
    let authorization = format!("Bearer {token}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("seam-workspace", own),
    ];
    let response = world.raw("POST", "/locks/unlock_door", &headers, &body);
    assert_eq!(response.status, 200, "{}", response.body);
    assert_eq!(response.caller, "personal access token");
}

#[test]
fn a_session_may_not_call_the_routes_of_back_ends() {
    let mut world = World::new();
    let demo = Caller::Token(world.sandbox.info().client_session_token);
    let device = world.device("Back Door");
    let identity = world.identity("user-1");
    let session = text(&world.session(json!({}))["client_session_id"]);
    let before = world.sandbox.snapshot();
    let both = json!({ "user_identity_id": identity, "device_id": device });
    let of_session = json!({ "client_session_id": session });
    for (path, params) in [
        (
            "/user_identities/create",
            json!({ "user_identity_key": "user-2" }),
        ),
        ("/user_identities/get", both.clone()),
        ("/user_identities/update", both.clone()),
        ("/user_identities/delete", both.clone()),
        ("/user_identities/grant_access_to_device", both.clone()),
        ("/user_identities/revoke_access_to_device", both.clone()),
        ("/user_identities/list_accessible_devices", both.clone()),
        ("/client_sessions/create", json!({})),
        ("/client_sessions/get_or_create", json!({})),
        ("/client_sessions/list", json!({})),
        ("/client_sessions/grant_access", of_session.clone()),
        ("/client_sessions/revoke", of_session.clone()),
        ("/client_sessions/delete", of_session),
        ("/_sandbox/explain", both),
        ("/webhooks/list", json!({})),
    ] {
        let response = world.post(&demo, path, params);
        assert_eq!(response.error(), (401, "unauthorized"), "{path}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn a_publishable_key_can_only_open_sessions_without_associations() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let create = "/client_sessions/get_or_create";
    let refused = world.post(&Caller::Publishable, create, json!({}));
    assert_eq!(
        refused.error(),
        (400, "publishable_key_requires_user_identifier_key")
    );
    for (name, value) in [
        ("connected_account_ids", json!([])),
        ("connect_webview_ids", json!([])),
        ("user_identity_id", json!(identity)),
        ("user_identity_ids", json!([identity])),
    ] {
        let params = json!({ "user_identifier_key": "secret", name: value });
        let refused = world.post(&Caller::Publishable, create, params);
        let expected = (403, "publishable_keys_must_create_empty_client_sessions");
        assert_eq!(refused.error(), expected, "{name}");
    }
    let params = json!({ "user_identifier_key": "secret" });
    let opened = world.expect_ok(&Caller::Publishable, create, params);
    assert_eq!(opened["client_session"]["device_count"], 0);
    let user = Caller::Token(text(&opened["client_session"]["token"]));
    assert!(world.get(&user, "/devices/list").device_ids().is_empty());
    for path in ["/devices/list", "/workspaces/get", "/client_sessions/get"] {
        let response = world.get(&Caller::Publishable, path);
        assert_eq!(response.error(), (401, "unauthorized"), "{path}");
    }
}

#[test]
fn a_publishable_key_returns_an_existing_session_unchanged() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let created = world.session(json!({
        "user_identifier_key": "secret",
        "user_identity_id": identity,
    }));
    let before = world.sandbox.snapshot();
    let params = json!({ "user_identifier_key": "secret", "expires_at": "2030-01-01T00:00:00Z" });
    let found = world.expect_ok(
        &Caller::Publishable,
        "/client_sessions/get_or_create",
        params,
    );
    assert_eq!(found["client_session"], created);
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn the_user_identifier_key_of_a_publishable_key_may_be_a_header() {
    let mut world = World::new();
    let key = world.sandbox.info().publishable_key;
    for name in ["seam-user-identifier-key", "user-identifier-key"] {
        let headers = [("seam-publishable-key", key.as_str()), (name, "secret")];
        let response = world.raw("POST", "/client_sessions/get_or_create", &headers, "");
        let body: serde_json::Value = serde_json::from_str(&response.body).expect("JSON");
        assert_eq!(
            body["client_session"]["user_identifier_key"], "secret",
            "{name}"
        );
    }
}
