//! What a device allows its codes to be.

use serde_json::{Value, json};

use super::create;
use crate::world::{AFTER_ATTEMPT, Caller, World, text};

/// A workspace of one August lock with these properties.
fn world_with(properties: Value) -> (World, String) {
    let mut world = World::with(json!({ "seed": { "devices": [{
        "device_type": "august_lock",
        "display_name": "Door",
        "properties": properties,
    }] } }));
    let door = world.device("Door");
    (world, door)
}

#[test]
fn a_code_against_a_constraint_is_refused() {
    for (constraint, params, is_taken) in [
        (
            json!({ "constraint_type": "no_zeros" }),
            json!({ "code": "1023" }),
            false,
        ),
        (
            json!({ "constraint_type": "no_zeros" }),
            json!({ "code": "1123" }),
            true,
        ),
        (
            json!({ "constraint_type": "cannot_specify_pin_code" }),
            json!({ "code": "1023" }),
            false,
        ),
        (
            json!({ "constraint_type": "cannot_specify_pin_code" }),
            json!({}),
            true,
        ),
        (
            json!({ "constraint_type": "pin_code_matches_existing_set" }),
            json!({ "code": "1023" }),
            false,
        ),
        (
            json!({ "constraint_type": "name_length", "min_length": 2, "max_length": 4 }),
            json!({ "name": "Guest" }),
            false,
        ),
        (
            json!({ "constraint_type": "name_length", "min_length": 2, "max_length": 4 }),
            json!({ "name": "Ann" }),
            true,
        ),
        (
            json!({ "constraint_type": "start_date_in_future" }),
            json!({ "starts_at": "2026-11-22T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z" }),
            false,
        ),
        (
            json!({ "constraint_type": "start_date_in_future" }),
            json!({ "starts_at": "2026-11-24T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z" }),
            true,
        ),
    ] {
        let (mut world, door) = world_with(json!({ "code_constraints": [constraint] }));
        let mut params = params;
        params["device_id"] = door.into();
        let response = world.post(&Caller::ApiKey, "/access_codes/create", params.clone());
        if is_taken {
            assert_eq!(response.status, 200, "{constraint} {params}");
        } else {
            assert_eq!(
                response.error(),
                (400, "invalid_input"),
                "{constraint} {params}"
            );
        }
    }
}

#[test]
fn names_are_unique_where_the_device_requires_it() {
    let constraints = json!([{ "constraint_type": "name_must_be_unique" }]);
    let (mut world, door) = world_with(json!({ "code_constraints": constraints }));
    let named = json!({ "device_id": door, "name": "Ann" });
    let first = create(&mut world, &Caller::ApiKey, named.clone());
    let refused = world.post(&Caller::ApiKey, "/access_codes/create", named);
    assert_eq!(refused.error(), (400, "invalid_input"));
    let other = create(
        &mut world,
        &Caller::ApiKey,
        json!({ "device_id": door, "name": "Bob" }),
    );
    for (code, status) in [(&first, 200), (&other, 400)] {
        let update = json!({ "access_code_id": code["access_code_id"], "name": "Ann" });
        let response = world.post(&Caller::ApiKey, "/access_codes/update", update);
        assert_eq!(response.status, status);
    }
}

#[test]
fn a_number_is_generated_within_the_constraints() {
    let types = [
        "cannot_contain_0789",
        "unique_first_four_digits",
        "cannot_start_with_12",
    ];
    let constraints: Vec<_> = types.map(|it| json!({ "constraint_type": it })).to_vec();
    let (mut world, door) = world_with(json!({
        "code_constraints": constraints,
        "supported_code_lengths": [8],
    }));
    for _ in 0..5 {
        world.now += 60_000;
        let code = create(&mut world, &Caller::ApiKey, json!({ "device_id": door }));
        let number = text(&code["code"]);
        assert_eq!(number.len(), 8);
        assert!(
            number.bytes().all(|it| (b'1'..=b'6').contains(&it)),
            "{number}"
        );
        assert!(!number.starts_with("12"), "{number}");
    }
}

#[test]
fn a_device_has_at_most_the_codes_that_it_supports() {
    let (mut world, door) = world_with(json!({ "max_active_codes_supported": 2 }));
    let on_door = json!({ "device_id": door });
    let later = json!({
        "device_id": door,
        "starts_at": "2027-01-01T00:00:00Z",
        "ends_at": "2027-01-02T00:00:00Z",
    });
    // This one is programmed later, and does not count yet.
    create(&mut world, &Caller::ApiKey, later);
    let first = create(&mut world, &Caller::ApiKey, on_door.clone());
    create(&mut world, &Caller::ApiKey, on_door.clone());
    let refused = world.post(&Caller::ApiKey, "/access_codes/create", on_door.clone());
    assert_eq!(refused.error(), (400, "no_space_for_access_code_on_device"));
    let delete = json!({ "access_code_id": first["access_code_id"] });
    world.expect_ok(&Caller::ApiKey, "/access_codes/delete", delete);
    world.now += AFTER_ATTEMPT;
    create(&mut world, &Caller::ApiKey, on_door);
}
