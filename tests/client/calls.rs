//! One call: retries, waits, time limits, refusals and cancellation.

use std::error::Error;
use std::time::Duration;

use futures_util::TryStreamExt;
use seam_session::resources::{ActionAttempt, Map, Value};
use seam_session::{ErrorKind, Outcome, PollOptions, Reason, Seam, SeamError};

use super::world::{Reply, World, ok, status};

const DEVICE: &str = "618c42fe-8faf-44ec-a45c-e7c282f29044";

fn attempt(state: &str) -> String {
    format!(
        r#"{{"ok":true,"action_attempt":{{"action_attempt_id":"a-1","action_type":"UNLOCK_DOOR",
        "status":"{state}","result":{{}},"error":{{"type":"jammed","message":"It is stuck"}}}}}}"#
    )
}

fn seam_error(kind: &str) -> String {
    format!(r#"{{"ok":false,"error":{{"type":"{kind}","message":"No: {kind}"}}}}"#)
}

/// A server that gives these replies, and the last one from then on.
fn replies(replies: Vec<Reply>) -> World {
    let mut nth = 0;
    World::new(move |_| {
        let reply = replies.get(nth).or(replies.last()).unwrap().clone();
        nth += 1;
        reply
    })
}

/// Unlocks a door. Returns the code, the outcome and the kind of the error.
fn unlock(world: &World) -> Result<ActionAttempt, (String, Outcome, ErrorKind)> {
    let result = world.run(world.app().locks().unlock_door(DEVICE));
    result.map_err(|error| (error.code().to_owned(), error.outcome(), error.kind()))
}

#[test]
fn a_read_is_retried_after_each_transient_failure_and_an_action_never() {
    use ErrorKind::{MayHaveHappened, Offline, OutOfScope, RateLimited, ServerUnavailable};
    use Outcome::{Refused, Unknown};
    // A failure; how often a read is sent; the error of an action.
    let cases = [
        (
            "dropped",
            Reply::Drops,
            3,
            "network_error",
            Unknown,
            MayHaveHappened,
            Offline,
        ),
        (
            "503",
            status(503, ""),
            3,
            "invalid_response",
            Unknown,
            MayHaveHappened,
            ServerUnavailable,
        ),
        (
            "500",
            status(500, &seam_error("internal")),
            3,
            "internal",
            Unknown,
            MayHaveHappened,
            ServerUnavailable,
        ),
        (
            "429",
            status(429, &seam_error("too_many")),
            3,
            "too_many",
            Refused,
            RateLimited,
            RateLimited,
        ),
        (
            "truncated",
            ok(r#"{"ok":true,"devices":["#),
            3,
            "invalid_response",
            Unknown,
            MayHaveHappened,
            ServerUnavailable,
        ),
        (
            "HTML",
            ok("<html>"),
            3,
            "invalid_response",
            Unknown,
            MayHaveHappened,
            ServerUnavailable,
        ),
        (
            "404",
            status(404, &seam_error("device_not_found")),
            1,
            "device_not_found",
            Refused,
            OutOfScope,
            OutOfScope,
        ),
        (
            "redirect",
            status(302, ""),
            1,
            "redirected",
            Unknown,
            MayHaveHappened,
            ServerUnavailable,
        ),
        (
            "hangs",
            Reply::Hangs,
            3,
            "timeout",
            Unknown,
            MayHaveHappened,
            ServerUnavailable,
        ),
    ];
    for (name, reply, reads, code, outcome, action_kind, read_kind) in cases {
        let world = replies(vec![reply.clone()]);
        let error = unlock(&world).unwrap_err();
        assert_eq!(error, (code.to_owned(), outcome, action_kind), "{name}");
        assert_eq!(world.paths(), ["/locks/unlock_door"], "{name}");

        let world = replies(vec![reply]);
        let error = world.run(world.app().devices().list()).unwrap_err();
        assert_eq!(world.paths().len(), reads, "{name}");
        assert_eq!(error.kind(), read_kind, "{name}");
    }
}

#[test]
fn a_call_returns_the_action_attempt_when_it_has_ended() {
    let world = replies(vec![
        ok(&attempt("pending")),
        ok(&attempt("pending")),
        ok(&attempt("success")),
    ]);
    let attempt_ = unlock(&world).unwrap();
    assert!(
        matches!(attempt_, ActionAttempt::UnlockDoorSuccess(_)),
        "{attempt_:?}"
    );
    let get = "/action_attempts/get";
    assert_eq!(world.paths(), ["/locks/unlock_door", get, get]);
    let pauses: Vec<u64> = world
        .received()
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    assert_eq!(pauses, [255, 505], "the pauses, and the time of a response");
}

#[test]
fn a_call_waits_as_its_client_or_its_request_says() {
    let world = replies(vec![ok(&attempt("pending"))]);
    let request = || world.app().locks().unlock_door(DEVICE);
    let left = world.run(request().without_waiting()).unwrap();
    assert!(
        matches!(left, ActionAttempt::UnlockDoorPending(_)),
        "{left:?}"
    );
    assert_eq!(world.now(), 5);

    let options = PollOptions::new(Duration::from_secs(2), Duration::from_secs(1));
    let error = world.run(request().waiting(options)).unwrap_err();
    assert_eq!(error.code(), "action_attempt_timeout");
    assert_eq!(error.kind(), ErrorKind::MayHaveHappened);
    assert!(error.action_attempt().is_some());

    let builder = Seam::builder()
        .client_session_token("seam_cst1a_b")
        .without_waiting();
    let client = world.client(builder).unwrap();
    world.run(client.locks().unlock_door(DEVICE)).unwrap();
}

#[test]
fn a_failed_action_attempt_is_an_error_with_the_code_of_the_attempt() {
    let world = replies(vec![ok(&attempt("error"))]);
    let error = world
        .run(world.app().locks().unlock_door(DEVICE))
        .unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("jammed", "It is stuck")
    );
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[test]
fn out_of_scope_is_not_a_dead_token() {
    let session = r#"{"ok":true,"client_session":{"client_session_id":"s-1"}}"#;
    let bare = status(401, &seam_error("unauthorized"));
    let cases = [
        (ok(session), Reason::OutOfScope, ErrorKind::OutOfScope),
        (bare.clone(), Reason::TokenRefused, ErrorKind::Expired),
    ];
    for (probe, reason, kind) in cases {
        let world = replies(vec![bare.clone(), probe]);
        let error = world
            .run(world.app().locks().unlock_door(DEVICE))
            .unwrap_err();
        assert_eq!((error.reason(), error.kind()), (Some(reason), kind));
        assert_eq!(error.outcome(), Outcome::Refused);
        assert_eq!(
            world.paths(),
            ["/locks/unlock_door", "/client_sessions/get"]
        );
    }
}

#[test]
fn a_dropped_future_cancels_its_request_and_sends_nothing_more() {
    for (name, reply) in [
        ("in flight", Reply::Hangs),
        ("in the pause before a retry", Reply::Drops),
    ] {
        let world = replies(vec![reply]);
        let result = world.run_for(50, world.app().devices().list());
        assert!(result.is_none(), "{name}");
        assert_eq!(
            world.cancelled(),
            usize::from(name == "in flight"),
            "{name}"
        );
        world.pass(100_000);
        assert_eq!(world.paths().len(), 1, "{name}");
        assert_eq!((world.tasks(), world.timers()), (0, 0), "{name}");
    }
}

#[test]
fn a_request_is_sent_when_it_is_awaited_and_an_action_never_ten_seconds_later() {
    let world = replies(vec![ok(&attempt("success"))]);
    let seam = world.app();
    drop(seam.locks().unlock_door(DEVICE).into_future());
    assert_eq!(world.paths().len(), 0);

    let late = seam.locks().unlock_door(DEVICE).into_future();
    world.pass(10_000);
    let error = world.run(late).unwrap_err();
    assert_eq!(
        (error.code(), error.outcome()),
        ("too_late", Outcome::NotSent)
    );
    assert_eq!(world.paths().len(), 0);
}

#[test]
fn pages_follow_the_cursor_and_end_at_an_error() {
    let page = |cursor: &str| {
        let cursor = if cursor.is_empty() {
            "null".to_owned()
        } else {
            format!("\"{cursor}\"")
        };
        ok(&format!(
            r#"{{"ok":true,"devices":[],"pagination":{{"has_next_page":true,"next_page_cursor":{cursor}}}}}"#
        ))
    };
    let all = |world: &World| {
        let pages = world.app().devices().list().limit(1).pages();
        world
            .run(pages.try_collect::<Vec<_>>())
            .map(|list| list.len())
    };
    let world = replies(vec![page("a"), page("b"), page("")]);
    assert_eq!(all(&world).unwrap(), 0);
    let bodies: Vec<String> = world.received().into_iter().map(|it| it.body).collect();
    assert_eq!(
        bodies,
        [
            r#"{"limit":1}"#,
            r#"{"limit":1,"page_cursor":"a"}"#,
            r#"{"limit":1,"page_cursor":"b"}"#,
        ]
    );

    let world = replies(vec![page("a"), page("b"), page("a")]);
    assert_eq!(all(&world).unwrap_err().code(), "invalid_response");
    let world = replies(vec![page("a"), status(404, &seam_error("gone"))]);
    assert_eq!(all(&world).unwrap_err().code(), "gone");
    assert_eq!(world.paths().len(), 2);
}

#[test]
fn an_error_shows_no_secret_whatever_the_server_repeats() {
    const TOKEN: &str = "seam_cst1fixed_token";
    let body = format!(
        r#"{{"ok":false,"error":{{"type":"x_{TOKEN}","message":"bad {TOKEN}","data":{{"pin":"4711"}}}}}}"#
    );
    let header = Reply::WithHeader(400, "seam-request-id", TOKEN, body);
    let world = replies(vec![header]);
    let error: SeamError = world.run(world.app().devices().list()).unwrap_err();
    let shown = format!(
        "{error} {error:?} {:?} {:?}",
        error.request_id(),
        error.error_type()
    );
    assert!(!shown.contains(TOKEN) && !shown.contains("4711"), "{shown}");
    assert_eq!(
        error
            .data()
            .and_then(|data| data.get("pin"))
            .and_then(Value::as_str),
        Some("4711")
    );
    assert_eq!(error.path(), Some("/devices/list"));
    assert!(error.source().is_none());
    let shown = format!(
        "{:?} {:?}",
        world.app(),
        world.app().devices().list().search("4711")
    );
    assert!(!shown.contains(TOKEN) && !shown.contains("4711"), "{shown}");
}

#[test]
fn bytes_of_a_server_cause_no_panic() {
    let bodies = [
        "",
        "{",
        "null",
        "[]",
        "\u{0}",
        "{\"devices\":{}}",
        "{\"devices\":[1]}",
        "{\"devices\":[{\"device_id\":\"\\ud800\"}]}",
        "{\"devices\":null,\"pagination\":7}",
        "{\"devices\":[],\"pagination\":{\"next_page_cursor\":7}}",
        "{\"action_attempt\":{\"action_attempt_id\":\"\\\"\",\"status\":\"pending\"}}",
    ];
    for body in bodies {
        for code in [100, 200, 204, 301, 400, 401, 404, 429, 500, 999] {
            let world = replies(vec![status(code, body)]);
            let seam = world.app();
            let _ = world.run(seam.devices().list());
            let _ = world.run(seam.locks().unlock_door(DEVICE));
            let _ = world.run(seam.request("/unknown/route", Map::new()));
        }
    }
}

#[test]
fn a_response_with_a_lone_surrogate_is_read() {
    let world = replies(vec![ok(
        r#"{"ok":true,"devices":[],"x":"\ud800 \ud83d\ude00"}"#,
    )]);
    let value = world
        .run(world.app().request("/some/route", Map::new()))
        .unwrap();
    assert_eq!(
        value.get("x").and_then(Value::as_str),
        Some("\u{fffd} \u{1f600}")
    );
}
