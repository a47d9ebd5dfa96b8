//! Client sessions.

use serde_json::{Value, json};

use crate::world::{Caller, START, World, text};

const WEBVIEW: &str = "22222222-2222-4222-8222-222222222222";

/// A workspace with one device, whose account was authorized through a webview with a known id.
fn with_a_webview() -> World {
    World::with(json!({ "seed": {
        "connected_accounts": [{ "name": "a", "connect_webview_id": WEBVIEW }],
        "devices": [{ "device_type": "yale_lock", "display_name": "Cabin" }],
    }}))
}

#[test]
fn a_session_has_the_documented_shape() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let session = world.session(json!({ "user_identity_ids": [identity] }));
    assert_eq!(session["user_identity_id"], identity.as_str());
    assert_eq!(session["user_identity_ids"], json!([identity]));
    assert_eq!(session["user_identifier_key"], Value::Null);
    assert_eq!(session["created_at"], "2026-11-23T08:30:00.000Z");
    assert_eq!(session["expires_at"], "2027-11-23T08:30:00.000Z");
    assert_eq!(session["device_count"], 0);
    let token = text(&session["token"]);
    let (short, long) = token.rsplit_once('_').expect("two parts");
    assert!(short.starts_with("seam_cst1"), "{token}");
    assert_eq!((short.len(), long.len()), (17, 24), "{token}");
}

#[test]
fn post_refuses_a_known_key_and_put_returns_its_session() {
    let mut world = World::new();
    let created = world.session(json!({ "user_identifier_key": "key" }));
    let body = json!({ "user_identifier_key": "key" });
    let refused = world.post(&Caller::ApiKey, "/client_sessions/create", body.clone());
    assert_eq!(
        refused.error(),
        (400, "client_session_token_already_exists")
    );
    let found = world.send(
        &Caller::ApiKey,
        "PUT",
        "/client_sessions/create",
        &body.to_string(),
    );
    assert_eq!(found.body["client_session"], created);
    let new = world.send(&Caller::ApiKey, "PUT", "/client_sessions/create", "");
    assert_ne!(new.body["client_session"]["token"], created["token"]);
}

#[test]
fn get_or_create_replaces_the_associations_of_the_session() {
    let mut world = with_a_webview();
    let device = world.expect_ok(&Caller::ApiKey, "/devices/get", json!({ "name": "Cabin" }));
    let account = device["device"]["connected_account_id"].clone();
    let mut ask = |params: Value| {
        let mut found = world.expect_ok(&Caller::ApiKey, "/client_sessions/get_or_create", params);
        found["client_session"].take()
    };
    let first = ask(json!({ "user_identifier_key": "key", "connect_webview_ids": [WEBVIEW] }));
    assert_eq!(first["connect_webview_ids"], json!([WEBVIEW]));
    let second = ask(json!({
        "user_identifier_key": "key",
        "connected_account_ids": [account],
        "connect_webview_ids": [],
        "expires_at": "2026-12-24T00:00:00Z",
    }));
    assert_eq!(second["token"], first["token"]);
    assert_eq!(second["connected_account_ids"], json!([account]));
    assert_eq!(second["connect_webview_ids"], json!([]));
    assert_eq!(second["expires_at"], "2026-12-24T00:00:00.000Z");
    assert_eq!(second["device_count"], 1);
    let third = ask(json!({ "user_identifier_key": "key" }));
    assert_eq!(third, second);
}

#[test]
fn without_a_key_get_or_create_finds_the_session_by_user_identity() {
    let mut world = World::new();
    let (one, two) = (world.identity("user-1"), world.identity("user-2"));
    let mut token = |params: Value| {
        let found = world.expect_ok(&Caller::ApiKey, "/client_sessions/get_or_create", params);
        text(&found["client_session"]["token"])
    };
    let first = token(json!({ "user_identity_id": one }));
    assert_eq!(token(json!({ "user_identity_id": one })), first);
    assert_ne!(token(json!({ "user_identity_id": two })), first);
    assert_ne!(token(json!({})), token(json!({})));
}

#[test]
fn an_expired_or_revoked_session_is_not_returned() {
    let mut world = World::new();
    let key = json!({ "user_identifier_key": "key" });
    let path = "/client_sessions/get_or_create";
    let first = world.expect_ok(&Caller::ApiKey, path, key.clone())["client_session"].clone();
    let id = json!({ "client_session_id": first["client_session_id"] });
    world.expect_ok(&Caller::ApiKey, "/client_sessions/revoke", id);
    let second = world.expect_ok(&Caller::ApiKey, path, key.clone())["client_session"].clone();
    assert_ne!(second["token"], first["token"]);
    world.now += 366 * 86_400_000;
    let third = world.expect_ok(&Caller::ApiKey, path, key.clone())["client_session"].clone();
    assert_ne!(third["token"], second["token"]);
    let found = world.expect_ok(&Caller::ApiKey, "/client_sessions/get", key);
    assert_eq!(found["client_session"], third);
}

