//! Connected accounts.

use serde_json::{Value, json};

use crate::world::{ApiResponse, Caller, World, text};

const GET: &str = "/connected_accounts/get";

/// Returns the account of the front door.
fn account(world: &mut World) -> String {
    let found = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "name": "Front Door" }),
    );
    text(&found["device"]["connected_account_id"])
}

#[test]
fn a_grant_of_a_device_shows_nothing_of_its_account() {
    let mut world = World::new();
    let account = account(&mut world);
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    world.grant(&identity, &device);
    let guest = world.token(&identity);
    let holder = world.session(json!({ "connected_account_ids": [account] }));
    let holder = Caller::Token(text(&holder["token"]));
    for params in [
        json!({ "connected_account_id": account }),
        json!({ "email": "house@example.com" }),
    ] {
        let shown = world.expect_ok(&holder, GET, params.clone());
        assert_eq!(
            text(&shown["connected_account"]["connected_account_id"]),
            account
        );
        let refused = world.post(&guest, GET, params);
        assert_eq!(refused.error(), (404, "connected_account_not_found"));
    }
}

#[test]
fn accounts_are_listed_and_searched() {
    let mut world = World::new();
    let account = account(&mut world);
    world.session(json!({ "connected_account_ids": [account], "user_identifier_key": "jo" }));
    let metadata = json!({ "connected_account_id": account, "custom_metadata": { "a": "1" } });
    world.expect_ok(&Caller::ApiKey, "/connected_accounts/update", metadata);
    let list = |world: &mut World, params: &Value| -> ApiResponse {
        world.post(&Caller::ApiKey, "/connected_accounts/list", params.clone())
    };
    let both = list(&mut world, &json!({})).ids("connected_accounts", "connected_account_id");
    assert_eq!(both.len(), 2);
    for (params, finds) in [
        (json!({ "search": "HOUSE" }), true),
        (json!({ "search": "house@example" }), true),
        (json!({ "search": "nobody" }), false),
        (json!({ "custom_metadata_has": { "a": "1" } }), true),
        (json!({ "custom_metadata_has": { "a": "2" } }), false),
        (json!({ "user_identifier_key": "jo" }), true),
        (json!({ "user_identifier_key": "jim" }), false),
        (json!({ "customer_key": "x" }), false),
    ] {
        let found = list(&mut world, &params).ids("connected_accounts", "connected_account_id");
        let expected = if finds { vec![account.clone()] } else { vec![] };
        assert_eq!(found, expected, "{params}");
    }
    let page = list(&mut world, &json!({ "limit": 1 }));
    assert_eq!(page.body["pagination"]["has_next_page"], true);
}

#[test]
fn metadata_of_an_account_is_replaced_as_a_whole() {
    let mut world = World::new();
    let id = account(&mut world);
    for (given, kept) in [
        (
            json!({ "a": "1", "b": true }),
            json!({ "a": "1", "b": true }),
        ),
        (json!({ "c": "3", "d": null }), json!({ "c": "3" })),
    ] {
        let params =
            json!({ "connected_account_id": id, "custom_metadata": given, "display_name": "H" });
        let updated = world.expect_ok(&Caller::ApiKey, "/connected_accounts/update", params);
        assert_eq!(updated["connected_account"]["custom_metadata"], kept);
        assert_eq!(updated["connected_account"]["display_name"], "H");
    }
    let customer = json!({ "connected_account_id": id, "customer_key": "x" });
    let refused = world.post(&Caller::ApiKey, "/connected_accounts/update", customer);
    assert_eq!(refused.error(), (501, "not_simulated"));
}

#[test]
fn deleting_an_account_deletes_everything_that_belongs_to_it() {
    let mut world = World::new();
    let account = account(&mut world);
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    world.grant(&identity, &device);
    let guest = world.token(&identity);
    let session = world.session(json!({ "connected_account_ids": [account] }));
    let holder = Caller::Token(text(&session["token"]));
    let delete = json!({ "connected_account_id": account });
    let refused = world.post(&holder, "/connected_accounts/delete", delete.clone());
    assert_eq!(refused.error(), (401, "unauthorized"));

    world.expect_ok(
        &Caller::ApiKey,
        "/connected_accounts/delete",
        delete.clone(),
    );
    for caller in [&guest, &holder] {
        assert!(world.get(caller, "/devices/list").device_ids().is_empty());
    }
    let left = world.get(&Caller::ApiKey, "/devices/list").device_ids();
    assert!(!left.contains(&device));
    assert_eq!(left.len(), 4);
    let shown = world.expect_ok(&holder, "/client_sessions/get", json!({}));
    assert_eq!(shown["client_session"]["connected_account_ids"], json!([]));
    let gone = world.post(&Caller::ApiKey, "/connected_accounts/delete", delete);
    assert_eq!(gone.error(), (404, "connected_account_not_found"));
    let response = world.post(
        &Caller::ApiKey,
        "/events/list",
        json!({ "since": "2000-01-01" }),
    );
    let types = response.ids("events", "event_type");
    for (event_type, count) in [
        ("connected_account.deleted", 1),
        ("device.deleted", 4),
        ("access_code.deleted", 2),
        ("access_code.unmanaged.removed", 1),
    ] {
        let found = types.iter().filter(|it| *it == event_type).count();
        assert_eq!(found, count, "{event_type}");
    }
}

