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
    let thermostats = [
        "nest",
        "ecobee",
        "honeywell_resideo",
        "first_alert",
        "tado",
        "sensi",
    ];
    assert_eq!(category["accepted_providers"], json!(thermostats));
    let any = create(&mut world, &Caller::ApiKey, json!({}));
    assert_eq!(any["any_provider_allowed"], true);
    assert_eq!(any["any_device_allowed"], false);
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
    assert_eq!(
        all.ids("device_providers", "device_provider_name").len(),
        62
    );
    let providers = all.body["device_providers"].as_array().expect("a list");
    let named = |name: &str| {
        let mut providers = providers.iter();
        providers
            .find(|it| it["device_provider_name"] == name)
            .expect("a provider")
    };
    assert_eq!(named("august")["can_simulate_removal"], true);
    assert_eq!(named("august")["can_remotely_unlock"], true);
    assert_eq!(named("nuki")["can_simulate_paid_subscription"], true);
    assert_eq!(named("nuki")["can_simulate_removal"], Value::Null);
    for provider in providers {
        assert!(text(&provider["image_url"]).starts_with("data:image/svg+xml,"));
    }
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
    let types = response.ids("events", "event_type");
    assert_eq!(
        types,
        [
            "connect_webview.login_succeeded",
            "connected_account.created",
            "connected_account.connected",
            "connected_account.successful_login",
            "device.added",
            "device.connected",
            "device.unmanaged.connected",
            "connected_account.completed_first_sync",
        ]
    );
    let response = world.post(&stranger, "/events/list", json!({ "since": "2000-01-01" }));
    assert_eq!(response.body["events"], json!([]));
    let again = world.post(&Caller::ApiKey, COMPLETE, params);
    assert_eq!(again.error(), (400, "connect_webview_already_completed"));
}

#[test]
fn a_login_is_through_a_provider_that_the_webview_accepts() {
    let mut world = World::new();
    for (accepted, given, expected) in [
        (json!({}), json!(null), Ok("yale")),
        (json!({}), json!("google_nest"), Ok("google_nest")),
        (json!({}), json!("acme"), Err(())),
        (
            json!({ "accepted_providers": ["ecobee", "nest"] }),
            json!(null),
            Ok("ecobee"),
        ),
        (
            json!({ "accepted_providers": ["ecobee", "nest"] }),
            json!("nest"),
            Ok("nest"),
        ),
        (
            json!({ "accepted_providers": ["ecobee", "nest"] }),
            json!("yale"),
            Err(()),
        ),
        (
            json!({ "accepted_providers": ["minut"] }),
            json!(null),
            Ok("minut"),
        ),
        (
            json!({ "accepted_providers": ["brivo"] }),
            json!(null),
            Ok("brivo"),
        ),
    ] {
        let created = create(&mut world, &Caller::ApiKey, accepted);
        let mut params = json!({ "connect_webview_id": created["connect_webview_id"] });
        if given.is_string() {
            params["provider"] = given.clone();
        }
        let response = world.post(&Caller::ApiKey, COMPLETE, params);
        let Ok(provider) = expected else {
            assert_eq!(response.error(), (400, "invalid_input"), "{given}");
            continue;
        };
        assert_eq!(
            response.body["connect_webview"]["selected_provider"],
            provider
        );
        let account = &response.body["connected_account"];
        assert_eq!(account["account_type"], provider);
        let of_account = json!({ "connected_account_id": account["connected_account_id"] });
        let devices = world.post(&Caller::ApiKey, "/devices/list", of_account);
        let types = devices.ids("devices", "device_type");
        let usual: &[&str] = match provider {
            "yale" => &["yale_lock"],
            "ecobee" => &["ecobee_thermostat"],
            "minut" => &["minut_sensor"],
            "brivo" => &[],
            _ => &["nest_thermostat"],
        };
        assert_eq!(types, usual, "{provider}");
    }
}

#[test]
fn a_user_who_logs_in_again_reconnects_the_account_and_its_devices() {
    let mut world = World::new();
    let (one, other) = (world.identity("user-1"), world.identity("user-2"));
    let (user, second) = (world.token(&one), world.token(&other));
    let login = |world: &mut World, caller: &Caller, metadata: Value| {
        let created = create(world, caller, json!({ "custom_metadata": metadata }));
        let params = json!({
            "connect_webview_id": created["connect_webview_id"],
            "provider": "august",
            "email": "jane@example.com",
        });
        world.now += 1;
        world.expect_ok(&Caller::ApiKey, COMPLETE, params)["connected_account"].take()
    };
    let first = login(&mut world, &user, json!({ "a": "1" }));
    assert_eq!(first["user_identifier"]["email"], "jane@example.com");
    let account = json!({ "connected_account_id": first["connected_account_id"] });
    let by_email = json!({ "email": "jane@example.com" });
    let found = world.expect_ok(&Caller::ApiKey, "/connected_accounts/get", by_email);
    assert_eq!(found["connected_account"], first);
    let device = world.get(&user, "/devices/list").device_ids()[0].clone();
    let disconnect = "/connected_accounts/simulate/disconnect";
    world.expect_ok(&Caller::ApiKey, disconnect, account.clone());
    world.now += 1;

    let again = login(&mut world, &second, json!({}));

    assert_eq!(again["connected_account_id"], first["connected_account_id"]);
    assert_eq!(again["errors"], json!([]));
    assert_eq!(again["custom_metadata"], json!({ "a": "1" }));
    // Both users have logged in to the account.
    for caller in [&user, &second] {
        assert_eq!(
            world.get(caller, "/devices/list").device_ids(),
            std::slice::from_ref(&device)
        );
    }
    let shown = world.expect_ok(&user, "/devices/get", json!({ "device_id": device }));
    assert_eq!(shown["device"]["properties"]["online"], true);
    assert_eq!(shown["device"]["properties"]["locked"], true);
    assert_eq!(shown["device"]["errors"], json!([]));
    let events =
        json!({ "since": "2000-01-01", "connected_account_id": account["connected_account_id"] });
    let response = world.post(&Caller::ApiKey, "/events/list", events);
    let events = response.body["events"].as_array().expect("a list").iter();
    let since = events.skip_while(|it| it["event_type"] != "connected_account.disconnected");
    let types: Vec<_> = since.map(|it| text(&it["event_type"])).collect();
    assert_eq!(
        types,
        [
            "connected_account.disconnected",
            "device.disconnected",
            "connect_webview.login_succeeded",
            "connected_account.connected",
            "connected_account.successful_login",
            "device.connected",
            "connected_account.completed_first_sync_after_reconnection",
        ]
    );
    let third = login(&mut world, &second, json!({ "b": "2" }));
    assert_eq!(third["custom_metadata"], json!({ "b": "2" }));
}

#[test]
fn an_account_of_the_seed_reconnects_by_its_email_address() {
    let mut world = World::new();
    let params = json!({ "email": "house@example.com" });
    let account = world.expect_ok(&Caller::ApiKey, "/connected_accounts/get", params);
    let account = account["connected_account"]["connected_account_id"].clone();
    let created = create(&mut world, &Caller::ApiKey, json!({}));
    let params = json!({
        "connect_webview_id": created["connect_webview_id"],
        "email": "house@example.com",
    });
    let done = world.expect_ok(&Caller::ApiKey, COMPLETE, params);
    assert_eq!(done["connected_account"]["connected_account_id"], account);
    let accounts = world.post(&Caller::ApiKey, "/connected_accounts/list", json!({}));
    assert_eq!(accounts.ids("connected_accounts", "display_name").len(), 2);
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
