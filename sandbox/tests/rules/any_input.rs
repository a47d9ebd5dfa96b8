//! Property tests: every request gets a valid response.

use std::env;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_oneof, proptest};
use proptest::test_runner::RngSeed;
use seam_session_sandbox::{Request, Response};
use serde_json::{Value, json};

use crate::world::{Caller, World};

const PATHS: [&str; 17] = [
    "/devices/list",
    "/devices/get",
    "/locks/list",
    "/locks/unlock_door",
    "/action_attempts/get",
    "/user_identities/create",
    "/user_identities/get",
    "/user_identities/update",
    "/client_sessions/create",
    "/client_sessions/get_or_create",
    "/client_sessions/list",
    "/_sandbox/explain",
    "/_sandbox/clock",
    "/_sandbox/coverage",
    "/_sandbox/end_session",
    "/_sandbox/faults",
    "/_sandbox/state",
];
const NAMES: [&str; 22] = [
    "device_id",
    "device_ids",
    "limit",
    "page_cursor",
    "search",
    "name",
    "created_before",
    "custom_metadata_has",
    "custom_metadata_has.a",
    "user_identity_id",
    "user_identity_ids",
    "expires_at",
    "client_session_token",
    "email_address",
    "fault",
    "path",
    "times",
    "latency_ms",
    "reset",
    "advance_ms",
    "to",
    "state",
];

