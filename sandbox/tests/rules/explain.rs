//! `/_sandbox/explain`.

use serde_json::{Value, json};

use crate::world::{Caller, World, text};

fn explain(world: &mut World, session: &Value, device: &str) -> Value {
    let params = json!({ "client_session_token": session["token"], "device_id": device });
    let by_token = world.expect_ok(&Caller::ApiKey, "/_sandbox/explain", params);
    let id = text(&session["client_session_id"]);
    let target = format!("/_sandbox/explain?client_session_id={id}&device_id={device}");
    assert_eq!(world.get(&Caller::ApiKey, &target).body, by_token);
    by_token
}

#[test]
fn it_names_the_grants_through_which_a_device_is_visible() {
    let mut world = World::new();
    let found = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "name": "Front Door" }),
    );
    let device = text(&found["device"]["device_id"]);
    let account = found["device"]["connected_account_id"].clone();
    let identity = world.identity("user-1");
    let session = world.session(json!({ "user_identity_id": identity }));

    let explanation = explain(&mut world, &session, &device);
    assert_eq!(
        (&explanation["visible"], &explanation["because"]),
        (&json!(false), &json!([]))
    );
    assert!(
        text(&explanation["reason"]).contains(&identity),
        "{explanation}"
    );

    world.grant(&identity, &device);
    let id = &session["client_session_id"];
    let more = json!({ "client_session_id": id, "connected_account_ids": [account] });
    world.expect_ok(&Caller::ApiKey, "/client_sessions/grant_access", more);
    let explanation = explain(&mut world, &session, &device);
    assert_eq!(explanation["visible"], true);
    assert_eq!(explanation["reason"], Value::Null);
    assert_eq!(
        explanation["because"],
        json!([
            { "grant": "user_identity", "user_identity_id": identity },
            { "grant": "connected_account", "connected_account_id": account },
        ])
    );
}

#[test]
fn it_explains_why_a_device_is_not_visible() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let session = world.session(json!({ "expires_at": "2026-11-23T08:31:00Z" }));
    let reason = |world: &mut World, session: &Value, device: &str| {
        let explanation = explain(world, session, device);
        assert_eq!(explanation["visible"], false);
        text(&explanation["reason"])
    };
    assert!(reason(&mut world, &session, &device).contains("no user identity"));
    let nonexistent = "11111111-1111-4111-8111-111111111111";
    assert!(reason(&mut world, &session, nonexistent).contains("no such device"));
    let unknown = json!({ "token": "seam_cst1x", "client_session_id": nonexistent });
    assert!(reason(&mut world, &unknown, &device).contains("no such client session"));
    world.now += 60_000;
    assert!(reason(&mut world, &session, &device).contains("expired"));
    let id = json!({ "client_session_id": session["client_session_id"] });
    world.expect_ok(&Caller::ApiKey, "/client_sessions/revoke", id);
    assert!(reason(&mut world, &session, &device).contains("revoked"));
    let neither = world.post(
        &Caller::ApiKey,
        "/_sandbox/explain",
        json!({ "device_id": device }),
    );
    assert_eq!(neither.error(), (400, "invalid_input"));
}
