//! Access codes whose device failed to set or update them.

use serde_json::json;

use super::{create, get};
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
    assert_eq!(again["errors"].as_array().map(Vec::len), Some(1), "{again}");

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

    let changed =
        json!({ "access_code_id": id, "code": "5678", "ends_at": "2027-01-01T00:00:00Z" });
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
fn the_backup_of_a_code_that_failed_to_set_has_no_error() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    world.expect_ok(&Caller::ApiKey, "/devices/simulate/disconnect", on_door);
    let wanted = json!({ "device_id": door, "use_backup_access_code_pool": true });
    let id = text(&create(&mut world, &Caller::ApiKey, wanted)["access_code_id"]);
    world.now += AFTER_ATTEMPT;

    let pull = json!({ "access_code_id": id });
    let pulled = world.expect_ok(
        &Caller::ApiKey,
        "/access_codes/pull_backup_access_code",
        pull,
    );

    let backup = &pulled["backup_access_code"];
    assert_eq!(backup["status"], "set");
    assert_eq!(backup["errors"], json!([]));
    assert_eq!(backup["pending_mutations"], json!([]));
}
