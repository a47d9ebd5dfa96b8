//! Calls every simulated route with valid and invalid parameters, one after the other, in a
//! workspace that has some of everything. Each call must get a valid response.
//!
//! By default there are six thousand requests; `SEAM_SESSION_FUZZ=1000000` makes a million.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::sync::OnceLock;

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq};
use proptest::test_runner::{TestCaseResult, TestRunner};
use seam_session_sandbox::{documented_paths, example};
use serde_json::{Value, json};

use crate::proofs::users;
use crate::random::Random;
use crate::world::{Caller, World};

/// The number of requests in one workspace.
const REQUESTS: u32 = 25;
const ALL_REQUESTS: u32 = 6_000;

/// The number of values that are kept for a name.
const REMEMBERED: usize = 12;

fn workspaces() -> u32 {
    let requested = env::var("SEAM_SESSION_FUZZ").ok();
    let requests = requested.map_or(ALL_REQUESTS, |it| it.parse().expect("a number of requests"));
    requests.div_ceil(REQUESTS)
}

/// Ids that no list shows, by the name of the parameter and the kind of record.
const UNLISTED: [(&str, &str); 4] = [
    ("acs_access_group_id", "group"),
    ("device_id", "phone"),
    ("device_id", "unmanaged_device"),
    ("thermostat_daily_program_id", "program"),
];

/// The initial state of each workspace, and the simulated routes.
struct Fixture {
    state: Value,
    now: u64,
    tokens: Vec<String>,
    paths: Vec<&'static str>,
    seen: SeenValues,
}

impl Fixture {
    fn get() -> &'static Self {
        static FIXTURE: OnceLock<Fixture> = OnceLock::new();
        FIXTURE.get_or_init(|| {
            let (mut world, a, b) = users::world_with(404, &json!({}));
            let tokens = [&a, &b].map(|it| it.token().to_owned()).to_vec();
            let state = world.get(&Caller::ApiKey, "/_sandbox/state").body;
            let mut paths = documented_paths();
            let mut seen = SeenValues::default();
            for (name, what) in UNLISTED {
                seen.remember_one(name, &a.own[what]);
            }
            paths.retain(|path| {
                let response = world.post(&Caller::ApiKey, path, json!({}));
                seen.remember(&response.body);
                response.status != 501
            });
            let now = world.now;
            Self {
                state,
                now,
                tokens,
                paths,
                seen,
            }
        })
    }
}

/// Values from responses, by the name of their member.
#[derive(Clone, Default)]
struct SeenValues(BTreeMap<String, Vec<String>>);

impl SeenValues {
    fn remember(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|it| self.remember(it)),
            Value::Object(members) => {
                for (name, value) in members {
                    match value.as_str() {
                        Some(text) => self.remember_one(name, text),
                        None => self.remember(value),
                    }
                }
            }
            _ => {}
        }
    }

    fn remember_one(&mut self, name: &str, text: &str) {
        let known = self.0.entry(name.to_owned()).or_default();
        if known.iter().any(|it| it == text) {
            return;
        }
        if known.len() == REMEMBERED {
            known.remove(0);
        }
        known.push(text.to_owned());
    }

    /// Replaces a generated value by one from a response.
    fn fill(&self, name: &str, value: &mut Value, random: &mut Random) {
        match value {
            Value::Array(items) => {
                let name = name.strip_suffix('s').unwrap_or(name);
                for it in items {
                    self.fill(name, it, random);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    self.fill(name, value, random);
                }
            }
            Value::String(text) if name.ends_with("_id") || random.one_in(3) => {
                let name = match name {
                    "page_cursor" => "next_page_cursor",
                    name => name,
                };
                let known = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
                if let Some(known) = random.choose(known) {
                    text.clone_from(known);
                }
            }
            _ => {}
        }
    }
}

