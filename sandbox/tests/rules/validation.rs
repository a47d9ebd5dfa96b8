//! Parameters that do not fit the schema.

use serde_json::{Value, json};

use crate::world::{Caller, World};

fn refusal(world: &mut World, path: &str, params: Value) -> (String, Value) {
    let refused = world.post(&Caller::ApiKey, path, params);
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
fn an_invalid_uuid_gets_seams_error() {
    let mut world = World::new();
    let (message, tree) = refusal(&mut world, "/devices/get", json!({ "device_id": "x" }));
    assert_eq!(message, "Invalid uuid for \"device_id\"");
    let expected = json!({ "_errors": [], "device_id": { "_errors": ["Invalid uuid"] } });
    assert_eq!(tree, expected);
    let by_query = world.get(&Caller::ApiKey, "/devices/get?device_id=x");
    assert_eq!(by_query.body["error"]["validation_errors"], expected);
}

#[test]
fn each_invalid_parameter_is_named_in_its_error() {
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
fn a_url_that_is_not_absolute_is_refused() {
    let mut world = World::new();
    for name in ["custom_redirect_url", "custom_redirect_failure_url"] {
        for wrong in [
            "",
            "774",
            "example.com",
            "/home",
            "//example.com",
            "://x",
            "1a://x",
            "é://x",
            "https:example.com",
            "https://",
            "https:///home",
            "https://exam ple.com",
            "https://example.com/a b",
            "https://example.com/ü",
            "https://example.com/%",
            "https://example.com/%4g",
            "https://example.com/<x>",
            "https://example.com/?q=[1]",
            "https://example.com/#a#b",
            "https://a@b@example.com",
            "https://example.com:x/",
            "https://[::1/",
            "https://[1.2.3.4]/",
            "https://::1/",
        ] {
            let (message, tree) = refusal(
                &mut world,
                "/connect_webviews/create",
                json!({ name: wrong }),
            );
            assert_eq!(message, format!("Invalid url for \"{name}\""), "{wrong}");
            assert_eq!(tree[name], json!({ "_errors": ["Invalid url"] }), "{wrong}");
        }
        for right in [
            "https://example.com",
            "https://example.com/",
            "http://localhost:3000/done?a=b/c?&d=%C3%BC#e/f?",
            "http://user:pass@192.0.2.1:8080",
            "http://[2001:db8::1]:80/",
            "my-app+x.y://back;v=1/(a)!'*,$@:~_",
        ] {
            let created = world.post(
                &Caller::ApiKey,
                "/connect_webviews/create",
                json!({ name: right }),
            );
            assert_eq!(created.status, 200, "{right}: {}", created.body);
            assert_eq!(created.body["connect_webview"][name], right);
        }
    }
}

#[test]
fn an_invalid_email_address_is_refused() {
    let mut world = World::new();
    for wrong in [
        "jane",
        "@example.com",
        "jane@",
        "jane@localhost",
        "jane@example.c",
        "jane@example.c0m1.",
        "jane@.example.com",
        "jane@example..com",
        "jane@-example.com",
        "jane@example-.com",
        "jane@example.123",
        "jane@exämple.com",
        "jäne@example.com",
        ".jane@example.com",
        "jane.@example.com",
        "ja..ne@example.com",
        "ja ne@example.com",
        "ja@ne@example.com",
        "\"jane\"@example.com",
    ] {
        let params = json!({ "email_address": wrong });
        let (message, _) = refusal(&mut world, "/user_identities/create", params);
        assert_eq!(message, "Invalid email for \"email_address\"", "{wrong}");
    }
    for right in ["j@example.com", "Jane_O'Hara.2+x-y@mail-1.example.co"] {
        let params = json!({ "email_address": right });
        let created = world.post(&Caller::ApiKey, "/user_identities/create", params);
        assert_eq!(created.status, 200, "{right}: {}", created.body);
    }
}

#[test]
fn values_that_the_response_schema_forbids_are_refused() {
    let mut world = World::new();
    let id = world.identity("user-1");
    for (path, params, expected) in [
        (
            "/user_identities/unmanaged/update",
            json!({ "user_identity_id": id, "is_managed": true, "user_identity_key": "" }),
            "String must contain at least 1 character(s) for \"user_identity_key\"",
        ),
        (
            "/user_identities/create",
            json!({ "user_identity_key": "" }),
            "String must contain at least 1 character(s) for \"user_identity_key\"",
        ),
        (
            "/access_codes/create",
            json!({ "device_id": id, "starts_at": "soon" }),
            "Invalid datetime for \"starts_at\"",
        ),
        (
            "/access_grants/create",
            json!({ "user_identity_id": id, "requested_access_methods": [], "ends_at": "774" }),
            "Invalid datetime for \"ends_at\"",
        ),
        (
            "/thermostats/schedules/create",
            json!({
                "device_id": id,
                "climate_preset_key": "home",
                "starts_at": "2026-11-24T08:00:00Z",
                "ends_at": "2026-02-30T00:00:00Z",
            }),
            "Invalid datetime for \"ends_at\"",
        ),
    ] {
        let (message, _) = refusal(&mut world, path, params);
        assert_eq!(message, expected, "{path}");
    }
}

#[test]
fn the_tree_of_errors_is_nested_like_the_parameters() {
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
fn the_error_about_an_unknown_enum_value_lists_the_known_ones() {
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
fn repeated_scalars_are_refused_and_unknown_parameters_ignored() {
    let mut world = World::new();
    let twice = world.get(&Caller::ApiKey, "/devices/list?limit=1&limit=2");
    assert_eq!(twice.error(), (400, "invalid_input"));
    let unknown = world.get(&Caller::ApiKey, "/devices/list?colour=blue&limit=1");
    assert_eq!(unknown.device_ids().len(), 1);
}

#[test]
fn parameters_are_validated_only_after_the_credential() {
    let mut world = World::new();
    let refused = world.post(&Caller::Nobody, "/devices/get", json!({ "device_id": "x" }));
    assert_eq!(refused.error(), (401, "unauthorized"));
}

#[test]
fn an_error_about_no_single_parameter_is_at_the_root_of_the_tree() {
    let mut world = World::new();
    let (message, tree) = refusal(&mut world, "/devices/get", json!({}));
    assert_eq!(tree, json!({ "_errors": [message] }));
}

#[test]
fn an_error_about_a_deprecated_alias_names_the_current_parameter() {
    let mut world = World::new();
    let thermostat = world.device("Hallway Thermostat");
    let params = json!({ "device_id": thermostat });
    let (message, tree) = refusal(&mut world, "/thermostats/set_fan_mode", params);
    assert_eq!(message, "fan_mode_setting is required");
    assert_eq!(tree["fan_mode_setting"]["_errors"], json!(["Required"]));
}
