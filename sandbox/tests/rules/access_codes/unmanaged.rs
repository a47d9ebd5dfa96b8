//! Unmanaged access codes, and codes of unmanaged locks.

use serde_json::json;

use super::{create, get};
use crate::world::{AFTER_ATTEMPT, Caller, World, text};

#[test]
fn an_unmanaged_code_is_listed_converted_and_removed() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let params = json!({ "device_id": door, "name": "By hand", "code": "8080" });
    let path = "/access_codes/simulate/create_unmanaged_access_code";
    let created = world.expect_ok(&Caller::ApiKey, path, params);
    let id = created["access_code"]["access_code_id"].clone();
    let one = json!({ "access_code_id": id });
    let list = json!({ "device_id": door });
    let count = |world: &mut World| {
        let listed = world.expect_ok(
            &Caller::ApiKey,
            "/access_codes/unmanaged/list",
            list.clone(),
        );
        listed["access_codes"].as_array().expect("a list").len()
    };
    assert_eq!(count(&mut world), 2);
    let refused = world.post(&Caller::ApiKey, "/access_codes/get", one.clone());
    assert_eq!(refused.error(), (404, "access_code_not_found"));
    let got = world.expect_ok(&Caller::ApiKey, "/access_codes/unmanaged/get", one.clone());
    assert_eq!(got["access_code"]["name"], "By hand");

    let kept = json!({ "access_code_id": id, "is_managed": false });
    world.expect_ok(&Caller::ApiKey, "/access_codes/unmanaged/update", kept);
    assert_eq!(count(&mut world), 2);
    world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/unmanaged/convert_to_managed",
        one.clone(),
    );
    assert_eq!(count(&mut world), 1);
    assert_eq!(
        get(&mut world, &Caller::ApiKey, &text(&id))["is_managed"],
        true
    );
    let back = json!({ "access_code_id": id, "is_managed": false });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", back);
    assert_eq!(count(&mut world), 2);
    world.expect_ok(&Caller::ApiKey, "/access_codes/unmanaged/delete", one);
    assert_eq!(count(&mut world), 1);
}

#[test]
fn the_codes_of_a_lock_made_unmanaged_cannot_be_changed() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let managed = create(&mut world, &Caller::ApiKey, json!({ "device_id": door }));
    let simulate = "/access_codes/simulate/create_unmanaged_access_code";
    let params = json!({ "device_id": door, "name": "Keypad", "code": "9753" });
    let unmanaged = world.expect_ok(&Caller::ApiKey, simulate, params)["access_code"].take();
    world.now += AFTER_ATTEMPT;
    let unmanage = json!({ "device_id": door, "is_managed": false });
    world.expect_ok(&Caller::ApiKey, "/devices/update", unmanage);
    let before = world.sandbox.snapshot();

    for (path, code) in [
        ("update", &managed),
        ("delete", &managed),
        ("unmanaged/convert_to_managed", &unmanaged),
        ("unmanaged/delete", &unmanaged),
    ] {
        let path = format!("/access_codes/{path}");
        let named = json!({ "access_code_id": code["access_code_id"] });
        let refused = world.post(&Caller::ApiKey, &path, named);
        assert_eq!(refused.error(), (400, "device_unmanaged"), "{path}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}
