//! Every simulated route, with parameters that fit it and that do not, one request after the other
//! in a workspace that has some of everything: each is answered, and well.
//!
//! Six thousand requests as it stands; `SEAM_SESSION_FUZZ=1000000` sends a million.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::sync::OnceLock;

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq};
use proptest::test_runner::{TestCaseResult, TestRunner};
use seam_session_sandbox::{documented_paths, example};
use serde_json::{Value, json};

use crate::proofs::sides;
use crate::random::Random;
use crate::world::{By, World};

/// How many requests one workspace gets.
const REQUESTS: u32 = 25;
const ALL_REQUESTS: u32 = 6_000;

/// So many values of one name are remembered.
const REMEMBERED: usize = 12;

fn workspaces() -> u32 {
    let asked = env::var("SEAM_SESSION_FUZZ").ok();
    let requests = asked.map_or(ALL_REQUESTS, |it| it.parse().expect("a number of requests"));
    requests.div_ceil(REQUESTS)
}

/// What no list shows, by the name of the parameter and by what it is.
const IN_NO_LIST: [(&str, &str); 4] = [
    ("acs_access_group_id", "group"),
    ("device_id", "phone"),
    ("device_id", "unmanaged_device"),
    ("thermostat_daily_program_id", "program"),
];

/// What each workspace begins with, and the routes that are simulated.
struct Beginning {
    state: Value,
    now: u64,
    tokens: Vec<String>,
    paths: Vec<&'static str>,
    seen: Seen,
}

impl Beginning {
    fn get() -> &'static Self {
        static BEGINNING: OnceLock<Beginning> = OnceLock::new();
        BEGINNING.get_or_init(|| {
            let (mut world, a, b) = sides::world_with(404, &json!({}));
            let tokens = [&a, &b].map(|it| it.token().to_owned()).to_vec();
            let state = world.get(&By::Key, "/_sandbox/state").body;
            let mut paths = documented_paths();
            let mut seen = Seen::default();
            for (name, what) in IN_NO_LIST {
                seen.remember_one(name, &a.own[what]);
            }
            paths.retain(|path| {
                let answer = world.post(&By::Key, path, json!({}));
                seen.remember(&answer.body);
                answer.status != 501
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

/// What answers have shown, by the name that it had there.
#[derive(Clone, Default)]
struct Seen(BTreeMap<String, Vec<String>>);

impl Seen {
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

    /// Puts something that is there in place of what is made up.
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
                if let Some(known) = random.of(known) {
                    text.clone_from(known);
                }
            }
            _ => {}
        }
    }
}

/// What fits no parameter, or only some.
fn odd(random: &mut Random) -> Value {
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

/// One of the parameters becomes something odd, or is missing.
fn spoil(params: &mut Value, random: &mut Random) {
    let members = params.as_object_mut().expect("parameters");
    let names: Vec<String> = members.keys().cloned().collect();
    let Some(name) = random.of(&names) else {
        return;
    };
    if random.one_in(4) {
        members.remove(name);
    } else {
        members.insert(name.clone(), odd(random));
    }
}

fn parameters(path: &str, now: u64, seen: &Seen, random: &mut Random) -> Value {
    let mut draw = |below: usize| {
        let drawn = random.below(below as u64);
        usize::try_from(drawn).expect("a small number")
    };
    let mut params = example(path, now, &mut draw).expect("a documented route");
    seen.fill("", &mut params, random);
    if random.one_in(6) {
        spoil(&mut params, random);
    }
    params
}

#[test]
fn every_route_responds_whatever_its_parameters_are() {
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        // A smaller number is no simpler workspace.
        max_shrink_iters: 0,
        ..ProptestConfig::with_cases(workspaces())
    });
    let succeeded = RefCell::new(BTreeSet::new());
    let result = runner.run(&any::<u64>(), |number| {
        ask(number, &mut succeeded.borrow_mut())
    });
    if let Err(wrong) = result {
        panic!("{wrong}");
    }
    let (of, succeeded) = (Beginning::get().paths.len(), succeeded.borrow().len());
    assert!(succeeded * 10 > of * 8, "{succeeded} routes of {of}");
}

/// One workspace.
fn ask(number: u64, succeeded: &mut BTreeSet<&'static str>) -> TestCaseResult {
    let beginning = Beginning::get();
    let random = &mut Random::new(number);
    let mut world = World::new();
    world.now = beginning.now;
    world.done(&By::Key, "/_sandbox/state", beginning.state.clone());
    let mut seen = beginning.seen.clone();
    let mut tokens = beginning.tokens.clone();
    for _ in 0..REQUESTS {
        let path = *random.of(&beginning.paths).expect("a route");
        let params = parameters(path, world.now, &seen, random);
        let by = match random.of(&tokens) {
            Some(token) if random.one_in(2) => By::Token(token.clone()),
            _ => By::Key,
        };

        let answer = world.post(&by, path, params.clone());

        let status = answer.status;
        let is_known = [200, 400, 401, 403, 404, 409, 429, 501].contains(&status);
        prop_assert!(is_known, "{path} {params}: {status}");
        prop_assert_eq!(
            answer.body["ok"].as_bool(),
            Some(status == 200),
            "{} {}",
            path,
            params
        );
        if status == 200 {
            succeeded.insert(path);
        }
        seen.remember(&answer.body);
        let token = &answer.body["client_session"]["token"];
        tokens.extend(token.as_str().map(str::to_owned));
        world.now += random.pick([0, 0, 1, 700, 2_000, 60_000]);
        if random.one_in(20) {
            world.now += random.below(100_000_000);
        }
    }
    for path in beginning.paths.iter().filter(|it| it.ends_with("/list")) {
        let answer = world.post(&By::Key, path, json!({}));
        // Some lists must be narrowed, and some are for sessions only.
        prop_assert!([200, 400, 401].contains(&answer.status), "{path}");
    }
    let state = world.get(&By::Key, "/_sandbox/state").body;
    world.done(&By::Key, "/_sandbox/state", state);
    Ok(())
}
