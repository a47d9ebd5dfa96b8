//! Connect webviews.

use serde_json::{Value, json};

use crate::world::{By, World, text};

const CREATE: &str = "/connect_webviews/create";
const GET: &str = "/connect_webviews/get";
const LIST: &str = "/connect_webviews/list";

fn create(world: &mut World, by: &By, params: Value) -> Value {
    world.done(by, CREATE, params)["connect_webview"].take()
}

#[test]
fn a_session_sees_the_webviews_that_it_makes_and_no_other() {
    let mut world = World::new();
    let (one, other) = (world.identity("user-1"), world.identity("user-2"));
    let (user, stranger) = (world.token(&one), world.token(&other));
    let made = create(&mut world, &user, json!({}));
    let id = json!({ "connect_webview_id": made["connect_webview_id"] });
    assert_eq!(made["status"], "pending");
    for by in [&user, &By::Key] {
        assert_eq!(world.done(by, GET, id.clone())["connect_webview"], made);
    }
    let listed = world.post(&user, LIST, json!({}));
    assert_eq!(listed.ids("connect_webviews", "status"), ["pending"]);
    let refused = world.post(&stranger, GET, id.clone());
    assert_eq!(refused.error(), (404, "connect_webview_not_found"));
    assert_eq!(
        world.post(&stranger, LIST, json!({})).body["connect_webviews"],
        json!([])
    );
    let session = world.done(&user, "/client_sessions/get", json!({}));
    let own = &session["client_session"]["connect_webview_ids"];
    assert_eq!(own, &json!([made["connect_webview_id"]]));

    let refused = world.post(&user, "/connect_webviews/delete", id.clone());
    assert_eq!(refused.error(), (401, "unauthorized"));
    world.done(&By::Key, "/connect_webviews/delete", id.clone());
    let gone = world.post(&user, GET, id);
    assert_eq!(gone.error(), (404, "connect_webview_not_found"));
}

#[test]
fn a_webview_is_what_was_asked_for() {
    let mut world = World::new();
    let made = create(
        &mut world,
        &By::Key,
        json!({
            "accepted_providers": ["yale", "august"],
            "excluded_providers": ["august"],
            "custom_redirect_url": "https://example.com/done",
            "custom_metadata": { "a": "1" },
            "automatically_manage_new_devices": false,
            "wait_for_device_creation": true,
        }),
    );
    assert_eq!(made["accepted_providers"], json!(["yale"]));
    assert_eq!(made["any_provider_allowed"], false);
    assert_eq!(
        made["custom_redirect_failure_url"],
        "https://example.com/done"
    );
    assert_eq!(made["custom_metadata"], json!({ "a": "1" }));
    assert_eq!(made["automatically_manage_new_devices"], false);
    let category = create(
        &mut world,
        &By::Key,
        json!({ "provider_category": "thermostats" }),
    );
    assert_eq!(category["accepted_providers"], json!(["ecobee", "nest"]));
    let any = create(&mut world, &By::Key, json!({}));
    assert_eq!(any["any_provider_allowed"], true);
    let refused = world.post(&By::Key, CREATE, json!({ "customer_key": "x" }));
    assert_eq!(refused.error(), (501, "not_simulated"));
}

#[test]
fn webviews_are_listed_and_searched() {
    let mut world = World::new();
    let made = create(
        &mut world,
        &By::Key,
        json!({ "accepted_providers": ["yale"], "custom_metadata": { "a": "Blue" } }),
    );
    let id = text(&made["connect_webview_id"]);
    let session = json!({ "connect_webview_ids": [id], "user_identifier_key": "jo" });
    world.session(session);
    for (params, finds) in [
        (json!({ "search": "yale" }), true),
        (json!({ "search": "blue" }), true),
        (json!({ "search": id }), true),
        (json!({ "search": "nobody" }), false),
        (json!({ "custom_metadata_has": { "a": "Blue" } }), true),
        (json!({ "custom_metadata_has": { "b": "Blue" } }), false),
        (json!({ "user_identifier_key": "jo" }), true),
        (json!({ "user_identifier_key": "jim" }), false),
        (json!({ "customer_key": "x" }), false),
    ] {
        let listed = world.post(&By::Key, LIST, params.clone());
        let ids = listed.ids("connect_webviews", "connect_webview_id");
        let expected = if finds { vec![id.clone()] } else { vec![] };
        assert_eq!(ids, expected, "{params}");
    }
    assert_eq!(
        world.post(&By::Key, LIST, json!({ "limit": 2 })).body["pagination"]["has_next_page"],
        true
    );
}

#[test]
fn without_the_webview_its_account_is_out_of_sight() {
    let mut world = World::new();
    let listed = world.get(&By::Key, "/connect_webviews/list");
    let webview = &listed.body["connect_webviews"][0]["connect_webview_id"];
    let session = world.session(json!({ "connect_webview_ids": [webview] }));
    let user = By::Token(text(&session["token"]));
    assert_eq!(world.get(&user, "/devices/list").device_ids().len(), 4);
    let delete = json!({ "connect_webview_id": webview });
    world.done(&By::Key, "/connect_webviews/delete", delete);
    assert!(world.get(&user, "/devices/list").device_ids().is_empty());
    assert_eq!(world.get(&By::Key, "/devices/list").device_ids().len(), 8);
}

#[test]
fn providers_are_listed_by_category() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    let path = "/devices/list_device_providers";
    let all = world.post(&user, path, json!({}));
    let cameras = world.post(&user, path, json!({ "provider_category": "cameras" }));
    assert_eq!(
        cameras.ids("device_providers", "device_provider_name"),
        ["ring"]
    );
    assert!(all.ids("device_providers", "device_provider_name").len() > 10);
}
