//! Mobile keys of access grants, the client sessions that they open, and instant keys.

use serde_json::{Value, json};

use crate::access_methods::{HOUR, create, method};
use crate::world::{AFTER_ATTEMPT, Caller, START, World, text};

#[test]
fn a_deleted_instant_key_leaves_no_token_on_its_grant() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("guest");
    let grant = mobile(&mut world, &identity, &device);
    let keys = world.post(&Caller::ApiKey, "/instant_keys/list", json!({}));
    let id = json!({ "instant_key_id": keys.body["instant_keys"][0]["instant_key_id"] });
    world.expect_ok(&Caller::ApiKey, "/instant_keys/delete", id);
    let of_grant = json!({ "access_grant_id": grant["access_grant_id"] });
    let shown = world.expect_ok(&Caller::ApiKey, "/access_grants/get", of_grant.clone());
    assert_eq!(shown["access_grant"]["client_session_token"], Value::Null);
    assert_eq!(shown["access_grant"]["instant_key_url"], Value::Null);
    let mut more = of_grant;
    more["requested_access_methods"] = json!([{ "mode": "mobile_key" }]);
    let path = "/access_grants/request_access_methods";
    let renewed = world.expect_ok(&Caller::ApiKey, path, more);
    let token = &renewed["access_grant"]["client_session_token"];
    let key = Caller::Token(text(token));
    assert_eq!(world.get(&key, "/devices/list").device_ids(), [device]);
}

/// Creates a grant of mode `mobile_key` for this identity, and returns its object.
fn mobile(world: &mut World, identity: &str, device: &str) -> Value {
    create(
        world,
        json!({
            "user_identity_id": identity,
            "device_ids": [device],
            "requested_access_methods": [{ "mode": "mobile_key" }],
            "ends_at": "2026-11-24T00:00:00Z",
        }),
    )
}

#[test]
fn the_session_of_a_mobile_key_sees_what_its_grant_gives_and_nothing_else() {
    let mut world = World::new();
    let (own, other) = (world.device("Front Door"), world.device("Garage"));
    let identity = world.identity("guest");
    world.grant(&identity, &other);
    let whole = world.token(&identity);
    let grant = mobile(&mut world, &identity, &own);
    create(
        &mut world,
        json!({ "user_identity_id": identity, "device_ids": [other] }),
    );
    world.now += AFTER_ATTEMPT;
    let key = Caller::Token(text(&grant["client_session_token"]));
    assert_eq!(
        world.get(&key, "/devices/list").device_ids(),
        std::slice::from_ref(&own)
    );
    let mut all = world.get(&whole, "/devices/list").device_ids();
    all.sort_unstable();
    let mut both = vec![own.clone(), other.clone()];
    both.sort_unstable();
    assert_eq!(all, both);
    let unlock = json!({ "device_id": other });
    let refused = world.post(&key, "/locks/unlock_door", unlock);
    assert_eq!(refused.error(), (404, "device_not_found"));
    let codes = world.post(&key, "/access_codes/list", json!({ "device_id": other }));
    assert_eq!(codes.error(), (404, "device_not_found"));
    let session = world.get(&key, "/client_sessions/get").body["client_session"].take();
    assert_eq!(session["user_identity_id"], identity.as_str());
    assert_eq!(session["device_count"], 1);
    assert_eq!(session["expires_at"], "2026-11-24T00:00:00.000Z");
}

#[test]
fn the_session_of_a_mobile_key_sees_its_own_attempts_and_not_those_of_its_identity() {
    let mut world = World::new();
    let own = world.device("Front Door");
    let identity = world.identity("guest");
    let whole = world.token(&identity);
    let grant = mobile(&mut world, &identity, &own);
    let key = Caller::Token(text(&grant["client_session_token"]));
    let unlock = |world: &mut World, caller: &Caller| {
        let params = json!({ "device_id": own });
        let started = world.expect_ok(caller, "/locks/unlock_door", params);
        json!({ "action_attempt_id": started["action_attempt"]["action_attempt_id"] })
    };
    let of_key = unlock(&mut world, &key);
    let of_identity = unlock(&mut world, &whole);
    let got = world.post(&key, "/action_attempts/get", of_key);
    assert_eq!(got.status, 200, "{}", got.body);
    let refused = world.post(&key, "/action_attempts/get", of_identity);
    assert_eq!(refused.error(), (404, "action_attempt_not_found"));
}

