//! Ten thousand calls with reqwest against a sandbox server. It takes a minute, so only
//! `cargo xtask test --all` runs it; `soak.rs` plays as many calls without a network.

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

mod sandbox;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sandbox::Sandbox;
use seam_session::Seam;

#[tokio::test]
async fn ten_thousand_calls_of_which_a_third_are_dropped_leave_no_task_behind() {
    const CALLS: usize = 10_000;
    let sandbox = Sandbox::start(&["--no-rate-limits"]);
    let token = sandbox.text("client_session_token");
    let builder = Seam::builder()
        .client_session_token(token)
        .without_waiting();
    let app = builder.endpoint(sandbox.text("endpoint")).build().unwrap();
    let granted = app.devices().list().await.unwrap().items[0]
        .device_id
        .clone();
    let mut dropped = 0;
    for batch in 0..CALLS / 100 {
        let calls = (0..100).map(|nth| {
            let (app, granted) = (app.clone(), granted.clone());
            // Spread over the time that the calls of a batch take.
            let limit = match nth % 3 {
                0 => Duration::from_micros(((batch * 37 + nth) * 997 % 30_000) as u64),
                _ => Duration::from_secs(60),
            };
            async move {
                let call = async {
                    if nth % 2 == 0 {
                        app.locks().unlock_door(granted).await.map(drop)
                    } else {
                        app.devices().get().device_id(granted).await.map(drop)
                    }
                };
                tokio::time::timeout(limit, call).await
            }
        });
        for result in join_all(calls).await {
            match result {
                Ok(result) => result.unwrap(),
                Err(_) => dropped += 1,
            }
        }
    }
    assert!(dropped > CALLS / 10, "{dropped}");
    drop(app);
    // The connections of the pool end.
    let metrics = tokio::runtime::Handle::current().metrics();
    let until = Instant::now() + Duration::from_secs(10);
    while metrics.num_alive_tasks() > 0 {
        assert!(
            Instant::now() < until,
            "{} tasks",
            metrics.num_alive_tasks()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
