//! Connect webviews.

use serde_json::{Value, json};

use crate::world::{Caller, World, text};

const CREATE: &str = "/connect_webviews/create";
const GET: &str = "/connect_webviews/get";
const LIST: &str = "/connect_webviews/list";

fn create(world: &mut World, caller: &Caller, params: Value) -> Value {
    world.expect_ok(caller, CREATE, params)["connect_webview"].take()
}

#[test]
fn a_session_sees_only_the_webviews_that_it_created() {
    let mut world = World::new();
    let (one, other) = (world.identity("user-1"), world.identity("user-2"));
    let (user, stranger) = (world.token(&one), world.token(&other));
    let created = create(&mut world, &user, json!({}));
    let id = json!({ "connect_webview_id": created["connect_webview_id"] });
    assert_eq!(created["status"], "pending");
    for caller in [&user, &Caller::ApiKey] {
        assert_eq!(
            world.expect_ok(caller, GET, id.clone())["connect_webview"],
            created
        );
    }
    let listed = world.post(&user, LIST, json!({}));
    assert_eq!(listed.ids("connect_webviews", "status"), ["pending"]);
    let refused = world.post(&stranger, GET, id.clone());
    assert_eq!(refused.error(), (404, "connect_webview_not_found"));
    assert_eq!(
        world.post(&stranger, LIST, json!({})).body["connect_webviews"],
        json!([])
    );
    let session = world.expect_ok(&user, "/client_sessions/get", json!({}));
    let own = &session["client_session"]["connect_webview_ids"];
    assert_eq!(own, &json!([created["connect_webview_id"]]));

    let refused = world.post(&user, "/connect_webviews/delete", id.clone());
    assert_eq!(refused.error(), (401, "unauthorized"));
    world.expect_ok(&Caller::ApiKey, "/connect_webviews/delete", id.clone());
    let gone = world.post(&user, GET, id);
    assert_eq!(gone.error(), (404, "connect_webview_not_found"));
}

#[test]
fn a_webview_has_the_requested_settings() {
    let mut world = World::new();
    let created = create(
        &mut world,
        &Caller::ApiKey,
        json!({
            "accepted_providers": ["yale", "august"],
            "excluded_providers": ["august"],
            "custom_redirect_url": "https://example.com/done",
            "custom_metadata": { "a": "1" },
            "automatically_manage_new_devices": false,
            "wait_for_device_creation": true,
        }),
    );
    assert_eq!(created["accepted_providers"], json!(["yale"]));
    assert_eq!(created["any_provider_allowed"], false);
    assert_eq!(
        created["custom_redirect_failure_url"],
        "https://example.com/done"
    );
    assert_eq!(created["custom_metadata"], json!({ "a": "1" }));
    assert_eq!(created["automatically_manage_new_devices"], false);
    let category = create(
        &mut world,
        &Caller::ApiKey,
        json!({ "provider_category": "thermostats" }),
    );
    assert_eq!(category["accepted_providers"], json!(["ecobee", "nest"]));
    let any = create(&mut world, &Caller::ApiKey, json!({}));
    assert_eq!(any["any_provider_allowed"], true);
    let refused = world.post(&Caller::ApiKey, CREATE, json!({ "customer_key": "x" }));
    assert_eq!(refused.error(), (501, "not_simulated"));
}

