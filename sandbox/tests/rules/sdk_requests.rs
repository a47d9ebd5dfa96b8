//! What the official SDKs send, as data: methods, headers, query strings and bodies. `source` is the
//! version and the files of an SDK from which its rows are written. Each SDK's rows are sent in
//! order, and all must succeed. `$name` stands for a value of the sandbox's start, or for one that an
//! earlier row has kept. `count` is the length that a list of the response must have.
//!
//! The JavaScript and Python SDKs themselves run in tests/official. The others do not: the tests
//! install packages from npm and `PyPI` only, the Ruby SDK also needs Ruby 3.3, which is newer than that
//! of Debian 12, and the Go SDK was last released in 2024, before most of today's routes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::world::{AFTER_ATTEMPT, World, text};

#[derive(Deserialize)]
struct Sdk {
    name: String,
    source: String,
    headers: BTreeMap<String, String>,
    requests: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    does: String,
    method: String,
    target: String,
    /// Added to those of the SDK, or in their place.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    /// Names, and pointers to their values in the response.
    #[serde(default)]
    keep: BTreeMap<String, String>,
    #[serde(default)]
    count: Option<(String, usize)>,
}

fn table() -> Vec<Sdk> {
    serde_json::from_str(include_str!("sdk_requests.json")).expect("the table")
}

/// Puts the values in the place of their names.
fn with_values(text: &str, values: &BTreeMap<String, String>) -> String {
    // Longer names first: one may begin with another.
    let mut names: Vec<_> = values.iter().collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    names
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("${name}"), value)
        })
}

fn start_values(world: &mut World) -> BTreeMap<String, String> {
    let info = world.sandbox.info();
    let lock = world.device("Front Door");
    let values = [
        ("api_key", info.api_key),
        ("publishable_key", info.publishable_key),
        ("personal_access_token", info.personal_access_token),
        ("workspace_id", info.workspace_id),
        ("token", info.client_session_token),
        ("lock", lock),
    ];
    let values = values.into_iter();
    values.map(|(name, it)| (name.to_owned(), it)).collect()
}

#[test]
fn what_the_official_sdks_of_five_languages_send_is_accepted() {
    let sdks = table();
    let names: Vec<_> = sdks.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["javascript", "python", "ruby", "php", "go"]);
    for sdk in sdks {
        let mut world = World::new();
        let mut values = start_values(&mut world);
        assert!(sdk.requests.len() >= 13, "{}", sdk.source);
        for row in &sdk.requests {
            let what = format!("{} {}", sdk.source, row.does);
            let replaced = |name: &String| {
                let mut own = row.headers.keys();
                own.any(|it| it.eq_ignore_ascii_case(name))
            };
            let common = sdk.headers.iter().filter(|(name, _)| !replaced(name));
            let headers: Vec<_> = common
                .chain(&row.headers)
                .map(|(name, value)| (name.as_str(), with_values(value, &values)))
                .collect();
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, it)| (*name, it.as_str()))
                .collect();
            let target = with_values(&row.target, &values);
            let body = with_values(&row.body, &values);

            let response = world.raw(&row.method, &target, &headers, &body);

            assert_eq!(response.status, 200, "{what}: {}", response.body);
            let body: Value = serde_json::from_str(&response.body).expect("JSON");
            for (name, pointer) in &row.keep {
                let value = body.pointer(pointer).expect("a value to keep");
                values.insert(name.clone(), text(value));
            }
            if let Some((list, count)) = &row.count {
                let items = body[list].as_array().map(Vec::len);
                assert_eq!(items, Some(*count), "{what}");
            }
            world.now += AFTER_ATTEMPT;
        }
    }
}
