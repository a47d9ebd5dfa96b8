//! `/client_sessions/grant_access`.

use serde_json::{Value, json};

use crate::world::{Caller, START, World};

#[test]
fn grant_access_adds_accounts_and_sets_the_user_identity() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let cabin = world.expect_ok(&Caller::ApiKey, "/devices/get", json!({ "name": "Cabin" }));
    let garage = world.expect_ok(&Caller::ApiKey, "/devices/get", json!({ "name": "Garage" }));
    let accounts = [&cabin, &garage].map(|it| it["device"]["connected_account_id"].clone());
    let session = world.session(json!({
        "user_identifier_key": "key",
        "connected_account_ids": [accounts[0]],
    }));
    let path = "/client_sessions/grant_access";
    world.expect_ok(
        &Caller::ApiKey,
        path,
        json!({
            "user_identifier_key": "key",
            "connected_account_ids": [accounts[1]],
        }),
    );
    let changed = world.expect_ok(
        &Caller::ApiKey,
        path,
        json!({
            "client_session_id": session["client_session_id"],
            "user_identity_id": identity,
        }),
    );
    let changed = &changed["client_session"];
    assert_eq!(
        changed["connected_account_ids"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(changed["user_identity_id"], identity.as_str());
    assert_eq!(changed["device_count"], 8);
}

#[test]
fn grant_access_by_id_and_key_finds_only_the_session_with_both() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let one = world.session(json!({ "user_identifier_key": "one" }));
    let two = world.session(json!({ "user_identifier_key": "two" }));
    let ask = |world: &mut World, session: &Value, key: &str| {
        let params = json!({
            "client_session_id": session["client_session_id"],
            "user_identifier_key": key,
            "user_identity_id": identity,
        });
        world.post(&Caller::ApiKey, "/client_sessions/grant_access", params)
    };
    let before = world.sandbox.snapshot();
    for (session, key) in [(&one, "two"), (&two, "one"), (&one, "three")] {
        let refused = ask(&mut world, session, key);
        assert_eq!(refused.error(), (404, "client_session_not_found"), "{key}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
    let granted = ask(&mut world, &two, "two");
    assert_eq!(granted.status, 200);
    let granted = &granted.body["client_session"];
    assert_eq!(granted["client_session_id"], two["client_session_id"]);
    assert_eq!(granted["user_identity_id"], identity.as_str());
}

#[test]
fn grant_access_does_not_find_an_ended_session() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let revoked = world.session(json!({ "user_identifier_key": "revoked" }));
    let expired = world.session(json!({
        "user_identifier_key": "expired",
        "expires_at": "2026-11-23T08:31:00Z",
    }));
    let id = json!({ "client_session_id": revoked["client_session_id"] });
    world.expect_ok(&Caller::ApiKey, "/client_sessions/revoke", id);
    world.now = START + 60_000;
    let before = world.sandbox.snapshot();
    for session in [revoked, expired] {
        let id = &session["client_session_id"];
        let key = &session["user_identifier_key"];
        for params in [
            json!({ "client_session_id": id, "user_identity_id": identity }),
            json!({ "user_identifier_key": key, "user_identity_id": identity }),
            json!({
                "client_session_id": id,
                "user_identifier_key": key,
                "user_identity_id": identity,
            }),
        ] {
            let refused = world.post(
                &Caller::ApiKey,
                "/client_sessions/grant_access",
                params.clone(),
            );
            let expected = (404, "client_session_not_found");
            assert_eq!(refused.error(), expected, "{params}");
        }
    }
    assert_eq!(world.sandbox.snapshot(), before);
}
