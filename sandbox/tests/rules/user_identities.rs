//! User identities and the devices granted to them.

use serde_json::{Value, json};

use crate::world::{Caller, World, text};

#[test]
fn an_identity_is_created_found_updated_and_deleted() {
    let mut world = World::new();
    let created = world.expect_ok(
        &Caller::ApiKey,
        "/user_identities/create",
        json!({
            "user_identity_key": "user-1",
            "full_name": "Jane Doe",
            "email_address": "jane@example.com",
            "phone_number": "+15550100",
        }),
    );
    let created = created["user_identity"].clone();
    assert_eq!(created["display_name"], "Jane Doe");
    assert_eq!(
        created["workspace_id"],
        world.sandbox.info().workspace_id.as_str()
    );
    let id = text(&created["user_identity_id"]);
    for target in [
        format!("/user_identities/get?user_identity_id={id}"),
        "/user_identities/get?user_identity_key=user-1".to_owned(),
    ] {
        assert_eq!(
            world.get(&Caller::ApiKey, &target).body["user_identity"],
            created
        );
    }
    let update = json!({ "user_identity_id": id, "full_name": null }).to_string();
    let response = world.send(&Caller::ApiKey, "PATCH", "/user_identities/update", &update);
    assert_eq!(response.body, json!({ "ok": true }));
    let by_id = format!("/user_identities/get?user_identity_id={id}");
    let changed = world.get(&Caller::ApiKey, &by_id).body["user_identity"].clone();
    assert_eq!(changed["full_name"], Value::Null);
    assert_eq!(changed["email_address"], "jane@example.com");
    assert_eq!(changed["display_name"], "jane@example.com");
    let delete = format!("/user_identities/delete?user_identity_id={id}");
    assert_eq!(
        world.send(&Caller::ApiKey, "DELETE", &delete, "").status,
        200
    );
    let gone = world.get(&Caller::ApiKey, &by_id);
    assert_eq!(gone.error(), (404, "user_identity_not_found"));
}

#[test]
fn duplicates_of_unique_names_are_refused() {
    let mut world = World::new();
    let taken = json!({
        "user_identity_key": "user-1",
        "email_address": "jane@example.com",
        "phone_number": "+15550100",
    });
    world.expect_ok(&Caller::ApiKey, "/user_identities/create", taken);
    let other = world.identity("user-2");
    let before = world.sandbox.snapshot();
    for (name, value, kind) in [
        ("user_identity_key", "user-1", "user_identity_key_conflict"),
        (
            "email_address",
            "jane@example.com",
            "user_identity_email_or_phone_conflict",
        ),
        (
            "phone_number",
            "+15550100",
            "user_identity_email_or_phone_conflict",
        ),
    ] {
        let refused = world.post(
            &Caller::ApiKey,
            "/user_identities/create",
            json!({ name: value }),
        );
        assert_eq!(refused.error(), (409, kind));
        let update = json!({ "user_identity_id": other, name: value });
        let refused = world.post(&Caller::ApiKey, "/user_identities/update", update);
        assert_eq!(refused.error(), (409, kind));
    }
    assert_eq!(world.sandbox.snapshot(), before);
    let own = json!({ "user_identity_id": other, "user_identity_key": "user-2" });
    world.expect_ok(&Caller::ApiKey, "/user_identities/update", own);
}

#[test]
fn deleting_an_identity_ends_only_its_sessions() {
    let mut world = World::new();
    let (one, two) = (world.identity("user-1"), world.identity("user-2"));
    let (first, second) = (world.token(&one), world.token(&two));
    world.expect_ok(
        &Caller::ApiKey,
        "/user_identities/delete",
        json!({ "user_identity_id": one }),
    );
    let ended = world.get(&first, "/devices/list");
    assert_eq!(ended.error(), (401, "client_session_not_found"));
    assert_eq!(world.get(&second, "/devices/list").status, 200);
}

#[test]
fn granted_devices_are_listed_once_in_order() {
    let mut world = World::new();
    let (front, back) = (world.device("Front Door"), world.device("Back Door"));
    let identity = world.identity("user-1");
    for device in [&back, &front, &back] {
        world.grant(&identity, device);
    }
    let target = format!("/user_identities/list_accessible_devices?user_identity_id={identity}");
    let listed = world.get(&Caller::ApiKey, &target);
    assert_eq!(listed.device_ids(), [front.as_str(), back.as_str()]);
    assert_eq!(listed.body["accessible_devices"], listed.body["devices"]);
    world.revoke(&identity, &back);
    world.revoke(&identity, &back);
    assert_eq!(world.get(&Caller::ApiKey, &target).device_ids(), [front]);
}

