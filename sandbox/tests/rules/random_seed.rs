//! Ids, keys and tokens, and the seeds that they are made from.

use std::collections::BTreeSet;

use seam_session_sandbox::Options;
use serde_json::{Value, json};

use crate::world::{Caller, World, text};

const OWN_ID: &str = "44444444-4444-4444-8444-444444444444";

/// Options without and with a seed document.
fn setups() -> [Value; 3] {
    let seed = json!({
        "workspace": { "workspace_id": OWN_ID },
        "connected_accounts": [{ "name": "a", "connected_account_id": OWN_ID }],
        "devices": [{ "device_type": "yale_lock", "display_name": "A" }],
        "user_identities": [{ "user_identity_key": "jane" }],
        "client_sessions": [{ "user_identity_key": "jane" }],
    });
    [json!({}), json!({ "devices": 2 }), json!({ "seed": seed })]
}

fn world(setup: &Value, random_seed: Option<u64>) -> World {
    let mut options = setup.clone();
    if let Some(number) = random_seed {
        options["random_seed"] = number.into();
    }
    World::with(options)
}

/// Returns all ids, keys and tokens except those that the document gives.
fn created(world: &mut World) -> Vec<String> {
    let info = world.sandbox.info();
    let session = world.session(json!({}));
    let device = world.get(&Caller::ApiKey, "/devices/list").body["devices"][0].clone();
    let mut all = info.device_ids;
    all.extend([info.api_key, info.publishable_key, info.workspace_id]);
    all.extend(info.user_identity_id);
    all.push(info.client_session_token);
    all.extend(["client_session_id", "token"].map(|it| text(&session[it])));
    all.push(text(&device["connected_account_id"]));
    all.retain(|it| it != OWN_ID);
    all
}

#[test]
fn another_random_seed_gives_other_ids_keys_and_tokens() {
    for setup in setups() {
        let mut seen = BTreeSet::new();
        let numbers = [
            None,
            Some(0),
            Some(1),
            Some(2),
            Some(1 << 32),
            Some(1 << 53),
        ];
        for number in numbers {
            for one in created(&mut world(&setup, number)) {
                assert!(seen.insert(one.clone()), "{number:?} {setup}: {one} again");
            }
        }
        assert!(seen.len() >= 7 * numbers.len(), "{setup}");
    }
}

#[test]
fn the_same_random_seed_gives_the_same_and_so_does_the_default() {
    for setup in setups() {
        for number in [None, Some(0), Some(7), Some(1 << 53)] {
            let first = created(&mut world(&setup, number));
            assert_eq!(
                first,
                created(&mut world(&setup, number)),
                "{number:?} {setup}"
            );
        }
    }
}

#[test]
fn keys_and_tokens_of_another_run_are_refused() {
    for setup in setups() {
        let earlier = world(&setup, Some(1)).sandbox.info();
        let mut later = world(&setup, Some(2));
        for (header, credential, kind) in [
            (
                "authorization",
                format!("Bearer {}", earlier.api_key),
                "unauthorized",
            ),
            (
                "client-session-token",
                earlier.client_session_token,
                "client_session_not_found",
            ),
        ] {
            let response = later.raw("GET", "/devices/list", &[(header, &credential)], "");
            let body: Value = serde_json::from_str(&response.body).expect("a JSON body");
            assert_eq!(
                (response.status, &body["error"]["type"]),
                (401, &json!(kind))
            );
        }
    }
}

#[test]
fn keys_and_tokens_have_their_own_seed_that_ids_do_not_reveal() {
    let with = |key_seed: Value| {
        let options = json!({ "random_seed": 1, "key_seed": key_seed });
        World::with(options).sandbox.info()
    };
    let (one, other) = (
        with(json!([0, 0, 0, 0, 0, 0, 0, 1])),
        with(json!([0, 0, 0, 0, 0, 0, 0, 2])),
    );
    assert_eq!(one.device_ids, other.device_ids);
    assert_eq!(one.user_identity_id, other.user_identity_id);
    assert_ne!(one.api_key, other.api_key);
    assert_ne!(one.publishable_key, other.publishable_key);
    assert_ne!(one.client_session_token, other.client_session_token);
}

#[test]
fn a_random_seed_must_be_an_integer() {
    for value in [json!(-1), json!(0.5), json!("1")] {
        let options = json!({ "random_seed": value });
        assert!(
            serde_json::from_value::<Options>(options.clone()).is_err(),
            "{options}"
        );
    }
}
