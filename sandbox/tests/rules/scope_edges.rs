//! Edge cases of scope that no other test covers. `cargo xtask mutants` found them: without these
//! tests, a check could be removed unnoticed.

use serde_json::json;

use crate::world::{AFTER_ATTEMPT, Caller, World, text};

const NOTHING: &str = "99999999-9999-4999-8999-999999999999";
const SPACE: &str = "33333333-3333-4333-8333-333333333333";

/// A door, a guest of it, and a session with its account.
fn door() -> (World, String, Caller, Caller) {
    let mut world = World::new();
    let door = world.device("Front Door");
    let found = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "device_id": door }),
    );
    let account = found["device"]["connected_account_id"].clone();
    let holder = world.session(json!({ "connected_account_ids": [account] }));
    let guest = world.identity("guest");
    world.grant(&guest, &door);
    let guest = world.token(&guest);
    (world, door, guest, Caller::Token(text(&holder["token"])))
}

#[test]
fn with_the_account_a_guests_code_and_its_events_are_visible() {
    let (mut world, door, guest, holder) = door();
    let code = json!({ "device_id": door, "name": "Secret" });
    let code = world.expect_ok(&guest, "/access_codes/create", code)["access_code"].clone();
    world.expect_ok(&guest, "/locks/unlock_door", json!({ "device_id": door }));
    world.now += AFTER_ATTEMPT;

    let one = json!({ "access_code_id": code["access_code_id"] });
    let seen = world.expect_ok(&holder, "/access_codes/get", one);
    assert_eq!(seen["access_code"]["name"], "Secret");
    let since = json!({ "since": "2000-01-01" });
    let types = world
        .post(&holder, "/events/list", since)
        .ids("events", "event_type");
    for expected in [
        "access_code.created",
        "action_attempt.unlock_door.succeeded",
    ] {
        assert!(types.iter().any(|it| it == expected), "{types:?}");
    }
}

#[test]
fn an_unknown_record_cannot_be_deleted() {
    let mut world = World::new();
    for (path, name) in [
        ("/connect_webviews/delete", "connect_webview_id"),
        ("/connected_accounts/delete", "connected_account_id"),
        ("/access_grants/delete", "access_grant_id"),
        ("/user_identities/delete", "user_identity_id"),
        ("/client_sessions/delete", "client_session_id"),
    ] {
        let refused = world.post(&Caller::ApiKey, path, json!({ name: NOTHING }));
        assert_eq!(refused.status, 404, "{path}: {}", refused.body);
    }
}

#[test]
fn the_entrances_of_an_unknown_user_are_not_found() {
    let mut world = World::new();
    let nobody = json!({ "acs_user_id": NOTHING });
    let path = "/acs/users/list_accessible_entrances";
    assert_eq!(world.post(&Caller::ApiKey, path, nobody).status, 404);
}

/// A workspace with an unmanaged device among managed ones.
fn with_unmanaged() -> World {
    let device = |name: &str, managed: bool| json!({ "device_type": "yale_lock", "display_name": name, "is_managed": managed });
    World::with(json!({ "seed": {
        "devices": [device("Managed", true), device("Unmanaged", false)],
        "acs_systems": [{ "name": "Club" }],
        "acs_entrances": [{ "display_name": "Gym", "acs_system": "Club", "space_ids": [SPACE] }],
        "user_identities": [
            { "user_identity_key": "jane", "devices": ["Managed", "Unmanaged"] },
            { "user_identity_key": "walk-in", "full_name": "Walk-in", "is_managed": false },
        ],
    }}))
}

fn unmanaged(world: &mut World) -> String {
    let listed = world.get(&Caller::ApiKey, "/devices/unmanaged/list");
    listed.ids("devices", "device_id").remove(0)
}

#[test]
fn an_unmanaged_device_is_not_found_by_name_and_cannot_be_granted() {
    let mut world = with_unmanaged();
    let device = unmanaged(&mut world);
    let jane = json!({ "user_identity_key": "jane" });
    let jane = world.expect_ok(&Caller::ApiKey, "/user_identities/get", jane);
    let jane = jane["user_identity"]["user_identity_id"].clone();

    let named = world.post(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "name": "Unmanaged" }),
    );
    assert_eq!(named.status, 404);
    let managed = json!({ "name": "Managed" });
    let named = world.post(&Caller::ApiKey, "/devices/unmanaged/get", managed);
    assert_eq!(named.status, 404);
    let grant = json!({
        "user_identity_id": jane,
        "device_ids": [device],
        "requested_access_methods": [],
    });
    let refused = world.post(&Caller::ApiKey, "/access_grants/create", grant);
    assert_eq!(refused.status, 400, "{}", refused.body);
    let of_jane = json!({ "user_identity_id": jane });
    let path = "/user_identities/list_accessible_devices";
    let listed = world.post(&Caller::ApiKey, path, of_jane);
    assert_eq!(listed.ids("devices", "display_name"), ["Managed"]);
}