#[test]
fn a_token_is_refused_after_its_session_is_revoked_deleted_or_expired() {
    let mut world = World::new();
    let open = |world: &mut World| {
        let session = world.session(json!({ "expires_at": "2026-11-23T08:31:00Z" }));
        let id = json!({ "client_session_id": session["client_session_id"] });
        (Caller::Token(text(&session["token"])), id)
    };
    let own = |world: &mut World, caller: &Caller| {
        let response = world.get(caller, "/client_sessions/get");
        (response.status, response.error().1.to_owned())
    };
    let (revoked, id) = open(&mut world);
    assert_eq!(own(&mut world, &revoked).0, 200);
    world.expect_ok(&Caller::ApiKey, "/client_sessions/revoke", id.clone());
    world.expect_ok(&Caller::ApiKey, "/client_sessions/revoke", id);
    assert_eq!(
        own(&mut world, &revoked),
        (401, "client_session_revoked".to_owned())
    );

    let (deleted, id) = open(&mut world);
    world.expect_ok(&Caller::ApiKey, "/client_sessions/delete", id.clone());
    assert_eq!(
        own(&mut world, &deleted),
        (401, "client_session_not_found".to_owned())
    );
    let again = world.post(&Caller::ApiKey, "/client_sessions/delete", id);
    assert_eq!(again.error(), (404, "client_session_not_found"));

    let (expired, _) = open(&mut world);
    world.now = START + 59_999;
    assert_eq!(own(&mut world, &expired).0, 200);
    world.now = START + 60_000;
    assert_eq!(
        own(&mut world, &expired),
        (401, "client_session_expired".to_owned())
    );
}

