//! `/devices/update` and `/devices/unmanaged/update`.

use serde_json::{Value, json};

use crate::world::{Caller, World, text};

#[test]
fn the_name_and_metadata_of_a_device_are_updated() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let identity = world.identity("user-1");
    world.grant(&identity, &device);
    let user = world.token(&identity);
    world.expect_ok(
        &user,
        "/devices/update",
        json!({ "device_id": device, "name": "Porch", "custom_metadata": { "a": "1", "b": true } }),
    );
    world.expect_ok(
        &user,
        "/devices/update",
        json!({ "device_id": device, "custom_metadata": { "a": null } }),
    );
    let one = json!({ "device_id": device });
    let shown = world.expect_ok(&user, "/devices/get", one.clone())["device"].clone();
    assert_eq!(shown["display_name"], "Porch");
    assert_eq!(shown["nickname"], "Porch");
    assert_eq!(shown["custom_metadata"], json!({ "b": true }));
    world.expect_ok(
        &user,
        "/devices/update",
        json!({ "device_id": device, "name": null }),
    );
    let shown = world.expect_ok(&user, "/devices/get", one)["device"].clone();
    assert_eq!(shown["display_name"], "Front Door");
    assert_eq!(shown["nickname"], Value::Null);
}

#[test]
fn metadata_beyond_the_limits_is_refused_and_changes_nothing() {
    let mut world = World::new();
    let device = world.device("Front Door");
    let before = world.sandbox.snapshot();
    let many: Vec<_> = (0..51).map(|it| (format!("k{it}"), json!("x"))).collect();
    for metadata in [
        Value::Object(many.into_iter().collect()),
        json!({ "k".repeat(41): "x" }),
        json!({ "a.b": "x" }),
        json!({ "a": "x".repeat(501) }),
        json!({ "a": 1 }),
    ] {
        let params = json!({ "device_id": device, "custom_metadata": metadata });
        let refused = world.post(&Caller::ApiKey, "/devices/update", params);
        assert_eq!(refused.error(), (400, "invalid_input"));
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn making_a_device_unmanaged_needs_access_to_its_account() {
    let mut world = World::new();
    let found = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "name": "Front Door" }),
    );
    let device = text(&found["device"]["device_id"]);
    let identity = world.identity("user-1");
    world.grant(&identity, &device);
    let guest = world.token(&identity);
    let account = found["device"]["connected_account_id"].clone();
    let holder = world.session(json!({ "connected_account_ids": [account] }));
    let holder = Caller::Token(text(&holder["token"]));
    let unmanage = json!({ "device_id": device, "is_managed": false });
    let before = world.sandbox.snapshot();
    let refused = world.post(&guest, "/devices/update", unmanage.clone());
    assert_eq!(refused.error(), (401, "unauthorized"));
    assert_eq!(world.sandbox.snapshot(), before);

    world.expect_ok(&holder, "/devices/update", unmanage);
    let one = json!({ "device_id": device });
    for caller in [&guest, &holder, &Caller::ApiKey] {
        let refused = world.post(caller, "/devices/get", one.clone());
        assert_eq!(refused.error(), (400, "device_unmanaged"));
        assert!(
            !world
                .get(caller, "/devices/list")
                .device_ids()
                .contains(&device)
        );
        let shown = world.expect_ok(caller, "/devices/unmanaged/get", one.clone());
        assert_eq!(shown["device"]["is_managed"], false);
    }
    let listed = world.get(&Caller::ApiKey, "/devices/unmanaged/list");
    assert_eq!(listed.device_ids(), [device.as_str()]);

    let manage = json!({ "device_id": device, "is_managed": true });
    world.expect_ok(&Caller::ApiKey, "/devices/unmanaged/update", manage.clone());
    assert!(
        world
            .get(&guest, "/devices/list")
            .device_ids()
            .contains(&device)
    );
    let refused = world.post(&Caller::ApiKey, "/devices/unmanaged/update", manage);
    assert_eq!(refused.error(), (400, "device_managed"));
}

#[test]
fn an_unmanaged_device_outside_scope_is_not_found() {
    for (options, error) in [
        (json!({}), (404, "device_not_found")),
        (json!({ "out_of_scope": 401 }), (401, "unauthorized")),
    ] {
        let mut world = World::with(options);
        let device = world.device("Front Door");
        let (own, other) = (world.identity("user-1"), world.identity("user-2"));
        world.grant(&own, &device);
        let (guest, stranger) = (world.token(&own), world.token(&other));
        let unmanage = json!({ "device_id": device, "is_managed": false });
        world.expect_ok(&Caller::ApiKey, "/devices/update", unmanage);
        let one = json!({ "device_id": device });
        for path in ["/devices/unmanaged/get", "/devices/get", "/devices/update"] {
            let refused = world.post(&stranger, path, one.clone());
            assert_eq!(refused.error(), error, "{path}");
        }
        let named = json!({ "name": "Front Door" });
        let refused = world.post(&stranger, "/devices/unmanaged/get", named.clone());
        assert_eq!(refused.error(), (404, "device_not_found"));
        let shown = world.expect_ok(&guest, "/devices/unmanaged/get", named);
        assert_eq!(text(&shown["device"]["device_id"]), device);
        let managed = world.device("Garage");
        let refused = world.post(
            &Caller::ApiKey,
            "/devices/unmanaged/get",
            json!({ "device_id": managed }),
        );
        assert_eq!(refused.error(), (400, "device_managed"));
    }
}

#[test]
fn unmanaged_devices_have_the_same_filters() {
    let mut world = World::new();
    for name in ["Front Door", "Garage"] {
        let device = world.device(name);
        let unmanage = json!({ "device_id": device, "is_managed": false });
        world.expect_ok(&Caller::ApiKey, "/devices/update", unmanage);
    }
    let list = "/devices/unmanaged/list";
    for (params, count) in [
        (json!({}), 2),
        (json!({ "search": "garage" }), 1),
        (json!({ "device_type": "august_lock" }), 1),
        (json!({ "limit": 1 }), 1),
        (json!({ "customer_key": "x" }), 0),
    ] {
        let listed = world.post(&Caller::ApiKey, list, params.clone());
        assert_eq!(listed.device_ids().len(), count, "{params}");
    }
    assert_eq!(
        world
            .get(&Caller::ApiKey, "/devices/list")
            .device_ids()
            .len(),
        6
    );
}
