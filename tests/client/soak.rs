//! Ten thousand calls, of which a third are dropped at random points.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::{Either, join_all, select};
use seam_session::client::Transport;
use seam_session::{Outcome, Seam};
use std::time::Duration;

use super::world::{Reply, World, ok, status};

const CALLS: usize = 10_000;

/// Draws the same numbers in every run.
#[derive(Clone, Default)]
struct Random(Arc<AtomicU64>);

impl Random {
    /// A number below `limit`.
    fn below(&self, limit: u64) -> u64 {
        let seed = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

fn attempt(state: &str) -> String {
    format!(
        r#"{{"ok":true,"action_attempt":{{"action_attempt_id":"a-1","action_type":"UNLOCK_DOOR",
        "status":"{state}","result":{{}},"error":null}}}}"#
    )
}

/// A server that fails in every way, and now and then ends the session.
fn world(random: &Random) -> World {
    let random = random.clone();
    World::new(move |request| {
        let after = 1 + random.below(200);
        match (random.below(20), request.path.as_str()) {
            (0, _) => Reply::Drops,
            (1, _) => Reply::Hangs,
            (2, _) => status(503, ""),
            (3, _) => status(
                429,
                r#"{"error":{"type":"too_many","message":"Slow down"}}"#,
            ),
            (4, "/client_sessions/get") => status(500, ""),
            (4, _) if random.below(20) == 0 => {
                status(401, r#"{"error":{"type":"client_session_expired"}}"#)
            }
            (_, "/client_sessions/get") => {
                ok(r#"{"client_session":{"client_session_id":"s-1","user_identity_id":"u-1"}}"#)
            }
            (5..9, "/locks/unlock_door" | "/action_attempts/get") => {
                Reply::After(after, 200, attempt("pending"))
            }
            (_, "/locks/unlock_door" | "/action_attempts/get") => {
                Reply::After(after, 200, attempt("success"))
            }
            _ => Reply::After(after, 200, r#"{"ok":true,"devices":[]}"#.to_owned()),
        }
    })
}

#[test]
fn dropped_calls_leave_nothing_behind_and_send_nothing_more() {
    let random = Random::default();
    let world = world(&random);
    let tokens = Arc::new(AtomicU64::new(0));
    let provider = move || {
        let number = tokens.fetch_add(1, Ordering::SeqCst);
        async move { Ok::<_, std::io::Error>(format!("seam_cst1token_{number}")) }
    };
    let seam = world
        .client(Seam::builder().token_provider(provider))
        .unwrap();
    let mut dropped = HashMap::new();
    let mut ended = 0;
    let mut unlocks = 0;
    for batch in 0..CALLS / 100 {
        let calls = (0..100).map(|nth| {
            let id = format!("d-{batch}-{nth}");
            let is_action = random.below(2) == 0;
            let limit = if random.below(5) < 3 {
                random.below(200)
            } else {
                u64::MAX
            };
            let (seam, world) = (seam.clone(), world.clone());
            async move {
                let call = async {
                    if is_action {
                        seam.locks().unlock_door(&id).await.map(drop)
                    } else {
                        seam.devices().list().search(&id).await.map(drop)
                    }
                };
                let timer = world.sleep(Duration::from_millis(limit));
                let result = match select(Box::pin(call), timer).await {
                    Either::Left((result, _)) => Some(result),
                    Either::Right(_) => None,
                };
                (id, is_action, result, world.now())
            }
        });
        for (id, is_action, result, at) in world.run(join_all(calls)) {
            unlocks += usize::from(is_action);
            match result {
                Some(result) => {
                    ended += 1;
                    if let Err(error) = result {
                        assert!(
                            error.outcome() != Outcome::NotSent || error.code() == "no_token",
                            "{error:?}"
                        );
                    }
                }
                None => drop(dropped.insert(id, at)),
            }
        }
        // The token provider's backoff is over when the next calls begin.
        world.pass(60_000);
    }
    world.pass(200_000);
    assert_eq!((world.tasks(), world.timers()), (0, 0), "nothing is left");
    assert!(
        dropped.len() > CALLS / 3 && ended > CALLS / 2,
        "{} {ended}",
        dropped.len()
    );
    let mut sent = HashMap::<String, usize>::new();
    for request in world.received() {
        let id = request
            .body
            .split('"')
            .nth(3)
            .unwrap_or_default()
            .to_owned();
        if let Some(at) = dropped.get(&id) {
            assert!(request.at <= *at, "{id} was sent after it was dropped");
        }
        if request.path == "/locks/unlock_door" {
            *sent.entry(id).or_default() += 1;
        }
    }
    assert!(unlocks > CALLS / 3 && sent.len() <= unlocks);
    // Once more only after a rejection of the token.
    assert!(sent.values().all(|times| *times <= 2));
}
