//! The workspace.

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World};

fn shown(world: &mut World, caller: &Caller) -> Value {
    world.expect_ok(caller, "/workspaces/get", json!({}))["workspace"].take()
}

#[test]
fn a_session_sees_the_workspace() {
    let mut world = World::new();
    let user = Caller::Token(world.sandbox.info().client_session_token);
    for params in [
        json!({ "name": "Hotel", "connect_partner_name": "Inn" }),
        json!({ "connect_webview_customization": { "logo_shape": "circle", "success_message": "Hi" } }),
        json!({ "connect_webview_customization": { "logo_shape": null, "primary_button_color": "#fff" } }),
    ] {
        world.expect_ok(&Caller::ApiKey, "/workspaces/update", params);
    }
    for caller in [&Caller::ApiKey, &user] {
        let workspace = shown(&mut world, caller);
        assert_eq!(workspace["name"], "Hotel");
        assert_eq!(workspace["connect_partner_name"], "Inn");
        assert_eq!(
            workspace["connect_webview_customization"],
            json!({ "success_message": "Hi", "primary_button_color": "#fff" })
        );
    }
    let refused = world.post(&user, "/workspaces/update", json!({ "name": "Mine" }));
    assert_eq!(refused.error(), (401, "unauthorized"));
    assert_eq!(shown(&mut world, &Caller::ApiKey)["name"], "Hotel");
}

#[test]
fn a_workspace_can_disable_its_publishable_key() {
    let mut world = World::new();
    let open = |world: &mut World| {
        let params = json!({ "user_identifier_key": "someone" });
        world.post(
            &Caller::Publishable,
            "/client_sessions/get_or_create",
            params,
        )
    };
    assert_eq!(open(&mut world).status, 200);
    for (enabled, status) in [(false, 401), (true, 200)] {
        let params = json!({ "is_publishable_key_auth_enabled": enabled });
        world.expect_ok(&Caller::ApiKey, "/workspaces/update", params);
        assert_eq!(open(&mut world).status, status);
    }
}

#[test]
fn a_reset_workspace_is_as_it_was_at_the_start_and_keeps_its_credentials() {
    let mut world = World::new();
    let start = world.get(&Caller::ApiKey, "/devices/list").body;
    let info = world.sandbox.info();
    let demo = Caller::Token(info.client_session_token.clone());
    let device = world.device("Front Door");
    let metadata = json!({ "device_id": device, "custom_metadata": { "a": "1" } });
    world.expect_ok(&Caller::ApiKey, "/devices/update", metadata);
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    let fault = json!({ "fault": "latency", "latency_ms": 1 });
    world.expect_ok(&Caller::ApiKey, "/_sandbox/faults", fault);
    let path = "/workspaces/reset_sandbox";
    assert_eq!(
        world.post(&user, path, json!({})).error(),
        (401, "unauthorized")
    );

    let reset = world.expect_ok(&Caller::ApiKey, path, json!({}));

    assert_eq!(
        reset["action_attempt"]["action_type"],
        "RESET_SANDBOX_WORKSPACE"
    );
    world.now += AFTER_ATTEMPT;
    let attempt = json!({ "action_attempt_id": reset["action_attempt"]["action_attempt_id"] });
    let done = world.expect_ok(&Caller::ApiKey, "/action_attempts/get", attempt);
    assert_eq!(done["action_attempt"]["status"], "success");
    assert_eq!(world.get(&Caller::ApiKey, "/devices/list").body, start);
    assert_eq!(world.get(&demo, "/devices/list").device_ids().len(), 1);
    assert_eq!(world.get(&user, "/devices/list").status, 401);
    let faults = world.get(&Caller::ApiKey, "/_sandbox/faults").body;
    assert_eq!(faults["faults"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_reset_keeps_the_credentials_of_a_restored_state() {
    let mut world = World::with(json!({ "random_seed": 1 }));
    let mut other = World::with(json!({ "random_seed": 2 }));
    let saved = other.get(&Caller::ApiKey, "/_sandbox/state").body;
    world.expect_ok(&Caller::ApiKey, "/_sandbox/state", saved);
    let before = world.sandbox.info();
    assert_eq!(before.api_key, other.sandbox.info().api_key);
    world.expect_ok(&Caller::ApiKey, "/workspaces/reset_sandbox", json!({}));
    let after = world.sandbox.info();
    assert_eq!(after.api_key, before.api_key);
    assert_eq!(after.client_session_token, before.client_session_token);
    let demo = Caller::Token(after.client_session_token);
    assert_eq!(world.get(&demo, "/devices/list").device_ids().len(), 1);
}
