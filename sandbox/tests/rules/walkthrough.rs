//! The main use case, from the user identity to the refusal of a device that was not granted.

use crate::world::{AFTER_ATTEMPT, Caller, World, text};
use serde_json::json;

#[test]
fn a_session_lists_and_unlocks_only_what_was_granted() {
    let mut world = World::new();
    let (granted, other) = (world.device("Front Door"), world.device("Back Door"));
    let identity = world.identity("user-1");
    world.grant(&identity, &granted);
    let user = world.token(&identity);

    let listed = world.get(&user, "/devices/list").device_ids();
    assert_eq!(listed, [granted.as_str()]);

    let requested = world.expect_ok(&user, "/locks/unlock_door", json!({ "device_id": granted }));
    let attempt = &requested["action_attempt"];
    assert_eq!(attempt["status"], "pending");
    assert_eq!(attempt["action_type"], "UNLOCK_DOOR");
    let locked = |world: &mut World, device: &str| {
        let found = world.expect_ok(
            &Caller::ApiKey,
            "/locks/get",
            json!({ "device_id": device }),
        );
        found["lock"]["properties"]["locked"].clone()
    };
    assert_eq!(locked(&mut world, &granted), true);

    world.now += AFTER_ATTEMPT;
    let id = json!({ "action_attempt_id": attempt["action_attempt_id"] });
    let ended = world.expect_ok(&user, "/action_attempts/get", id);
    assert_eq!(ended["action_attempt"]["status"], "success");
    assert_eq!(locked(&mut world, &granted), false);

    let before = world.sandbox.snapshot();
    let refused = world.post(&user, "/locks/unlock_door", json!({ "device_id": other }));
    assert_eq!(refused.error(), (404, "device_not_found"));
    assert_eq!(world.sandbox.snapshot(), before);

    world.grant(&identity, &other);
    let listed = world.get(&user, "/devices/list").device_ids();
    assert_eq!(listed, [granted.as_str(), other.as_str()]);
    world.revoke(&identity, &granted);
    let listed = world.get(&user, "/devices/list").device_ids();
    assert_eq!(listed, [other]);
}

#[test]
fn the_demo_user_can_unlock_a_lock() {
    let mut world = World::new();
    let info = world.sandbox.info();
    let demo = Caller::Token(info.client_session_token);
    let devices = world.get(&demo, "/devices/list").body["devices"].clone();
    assert_eq!(devices.as_array().map(Vec::len), Some(1));
    assert_eq!(devices[0]["can_remotely_unlock"], true);
    assert_eq!(devices[0]["properties"]["online"], true);
    let own = world.get(&demo, "/client_sessions/get").body;
    assert_eq!(
        Some(text(&own["client_session"]["user_identity_id"])),
        info.user_identity_id
    );
}

#[test]
fn the_same_requests_give_the_same_responses() {
    let response = |world: &mut World| {
        let identity = world.identity("user-1");
        let session = world.session(json!({ "user_identity_id": identity }));
        let devices = world.get(&Caller::ApiKey, "/devices/list").body;
        (session, devices, world.sandbox.snapshot())
    };
    assert_eq!(response(&mut World::new()), response(&mut World::new()));
}
