//! Unmanaged access codes, and codes of unmanaged locks.

use serde_json::json;

use super::backups::time_bound;
use super::{create, events, get};
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
        ("unmanaged/convert_to_managed", &managed),
        ("unmanaged/convert_to_managed", &unmanaged),
        ("unmanaged/delete", &managed),
        ("unmanaged/delete", &unmanaged),
    ] {
        let path = format!("/access_codes/{path}");
        let named = json!({ "access_code_id": code["access_code_id"] });
        let refused = world.post(&Caller::ApiKey, &path, named);
        assert_eq!(refused.error(), (400, "device_unmanaged"), "{path}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn with_its_lock_a_code_becomes_unmanaged_and_backups_are_removed() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let bound = create(&mut world, &Caller::ApiKey, time_bound(&door, true));
    let later = json!({
        "device_id": door,
        "starts_at": "2027-01-01T00:00:00Z",
        "ends_at": "2027-01-02T00:00:00Z",
    });
    let later = create(&mut world, &Caller::ApiKey, later);
    world.now += AFTER_ATTEMPT;
    let pull = json!({ "access_code_id": bound["access_code_id"] });
    let pull = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/pull_backup_access_code",
        pull,
    );
    let backup = &pull["backup_access_code"];
    // The lock does not have the new name yet.
    let renamed = json!({ "access_code_id": bound["access_code_id"], "name": "New" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", renamed);

    let unmanage = json!({ "device_id": door, "is_managed": false });
    world.expect_ok(&Caller::ApiKey, "/devices/update", unmanage);
    world.now += AFTER_ATTEMPT;

    for (code, is_left) in [(&bound, true), (&later, false), (backup, false)] {
        let id = text(&code["access_code_id"]);
        let one = json!({ "access_code_id": id });
        let refused = world.post(&Caller::ApiKey, "/access_codes/get", one.clone());
        assert_eq!(refused.error(), (404, "access_code_not_found"));
        let unmanaged = world.post(&Caller::ApiKey, "/access_codes/unmanaged/get", one);
        assert_eq!(unmanaged.status == 200, is_left, "{code}");
        let deleted =
            events(&mut world, &Caller::ApiKey, &id).contains(&"access_code.deleted".to_owned());
        assert_eq!(deleted, !is_left, "{code}");
        if is_left {
            let shown = &unmanaged.body["access_code"];
            assert_eq!(
                (&shown["status"], &shown["is_managed"]),
                (&json!("set"), &json!(false))
            );
            assert_eq!(shown["name"], "Guest");
        }
    }
}

#[test]
fn a_code_that_is_managed_again_ends_at_its_end() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let code = create(&mut world, &Caller::ApiKey, time_bound(&door, false));
    world.now += AFTER_ATTEMPT;
    let one = json!({ "access_code_id": code["access_code_id"] });
    let unmanage = json!({ "access_code_id": code["access_code_id"], "is_managed": false });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", unmanage);
    world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/unmanaged/convert_to_managed",
        one.clone(),
    );
    world.now += 31 * 86_400_000;
    let gone = world.post(&Caller::ApiKey, "/access_codes/get", one);
    assert_eq!(gone.error(), (404, "access_code_not_found"));
}

#[test]
fn codes_that_are_set_at_the_lock_are_simulated_for_august_only() {
    let mut world = World::new();
    let garage = world.device("Garage");
    let path = "/access_codes/simulate/create_unmanaged_access_code";
    let params = json!({ "device_id": garage, "name": "By hand", "code": "8080" });
    let refused = world.post(&Caller::ApiKey, path, params);
    assert_eq!(refused.error(), (400, "device_type_not_supported"));
}