#[test]
fn webviews_are_listed_and_searched() {
    let mut world = World::new();
    let created = create(
        &mut world,
        &Caller::ApiKey,
        json!({ "accepted_providers": ["yale"], "custom_metadata": { "a": "Blue" } }),
    );
    let id = text(&created["connect_webview_id"]);
    let session = json!({ "connect_webview_ids": [id], "user_identifier_key": "jo" });
    world.session(session);
    for (params, finds) in [
        (json!({ "search": "yale" }), true),
        (json!({ "search": "blue" }), true),
        (json!({ "search": id }), true),
        (json!({ "search": "nobody" }), false),
        (json!({ "custom_metadata_has": { "a": "Blue" } }), true),
        (json!({ "custom_metadata_has": { "b": "Blue" } }), false),
        (json!({ "user_identifier_key": "jo" }), true),
        (json!({ "user_identifier_key": "jim" }), false),
        (json!({ "customer_key": "x" }), false),
    ] {
        let listed = world.post(&Caller::ApiKey, LIST, params.clone());
        let ids = listed.ids("connect_webviews", "connect_webview_id");
        let expected = if finds { vec![id.clone()] } else { vec![] };
        assert_eq!(ids, expected, "{params}");
    }
    assert_eq!(
        world
            .post(&Caller::ApiKey, LIST, json!({ "limit": 2 }))
            .body["pagination"]["has_next_page"],
        true
    );
}

#[test]
fn without_its_webview_an_account_is_out_of_scope() {
    let mut world = World::new();
    let listed = world.get(&Caller::ApiKey, "/connect_webviews/list");
    let webview = &listed.body["connect_webviews"][0]["connect_webview_id"];
    let session = world.session(json!({ "connect_webview_ids": [webview] }));
    let user = Caller::Token(text(&session["token"]));
    assert_eq!(world.get(&user, "/devices/list").device_ids().len(), 4);
    let delete = json!({ "connect_webview_id": webview });
    world.expect_ok(&Caller::ApiKey, "/connect_webviews/delete", delete);
    assert!(world.get(&user, "/devices/list").device_ids().is_empty());
    assert_eq!(
        world
            .get(&Caller::ApiKey, "/devices/list")
            .device_ids()
            .len(),
        8
    );
}

#[test]
fn a_filter_does_not_reveal_the_webview_of_a_granted_device() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    world.grant(&identity, &device);
    let guest = world.token(&identity);
    let webviews = world.get(&Caller::ApiKey, LIST);
    for webview in webviews.ids("connect_webviews", "connect_webview_id") {
        let filter = json!({ "connect_webview_id": webview });
        let listed = world.post(&guest, "/devices/list", filter.clone());
        assert!(listed.device_ids().is_empty());
        let all = world.post(&Caller::ApiKey, "/devices/list", filter);
        assert_eq!(all.device_ids().len(), 4);
    }
}

#[test]
fn providers_are_listed_by_category() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    let path = "/devices/list_device_providers";
    let all = world.post(&user, path, json!({}));
    let cameras = world.post(&user, path, json!({ "provider_category": "cameras" }));
    assert_eq!(
        cameras.ids("device_providers", "device_provider_name"),
        ["ring"]
    );
    assert!(all.ids("device_providers", "device_provider_name").len() > 10);
}

const COMPLETE: &str = "/_sandbox/complete_connect_webview";

