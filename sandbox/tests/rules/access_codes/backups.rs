//! Backups of time-bound access codes.

use serde_json::{Value, json};

use super::{create, get};
use crate::world::{AFTER_ATTEMPT, Caller, World, text};

const PULL: &str = "/access_codes/pull_backup_access_code";

/// The parameters of a time-bound code that is active now.
pub(super) fn time_bound(device: &str, use_backup_access_code_pool: bool) -> Value {
    json!({
        "device_id": device,
        "name": "Guest",
        "starts_at": "2026-11-23T00:00:00Z",
        "ends_at": "2026-12-23T00:00:00Z",
        "use_backup_access_code_pool": use_backup_access_code_pool,
    })
}

#[test]
fn a_backup_replaces_a_time_bound_code_and_stays_the_same() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let code = create(&mut world, &Caller::ApiKey, time_bound(&door, true));
    assert_eq!(code["is_backup_access_code_available"], true);
    let id = code["access_code_id"].clone();
    world.now += AFTER_ATTEMPT;
    let pull = json!({ "access_code_id": id });
    let pulled = world.expect_ok(&Caller::ApiKey, PULL, pull.clone());
    let backup = &pulled["backup_access_code"];
    let name = format!("Backup {} (Seam)", text(&backup["access_code_id"]));
    for (member, expected) in [
        ("is_backup", json!(true)),
        ("name", json!(name)),
        ("status", json!("set")),
        ("type", json!("time_bound")),
        ("ends_at", code["ends_at"].clone()),
        ("is_backup_access_code_available", json!(false)),
        ("pending_mutations", json!([])),
    ] {
        assert_eq!(backup[member], expected, "{member}");
    }
    assert_ne!(backup["code"], code["code"]);
    let original = get(&mut world, &Caller::ApiKey, &text(&id));
    assert_eq!(
        original["pulled_backup_access_code_id"],
        backup["access_code_id"]
    );
    assert_eq!(
        original["warnings"][0]["warning_code"],
        "using_backup_access_code"
    );

    let again = world.expect_ok(&Caller::ApiKey, PULL, pull);
    assert_eq!(again["backup_access_code"], *backup);
}

#[test]
fn the_pool_belongs_to_the_device_and_stays_enabled() {
    let mut world = World::new();
    let (door, garage) = (world.device("Front Door"), world.device("Garage"));
    let without = create(&mut world, &Caller::ApiKey, time_bound(&door, false));
    assert_eq!(without["is_backup_access_code_available"], false);
    let pull = json!({ "access_code_id": without["access_code_id"] });
    let refused = world.post(&Caller::ApiKey, PULL, pull.clone());
    assert_eq!(refused.error(), (400, "no_backup_access_code_available"));

    let with = create(&mut world, &Caller::ApiKey, time_bound(&door, true));
    let one = world.expect_ok(&Caller::ApiKey, PULL, pull);
    let pull = json!({ "access_code_id": with["access_code_id"] });
    let other = world.expect_ok(&Caller::ApiKey, PULL, pull);
    assert_ne!(
        one["backup_access_code"]["access_code_id"],
        other["backup_access_code"]["access_code_id"]
    );

    // The garage's lock does not support a pool.
    let unsupported = create(&mut world, &Caller::ApiKey, time_bound(&garage, true));
    assert_eq!(unsupported["is_backup_access_code_available"], false);
}

#[test]
fn ongoing_codes_have_no_backups() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let params = json!({ "device_id": door, "use_backup_access_code_pool": true });
    let refused = world.post(&Caller::ApiKey, "/access_codes/create", params);
    assert_eq!(refused.error(), (400, "invalid_input"));
    assert_eq!(
        refused.body["error"]["message"],
        "Cannot use the backup pool for ongoing codes"
    );
    create(&mut world, &Caller::ApiKey, time_bound(&door, true));
    let ongoing = create(&mut world, &Caller::ApiKey, json!({ "device_id": door }));
    assert_eq!(ongoing["is_backup_access_code_available"], false);
    let pull = json!({ "access_code_id": ongoing["access_code_id"] });
    let refused = world.post(&Caller::ApiKey, PULL, pull);
    assert_eq!(refused.error(), (400, "access_code_not_time_bound"));
}

#[test]
fn a_backup_is_on_the_lock_already_and_ends_with_the_code_that_it_replaces() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let on_door = json!({ "device_id": door });
    world.expect_ok(
        &Caller::ApiKey,
        "/devices/simulate/disconnect",
        on_door.clone(),
    );
    let failed = create(&mut world, &Caller::ApiKey, time_bound(&door, true));
    world.now += AFTER_ATTEMPT;
    let pull = json!({ "access_code_id": failed["access_code_id"] });
    let pulled = world.expect_ok(&Caller::ApiKey, PULL, pull);
    let backup = text(&pulled["backup_access_code"]["access_code_id"]);
    let shown = get(&mut world, &Caller::ApiKey, &backup);
    assert_eq!(shown["status"], "set");

    world.expect_ok(&Caller::ApiKey, "/devices/simulate/connect", on_door);
    world.now += 31 * 86_400_000;
    let gone = world.post(
        &Caller::ApiKey,
        "/access_codes/get",
        json!({ "access_code_id": backup }),
    );
    assert_eq!(gone.error(), (404, "access_code_not_found"));
}