/// Returns a value that is invalid for all or most parameters.
fn invalid_value(random: &mut Random) -> Value {
    match random.below(12) {
        0 => Value::Null,
        1 => true.into(),
        2 => (-1).into(),
        3 => 0.5.into(),
        4 => 1e308.into(),
        5 => i64::MIN.into(),
        6 => "".into(),
        7 => "774".into(),
        8 => " \u{0} é\u{1f511}".into(),
        9 => json!([]),
        10 => json!({}),
        _ => json!({ "a": { "b": [1, null, "x"] } }),
    }
}

/// Makes one of the parameters invalid, or removes it.
fn corrupt(params: &mut Value, random: &mut Random) {
    let members = params.as_object_mut().expect("parameters");
    let names: Vec<String> = members.keys().cloned().collect();
    let Some(name) = random.choose(&names) else {
        return;
    };
    if random.one_in(4) {
        members.remove(name);
    } else {
        members.insert(name.clone(), invalid_value(random));
    }
}

fn parameters(path: &str, now: u64, seen: &SeenValues, random: &mut Random) -> Value {
    let mut draw = |below: usize| {
        let drawn = random.below(below as u64);
        usize::try_from(drawn).expect("a small number")
    };
    let mut params = example(path, now, &mut draw).expect("a documented route");
    seen.fill("", &mut params, random);
    if random.one_in(6) {
        corrupt(&mut params, random);
    }
    params
}

#[test]
fn every_route_responds_whatever_its_parameters_are() {
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        // A smaller number does not make a simpler workspace.
        max_shrink_iters: 0,
        ..ProptestConfig::with_cases(workspaces())
    });
    let succeeded = RefCell::new(BTreeSet::new());
    let result = runner.run(&any::<u64>(), |number| {
        run_workspace(number, &mut succeeded.borrow_mut())
    });
    if let Err(wrong) = result {
        panic!("{wrong}");
    }
    let (of, succeeded) = (Fixture::get().paths.len(), succeeded.borrow().len());
    assert!(succeeded * 10 > of * 8, "{succeeded} routes of {of}");
}

/// Makes the requests of one workspace.
fn run_workspace(number: u64, succeeded: &mut BTreeSet<&'static str>) -> TestCaseResult {
    let fixture = Fixture::get();
    let random = &mut Random::new(number);
    let mut world = World::new();
    world.now = fixture.now;
    world.expect_ok(&Caller::ApiKey, "/_sandbox/state", fixture.state.clone());
    let mut seen = fixture.seen.clone();
    let mut tokens = fixture.tokens.clone();
    for _ in 0..REQUESTS {
        let path = *random.choose(&fixture.paths).expect("a route");
        let params = parameters(path, world.now, &seen, random);
        let caller = match random.choose(&tokens) {
            Some(token) if random.one_in(2) => Caller::Token(token.clone()),
            _ => Caller::ApiKey,
        };

        let response = world.post(&caller, path, params.clone());

        let status = response.status;
        let is_known = [200, 400, 401, 403, 404, 409, 429, 501].contains(&status);
        prop_assert!(is_known, "{path} {params}: {status}");
        prop_assert_eq!(
            response.body["ok"].as_bool(),
            Some(status == 200),
            "{} {}",
            path,
            params
        );
        if status == 200 {
            succeeded.insert(path);
        }
        seen.remember(&response.body);
        let token = &response.body["client_session"]["token"];
        tokens.extend(token.as_str().map(str::to_owned));
        world.now += random.pick([0, 0, 1, 700, 2_000, 60_000]);
        if random.one_in(20) {
            world.now += random.below(100_000_000);
        }
    }
    for path in fixture.paths.iter().filter(|it| it.ends_with("/list")) {
        let response = world.post(&Caller::ApiKey, path, json!({}));
        // Some lists require a filter, and some take only sessions.
        prop_assert!([200, 400, 401].contains(&response.status), "{path}");
    }
    let state = world.get(&Caller::ApiKey, "/_sandbox/state").body;
    world.expect_ok(&Caller::ApiKey, "/_sandbox/state", state);
    Ok(())
}
