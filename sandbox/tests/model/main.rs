//! The sandbox against a small model of who sees what. The model is written from the table in
//! `src/state/scope.rs` and shares no code with the sandbox. Random things happen in small
//! workspaces. After each of them every session that is alive must be shown exactly the devices and
//! codes that the model says; and one session, alive or not, is drawn to look at all other lists
//! and to ask for the things that there are or were, one by one.
//!
//! A failure prints the number of its workspace and all that happened in it;
//! `SEAM_SESSION_MODEL_SEED=NUMBER` runs that one again, `SEAM_SESSION_MODEL_STEPS` sets how many
//! steps there are in all.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "what is not as expected is to fail the test; parameters are written where they are used"
)]

mod check;
mod model;
mod random;
mod rules;
mod steps;
mod tally;
mod time;
mod world;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::Value;

use model::Model;
use random::Random;
use rules::Made;
use steps::{Known, Step};
use tally::Tally;
use world::{World, text};

/// So many happen in one workspace.
const STEPS: u64 = 250;
const ALL_STEPS: u64 = 100_000;

#[test]
fn every_session_sees_and_does_what_the_model_says() {
    let number = |name: &str| {
        let text = env::var(name).ok()?;
        Some(text.parse::<u64>().expect("a number"))
    };
    if let Some(seed) = number("SEAM_SESSION_MODEL_SEED") {
        return run(seed, &Tally::default());
    }
    let seeds = number("SEAM_SESSION_MODEL_STEPS")
        .unwrap_or(ALL_STEPS)
        .div_ceil(STEPS);
    let (next, tally) = (AtomicU64::new(0), Tally::default());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return;
            }
            run(seed, &tally);
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    tally.check();
}

/// A workspace's life.
fn run(seed: u64, tally: &Tally) {
    let mut trace = Vec::new();
    let result = catch_unwind(AssertUnwindSafe(|| live(seed, tally, &mut trace)));
    if let Err(panic) = result {
        for line in trace {
            println!("{line}");
        }
        println!("SEAM_SESSION_MODEL_SEED={seed} runs this workspace again");
        resume_unwind(panic);
    }
}

fn live(seed: u64, tally: &Tally, trace: &mut Vec<String>) {
    let mut random = Random::new(seed);
    let (mut world, mut model, mut known) = World::new(seed);
    for _ in 0..STEPS {
        let step = steps::choose(&mut random, &model, &known);
        let refusal = model.refusal(&step);
        trace.push(format!("{step:?} -> {refusal:?}"));
        let (status, body) = world.carry_out(&step, &known);
        if let Some((expected, kind)) = refusal {
            let told = body["error"]["type"].as_str().unwrap_or_default();
            let kind = if kind.is_empty() { told } else { kind };
            assert_eq!((status, told), (expected, kind), "{step:?}: {body}");
        } else {
            assert_eq!(status, 200, "{step:?}: {body}");
            let made = made(&step, &body, &model, &mut known);
            model.carry_out(&step, made);
        }
        tally.count(&step, refusal.is_some());
        compare(&mut world, &model, &known, &mut random);
    }
}

fn compare(world: &mut World, model: &Model, known: &Known, random: &mut Random) {
    for (id, session) in &model.sessions {
        if model.is_alive(id) {
            check::most(world, model, id, session);
        }
    }
    let Some((id, token)) = random.of(&known.sessions) else {
        return;
    };
    match model.death(id) {
        None => check::things(world, model, known, id, &model.sessions[id]),
        Some(death) => {
            let (status, body) = world.as_session(token, "/devices/list", serde_json::json!({}));
            assert_eq!((status, &body["error"]["type"]), (401, &death.into()));
        }
    }
}

/// What the answer tells that was made.
fn made(step: &Step, body: &Value, model: &Model, known: &mut Known) -> Made {
    let mut made = Made::default();
    let attempt = &body["action_attempt"]["action_attempt_id"];
    if let Some(attempt) = attempt.as_str() {
        known.attempts.push(attempt.to_owned());
        made.attempt = Some(attempt.to_owned());
    }
    let (object, name, known) = match step {
        Step::MakeIdentity => ("user_identity", "user_identity_id", &mut known.identities),
        Step::MakeAccessGrant { .. } => ("access_grant", "access_grant_id", &mut known.grants),
        Step::MakeWebview(_) => ("connect_webview", "connect_webview_id", &mut known.webviews),
        Step::MakeCode(..) => ("access_code", "access_code_id", &mut known.codes),
        Step::LogIn(_, Some(devices)) => {
            known.devices.extend(devices.iter().map(|it| it.id.clone()));
            (
                "connected_account",
                "connected_account_id",
                &mut known.accounts,
            )
        }
        Step::OpenSession(how, with) => {
            let session = &body["client_session"];
            made.id = text(&session["client_session_id"]);
            made.token = text(&session["token"]);
            let back = model.known(*how, with);
            if back.is_empty() {
                assert!(
                    known.sessions.iter().all(|(it, _)| *it != made.id),
                    "{step:?}"
                );
                known.sessions.push((made.id.clone(), made.token.clone()));
            } else {
                assert!(back.contains(&made.id), "{step:?}: {}", made.id);
            }
            return made;
        }
        _ => return made,
    };
    made.id = text(&body[object][name]);
    known.push(made.id.clone());
    made
}