#[test]
fn the_session_of_a_mobile_key_ends_with_its_grant_or_its_last_key() {
    for (path, by) in [
        ("/access_grants/delete", "access_grant_id"),
        ("/access_methods/delete", "access_grant_id"),
    ] {
        let mut world = World::new();
        let device = world.device("Front Door");
        let identity = world.identity("guest");
        let grant = mobile(&mut world, &identity, &device);
        let key = Caller::Token(text(&grant["client_session_token"]));
        assert_eq!(world.get(&key, "/devices/list").device_ids(), [device]);
        world.expect_ok(
            &Caller::ApiKey,
            path,
            json!({ by: grant["access_grant_id"] }),
        );
        let ended = world.get(&key, "/devices/list");
        assert_eq!(ended.error(), (401, "client_session_revoked"), "{path}");
        let keys = world.post(&Caller::ApiKey, "/instant_keys/list", json!({}));
        assert!(
            keys.ids("instant_keys", "instant_key_id").is_empty(),
            "{path}"
        );
    }
}

#[test]
fn the_session_of_a_mobile_key_expires_when_its_grant_ends_also_after_an_update() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("guest");
    let grant = mobile(&mut world, &identity, &device);
    let key = Caller::Token(text(&grant["client_session_token"]));
    let longer = json!({
        "access_grant_id": grant["access_grant_id"],
        "ends_at": "2026-11-25T00:00:00Z",
    });
    world.expect_ok(&Caller::ApiKey, "/access_grants/update", longer);
    world.now = START + 24 * HOUR;
    assert_eq!(world.get(&key, "/devices/list").device_ids(), [device]);
    world.now = START + 48 * HOUR;
    let expired = world.get(&key, "/devices/list");
    assert_eq!(expired.error(), (401, "client_session_expired"));
}

#[test]
fn a_session_of_a_mobile_key_is_never_returned_as_the_session_of_its_identity() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("guest");
    let grant = mobile(&mut world, &identity, &device);
    let params = json!({ "user_identity_id": identity });
    let path = "/client_sessions/get_or_create";
    let other = world.expect_ok(&Caller::ApiKey, path, params);
    assert_ne!(
        other["client_session"]["token"],
        grant["client_session_token"]
    );
}

#[test]
fn each_mobile_key_has_an_instant_key_and_a_grant_shows_the_link_of_its_only_one() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("guest");
    let grant = mobile(&mut world, &identity, &device);
    let url = text(&grant["instant_key_url"]);
    let by_url = json!({ "instant_key_url": url });
    let got = world.expect_ok(&Caller::ApiKey, "/instant_keys/get", by_url);
    assert_eq!(got["instant_key"]["user_identity_id"], identity.as_str());
    let first = method(&mut world, &grant["access_method_ids"][0]);
    assert_eq!(first["client_session_token"], grant["client_session_token"]);
    assert_eq!(first["instant_key_url"], grant["instant_key_url"]);
    let more = json!({
        "access_grant_id": grant["access_grant_id"],
        "requested_access_methods": [{ "mode": "mobile_key" }],
    });
    let path = "/access_grants/request_access_methods";
    let two = world.expect_ok(&Caller::ApiKey, path, more);
    assert_eq!(two["access_grant"]["instant_key_url"], Value::Null);
    let token = &two["access_grant"]["client_session_token"];
    assert_eq!(token, &grant["client_session_token"]);
    let keys = world.post(&Caller::ApiKey, "/instant_keys/list", json!({}));
    assert_eq!(keys.ids("instant_keys", "instant_key_id").len(), 2);
}

#[test]
fn a_generated_instant_key_leads_to_a_session_of_the_whole_identity_until_it_is_deleted() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("guest");
    world.grant(&identity, &device);
    let params = json!({ "user_identity_id": identity });
    let path = "/user_identities/generate_instant_key";
    let key = world.expect_ok(&Caller::ApiKey, path, params.clone());
    let key = &key["instant_key"];
    let session = json!({ "client_session_id": key["client_session_id"] });
    let session = world.expect_ok(&Caller::ApiKey, "/client_sessions/get", session);
    let user = Caller::Token(text(&session["client_session"]["token"]));
    assert_eq!(world.get(&user, "/devices/list").device_ids(), [device]);
    let listed = world.post(&Caller::ApiKey, "/instant_keys/list", params);
    assert_eq!(listed.ids("instant_keys", "instant_key_id").len(), 1);
    let id = json!({ "instant_key_id": key["instant_key_id"] });
    world.expect_ok(&Caller::ApiKey, "/instant_keys/delete", id);
    let ended = world.get(&user, "/devices/list");
    assert_eq!(ended.error(), (401, "client_session_revoked"));
}
