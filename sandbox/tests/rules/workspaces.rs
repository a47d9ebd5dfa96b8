//! The workspace.

use serde_json::{Value, json};

use crate::world::{Caller, World};

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
