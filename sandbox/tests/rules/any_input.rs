//! Whatever comes in, an answer goes out.

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_oneof, proptest};
use seam_session_sandbox::{Request, Response};
use serde_json::{Value, json};

use crate::world::World;

const PATHS: [&str; 12] = [
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
];
const NAMES: [&str; 14] = [
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn random_bytes_are_answered(
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
    fn random_parameters_of_known_routes_are_answered(
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