fn well_formed(response: &Response) -> bool {
    let known = [200, 400, 401, 403, 404, 405, 409, 501].contains(&response.status);
    let is_json = serde_json::from_str::<Value>(&response.body).is_ok_and(|it| it.is_object());
    known && (is_json || response.body.is_empty())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[0-9TZ:.+-]{0,30}".prop_map(Value::from),
        "[0-9a-f]{64}".prop_map(Value::from),
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map("[a-z._]{0,6}", inner, 0..4)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

/// The parameters of a fault, often a valid one.
fn fault() -> impl Strategy<Value = Value> {
    let kinds = [
        "latency",
        "outage",
        "rate_limit",
        "drop_before",
        "drop_after",
        "truncate",
        "attempt_fails",
        "attempt_hangs",
        "fire",
    ];
    let names = [
        "latency_ms",
        "retry_after",
        "after_bytes",
        "reset",
        "reused_connection",
        "times",
        "error_type",
    ];
    let value = prop_oneof![
        (0_u64..5).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "[a-z]{0,3}".prop_map(Value::from),
    ];
    let kind = proptest::sample::select(kinds.to_vec());
    let members =
        proptest::collection::btree_map(proptest::sample::select(names.to_vec()), value, 0..3);
    (kind, members).prop_map(|(kind, members)| {
        let mut fault = json!(members);
        fault["fault"] = kind.into();
        fault
    })
}

#[test]
fn random_values_depend_only_on_the_seed() {
    let seed = env::var("PROPTEST_RNG_SEED").expect("cargo sets it, by .cargo/config.toml");
    println!("PROPTEST_RNG_SEED={seed}");
    let expected = seed.parse().map_or(RngSeed::Random, RngSeed::Fixed);
    assert_eq!(ProptestConfig::default().rng_seed, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn random_bytes_get_a_response(
        method in ".{0,8}",
        target in ".{0,80}",
        headers in proptest::collection::vec((".{0,20}", ".{0,40}"), 0..4),
        body in proptest::collection::vec(any::<u8>(), 0..200),
        now in any::<u64>(),
    ) {
        let mut world = World::with(json!({ "devices": 1 }));
        let request = Request { method, target, headers, body };
        prop_assert!(well_formed(&world.sandbox.handle(&request, now)));
    }

    #[test]
    fn random_parameters_of_known_routes_get_a_response(
        path in proptest::sample::select(&PATHS[..]),
        method in proptest::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE"]),
        query in proptest::collection::vec((proptest::sample::select(&NAMES[..]), "[ -~é]{0,30}"), 0..4),
        body in proptest::collection::btree_map(proptest::sample::select(&NAMES[..]), value(), 0..5),
        now in any::<u64>(),
        as_session in any::<bool>(),
    ) {
        let mut world = World::with(json!({ "devices": 2 }));
        let info = world.sandbox.info();
        let token = if as_session { info.client_session_token } else { info.api_key };
        let query: Vec<_> = query.iter().map(|(name, text)| format!("{name}={text}")).collect();
        let body = if body.is_empty() { Vec::new() } else { json!(body).to_string().into_bytes() };
        let request = Request {
            method: method.to_owned(),
            target: format!("{path}?{}", query.join("&")),
            headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
            body,
        };
        prop_assert!(well_formed(&world.sandbox.handle(&request, now)));
    }
}

proptest! {
    // Each of these cases makes many requests.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn with_random_faults_a_request_gets_a_response_or_is_cut_or_dropped(
        faults in proptest::collection::vec(fault(), 0..6),
        asks in proptest::collection::vec(any::<bool>(), 1..6),
    ) {
        let mut world = World::with(json!({ "devices": 1 }));
        let device = world.sandbox.info().device_ids.first().cloned().expect("a device");
        for fault in faults {
            let response = world.post(&Caller::ApiKey, "/_sandbox/faults", fault);
            prop_assert!([200, 400].contains(&response.status));
        }
        let key = format!("Bearer {}", world.sandbox.info().api_key);
        for reads in asks {
            let path = if reads { "/devices/list" } else { "/locks/unlock_door" };
            let body = json!({ "device_id": device }).to_string();
            let body = if reads { "" } else { body.as_str() };
            let response = world.raw("POST", path, &[("authorization", &key)], body);
            match response.cut.map(|it| it.after_bytes) {
                None => prop_assert!([200, 429, 503].contains(&response.status)),
                Some(None) => {}
                Some(Some(bytes)) => prop_assert!(bytes < response.body.len()),
            }
            prop_assert!(response.delay_ms <= 6 * 600_000);
        }
        let clean = world.send(&Caller::ApiKey, "DELETE", "/_sandbox/faults", "");
        prop_assert!(clean.status == 200);
    }

    #[test]
    fn a_corrupted_state_is_refused_or_can_be_used(
        place in any::<proptest::sample::Index>(),
        invalid_value in value(),
    ) {
        let mut world = World::with(json!({ "devices": 2 }));
        let caller = Caller::Token(world.sandbox.info().client_session_token);
        let device = world.sandbox.info().device_ids.first().cloned().expect("a device");
        world.post(&Caller::ApiKey, "/locks/unlock_door", json!({ "device_id": device }));
        let mut state = world.get(&Caller::ApiKey, "/_sandbox/state").body;
        let mut places = Vec::new();
        leaves(&state["state"], "/state".to_owned(), &mut places);
        let place = place.get(&places);
        *state.pointer_mut(place).expect("a place") = invalid_value;

        let put = world.post(&Caller::ApiKey, "/_sandbox/state", state);
        world.has_random_state = true;

        prop_assert!([200, 400].contains(&put.status), "{place}");
        world.now += 1_000;
        for path in ["/devices/list", "/events/list", "/client_sessions/get", "/action_attempts/get"] {
            let params = json!({ "device_id": device, "since": "2020-01-01T00:00:00Z" });
            let body = params.to_string();
            for method in ["GET", "POST"] {
                for caller in [&caller, &Caller::ApiKey] {
                    let response = world.send(caller, method, path, &body);
                    prop_assert!((200..502).contains(&response.status), "{place}");
                }
            }
        }
    }
}

/// Collects the JSON pointers of all values that are neither lists nor objects.
fn leaves(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                leaves(member, format!("{at}/{name}"), found);
            }
        }
        _ => found.push(at),
    }
}
