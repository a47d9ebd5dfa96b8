//! The documented limits per device and minute.

use serde_json::json;

use crate::world::{Caller, World};

/// Returns how many requests succeed in a row, and the status of the next one.
fn count_until_refused(
    world: &mut World,
    caller: &Caller,
    path: &str,
    device: &str,
) -> (usize, u16) {
    for nth in 0..100 {
        let response = world.post(caller, path, json!({ "device_id": device }));
        if response.status != 200 {
            return (nth, response.status);
        }
    }
    (100, 200)
}

#[test]
fn a_door_is_locked_and_unlocked_fifteen_times_a_minute_each() {
    let mut world = World::new();
    let door = world.device("Front Door");
    for path in ["/locks/lock_door", "/locks/unlock_door"] {
        assert_eq!(
            count_until_refused(&mut world, &Caller::ApiKey, path, &door),
            (15, 429)
        );
    }
    let other = world.device("Back Door");
    assert_eq!(
        count_until_refused(&mut world, &Caller::ApiKey, "/locks/lock_door", &other),
        (15, 429)
    );
    world.now += 60_000;
    assert_eq!(
        count_until_refused(&mut world, &Caller::ApiKey, "/locks/lock_door", &door),
        (15, 429)
    );
}

#[test]
fn the_error_has_retry_after_and_nothing_changes() {
    let mut world = World::new();
    let door = world.device("Front Door");
    count_until_refused(&mut world, &Caller::ApiKey, "/locks/lock_door", &door);
    world.now += 18_500;
    // Due tasks run before the state is compared.
    world.get(&Caller::ApiKey, "/workspaces/get");
    let before = world.sandbox.snapshot();
    let key = format!("Bearer {}", world.sandbox.info().api_key);
    let headers = [("authorization", key.as_str())];
    let body = json!({ "device_id": door }).to_string();
    let refused = world.raw("POST", "/locks/lock_door", &headers, &body);
    assert_eq!(refused.status, 429);
    let retry_after = ("retry-after".to_owned(), "42".to_owned());
    assert!(
        refused.headers.contains(&retry_after),
        "{:?}",
        refused.headers
    );
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn users_of_a_device_share_its_limit_and_others_neither_use_it_up_nor_see_it() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|key| {
        let identity = world.identity(key);
        if key != "eve" {
            world.grant(&identity, &door);
        }
        world.token(&identity)
    });
    let path = "/locks/unlock_door";
    for _ in 0..20 {
        let response = world.post(&eve, path, json!({ "device_id": door }));
        assert_eq!(response.error(), (404, "device_not_found"));
    }
    for _ in 0..14 {
        world.expect_ok(&ada, path, json!({ "device_id": door }));
    }
    assert_eq!(count_until_refused(&mut world, &bob, path, &door), (1, 429));
    assert_eq!(count_until_refused(&mut world, &ada, path, &door), (0, 429));
    let response = world.post(&eve, path, json!({ "device_id": door }));
    assert_eq!(response.error(), (404, "device_not_found"));
}

#[test]
fn ten_access_codes_are_created_ten_updated_and_twenty_deleted_a_minute() {
    let mut world = World::new();
    let door = world.device("Front Door");
    let mut codes = Vec::new();
    for half in 0..2 {
        for nth in 0..10 {
            let params = json!({ "device_id": door, "name": format!("{half} {nth}") });
            let created = world.expect_ok(&Caller::ApiKey, "/access_codes/create", params);
            codes.push(created["access_code"]["access_code_id"].clone());
        }
        let before = world.sandbox.snapshot();
        for (path, params) in [
            ("/access_codes/create", json!({ "device_id": door })),
            (
                "/access_codes/create_multiple",
                json!({ "device_ids": [door] }),
            ),
        ] {
            let refused = world.post(&Caller::ApiKey, path, params);
            assert_eq!(refused.error(), (429, "too_many_requests"), "{path}");
        }
        assert_eq!(world.sandbox.snapshot(), before);
        world.now += 60_000;
        world.get(&Caller::ApiKey, "/workspaces/get");
    }
    for (path, most) in [("/access_codes/update", 10), ("/access_codes/delete", 20)] {
        let mut done = 0;
        for code in &codes {
            let params = json!({ "access_code_id": code, "name": "other" });
            done += usize::from(world.post(&Caller::ApiKey, path, params).status == 200);
        }
        assert_eq!(done, most, "{path}");
    }
    let other = world.device("Back Door");
    let both = json!({ "device_ids": [door, other] });
    world.expect_ok(&Caller::ApiKey, "/access_codes/create_multiple", both);
}

#[test]
fn limits_can_be_turned_off() {
    let mut world = World::with(json!({ "rate_limits": false }));
    let door = world.device("Front Door");
    assert_eq!(
        count_until_refused(&mut world, &Caller::ApiKey, "/locks/lock_door", &door),
        (100, 200)
    );
}
