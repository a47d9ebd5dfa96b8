//! Access codes whose device failed to set or update them.

use serde_json::json;

use super::{create, events, get};
use crate::world::{AFTER_ATTEMPT, Caller, World, text};

#[test]
fn a_code_that_failed_to_set_has_an_error_until_it_is_set() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    let guest = world.identity("guest");
    world.grant(&guest, &door);
    let guest = world.token(&guest);
    world.expect_ok(
        &Caller::ApiKey,
        "/devices/simulate/disconnect",
        on_door.clone(),
    );
    let id = text(&create(&mut world, &guest, on_door.clone())["access_code_id"]);
    world.now += AFTER_ATTEMPT;

    let code = get(&mut world, &guest, &id);
    assert_eq!(code["status"], "unset");
    let error = &code["errors"][0];
    assert_eq!(error["error_code"], "failed_to_set_on_device");
    assert_eq!(error["is_access_code_error"], true);
    // The error of the device is repeated.
    assert_eq!(code["errors"][1]["error_code"], "device_disconnected");
    assert_eq!(code["errors"][1]["is_device_error"], true);
    let failed = json!({ "event_type": "access_code.failed_to_set_on_device" });
    let event = world.expect_ok(&guest, "/events/get", failed)["event"].clone();
    assert_eq!(event["access_code_id"], id.as_str());
    assert_eq!(event["access_code_errors"][0]["message"], error["message"]);
    assert_eq!(
        event["device_errors"][0]["error_code"],
        "device_disconnected"
    );

    let renamed = json!({ "access_code_id": id, "name": "Again" });
    world.expect_ok(&guest, "/access_codes/update", renamed.clone());
    world.now += AFTER_ATTEMPT;
    let again = get(&mut world, &guest, &id);
    assert_eq!(again["errors"].as_array().map(Vec::len), Some(2), "{again}");

    world.expect_ok(&Caller::ApiKey, "/devices/simulate/connect", on_door);
    world.expect_ok(&guest, "/access_codes/update", renamed);
    assert_eq!(get(&mut world, &guest, &id)["status"], "setting");
    world.now += AFTER_ATTEMPT;
    let set = get(&mut world, &guest, &id);
    assert_eq!(
        (&set["status"], &set["errors"]),
        (&json!("set"), &json!([]))
    );
}

#[test]
fn a_code_whose_update_failed_is_unknown_and_shows_what_is_on_the_lock() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    let created = json!({ "device_id": door, "code": "1234", "name": "Ann" });
    let code = create(&mut world, &Caller::ApiKey, created);
    let id = text(&code["access_code_id"]);
    let creating = json!([{
        "mutation_code": "creating",
        "created_at": code["created_at"],
        "message": code["pending_mutations"][0]["message"],
    }]);
    assert_eq!(code["pending_mutations"], creating);
    world.now += AFTER_ATTEMPT;
    assert_eq!(
        get(&mut world, &Caller::ApiKey, &id)["pending_mutations"],
        json!([])
    );
    world.expect_ok(
        &Caller::ApiKey,
        "/devices/simulate/disconnect",
        on_door.clone(),
    );

    let changed = json!({
        "access_code_id": id,
        "code": "5678",
        "starts_at": "2026-11-23T00:00:00Z",
        "ends_at": "2027-01-01T00:00:00Z",
    });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", changed);
    assert_eq!(get(&mut world, &Caller::ApiKey, &id)["status"], "setting");
    world.now += AFTER_ATTEMPT;
    let update = json!({ "access_code_id": id, "code": "9012", "name": "Anna" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", update.clone());
    world.now += AFTER_ATTEMPT;

    let failed = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(failed["status"], "unknown");
    assert_eq!(failed["code"], "9012");
    let error = &failed["errors"][0];
    assert_eq!(error["error_code"], "failed_to_set_on_device");
    let pending = failed["pending_mutations"].as_array().expect("a list");
    let mutations: Vec<_> = pending
        .iter()
        .map(|it| (&it["mutation_code"], &it["from"], &it["to"]))
        .map(|(code, from, to)| json!([code, from, to]))
        .collect();
    assert_eq!(
        mutations,
        [
            json!(["updating_code", { "code": "1234" }, { "code": "9012" }]),
            json!(["updating_name", { "name": "Ann" }, { "name": "Anna" }]),
            json!([
                "updating_time_frame",
                { "starts_at": null, "ends_at": null },
                { "starts_at": failed["starts_at"], "ends_at": "2027-01-01T00:00:00.000Z" },
            ]),
        ]
    );

    // An update that restores what is on the lock is not pending.
    let as_it_was = json!({ "access_code_id": id, "code": "1234" });
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", as_it_was);
    world.now += AFTER_ATTEMPT;
    let failed = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(failed["status"], "unknown");
    let pending = failed["pending_mutations"].as_array().map(Vec::len);
    assert_eq!(pending, Some(2), "{failed}");

    world.expect_ok(&Caller::ApiKey, "/devices/simulate/connect", on_door);
    world.expect_ok(&Caller::ApiKey, "/access_codes/update", update);
    world.now += AFTER_ATTEMPT;
    let set = get(&mut world, &Caller::ApiKey, &id);
    assert_eq!(
        (&set["status"], &set["errors"], &set["pending_mutations"]),
        (&json!("set"), &json!([]), &json!([]))
    );
}

#[test]
fn a_code_whose_new_start_failed_to_set_may_still_open_the_door() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    let id = text(&create(&mut world, &Caller::ApiKey, on_door.clone())["access_code_id"]);
    world.now += AFTER_ATTEMPT;
    world.expect_ok(&Caller::ApiKey, "/devices/simulate/disconnect", on_door);
    let later = json!({
        "access_code_id": id,
        "starts_at": "2027-01-01T00:00:00Z",
        "ends_at": "2027-01-02T00:00:00Z",
    });

    world.expect_ok(&Caller::ApiKey, "/access_codes/update", later);
    world.now += AFTER_ATTEMPT;

    assert_eq!(get(&mut world, &Caller::ApiKey, &id)["status"], "unknown");
}