#[test]
fn unknown_ids_are_refused_and_nothing_changes() {
    let mut world = World::new();
    let nonexistent = "11111111-1111-4111-8111-111111111111";
    let session = world.session(json!({}));
    let id = session["client_session_id"].clone();
    let before = world.sandbox.snapshot();
    for (path, params, expected) in [
        (
            "create",
            json!({ "user_identity_id": nonexistent }),
            (400, "user_identity_not_found"),
        ),
        (
            "create",
            json!({ "user_identity_ids": [nonexistent] }),
            (400, "user_identity_not_found"),
        ),
        (
            "create",
            json!({ "connected_account_ids": [nonexistent] }),
            (400, "connected_account_not_found"),
        ),
        (
            "create",
            json!({ "connect_webview_ids": [nonexistent] }),
            (400, "connect_webview_not_found"),
        ),
        (
            "create",
            json!({ "connected_account_ids": ["x"] }),
            (400, "invalid_input"),
        ),
        (
            "create",
            json!({ "customer_key": "c" }),
            (501, "not_simulated"),
        ),
        (
            "create",
            json!({ "user_identity_ids": [] }),
            (400, "invalid_input"),
        ),
        (
            "get_or_create",
            json!({ "user_identity_id": nonexistent }),
            (400, "user_identity_not_found"),
        ),
        (
            "get_or_create",
            json!({ "user_identifier_key": "new", "connect_webview_ids": [nonexistent] }),
            (400, "connect_webview_not_found"),
        ),
        (
            "grant_access",
            json!({ "client_session_id": id, "connect_webview_ids": [nonexistent] }),
            (400, "connect_webview_not_found"),
        ),
        ("grant_access", json!({}), (400, "invalid_input")),
        (
            "grant_access",
            json!({ "client_session_id": nonexistent }),
            (404, "client_session_not_found"),
        ),
        (
            "grant_access",
            json!({ "user_identifier_key": "x" }),
            (404, "client_session_not_found"),
        ),
        (
            "grant_access",
            json!({ "client_session_id": id, "user_identity_id": nonexistent }),
            (400, "user_identity_not_found"),
        ),
        (
            "revoke",
            json!({ "client_session_id": nonexistent }),
            (404, "client_session_not_found"),
        ),
        (
            "delete",
            json!({ "client_session_id": nonexistent }),
            (404, "client_session_not_found"),
        ),
        ("get", json!({}), (400, "invalid_input")),
        (
            "get",
            json!({ "user_identifier_key": "x" }),
            (404, "client_session_not_found"),
        ),
    ] {
        let refused = world.post(
            &Caller::ApiKey,
            &format!("/client_sessions/{path}"),
            params.clone(),
        );
        assert_eq!(refused.error(), expected, "{path} {params}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn each_filter_narrows_the_list() {
    let mut world = with_a_webview();
    let identity = world.identity("user-1");
    let session = world.session(json!({
        "user_identifier_key": "key",
        "user_identity_id": identity,
        "connect_webview_ids": [WEBVIEW],
    }));
    let id = text(&session["client_session_id"]);
    for filter in [
        format!("client_session_id={id}"),
        "user_identifier_key=key".to_owned(),
        format!("user_identity_id={identity}"),
        format!("connect_webview_id={WEBVIEW}"),
    ] {
        let found = world.get(&Caller::ApiKey, &format!("/client_sessions/list?{filter}"));
        assert_eq!(
            found.ids("client_sessions", "client_session_id"),
            [id.as_str()],
            "{filter}"
        );
    }
    let all = world.get(&Caller::ApiKey, "/client_sessions/list");
    assert_eq!(all.ids("client_sessions", "token").len(), 2);
    let rest = world.get(
        &Caller::ApiKey,
        "/client_sessions/list?without_user_identifier_key=true",
    );
    let demo = world.sandbox.info().client_session_token;
    assert_eq!(rest.ids("client_sessions", "token"), [demo]);
}

/// Opens a session with this publishable key and this user identifier key.
fn open_with_publishable_key(world: &mut World, key: &str) -> crate::world::ApiResponse {
    let path = "/client_sessions/get_or_create";
    world.post(
        &Caller::Publishable,
        path,
        json!({ "user_identifier_key": key }),
    )
}

#[test]
fn a_publishable_key_neither_fills_the_memory_nor_ends_sessions() {
    let mut world = World::new();
    let first = open_with_publishable_key(&mut world, "user 0").body["client_session"].clone();
    let until = (1..=1_000)
        .find(|it| open_with_publishable_key(&mut world, &format!("user {it}")).status != 200);
    assert_eq!(until, Some(1_000));
    let before = world.sandbox.snapshot();

    let refused = open_with_publishable_key(&mut world, "one more");
    assert_eq!(refused.error(), (400, "limit_reached"));
    assert_eq!(
        open_with_publishable_key(&mut world, "user 0").body["client_session"],
        first
    );
    assert_eq!(world.sandbox.snapshot(), before);

    // The limit does not apply to the API key.
    world.session(json!({ "user_identifier_key": "of the back end" }));
}

#[test]
fn at_the_limit_of_a_publishable_key_the_oldest_ended_session_is_removed() {
    let mut world = World::new();
    let mine = world.session(json!({ "user_identifier_key": "mine" }));
    let revoke = |world: &mut World, session: &Value| {
        let id = json!({ "client_session_id": session["client_session_id"] });
        world.expect_ok(&Caller::ApiKey, "/client_sessions/revoke", id);
    };
    revoke(&mut world, &mine);
    let mut sessions = Vec::new();
    for number in 0..1_000 {
        world.now += 1;
        let mut response = open_with_publishable_key(&mut world, &format!("user {number}"));
        sessions.push(response.body["client_session"].take());
    }
    revoke(&mut world, &sessions[700]);
    revoke(&mut world, &sessions[300]);

    for (key, gone) in [("new", 300), ("newer", 700)] {
        assert_eq!(
            open_with_publishable_key(&mut world, key).status,
            200,
            "{key}"
        );
        let token = Caller::Token(text(&sessions[gone]["token"]));
        let ended = world.get(&token, "/client_sessions/get");
        assert_eq!(ended.error(), (401, "client_session_not_found"), "{gone}");
    }
    let refused = open_with_publishable_key(&mut world, "newest");
    assert_eq!(refused.error(), (400, "limit_reached"));
    // Sessions of the back end do not count and are not removed.
    let token = Caller::Token(text(&mine["token"]));
    let ended = world.get(&token, "/client_sessions/get");
    assert_eq!(ended.error(), (401, "client_session_revoked"));

    world.now += 366 * 86_400_000;
    assert_eq!(
        open_with_publishable_key(&mut world, "a year later").status,
        200
    );
}

#[test]
fn an_expires_at_that_is_past_by_the_sandboxs_clock_is_rejected_and_nothing_changes() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let session = world.session(json!({ "user_identity_id": identity }));
    let forward = json!({ "advance_ms": 7_200_000 });
    world.expect_ok(&Caller::ApiKey, "/_sandbox/clock", forward);
    let before = world.sandbox.snapshot();
    for path in ["/client_sessions/create", "/client_sessions/get_or_create"] {
        for expires_at in ["2026-11-23T09:30:00Z", "2026-11-23T10:30:00Z"] {
            let params = json!({ "user_identity_id": identity, "expires_at": expires_at });
            let refused = world.post(&Caller::ApiKey, path, params);
            assert_eq!(refused.error(), (400, "invalid_input"), "{path}");
            assert_eq!(
                refused.body["error"]["message"],
                "The sandbox's clock is at 2026-11-23T10:30:00.000Z, and /_sandbox/clock moves it: \
                 give a later time for \"expires_at\""
            );
        }
    }
    assert_eq!(world.sandbox.snapshot(), before);
    let params = json!({ "user_identity_id": identity, "expires_at": "2026-11-23T10:30:00.001Z" });
    let found = world.expect_ok(&Caller::ApiKey, "/client_sessions/get_or_create", params);
    assert_eq!(found["client_session"]["token"], session["token"]);
}