#[test]
fn the_list_of_identities_has_only_managed_ones() {
    let mut world = with_unmanaged();
    let listed = world.get(&Caller::ApiKey, "/user_identities/list");
    let listed = listed.body["user_identities"].to_string();
    assert!(
        listed.contains("jane") && !listed.contains("Walk-in"),
        "{listed}"
    );
}

#[test]
fn a_space_with_only_an_entrance_is_known() {
    let mut world = with_unmanaged();
    let jane = world.identity("john");
    let grant = |space: &str| {
        json!({
            "user_identity_id": jane,
            "space_ids": [space],
            "requested_access_methods": [],
        })
    };
    world.expect_ok(&Caller::ApiKey, "/access_grants/create", grant(SPACE));
    let user = world.token(&jane);
    let listed = world.post(&user, "/acs/entrances/list", json!({}));
    assert_eq!(listed.ids("acs_entrances", "display_name"), ["Gym"]);
    let refused = world.post(&Caller::ApiKey, "/access_grants/create", grant(NOTHING));
    assert_eq!(refused.error(), (400, "space_not_found"));
}

#[test]
fn an_invalid_id_matches_no_sessions_identity() {
    let mut world = World::new();
    world.session(json!({}));
    let wrong = json!({ "user_identity_id": "x" });
    let listed = world.post(&Caller::ApiKey, "/client_sessions/list", wrong);
    assert_eq!(listed.body["client_sessions"], json!([]));
}

#[test]
fn an_api_key_finds_a_session_by_its_id_alone_or_its_key_alone() {
    let mut world = World::new();
    let session = world.session(json!({ "user_identifier_key": "jane" }));
    let id = &session["client_session_id"];
    for params in [
        json!({ "client_session_id": id }),
        json!({ "user_identifier_key": "jane" }),
    ] {
        let found = world.expect_ok(&Caller::ApiKey, "/client_sessions/get", params);
        assert_eq!(&found["client_session"]["client_session_id"], id);
    }
}

#[test]
fn with_401_for_out_of_scope_an_unknown_session_is_still_not_found() {
    let mut world = World::with(json!({ "out_of_scope": 401 }));
    let own = Caller::Token(text(&world.session(json!({}))["token"]));
    let other = world.session(json!({}))["client_session_id"].clone();
    for (id, status) in [(other, 401), (json!(NOTHING), 404)] {
        let params = json!({ "client_session_id": id });
        let refused = world.post(&own, "/client_sessions/get", params);
        assert_eq!(refused.status, status, "{}", refused.body);
    }
}

#[test]
fn a_user_identifier_key_of_an_ended_session_finds_nothing() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let identity = world.identity("user-1");
    world.grant(&identity, &door);
    let session = world.session(json!({
        "user_identity_id": identity,
        "user_identifier_key": "jane",
    }));
    let of_key = json!({ "user_identifier_key": "jane" });
    let listed = world.post(&Caller::ApiKey, "/devices/list", of_key.clone());
    assert_eq!(listed.device_ids(), [door]);
    let session = json!({ "client_session_id": session["client_session_id"] });
    world.expect_ok(&Caller::ApiKey, "/client_sessions/revoke", session);
    let listed = world.post(&Caller::ApiKey, "/devices/list", of_key);
    assert!(listed.device_ids().is_empty());
}

#[test]
fn get_or_create_by_identity_does_not_return_a_session_with_a_key() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let keyed = world.session(json!({
        "user_identity_id": identity,
        "user_identifier_key": "jane",
    }));
    let unkeyed = json!({ "user_identity_id": identity });
    let got = world.expect_ok(&Caller::ApiKey, "/client_sessions/get_or_create", unkeyed);
    assert_ne!(
        got["client_session"]["client_session_id"],
        keyed["client_session_id"]
    );
}

#[test]
fn at_the_limit_the_oldest_finished_attempt_is_removed_and_not_a_hanging_one() {
    let mut world = World::with(json!({ "rate_limits": false }));
    let door = json!({ "device_id": world.device("Front Door") });
    let hang = json!({ "fault": "attempt_hangs", "times": 1 });
    world.expect_ok(&Caller::ApiKey, "/_sandbox/faults", hang);
    let start_action = |world: &mut World| {
        let created = world.expect_ok(&Caller::ApiKey, "/locks/unlock_door", door.clone());
        text(&created["action_attempt"]["action_attempt_id"])
    };
    let (hangs, oldest) = (start_action(&mut world), start_action(&mut world));
    world.now += AFTER_ATTEMPT;
    let second = start_action(&mut world);
    world.now += AFTER_ATTEMPT;
    for _ in 3..20_000 {
        start_action(&mut world);
    }
    let status = |world: &mut World, id: &str| {
        let one = json!({ "action_attempt_id": id });
        world
            .post(&Caller::ApiKey, "/action_attempts/get", one)
            .status
    };
    assert_eq!(status(&mut world, &oldest), 200);

    start_action(&mut world);

    assert_eq!(status(&mut world, &oldest), 404);
    for there in [&hangs, &second] {
        assert_eq!(status(&mut world, there), 200);
    }
}
