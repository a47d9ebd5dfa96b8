//! Every route with parameters of its own names, right and wrong ones, one request after the other
//! in one workspace: each is answered, and well.
//!
//! Six thousand requests as it stands; `SEAM_SESSION_FUZZ=200000` sends a million.

use std::collections::BTreeSet;
use std::env;

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::{Index, select};
use seam_session_sandbox::session_routes;
use serde_json::{Value, json};

use crate::world::{By, World};

/// How many requests one workspace gets.
const REQUESTS: usize = 5;
const WORKSPACES: u32 = 1_200;

/// The back end's routes that make and take what sessions see.
const BACK_END: [&str; 16] = [
    "/access_grants/create",
    "/access_grants/update",
    "/access_grants/delete",
    "/client_sessions/create",
    "/client_sessions/get_or_create",
    "/client_sessions/grant_access",
    "/client_sessions/revoke",
    "/client_sessions/delete",
    "/connected_accounts/delete",
    "/devices/simulate/disconnect",
    "/devices/simulate/remove",
    "/devices/unmanaged/update",
    "/user_identities/create",
    "/user_identities/delete",
    "/user_identities/grant_access_to_device",
    "/user_identities/revoke_access_to_device",
];

const BACK_END_NAMES: [&str; 12] = [
    "access_grant_id",
    "client_session_id",
    "connected_account_id",
    "connected_account_ids",
    "connect_webview_ids",
    "device_id",
    "device_ids",
    "expires_at",
    "is_managed",
    "user_identity_id",
    "user_identity_key",
    "user_identifier_key",
];

/// A value of a parameter; an index is one of the ids that the workspace knows.
#[derive(Clone, Debug)]
enum Given {
    Known(Index),
    KnownList(Vec<Index>),
    Plain(Value),
}

fn given() -> impl Strategy<Value = Given> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2_i64..100).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9]{3,9}".prop_map(Value::from),
        "[ -~é\\u{1f511}]{0,20}".prop_map(Value::from),
        "20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:00:00Z".prop_map(Value::from),
        select(vec![
            "heat", "cool", "off", "auto", "on", "home", "away", "ongoing"
        ])
        .prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([{ "starts_at_time": "07:00:00", "climate_preset_key": "home" }])),
        Just(json!({ "a": { "b": [1] } })),
    ];
    prop_oneof![
        3 => any::<Index>().prop_map(Given::Known),
        1 => proptest::collection::vec(any::<Index>(), 0..4).prop_map(Given::KnownList),
        3 => plain.prop_map(Given::Plain),
    ]
}

/// Every id in the workspace's state.
fn ids(world: &World) -> Vec<String> {
    let state: Value = serde_json::from_str(&world.sandbox.snapshot()).expect("JSON");
    let mut found = BTreeSet::new();
    gather(&state, &mut found);
    found.into_iter().collect()
}

fn gather(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|it| gather(it, found)),
        Value::Object(members) => members.values().for_each(|it| gather(it, found)),
        _ => {}
    }
}

fn workspaces() -> u32 {
    let asked = env::var("SEAM_SESSION_FUZZ").ok();
    asked.map_or(WORKSPACES, |it| it.parse().expect("a number of workspaces"))
}

type Asked = (Index, bool, Vec<(Index, Given)>, u64);

fn asked() -> impl Strategy<Value = Vec<Asked>> {
    let parameters = proptest::collection::vec((any::<Index>(), given()), 0..6);
    let time = prop_oneof![4 => 0_u64..2_000, 1 => 0_u64..100_000_000_000];
    let one = (any::<Index>(), any::<bool>(), parameters, time);
    proptest::collection::vec(one, REQUESTS)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(workspaces())
    })]

    #[test]
    fn every_route_answers_whatever_its_parameters_are(asked in asked()) {
        let mut world = World::new();
        let demo = By::Token(world.sandbox.info().client_session_token);
        let of_sessions = session_routes();
        let mut routes: Vec<(&str, Vec<&str>)> = of_sessions
            .iter()
            .map(|it| (it.path, it.parameters.iter().copied().collect()))
            .collect();
        routes.extend(BACK_END.map(|it| (it, BACK_END_NAMES.to_vec())));
        for (route, as_session, parameters, passed) in asked {
            let (path, names) = route.get(&routes);
            let known = ids(&world);
            let mut params = json!({});
            for (name, given) in parameters {
                if names.is_empty() {
                    continue;
                }
                params[*name.get(names)] = match given {
                    Given::Known(index) => index.get(&known).as_str().into(),
                    Given::KnownList(indices) => {
                        indices.iter().map(|it| it.get(&known).as_str()).collect()
                    }
                    Given::Plain(value) => value,
                };
            }
            let by = if as_session { &demo } else { &By::Key };

            let answer = world.post(by, path, params.clone());

            let status = answer.status;
            let is_known = [200, 400, 401, 403, 404, 409, 429, 501].contains(&status);
            prop_assert!(is_known, "{path} {params}: {status}");
            prop_assert_eq!(answer.body["ok"].as_bool(), Some(status == 200), "{} {}", path, params);
            world.now += passed;
        }
    }
}
