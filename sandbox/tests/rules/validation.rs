//! Parameters that do not fit the schema.

use serde_json::{Value, json};

use crate::world::{By, World};

fn refusal(world: &mut World, path: &str, params: Value) -> (String, Value) {
    let refused = world.post(&By::Key, path, params);
    assert_eq!(
        refused.error(),
        (400, "invalid_input"),
        "{path}: {}",
        refused.body
    );
    let error = &refused.body["error"];
    let message = error["message"].as_str().expect("a message").to_owned();
    (message, error["validation_errors"].clone())
}

#[test]
fn a_malformed_uuid_is_told_as_seam_tells_it() {
    let mut world = World::new();
    let (message, tree) = refusal(&mut world, "/devices/get", json!({ "device_id": "x" }));
    assert_eq!(message, "Invalid uuid for \"device_id\"");
    let expected = json!({ "_errors": [], "device_id": { "_errors": ["Invalid uuid"] } });
    assert_eq!(tree, expected);
    let by_query = world.get(&By::Key, "/devices/get?device_id=x");
    assert_eq!(by_query.body["error"]["validation_errors"], expected);
}

#[test]
fn each_misfit_is_told_with_its_parameter() {
    let mut world = World::new();
    let id = world.identity("user-1");
    for (path, params, expected) in [
        ("/locks/unlock_door", json!({}), "device_id is required"),
        (
            "/locks/unlock_door",
            json!({ "device_id": null }),
            "Expected string, received null for \"device_id\"",
        ),
        (
            "/locks/unlock_door",
            json!({ "device_id": 1 }),
            "Expected string, received number for \"device_id\"",
        ),
        (
            "/user_identities/grant_access_to_device",
            json!({}),
            "2 Input Errors: device_id is required, user_identity_id is required",
        ),
        (
            "/user_identities/get",
            json!({}),
            "user_identity_id is required",
        ),
        (
            "/user_identities/get",
            json!({ "user_identity_id": "x" }),
            "Invalid uuid for \"user_identity_id\"",
        ),
        (
            "/user_identities/create",
            json!({ "email_address": "jane" }),
            "Invalid email for \"email_address\"",
        ),
        (
            "/user_identities/create",
            json!({ "full_name": "" }),
            "String must contain at least 1 character(s) for \"full_name\"",
        ),
        (
            "/user_identities/list",
            json!({ "limit": 0 }),
            "Number must be greater than 0 for \"limit\"",
        ),
        (
            "/user_identities/list",
            json!({ "limit": 1.5 }),
            "Expected integer, received float for \"limit\"",
        ),
        (
            "/client_sessions/create",
            json!({ "expires_at": "soon" }),
            "Invalid datetime for \"expires_at\"",
        ),
        (
            "/client_sessions/create",
            json!({ "user_identity_ids": [] }),
            "Array must contain at least 1 element(s) for \"user_identity_ids\"",
        ),
        (
            "/client_sessions/create",
            json!({ "user_identity_ids": [id, id] }),
            "Array must contain at most 1 element(s) for \"user_identity_ids\"",
        ),
        (
            "/client_sessions/list",
            json!({ "without_user_identifier_key": "true" }),
            "Expected boolean, received string for \"without_user_identifier_key\"",
        ),
        (
            "/devices/list",
            json!({ "device_ids": "x" }),
            "Expected array, received string for \"device_ids\"",
        ),
        (
            "/devices/list",
            json!({ "device_ids": ["x"] }),
            "Invalid uuid for \"device_ids.0\"",
        ),
        (
            "/devices/list",
            json!({ "custom_metadata_has": { "a": 1 } }),
            "Expected string, received number for \"custom_metadata_has.a\"",
        ),
    ] {
        let (message, _) = refusal(&mut world, path, params);
        assert_eq!(message, expected, "{path}");
    }
}

#[test]
fn errors_nest_as_the_parameters_do() {
    let mut world = World::new();
    let params = json!({ "device_ids": ["x"], "limit": "2" });
    let (message, tree) = refusal(&mut world, "/devices/list", params);
    assert!(message.starts_with("2 Input Errors: "), "{message}");
    let expected = json!({
        "_errors": [],
        "device_ids": { "_errors": [], "0": { "_errors": ["Invalid uuid"] } },
        "limit": { "_errors": ["Expected number, received string"] },
    });
    assert_eq!(tree, expected);
}

#[test]
fn an_unknown_choice_is_told_with_the_known_ones() {
    let mut world = World::new();
    let params = json!({ "device_type": "toaster" });
    let (message, _) = refusal(&mut world, "/locks/list", params);
    assert!(message.contains("'august_lock'"), "{message}");
    assert!(
        message.ends_with("received 'toaster' for \"device_type\""),
        "{message}"
    );
}

#[test]
fn a_parameter_that_comes_twice_or_is_unknown() {
    let mut world = World::new();
    let twice = world.get(&By::Key, "/devices/list?limit=1&limit=2");
    assert_eq!(twice.error(), (400, "invalid_input"));
    let unknown = world.get(&By::Key, "/devices/list?colour=blue&limit=1");
    assert_eq!(unknown.device_ids().len(), 1);
}

#[test]
fn nobody_learns_about_parameters_before_their_credential_is_good() {
    let mut world = World::new();
    let refused = world.post(&By::Nobody, "/devices/get", json!({ "device_id": "x" }));
    assert_eq!(refused.error(), (401, "unauthorized"));
}