#[test]
fn what_failed_is_tried_again_when_the_device_comes_online() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    let removed = text(&create(&mut world, &Caller::ApiKey, on_door.clone())["access_code_id"]);
    world.now += AFTER_ATTEMPT;
    world.expect_ok(
        &Caller::ApiKey,
        "/devices/simulate/disconnect",
        on_door.clone(),
    );
    let added = text(&create(&mut world, &Caller::ApiKey, on_door.clone())["access_code_id"]);
    let delete = json!({ "access_code_id": removed });
    world.expect_ok(&Caller::ApiKey, "/access_codes/delete", delete.clone());
    world.now += AFTER_ATTEMPT;
    let code = get(&mut world, &Caller::ApiKey, &removed);
    assert_eq!(code["status"], "removing");
    assert_eq!(
        code["errors"][0]["error_code"],
        "failed_to_remove_from_device"
    );

    world.expect_ok(&Caller::ApiKey, "/devices/simulate/connect", on_door);
    assert_eq!(
        get(&mut world, &Caller::ApiKey, &added)["status"],
        "setting"
    );
    world.now += AFTER_ATTEMPT;
    let code = get(&mut world, &Caller::ApiKey, &added);
    assert_eq!(
        (&code["status"], &code["errors"]),
        (&json!("set"), &json!([]))
    );
    let gone = world.post(&Caller::ApiKey, "/access_codes/get", delete);
    assert_eq!(gone.error(), (404, "access_code_not_found"));
    let recorded = events(&mut world, &Caller::ApiKey, &removed);
    let end = [
        "access_code.mutations_requested",
        "access_code.failed_to_remove_from_device",
        "access_code.removed_from_device",
        "access_code.deleted",
    ];
    assert!(recorded.ends_with(&end.map(str::to_owned)), "{recorded:?}");
}

#[test]
fn while_an_account_is_disconnected_the_status_of_its_codes_is_unknown() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let set = json!({ "device_id": door, "code": "4821" });
    let later = json!({
        "device_id": door,
        "starts_at": "2027-01-01T00:00:00Z",
        "ends_at": "2027-01-02T00:00:00Z",
    });
    let later = create(&mut world, &Caller::ApiKey, later)["access_code_id"].take();
    let device = world.expect_ok(
        &Caller::ApiKey,
        "/devices/get",
        json!({ "device_id": door }),
    );
    let account = &device["device"]["connected_account_id"];
    let disconnect = json!({ "connected_account_id": account });
    world.expect_ok(
        &Caller::ApiKey,
        "/connected_accounts/simulate/disconnect",
        disconnect,
    );

    let code = world.expect_ok(&Caller::ApiKey, "/access_codes/get", set)["access_code"].take();
    assert_eq!(code["status"], "unknown");
    let errors = code["errors"].as_array().expect("a list");
    let is_disconnected = |it: &serde_json::Value| it["error_code"] == "account_disconnected";
    assert!(errors.iter().any(is_disconnected), "{code}");
    // A code that the device never had is certainly not set.
    let later = get(&mut world, &Caller::ApiKey, &text(&later));
    assert_eq!(later["status"], "unset");
}
