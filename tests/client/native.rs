//! The client with reqwest, against a sandbox server. It needs Node, and the package built with
//! `cargo xtask build`.

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

mod sandbox;
mod scenarios;

use sandbox::Sandbox;
use scenarios::Stage;
use seam_session::Seam;
use seam_session::client::ReqwestTransport;

#[tokio::test]
async fn every_scenario_has_the_outcome_of_the_table() {
    let sandbox = Sandbox::start(&[]);
    let transport = ReqwestTransport::new(reqwest::Client::builder()).unwrap();
    let stage = Stage {
        back_end: Seam::builder()
            .api_key(sandbox.text("api_key"))
            .endpoint(sandbox.text("endpoint"))
            .build()
            .unwrap(),
        info: sandbox.info.clone(),
        transport,
        new_builder: Seam::builder,
    };
    let plain = reqwest::Client::new();
    stage
        .play(|| async {
            let url = format!("{}/_sandbox/faults", sandbox.text("endpoint"));
            let request = plain.delete(url).bearer_auth(sandbox.text("api_key"));
            let response = request.send().await.unwrap();
            assert!(response.status().is_success(), "{response:?}");
        })
        .await;
}
