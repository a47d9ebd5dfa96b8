//! Pages of lists: each device is on exactly one page, and cursors are not trusted.

use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use serde_json::{Value, json};

use crate::world::{Caller, World, text};

fn walk(world: &mut World, caller: &Caller, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let params = json!({ "limit": limit, "page_cursor": cursor });
        let page = world.post(caller, "/devices/list", params);
        let shown = page.device_ids();
        assert!(shown.len() <= limit);
        assert!(
            !shown.is_empty() || ids.is_empty(),
            "only a first page is empty"
        );
        ids.extend(shown);
        assert!(ids.len() <= 1_000, "the pages never end");
        let pagination = &page.body["pagination"];
        cursor = pagination["next_page_cursor"].clone();
        assert_eq!(pagination["has_next_page"], !cursor.is_null());
        assert_eq!(pagination["next_page_url"].is_null(), cursor.is_null());
        if cursor.is_null() {
            return ids;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn the_pages_contain_each_device_once_in_order(devices in 0_usize..40, limit in 1_usize..45) {
        let mut world = World::with(json!({ "devices": devices }));
        let all = world.sandbox.info().device_ids;
        prop_assert_eq!(all.len(), devices);
        prop_assert_eq!(walk(&mut world, &Caller::ApiKey, limit), all);
    }

    #[test]
    fn the_pages_of_a_session_contain_only_what_it_sees(granted in proptest::collection::btree_set(0_usize..20, 0..8), limit in 1_usize..9) {
        let mut world = World::with(json!({ "devices": 20 }));
        let all = world.sandbox.info().device_ids;
        let identity = world.identity("user-1");
        let own: Vec<_> = granted.iter().map(|it| all[*it].clone()).collect();
        for device in &own {
            world.grant(&identity, device);
        }
        let user = world.token(&identity);
        prop_assert_eq!(walk(&mut world, &user, limit), own);
    }
}

#[test]
fn the_next_page_has_a_url() {
    let mut world = World::with(json!({ "endpoint": "http://127.0.0.1:3020/" }));
    let first = world.get(&Caller::ApiKey, "/devices/list?limit=5&device_types=august_lock&device_types=yale_lock&device_types=nuki_lock&search=a");
    let url = first.body["pagination"]["next_page_url"].clone();
    assert_eq!(url, Value::Null);
    let first = world.get(&Caller::ApiKey, "/devices/list?limit=5");
    let url = text(&first.body["pagination"]["next_page_url"]);
    let target = url
        .strip_prefix("http://127.0.0.1:3020")
        .expect("the endpoint");
    let second = world.get(&Caller::ApiKey, target);
    assert_eq!(second.device_ids().len(), 3);
    let all = world.sandbox.info().device_ids;
    assert_eq!([first.device_ids(), second.device_ids()].concat(), all);
}

#[test]
fn a_cursor_is_refused_with_other_parameters() {
    let mut world = World::new();
    let first = world.post(&Caller::ApiKey, "/devices/list", json!({ "limit": 2 }));
    let cursor = first.body["pagination"]["next_page_cursor"].clone();
    for changed in [
        json!({ "page_cursor": cursor }),
        json!({ "page_cursor": cursor, "limit": 3 }),
        json!({ "page_cursor": cursor, "limit": 2, "search": "door" }),
    ] {
        let refused = world.post(&Caller::ApiKey, "/devices/list", changed);
        assert_eq!(refused.error(), (400, "mismatched_page_parameters"));
    }
    let same = json!({ "page_cursor": cursor, "limit": 2, "no such parameter": 1 });
    assert_eq!(
        world.post(&Caller::ApiKey, "/devices/list", same).status,
        200
    );
}

#[test]
fn the_cursor_of_another_caller_shows_only_what_the_caller_sees() {
    let mut world = World::new();
    let all = world.sandbox.info().device_ids;
    let identity = world.identity("user-1");
    world.grant(&identity, &all[1]);
    world.grant(&identity, &all[6]);
    let user = world.token(&identity);
    let first = world.post(&Caller::ApiKey, "/devices/list", json!({ "limit": 3 }));
    let cursor = first.body["pagination"]["next_page_cursor"].clone();
    let params = json!({ "limit": 3, "page_cursor": cursor });
    let shown = world.post(&user, "/devices/list", params);
    assert_eq!(shown.device_ids(), [all[6].as_str()]);
}

#[test]
fn a_cursor_stays_valid_when_its_device_goes_out_of_scope() {
    let mut world = World::new();
    let all = world.sandbox.info().device_ids;
    let identity = world.identity("user-1");
    for device in &all[..4] {
        world.grant(&identity, device);
    }
    let user = world.token(&identity);
    let first = world.post(&user, "/devices/list", json!({ "limit": 2 }));
    let cursor = first.body["pagination"]["next_page_cursor"].clone();
    world.revoke(&identity, &all[1]);
    let params = json!({ "limit": 2, "page_cursor": cursor });
    let second = world.post(&user, "/devices/list", params);
    assert_eq!(second.device_ids(), all[2..4]);
}

#[test]
fn an_invalid_cursor_or_limit_is_refused() {
    let mut world = World::new();
    for params in [
        json!({ "page_cursor": "x" }),
        json!({ "page_cursor": "é".repeat(32) }),
        json!({ "page_cursor": "+".repeat(64) }),
        json!({ "page_cursor": 1 }),
        json!({ "limit": 0 }),
        json!({ "limit": -1 }),
        json!({ "limit": 1.5 }),
        json!({ "limit": "2" }),
    ] {
        let refused = world.post(&Caller::ApiKey, "/devices/list", params.clone());
        assert_eq!(refused.error(), (400, "invalid_input"), "{params}");
    }
    let huge = world.post(&Caller::ApiKey, "/devices/list", json!({ "limit": 1e300 }));
    assert_eq!(huge.device_ids().len(), 8);
}