#[test]
fn grant_and_revoke_accept_put_and_delete() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    let both = format!("user_identity_id={identity}&device_id={device}&_strict=true");
    let body = json!({ "user_identity_id": identity, "device_id": device }).to_string();
    let grant = "/user_identities/grant_access_to_device";
    assert_eq!(
        world.send(&Caller::ApiKey, "PUT", grant, &body).body,
        json!({ "ok": true })
    );
    let list = format!("/user_identities/list_accessible_devices?user_identity_id={identity}");
    assert_eq!(world.get(&Caller::ApiKey, &list).device_ids().len(), 1);
    let revoke = format!("/user_identities/revoke_access_to_device?{both}");
    assert_eq!(
        world.send(&Caller::ApiKey, "DELETE", &revoke, "").body,
        json!({ "ok": true })
    );
    assert_eq!(world.get(&Caller::ApiKey, &list).device_ids().len(), 0);
}

#[test]
fn what_does_not_exist_is_not_found_and_nothing_changes() {
    let mut world = World::new();
    let nonexistent = "11111111-1111-4111-8111-111111111111";
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    let before = world.sandbox.snapshot();
    let no_identity = json!({ "user_identity_id": nonexistent, "device_id": device });
    let no_device = json!({ "user_identity_id": identity, "device_id": nonexistent });
    for (path, params, kind) in [
        ("get", &no_identity, "user_identity_not_found"),
        ("update", &no_identity, "user_identity_not_found"),
        ("delete", &no_identity, "user_identity_not_found"),
        (
            "list_accessible_devices",
            &no_identity,
            "user_identity_not_found",
        ),
        (
            "grant_access_to_device",
            &no_identity,
            "user_identity_not_found",
        ),
        (
            "revoke_access_to_device",
            &no_identity,
            "user_identity_not_found",
        ),
        ("grant_access_to_device", &no_device, "device_not_found"),
        ("revoke_access_to_device", &no_device, "device_not_found"),
    ] {
        let refused = world.post(
            &Caller::ApiKey,
            &format!("/user_identities/{path}"),
            params.clone(),
        );
        assert_eq!(refused.error(), (404, kind), "{path}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn each_filter_narrows_the_list() {
    let mut world = World::new();
    world.now += 1000;
    let id = world.identity("user-1");
    for (filter, expected) in [
        (format!("user_identity_ids={id}"), 1),
        ("user_identity_ids=".to_owned(), 0),
        (format!("search={}", &id[..8]), 1),
        ("search=DEMO".to_owned(), 1),
        ("search=user-1".to_owned(), 0),
        ("search=nobody".to_owned(), 0),
        ("created_before=2026-11-23T08:30:00.500Z".to_owned(), 1),
        ("created_before=2026-11-23T08:30:00Z".to_owned(), 0),
        (
            "credential_manager_acs_system_id=11111111-1111-4111-8111-111111111111".to_owned(),
            0,
        ),
        ("limit=1".to_owned(), 1),
        (String::new(), 2),
    ] {
        let found = world.get(&Caller::ApiKey, &format!("/user_identities/list?{filter}"));
        let ids = found.ids("user_identities", "user_identity_id");
        assert_eq!(ids.len(), expected, "{filter}");
    }
}

#[test]
fn deleting_an_identity_deletes_everything_that_belongs_to_it() {
    let mut world = World::with(json!({ "seed": {
        "devices": [{ "device_type": "yale_lock", "display_name": "Room 1" }],
        "user_identities": [
            { "user_identity_key": "jane", "devices": ["Room 1"] },
            { "user_identity_key": "joe", "devices": ["Room 1"] },
        ],
        "client_sessions": [{ "user_identity_key": "jane" }],
        "access_grants": [
            { "user_identity_key": "jane", "devices": ["Room 1"] },
            { "user_identity_key": "joe", "devices": ["Room 1"] },
        ],
        "acs_systems": [{ "name": "Club" }],
        "acs_users": [{ "display_name": "Jane", "acs_system": "Club", "user_identity_key": "jane" }],
        "acs_credentials": [{ "acs_user": "Jane" }],
        "phones": [{ "user_identity_key": "jane" }],
    }}));
    let info = world.sandbox.info();
    let jane = Caller::Token(info.client_session_token);
    let id = info.user_identity_id.expect("Jane");
    let params = json!({ "user_identity_id": id });
    world.expect_ok(&Caller::ApiKey, "/user_identities/delete", params);

    let refused = world.get(&jane, "/devices/list");
    assert_eq!(refused.error(), (401, "client_session_not_found"));
    let grants = world.post(&Caller::ApiKey, "/access_grants/list", json!({}));
    assert_eq!(grants.ids("access_grants", "access_grant_id").len(), 1);
    let response = world.post(
        &Caller::ApiKey,
        "/events/list",
        json!({ "since": "2000-01-01" }),
    );
    let mut types = response.ids("events", "event_type");
    types.sort();
    assert_eq!(
        types,
        [
            "access_grant.deleted",
            "acs_credential.deleted",
            "acs_user.deleted",
            "client_session.deleted",
        ]
    );
    let state = world.sandbox.snapshot();
    let left = response.body.to_string().matches(&id).count();
    assert_eq!(
        state.matches(&id).count(),
        left,
        "nothing but events names it"
    );
}
