//! Compares the sandbox with a small model of who sees what. The model is written from the table in
//! `src/state/scope.rs` and shares no code with the sandbox. Random steps run in small workspaces.
//! After each step every session that is alive must see exactly the devices and codes of the model;
//! and one session, alive or not, is chosen to read all other lists, and to get existing and
//! deleted records one by one.
//!
//! A failure prints the number of its workspace and all of its steps;
//! `SEAM_SESSION_MODEL_SEED=NUMBER` runs that workspace again, `SEAM_SESSION_MODEL_STEPS` sets the
//! total number of steps.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "an unexpected value must fail the test; parameters are written as literals"
)]

mod check;
mod codes;
mod model;
mod random;
mod step_counts;
mod steps;
mod time;
mod transitions;
mod world;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};

use model::Model;
use random::Random;
use step_counts::StepCounts;
use steps::{Known, Step};
use transitions::Created;
use world::{World, text};

/// The number of steps in one workspace.
const STEPS: u64 = 250;
const ALL_STEPS: u64 = 100_000;

#[test]
fn every_session_sees_and_does_what_the_model_says() {
    let number = |name: &str| {
        let text = env::var(name).ok()?;
        Some(text.parse::<u64>().expect("a number"))
    };
    if let Some(seed) = number("SEAM_SESSION_MODEL_SEED") {
        return run(seed, &StepCounts::default());
    }
    let seeds = number("SEAM_SESSION_MODEL_STEPS")
        .unwrap_or(ALL_STEPS)
        .div_ceil(STEPS);
    let (next, step_counts) = (AtomicU64::new(0), StepCounts::default());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return;
            }
            run(seed, &step_counts);
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    step_counts.check();
}

/// Runs one workspace.
fn run(seed: u64, step_counts: &StepCounts) {
    let mut trace = Vec::new();
    let result = catch_unwind(AssertUnwindSafe(|| {
        run_steps(seed, step_counts, &mut trace);
    }));
    if let Err(panic) = result {
        for line in trace {
            println!("{line}");
        }
        println!("SEAM_SESSION_MODEL_SEED={seed} runs this workspace again");
        resume_unwind(panic);
    }
}

fn run_steps(seed: u64, step_counts: &StepCounts, trace: &mut Vec<String>) {
    let mut random = Random::new(seed);
    let (mut world, mut model, mut known) = World::new(seed);
    for _ in 0..STEPS {
        let step = steps::choose(&mut random, &model, &known);
        let expected_error = model.expected_error(&step);
        trace.push(format!("{step:?} -> {expected_error:?}"));
        let (status, body) = world.run(&step, &known);
        if let Some((expected, kind)) = expected_error {
            let error = body["error"]["type"].as_str().unwrap_or_default();
            let kind = if kind.is_empty() { error } else { kind };
            assert_eq!((status, error), (expected, kind), "{step:?}: {body}");
        } else {
            assert_eq!(status, 200, "{step:?}: {body}");
            let mut created = created(&step, &body, &model, &mut known);
            if let Step::CreateAccessGrant { .. } = step {
                add_methods(&mut created, &body["access_grant"], &mut world, &mut known);
            }
            model.apply(&step, created);
        }
        step_counts.count(&step, expected_error.is_some());
        compare(&mut world, &model, &known, &mut random);
    }
}

fn compare(world: &mut World, model: &Model, known: &Known, random: &mut Random) {
    for (id, session) in &model.sessions {
        if model.is_alive(id) {
            check::check_main_lists(world, model, id, session);
        }
    }
    let Some((id, token)) = random.choose(&known.sessions) else {
        return;
    };
    match model.auth_error(id) {
        None => check::check_records(world, model, known, id, &model.sessions[id]),
        Some(auth_error) => {
            let (status, body) = world.as_session(token, "/devices/list", json!({}));
            assert_eq!((status, &body["error"]["type"]), (401, &auth_error.into()));
        }
    }
}

/// Adds the codes and the session that a new grant has created.
fn add_methods(created: &mut Created, grant: &Value, world: &mut World, known: &mut Known) {
    let params = json!({ "access_grant_id": created.id });
    for code in world.found("/access_codes/list", "access_codes", params) {
        let id = text(&code["access_code_id"]);
        known.codes.push(id.clone());
        created.codes.push((id, text(&code["device_id"])));
    }
    if let Some(token) = grant["client_session_token"].as_str() {
        let (_, body) = world.as_session(token, "/client_sessions/get", json!({}));
        let id = text(&body["client_session"]["client_session_id"]);
        known.sessions.push((id.clone(), token.to_owned()));
        created.session = Some((id, token.to_owned()));
    }
}

/// Returns what the response says was created.
fn created(step: &Step, body: &Value, model: &Model, known: &mut Known) -> Created {
    let mut created = Created::default();
    let attempt = &body["action_attempt"]["action_attempt_id"];
    if let Some(attempt) = attempt.as_str() {
        known.attempts.push(attempt.to_owned());
        created.attempt = Some(attempt.to_owned());
    }
    let (object, name, known) = match step {
        Step::CreateIdentity => ("user_identity", "user_identity_id", &mut known.identities),
        Step::CreateAccessGrant { .. } => ("access_grant", "access_grant_id", &mut known.grants),
        Step::CreateSpace(_) => ("space", "space_id", &mut known.spaces),
        Step::CreateWebview(_) => ("connect_webview", "connect_webview_id", &mut known.webviews),
        Step::CreateCode(..) => ("access_code", "access_code_id", &mut known.codes),
        Step::LogIn(_, Some(devices)) => {
            known.devices.extend(devices.iter().map(|it| it.id.clone()));
            (
                "connected_account",
                "connected_account_id",
                &mut known.accounts,
            )
        }
        Step::OpenSession(open_method, associations) => {
            let session = &body["client_session"];
            created.id = text(&session["client_session_id"]);
            created.token = text(&session["token"]);
            let back = model.existing_sessions(*open_method, associations);
            if back.is_empty() {
                assert!(
                    known.sessions.iter().all(|(it, _)| *it != created.id),
                    "{step:?}"
                );
                known
                    .sessions
                    .push((created.id.clone(), created.token.clone()));
            } else {
                assert!(back.contains(&created.id), "{step:?}: {}", created.id);
            }
            return created;
        }
        _ => return created,
    };
    created.id = text(&body[object][name]);
    known.push(created.id.clone());
    created
}
