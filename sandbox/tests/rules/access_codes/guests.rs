//! Access codes of several guests of the same door.

use serde_json::json;

use super::backups::time_bound;
use super::{all, create, events, get, names, two_guests};
use crate::world::{AFTER_ATTEMPT, Caller, World, text};

#[test]
fn a_guest_neither_sees_nor_changes_another_guests_code_on_a_shared_door() {
    let (mut world, door, one, two) = two_guests();
    let params = json!({ "device_id": door, "name": "Mine", "code": "6173" });
    let code = create(&mut world, &one, params);
    let id = text(&code["access_code_id"]);
    world.now += AFTER_ATTEMPT;

    let list = json!({ "device_id": door });
    assert_eq!(names(&mut world, &one, list.clone()), ["Cleaner", "Mine"]);
    assert_eq!(names(&mut world, &two, list), ["Cleaner"]);
    let before = world.sandbox.snapshot();
    for (path, params) in [
        ("get", json!({ "access_code_id": id })),
        ("get", json!({ "device_id": door, "code": "6173" })),
        ("update", json!({ "access_code_id": id, "name": "Theirs" })),
        ("delete", json!({ "access_code_id": id })),
        ("pull_backup_access_code", json!({ "access_code_id": id })),
    ] {
        let refused = world.post(&two, &format!("/access_codes/{path}"), params);
        assert_eq!(refused.error(), (404, "access_code_not_found"), "{path}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
    let other_events = events(&mut world, &two, &id);
    assert!(other_events.is_empty(), "{other_events:?}");
    assert_eq!(
        events(&mut world, &one, &id),
        ["access_code.created", "access_code.set_on_device"]
    );

    // A conflict would reveal the code.
    create(
        &mut world,
        &two,
        json!({ "device_id": door, "code": "6173" }),
    );
}

#[test]
fn update_multiple_updates_only_codes_that_the_caller_sees() {
    let (mut world, door, one, two) = two_guests();
    let key = "stay-1";
    let params = json!({ "device_id": door, "common_code_key": key, "name": "One's" });
    let ones = create(&mut world, &one, params);
    let params = json!({ "device_id": door, "common_code_key": key, "name": "Two's" });
    create(&mut world, &two, params);
    let update = json!({ "common_code_key": key, "name": "Changed" });
    world.expect_ok(&two, "/access_codes/update_multiple", update);
    let id = text(&ones["access_code_id"]);
    assert_eq!(get(&mut world, &one, &id)["name"], "One's");
}

#[test]
fn without_access_to_a_door_its_codes_are_out_of_scope() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let stranger = world.identity("stranger");
    let stranger = world.token(&stranger);
    let code = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/get",
        json!({ "device_id": door, "code": "4821" }),
    );
    let id = code["access_code"]["access_code_id"].clone();
    let unmanaged = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/unmanaged/get",
        json!({ "device_id": door, "code": "7350" }),
    );
    let bare = unmanaged["access_code"]["access_code_id"].clone();
    let before = world.sandbox.snapshot();
    let device = "device_not_found";
    let access_code = "access_code_not_found";
    for (path, params, expected) in [
        ("create", json!({ "device_id": door }), device),
        ("create_multiple", json!({ "device_ids": [door] }), device),
        ("delete", json!({ "access_code_id": id }), access_code),
        ("generate_code", json!({ "device_id": door }), device),
        ("get", json!({ "access_code_id": id }), access_code),
        ("get", json!({ "device_id": door, "code": "4821" }), device),
        ("list", json!({ "device_id": door }), device),
        (
            "pull_backup_access_code",
            json!({ "access_code_id": id }),
            access_code,
        ),
        (
            "report_device_constraints",
            json!({ "device_id": door, "supported_code_lengths": [4] }),
            device,
        ),
        (
            "simulate/create_unmanaged_access_code",
            json!({ "device_id": door, "name": "x", "code": "1111" }),
            device,
        ),
        (
            "unmanaged/convert_to_managed",
            json!({ "access_code_id": bare }),
            access_code,
        ),
        (
            "unmanaged/delete",
            json!({ "access_code_id": bare }),
            access_code,
        ),
        (
            "unmanaged/get",
            json!({ "access_code_id": bare }),
            access_code,
        ),
        ("unmanaged/list", json!({ "device_id": door }), device),
        (
            "unmanaged/update",
            json!({ "access_code_id": bare, "is_managed": true }),
            access_code,
        ),
        (
            "update",
            json!({ "access_code_id": id, "name": "x" }),
            access_code,
        ),
    ] {
        let refused = world.post(&stranger, &format!("/access_codes/{path}"), params);
        assert_eq!(refused.error(), (404, expected), "{path}");
    }
    assert_eq!(names(&mut world, &stranger, all()), Vec::<String>::new());
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn a_guest_keeps_its_code_when_the_back_end_updates_it() {
    let (mut world, door, one, two) = two_guests();
    let params = json!({ "device_id": door, "name": "mine" });
    let code = text(&create(&mut world, &one, params)["access_code_id"]);
    world.now += AFTER_ATTEMPT;
    let all = json!({ "since": "2026-01-01T00:00:00Z" });
    let before = world.expect_ok(&two, "/events/list", all.clone());

    let update = json!({ "access_code_id": code, "name": "changed" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", update);
    world.now += AFTER_ATTEMPT;
    let delete = json!({ "access_code_id": code });
    world.expect_ok(&Caller::ApiKey, "/access_codes/delete", delete);
    world.now += AFTER_ATTEMPT;

    let recorded = events(&mut world, &one, &code);
    let set = recorded
        .iter()
        .filter(|it| *it == "access_code.set_on_device");
    assert_eq!(set.count(), 2, "{recorded:?}");
    assert!(
        recorded.ends_with(&["access_code.deleted".to_owned()]),
        "{recorded:?}"
    );
    assert_eq!(world.expect_ok(&two, "/events/list", all), before);
}

#[test]
fn the_backup_of_a_guests_code_belongs_to_the_guest_whoever_pulls_it() {
    let (mut world, door, one, two) = two_guests();
    let code = create(&mut world, &one, time_bound(&door, true));

    let pull = json!({ "access_code_id": code["access_code_id"] });
    world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/pull_backup_access_code",
        pull,
    );

    let backups = json!({ "search": "Backup" });
    assert_eq!(names(&mut world, &one, backups.clone()).len(), 1);
    assert!(names(&mut world, &two, backups).is_empty());
}
