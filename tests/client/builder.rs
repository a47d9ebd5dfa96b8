//! The options of a client.

use std::time::Duration;

use seam_session::{Outcome, Seam, SeamBuilder};

use super::world::{World, ok};

fn token() -> SeamBuilder {
    Seam::builder().client_session_token("seam_cst1a_b")
}

#[test]
fn options_that_cannot_be_used_are_refused_with_a_reason() {
    let provider = || async { Ok::<_, std::io::Error>(String::new()) };
    let cases = [
        (Seam::builder(), "invalid_options"),
        (token().api_key("seam_a_b"), "invalid_options"),
        (token().token_provider(provider), "invalid_options"),
        (token().max_retries(11), "invalid_options"),
        (token().timeout(Duration::ZERO), "invalid_options"),
        (token().header("Authorization", "x"), "invalid_options"),
        (token().header("x y", "z"), "invalid_options"),
        (token().header("x-y", "a\nb"), "invalid_options"),
        (token().endpoint("http://example.com"), "invalid_endpoint"),
        (
            Seam::builder().token_provider(provider).endpoint("x"),
            "invalid_endpoint",
        ),
        (
            Seam::builder().client_session_token("seam_apikey_1"),
            "invalid_token",
        ),
        (Seam::builder().api_key("seam_cst1a_b"), "invalid_token"),
        (Seam::builder().publishable_key(""), "invalid_token"),
    ];
    for (builder, code) in cases {
        let shown = format!("{builder:?}");
        let world = World::new(|_| ok("{}"));
        let error = world.client(builder).unwrap_err();
        assert_eq!(error.code(), code, "{shown}: {error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
}

#[test]
fn each_kind_of_credential_is_sent_in_its_header() {
    let kinds = [
        Seam::builder().api_key("seam_key_1"),
        Seam::builder()
            .personal_access_token("seam_at1_b")
            .workspace_id("w"),
        token(),
    ];
    for builder in kinds {
        let shown = format!("{builder:?}");
        assert!(!shown.contains("seam_"), "{shown}");
        let world = World::new(|_| ok(r#"{"ok":true,"devices":[]}"#));
        let seam = world.client(builder).unwrap();
        world.run(seam.devices().list()).unwrap();
        assert!(world.received()[0].token.starts_with("seam_"));
    }
}

#[test]
fn a_route_that_does_not_accept_the_credential_is_not_sent() {
    let world = World::new(|_| ok("{}"));
    let error = world
        .run(world.app().user_identities().create())
        .unwrap_err();
    assert_eq!(error.code(), "credential_not_accepted");
    assert_eq!(
        (error.outcome(), world.paths().len()),
        (Outcome::NotSent, 0)
    );
}

#[test]
fn a_number_that_json_does_not_have_is_not_sent() {
    let world = World::new(|_| ok("{}"));
    let error = world
        .run(world.app().devices().list().limit(f64::NAN))
        .unwrap_err();
    assert_eq!(error.code(), "invalid_parameters");
    assert_eq!(world.paths().len(), 0);
}