#[test]
fn a_completed_webview_gives_its_creator_access_to_the_account_and_its_devices() {
    let mut world = World::new();
    let (one, other) = (world.identity("user-1"), world.identity("user-2"));
    let (user, stranger) = (world.token(&one), world.token(&other));
    let created = create(
        &mut world,
        &user,
        json!({ "custom_metadata": { "a": "1" } }),
    );
    let id = text(&created["connect_webview_id"]);
    world.now += 1;
    let params = json!({ "connect_webview_id": id, "provider": "nuki", "devices": [
        { "device_type": "nuki_lock", "display_name": "Shed" },
        { "device_type": "nuki_lock", "display_name": "Attic", "is_managed": false },
    ]});
    let refused = world.post(&user, COMPLETE, params.clone());
    assert_eq!(refused.error(), (401, "unauthorized"));
    let done = world.expect_ok(&Caller::ApiKey, COMPLETE, params.clone());
    assert_eq!(done["connect_webview"]["status"], "authorized");
    let account = &done["connected_account"];
    assert_eq!(account["custom_metadata"], json!({ "a": "1" }));

    let listed = world.get(&user, "/devices/list");
    assert_eq!(listed.ids("devices", "display_name"), ["Shed"]);
    let one = json!({ "connected_account_id": account["connected_account_id"] });
    let path = "/connected_accounts/get";
    assert_eq!(
        &world.expect_ok(&user, path, one.clone())["connected_account"],
        account
    );
    let shown = world.expect_ok(&user, GET, json!({ "connect_webview_id": id }));
    assert_eq!(shown["connect_webview"], done["connect_webview"]);
    assert!(
        world
            .get(&stranger, "/devices/list")
            .device_ids()
            .is_empty()
    );
    assert_eq!(world.post(&stranger, path, one).status, 404);

    let response = world.post(&user, "/events/list", json!({ "since": "2000-01-01" }));
    let mut types = response.ids("events", "event_type");
    types.sort();
    assert_eq!(
        types,
        [
            "connect_webview.login_succeeded",
            "connected_account.connected",
            "connected_account.created",
            "device.added",
            "device.connected",
            "device.unmanaged.connected",
        ]
    );
    let response = world.post(&stranger, "/events/list", json!({ "since": "2000-01-01" }));
    assert_eq!(response.body["events"], json!([]));
    let again = world.post(&Caller::ApiKey, COMPLETE, params);
    assert_eq!(again.error(), (400, "connect_webview_already_completed"));
}

#[test]
fn a_failed_login_creates_no_account() {
    let mut world = World::new();
    let created = create(&mut world, &Caller::ApiKey, json!({}));
    let params = json!({
        "connect_webview_id": created["connect_webview_id"],
        "login_successful": false,
    });
    let done = world.expect_ok(&Caller::ApiKey, COMPLETE, params);
    assert_eq!(done["connect_webview"]["status"], "failed");
    assert_eq!(done["connected_account"], Value::Null);
    let accounts = world.post(&Caller::ApiKey, "/connected_accounts/list", json!({}));
    assert_eq!(accounts.ids("connected_accounts", "display_name").len(), 2);
}

#[test]
fn new_devices_are_unmanaged_unless_the_webview_manages_them() {
    let mut world = World::new();
    let created = create(
        &mut world,
        &Caller::ApiKey,
        json!({ "automatically_manage_new_devices": false }),
    );
    let params = json!({ "connect_webview_id": created["connect_webview_id"] });
    world.expect_ok(&Caller::ApiKey, COMPLETE, params);
    let unmanaged = world.get(&Caller::ApiKey, "/devices/unmanaged/list");
    assert_eq!(unmanaged.device_ids().len(), 1);
}

#[test]
fn a_login_with_invalid_devices_changes_nothing() {
    let mut world = World::new();
    let created = create(&mut world, &Caller::ApiKey, json!({}));
    let known = world.device("Front Door");
    let new = "11111111-1111-4111-8111-111111111111";
    let lock =
        |id: &str| json!({ "device_type": "yale_lock", "display_name": "A", "device_id": id });
    let before = world.sandbox.snapshot();
    for devices in [
        json!([{ "display_name": "A" }]),
        json!([lock("x")]),
        json!([lock(&known)]),
        json!([lock(new), lock(new)]),
        json!([{ "device_type": "yale_lock", "display_name": "A", "properties": { "online": 1 } }]),
        json!(["lock"]),
    ] {
        let params = json!({
            "connect_webview_id": created["connect_webview_id"],
            "devices": devices,
        });
        let refused = world.post(&Caller::ApiKey, COMPLETE, params);
        assert_eq!(refused.error(), (400, "invalid_input"), "{devices}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn a_session_has_at_most_a_thousand_webviews() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    for _ in 0..1_000 {
        world.expect_ok(&user, "/connect_webviews/create", json!({}));
    }
    let refused = world.post(&user, "/connect_webviews/create", json!({}));
    assert_eq!(refused.error(), (400, "limit_reached"));
    world.expect_ok(&Caller::ApiKey, "/connect_webviews/create", json!({}));
}
