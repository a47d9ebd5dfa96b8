//! The client in real browsers, in a page and in a worker, against a sandbox of another origin.
//! `cargo xtask test` starts the sandbox and sets its address, and chooses the context.

#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

mod scenarios;

use gloo_net::http::Request;
use scenarios::Stage;
use seam_session::client::GlooTransport;
use seam_session::resources::Value;
use seam_session::{Seam, SeamBuilder};
use wasm_bindgen_test::wasm_bindgen_test;

/// The line that the sandbox printed when it was ready.
const SANDBOX: &str = match option_env!("SANDBOX_INFO") {
    Some(info) => info,
    None => "",
};

fn info() -> Value {
    serde_json::from_str(SANDBOX).expect("SANDBOX_INFO is set by cargo xtask test")
}

fn text(name: &str) -> String {
    info()[name].as_str().unwrap().to_owned()
}

fn back_end() -> SeamBuilder {
    let builder = Seam::builder().api_key(text("api_key"));
    builder.endpoint(text("endpoint"))
}

#[wasm_bindgen_test]
async fn every_scenario_has_the_outcome_of_the_table() {
    let stage = Stage {
        transport: GlooTransport::new(),
        back_end: back_end().dangerously_allow_browser().build().unwrap(),
        info: info(),
        new_builder: Seam::builder,
    };
    stage
        .play(|| async {
            let request = Request::delete(&format!("{}/_sandbox/faults", text("endpoint")));
            let key = format!("Bearer {}", text("api_key"));
            let response = request.header("authorization", &key).send().await.unwrap();
            assert!(response.ok());
        })
        .await;
}

#[wasm_bindgen_test]
fn an_api_key_is_refused_in_a_browser() {
    assert_eq!(back_end().build().unwrap_err().code(), "key_in_browser");
}