#[test]
fn a_disconnected_account_and_its_devices_have_an_error() {
    let mut world = World::new();
    let account = account(&mut world);
    let device = world.device("Front Door");
    let params = json!({ "connected_account_id": account });
    for _ in 0..2 {
        world.expect_ok(
            &Caller::ApiKey,
            "/connected_accounts/simulate/disconnect",
            params.clone(),
        );
    }
    let shown = world.expect_ok(&Caller::ApiKey, GET, params);
    let errors = &shown["connected_account"]["errors"];
    assert_eq!(errors[0]["error_code"], "account_disconnected");
    let shown = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "device_id": device }),
    );
    assert_eq!(
        shown["device"]["errors"][0]["error_code"],
        "account_disconnected"
    );
    assert_eq!(shown["device"]["properties"]["online"], false);
    let params = json!({ "since": "2000-01-01", "connected_account_id": account });
    let response = world.post(&Caller::ApiKey, "/events/list", params);
    let events = response.body["events"].as_array().expect("a list");
    let [of_account, of_devices @ ..] = events.as_slice() else {
        panic!("no events");
    };
    assert_eq!(of_account["event_type"], "connected_account.disconnected");
    assert_eq!(of_devices.len(), 4);
    for event in of_devices {
        assert_eq!(event["event_type"], "device.disconnected");
        assert_eq!(event["error_code"], "account_disconnected");
        assert_eq!(
            event["device_errors"][0]["error_code"],
            "account_disconnected"
        );
        assert_eq!(event["connected_account_errors"], *errors);
    }
    let connect = "/devices/simulate/connect";
    world.expect_ok(&Caller::ApiKey, connect, json!({ "device_id": device }));
    let shown = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "device_id": device }),
    );
    assert_eq!(shown["device"]["properties"]["online"], false);
}

#[test]
fn a_guest_learns_nothing_of_the_account_from_the_events_of_a_device() {
    let mut world = World::new();
    let account = account(&mut world);
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    world.grant(&identity, &device);
    let guest = world.token(&identity);
    let metadata = json!({ "connected_account_id": account, "custom_metadata": { "a": "1" } });
    world.expect_ok(&Caller::ApiKey, "/connected_accounts/update", metadata);
    let metadata = json!({ "device_id": device, "custom_metadata": { "floor": "2" } });
    world.expect_ok(&Caller::ApiKey, "/devices/update", metadata);
    let disconnect = json!({ "connected_account_id": account });
    world.now += 1;
    world.expect_ok(
        &Caller::ApiKey,
        "/connected_accounts/simulate/disconnect",
        disconnect,
    );

    let params = json!({ "since": "2000-01-01", "event_type": "device.disconnected" });
    let seen = world.expect_ok(&guest, "/events/list", params.clone());
    let all = world.expect_ok(&Caller::ApiKey, "/events/list", params);

    let (seen, all) = (&seen["events"][0], &all["events"][0]);
    assert_eq!(seen["event_type"], "device.disconnected");
    for event in [seen, all] {
        assert_eq!(event["device_custom_metadata"], json!({ "floor": "2" }));
    }
    assert_eq!(
        all["connected_account_custom_metadata"],
        json!({ "a": "1" })
    );
    assert_eq!(seen["connected_account_custom_metadata"], Value::Null);
    assert_eq!(seen["connected_account_errors"], json!([]));
}

#[test]
fn a_sync_of_an_account_is_accepted() {
    let mut world = World::new();
    let account = account(&mut world);
    let path = "/connected_accounts/sync";
    world.expect_ok(
        &Caller::ApiKey,
        path,
        json!({ "connected_account_id": account }),
    );
    let unknown = json!({ "connected_account_id": "11111111-1111-4111-8111-111111111111" });
    let refused = world.post(&Caller::ApiKey, path, unknown);
    assert_eq!(refused.error(), (404, "connected_account_not_found"));
}
