//! Calls are played to their end against a script with the result of each request.

use std::time::Duration;

use super::*;
use crate::call::{Client, ClientOptions};

const TOKEN: &str = "seam_cst1abc_hunter2";
const DEVICES: &str = r#"{"devices":[],"ok":true}"#;
const PENDING: &str = r#"{"action_attempt":{"action_attempt_id":"a1","status":"pending"}}"#;
const SUCCESS: &str = r#"{"action_attempt":{"action_attempt_id":"a1","status":"success"}}"#;
const BARE_401: &str = r#"{"error":{"type":"unauthorized","message":"no"}}"#;
/// What a captive portal responds.
const PROXY: &str = "<html>Log in to this network</html>";
const SESSION: &str = r#"{"client_session":{},"ok":true}"#;

/// A wall clock of today, in milliseconds since 1970.
const EPOCH: u64 = 1_795_000_000_000;

/// Both clocks, this many milliseconds after the start of the test; their origins differ.
fn at(ms: u64) -> Moment {
    Moment {
        monotonic: 7_000 + ms,
        wall: EPOCH + ms,
    }
}

/// The paths of the requests of a call, its waits, and its result.
struct Played {
    paths: Vec<String>,
    waits: Vec<u64>,
    end: Result<String, CallError>,
}

fn client() -> Client {
    Client::new(client_options()).unwrap()
}

fn client_options() -> ClientOptions {
    ClientOptions {
        endpoint: Some("https://example.com".to_owned()),
        max_retries: 2,
        ..ClientOptions::new(CredentialKind::ClientSessionToken, TOKEN.to_owned())
    }
}

fn reply(status: u16, body: &str) -> Event {
    Event::Response(HttpResponse {
        status,
        body: body.as_bytes().to_vec(),
        ..HttpResponse::default()
    })
}

fn network() -> Event {
    Event::Failed(TransportError::Network)
}

fn play(path: &str, polling: Option<PollOptions>, script: Vec<Event>) -> Played {
    let key = match path {
        "/devices/list" => "devices",
        "/client_sessions/get" => "client_session",
        _ => "action_attempt",
    };
    let options = CallOptions {
        response_key: Some(key.to_owned()),
        polling,
        called_at: Some(at(0)),
    };
    let mut call = client().call(path, None, options).unwrap();
    let mut script = script.into_iter();
    let (mut paths, mut waits, mut now) = (Vec::new(), Vec::new(), 0);
    let mut event = Event::Start;
    let end = loop {
        event = match call.step(event, at(now), 0) {
            Command::Send { request, .. } => {
                paths.push(request.url.replace("https://example.com", ""));
                script
                    .next()
                    .expect("a request that the script does not have")
            }
            Command::Wait(ms) => {
                waits.push(ms);
                now += ms;
                Event::Waited
            }
            Command::Done(response) => break Ok(String::from_utf8(response.body).unwrap()),
            Command::Fail(error) => break Err(*error),
            Command::Ignore => panic!("the call expects another event"),
        };
    };
    assert_eq!(script.count(), 0, "requests of the script were not sent");
    Played { paths, waits, end }
}

#[test]
fn a_successful_response_is_returned_unchanged() {
    let played = play("/devices/list", None, vec![reply(200, DEVICES)]);
    assert_eq!(played.end.unwrap(), DEVICES);
    assert_eq!(played.paths, ["/devices/list"]);
}

#[test]
fn a_read_is_repeated_until_it_succeeds() {
    let script = vec![network(), reply(503, ""), reply(200, DEVICES)];
    let played = play("/devices/list", None, script);
    assert!(played.end.is_ok());
    assert_eq!(played.waits, [200, 400]);
}

#[test]
fn a_read_whose_response_is_incomplete_is_repeated() {
    let script = vec![reply(200, "{\"devices\":["), reply(200, DEVICES)];
    assert!(play("/devices/list", None, script).end.is_ok());
}

#[test]
fn a_read_fails_with_the_last_error_after_the_last_retry() {
    let script = vec![network(), network(), reply(500, "")];
    let failed = play("/devices/list", None, script).end.unwrap_err();
    assert_eq!(failed.status(), Some(500));
}

#[test]
fn an_unlock_is_sent_once_whatever_happens_to_it() {
    for event in [
        network(),
        Event::Failed(TransportError::TimedOut),
        reply(408, ""),
        reply(
            429,
            r#"{"error":{"type":"too_many_requests","message":""}}"#,
        ),
        reply(500, ""),
        reply(503, ""),
        reply(200, "{\"action_att"),
    ] {
        let shown = format!("{event:?}");
        let played = play(
            "/locks/unlock_door",
            Some(PollOptions::default()),
            vec![event],
        );
        assert!(played.end.is_err(), "{shown}");
        assert_eq!(played.paths.len(), 1, "{shown}");
    }
}

#[test]
fn an_unlock_is_not_sent_ten_seconds_after_the_call() {
    let options = || CallOptions {
        called_at: Some(at(1_000)),
        ..CallOptions::default()
    };
    let mut late: Call = client()
        .call("/locks/unlock_door", None, options())
        .unwrap();
    let Command::Fail(failed) = late.step(Event::Start, at(11_000), 0) else {
        panic!("it did not")
    };
    assert_eq!(
        (failed.error.code.as_ref(), failed.error.outcome),
        ("too_late", Outcome::NotSent)
    );
    let mut just: Call = client()
        .call("/locks/unlock_door", None, options())
        .unwrap();
    assert!(matches!(
        just.step(Event::Start, at(10_999), 0),
        Command::Send { limit: Some(1), .. }
    ));
    let mut read: Call = client().call("/devices/list", None, options()).unwrap();
    assert!(matches!(
        read.step(Event::Start, at(99_000), 0),
        Command::Send { .. }
    ));
}

#[test]
fn an_unlock_waits_for_its_attempt() {
    let script = vec![
        reply(200, PENDING),
        reply(200, PENDING),
        reply(200, SUCCESS),
    ];
    let played = play("/locks/unlock_door", Some(PollOptions::default()), script);
    assert_eq!(played.end.unwrap(), SUCCESS);
    assert_eq!(
        played.paths,
        [
            "/locks/unlock_door",
            "/action_attempts/get",
            "/action_attempts/get"
        ]
    );
    assert_eq!(played.waits, [250, 500]);
}

#[test]
fn an_unlock_that_does_not_wait_returns_the_pending_attempt() {
    let played = play("/locks/unlock_door", None, vec![reply(200, PENDING)]);
    assert_eq!(played.end.unwrap(), PENDING);
}

/// Transient errors of a poll.
fn transient_errors() -> Vec<Event> {
    let refused = |status| {
        let body = r#"{"error":{"type":"t","message":"m"}}"#;
        reply(status, body)
    };
    vec![
        network(),
        Event::Failed(TransportError::TimedOut),
        refused(408),
        refused(429),
        refused(500),
        refused(501),
        refused(503),
        refused(599),
        refused(700),
        reply(200, "{\"action_att"),
        reply(200, PROXY),
        reply(200, "{}"),
        reply(200, r#"{"action_attempt":null}"#),
        reply(
            200,
            r#"{"action_attempt":{"action_attempt_id":"b2","status":"success"}}"#,
        ),
        reply(401, PROXY),
        reply(0, ""),
        reply(103, ""),
    ]
}

#[test]
fn a_poll_with_a_transient_error_is_repeated_until_the_attempt_ends() {
    let mut script = vec![reply(200, PENDING)];
    script.extend((0..4).flat_map(|_| transient_errors()).take(11));
    script.push(reply(200, SUCCESS));
    let played = play("/locks/unlock_door", Some(PollOptions::default()), script);
    assert_eq!(played.end.unwrap(), SUCCESS);
    let unlocks = played.paths.iter().filter(|path| path.contains("unlock"));
    assert_eq!(unlocks.count(), 1);

    for (nth, event) in transient_errors().into_iter().enumerate() {
        let shown = format!("{nth} {event:?}");
        let script = vec![reply(200, PENDING), event, reply(200, SUCCESS)];
        let played = play("/locks/unlock_door", Some(PollOptions::default()), script);
        assert_eq!(played.end.unwrap(), SUCCESS, "{shown}");
        assert_eq!(played.waits, [250, 500], "{shown}");
    }
}

#[test]
fn polls_that_fail_until_the_deadline_end_in_a_timeout_with_the_attempt() {
    for retries in [0, 2] {
        let mut options = client_options();
        options.max_retries = retries;
        let mut call = Client::new(options)
            .unwrap()
            .call("/locks/unlock_door", None, waiting())
            .unwrap();
        let mut now = 0;
        call.step(Event::Start, at(now), 0);
        let mut command = call.step(reply(200, PENDING), at(now), 0);
        let failed = loop {
            command = match command {
                Command::Wait(ms) => {
                    now += ms;
                    call.step(Event::Waited, at(now), 0)
                }
                Command::Send { .. } => call.step(network(), at(now), 0),
                Command::Fail(failed) => break failed,
                other => panic!("{other:?}"),
            };
        };
        assert_eq!(now, 10_000, "{retries}");
        assert_eq!(failed.error.code, "action_attempt_timeout");
        assert_eq!(failed.error.outcome, Outcome::Unknown);
        assert!(failed.action_attempt().unwrap().contains("\"a1\""));
    }
}

#[test]
fn a_permanent_error_of_a_poll_ends_the_wait_and_keeps_the_attempt() {
    let dead = r#"{"error":{"type":"client_session_revoked","message":""}}"#;
    let other = r#"{"error":{"type":"action_attempt_not_found","message":""}}"#;
    for (status, body, code) in [
        (400, other, "action_attempt_not_found"),
        (403, other, "action_attempt_not_found"),
        (404, other, "action_attempt_not_found"),
        (404, PROXY, "invalid_response"),
        (401, dead, "unauthorized"),
        (302, "", "redirected"),
    ] {
        let script = vec![reply(200, PENDING), reply(status, body)];
        let played = play("/locks/unlock_door", Some(PollOptions::default()), script);
        let failed = played.end.unwrap_err();
        assert_eq!(failed.error.code, code, "{status}");
        assert_eq!(failed.error.outcome, Outcome::Unknown, "{status}");
        assert!(failed.action_attempt().unwrap().contains("\"a1\""));
    }
}

#[test]
fn an_ambiguous_401_to_a_poll_is_resolved_like_any_other() {
    let polling = Some(PollOptions::default());
    for (response, reason) in [
        (reply(200, SESSION), Reason::OutOfScope),
        (reply(401, BARE_401), Reason::TokenRefused),
    ] {
        let script = vec![reply(200, PENDING), reply(401, BARE_401), response];
        let played = play("/locks/unlock_door", polling, script);
        let failed = played.end.unwrap_err();
        assert_eq!(failed.error.reason, Some(reason));
        assert_eq!(failed.error.outcome, Outcome::Unknown);
        assert!(failed.action_attempt().unwrap().contains("\"a1\""));
        assert_eq!(played.paths[2], "/client_sessions/get");
    }
    // An ambiguous 401 that cannot be resolved does not end the wait.
    let script = vec![
        reply(200, PENDING),
        reply(401, BARE_401),
        network(),
        reply(200, SUCCESS),
    ];
    assert!(play("/locks/unlock_door", polling, script).end.is_ok());
}

#[test]
fn one_hung_poll_does_not_use_up_the_deadline() {
    let mut call = client()
        .call("/locks/unlock_door", None, waiting())
        .unwrap();
    call.step(Event::Start, at(0), 0);
    call.step(reply(200, PENDING), at(0), 0);
    let Command::Send { limit, .. } = call.step(Event::Waited, at(250), 0) else {
        panic!("no poll")
    };
    assert_eq!(limit, Some(2_500));
    let Command::Wait(ms) = call.step(Event::Failed(TransportError::TimedOut), at(2_750), 0) else {
        panic!("the wait ended")
    };
    call.step(Event::Waited, at(2_750 + ms), 0);
    let command = call.step(reply(200, SUCCESS), at(2_800 + ms), 0);
    assert!(matches!(command, Command::Done(_)), "{command:?}");
}

#[test]
fn a_jump_of_the_wall_clock_neither_ends_the_wait_for_an_attempt_nor_prolongs_it() {
    for jump in [-8 * 3_600_000_i64, 60_000, 400 * 86_400_000] {
        let jumped = |ms| Moment {
            wall: at(ms).wall.saturating_add_signed(jump),
            ..at(ms)
        };
        let mut call = client()
            .call("/locks/unlock_door", None, waiting())
            .unwrap();
        call.step(Event::Start, at(0), 0);
        let mut now = 0;
        let mut command = call.step(reply(200, PENDING), at(0), 0);
        let failed = loop {
            command = match command {
                Command::Wait(ms) => {
                    now += ms;
                    call.step(Event::Waited, jumped(now), 0)
                }
                Command::Send { .. } => call.step(reply(200, PENDING), jumped(now), 0),
                Command::Fail(failed) => break failed,
                other => panic!("{other:?}"),
            };
        };
        assert_eq!(failed.error.code, "action_attempt_timeout");
        assert_eq!(now, 10_000, "{jump}");
    }
}

#[test]
fn an_action_has_ten_seconds_by_whichever_clock_says_that_more_time_has_passed() {
    let hour = 3_600_000;
    let sleep = Moment {
        wall: EPOCH + 12_000,
        ..at(0)
    };
    let set_back = Moment {
        wall: EPOCH - hour,
        ..at(12_000)
    };
    let in_time = Moment {
        wall: EPOCH - hour,
        ..at(9_000)
    };
    for (name, now, sent) in [
        ("asleep", sleep, false),
        ("set back", set_back, false),
        ("set back, in time", in_time, true),
    ] {
        let options = CallOptions {
            called_at: Some(at(0)),
            ..CallOptions::default()
        };
        let mut call: Call = client().call("/locks/unlock_door", None, options).unwrap();
        let command = call.step(Event::Start, now, 0);
        assert_eq!(matches!(command, Command::Send { .. }), sent, "{name}");
        if let Command::Fail(failed) = command {
            assert_eq!(failed.error.code, "too_late", "{name}");
        }
    }
}

#[test]
fn the_default_options_send_an_action_that_is_called_now() {
    let mut call: Call = client()
        .call("/locks/unlock_door", None, CallOptions::default())
        .unwrap();
    let command = call.step(Event::Start, at(0), 0);
    assert!(matches!(
        command,
        Command::Send {
            limit: Some(10_000),
            ..
        }
    ));
}

#[test]
fn a_finished_call_stays_finished_and_no_event_out_of_turn_sends_anything() {
    let events = || {
        [
            Event::Start,
            Event::Waited,
            network(),
            reply(200, SUCCESS),
            reply(401, BARE_401),
        ]
    };
    let mut call: Call = client()
        .call("/locks/unlock_door", None, CallOptions::default())
        .unwrap();
    for event in events().into_iter().skip(1) {
        assert!(matches!(call.step(event, at(0), 0), Command::Ignore));
    }
    call.step(Event::Start, at(0), 0);
    for event in events().into_iter().take(2) {
        assert!(matches!(call.step(event, at(0), 0), Command::Ignore));
    }
    let done = call.step(reply(200, SUCCESS), at(1), 0);
    assert!(matches!(done, Command::Done(_)));
    for event in events() {
        assert!(matches!(call.step(event, at(2), 0), Command::Ignore));
    }
}

#[test]
fn a_request_that_is_not_sent_after_one_that_was_leaves_the_outcome_unknown() {
    let not_sent = || {
        [TransportError::RequestNotBuilt, TransportError::WrongOrigin]
            .into_iter()
            .map(Event::Failed)
    };
    for event in not_sent() {
        let failed = play("/devices/list", None, vec![event]).end.unwrap_err();
        assert_eq!(failed.error.outcome, Outcome::NotSent);
    }
    for first in [
        network(),
        Event::Failed(TransportError::TimedOut),
        reply(503, ""),
    ] {
        let shown = format!("{first:?}");
        for event in not_sent() {
            let script = vec![copy_of(&first), event];
            let failed = play("/devices/list", None, script).end.unwrap_err();
            assert_eq!(failed.error.outcome, Outcome::Unknown, "{shown}");
        }
    }
}

fn copy_of(event: &Event) -> Event {
    match event {
        Event::Failed(error) => Event::Failed(*error),
        Event::Response(response) => Event::Response(response.clone()),
        _ => panic!("{event:?}"),
    }
}

#[test]
fn statuses_mean_what_the_standards_say() {
    for (status, code, outcome, tries) in [
        (0, "network_error", Outcome::Unknown, 3),
        (103, "network_error", Outcome::Unknown, 3),
        (199, "network_error", Outcome::Unknown, 3),
        (302, "redirected", Outcome::Unknown, 1),
        (404, "invalid_response", Outcome::Refused, 1),
        (600, "invalid_response", Outcome::Unknown, 3),
        (999, "invalid_response", Outcome::Unknown, 3),
    ] {
        let script = (0..tries).map(|_| reply(status, "")).collect();
        let failed = play("/devices/list", None, script).end.unwrap_err();
        assert_eq!(failed.error.code, code, "{status}");
        assert_eq!(failed.error.outcome, outcome, "{status}");
    }
}

/// The options of a call that waits for its attempt.
fn waiting() -> CallOptions {
    CallOptions {
        response_key: Some("action_attempt".to_owned()),
        polling: Some(PollOptions::default()),
        called_at: Some(at(0)),
    }
}

#[test]
fn an_ambiguous_401_is_resolved_by_one_request_for_the_session() {
    let dead = r#"{"error":{"type":"client_session_revoked","message":""}}"#;
    let cases = [
        (vec![reply(200, SESSION)], Some(Reason::OutOfScope)),
        (vec![reply(401, BARE_401)], Some(Reason::TokenRefused)),
        (vec![reply(401, dead)], Some(Reason::TokenRefused)),
        (vec![network()], None),
        (vec![reply(429, "")], None),
        (vec![reply(401, PROXY)], None),
    ];
    for (settling, reason) in cases {
        let asked = settling.len();
        let mut script = vec![reply(401, BARE_401)];
        script.extend(settling);
        let played = play("/devices/list", None, script);
        let failed = played.end.unwrap_err();
        assert_eq!(
            (failed.error.code.as_ref(), failed.error.reason),
            ("unauthorized", reason)
        );
        assert_eq!(failed.error_type().as_deref(), Some("unauthorized"));
        assert_eq!(played.paths.len(), 1 + asked);
        assert_eq!(played.paths[1], "/client_sessions/get");
    }
}

#[test]
fn a_401_of_a_proxy_does_not_concern_the_session_and_causes_no_request() {
    let failed = play("/devices/list", None, vec![reply(401, PROXY)])
        .end
        .unwrap_err();
    assert_eq!(
        (failed.error.code.as_ref(), failed.error.reason),
        ("unauthorized", None)
    );
}

#[test]
fn a_401_that_names_the_invalid_session_causes_no_request() {
    let body = r#"{"error":{"type":"client_session_expired","message":"over"}}"#;
    let failed = play("/devices/list", None, vec![reply(401, body)])
        .end
        .unwrap_err();
    assert_eq!(failed.error.reason, Some(Reason::TokenRefused));
    assert_eq!(
        failed.error_type().as_deref(),
        Some("client_session_expired")
    );
}

#[test]
fn an_ambiguous_401_to_a_request_for_the_session_causes_no_second_one() {
    let played = play("/client_sessions/get", None, vec![reply(401, BARE_401)]);
    assert_eq!(played.paths, ["/client_sessions/get"]);
}

#[test]
fn a_call_that_cannot_be_made_is_rejected_before_anything_is_sent() {
    let cases = [
        ("/user_identities/create", None, "credential_not_accepted"),
        ("/locks/../x", None, "invalid_path"),
        ("/devices/list", Some("[]"), "invalid_parameters"),
    ];
    for (path, params, code) in cases {
        let error = client()
            .call::<HttpResponse>(path, params, CallOptions::default())
            .unwrap_err();
        assert_eq!(
            (error.code.as_ref(), error.outcome),
            (code, Outcome::NotSent)
        );
    }
}

#[test]
fn an_attempt_that_cannot_be_polled_is_never_a_success() {
    let polling = Some(PollOptions::default());
    for body in [
        r#"{"action_attempt":null}"#,
        r#"{"action_attempt":{"status":"success"}}"#,
        r#"{"action_attempt":{"status":"error","error":{"type":"t","message":"m"}}}"#,
    ] {
        let failed = play("/locks/unlock_door", polling, vec![reply(200, body)]);
        let failed = failed.end.unwrap_err();
        assert_eq!(
            (failed.error.code.as_ref(), failed.error.outcome),
            ("invalid_response", Outcome::Unknown)
        );
    }
}

#[test]
fn the_deadline_of_an_attempt_holds_during_polls_and_backoff() {
    let polling = Some(PollOptions::new(
        Duration::from_millis(300),
        Duration::from_secs(1),
    ));
    let asks_for_patience = || {
        Event::Response(HttpResponse {
            status: 503,
            retry_after: Some("50".to_owned()),
            ..HttpResponse::default()
        })
    };
    let script = vec![
        reply(200, PENDING),
        asks_for_patience(),
        asks_for_patience(),
    ];
    let played = play("/locks/unlock_door", polling, script);
    assert_eq!(played.waits, [250, 50]);
    let failed = played.end.unwrap_err();
    assert_eq!(failed.error.code, "action_attempt_timeout");

    let mut call = client()
        .call(
            "/locks/unlock_door",
            None,
            CallOptions {
                response_key: Some("action_attempt".to_owned()),
                polling,
                called_at: Some(at(0)),
            },
        )
        .unwrap();
    let limit = |command| match command {
        Command::Send { limit, .. } => limit,
        other => panic!("{other:?}"),
    };
    assert_eq!(limit(call.step(Event::Start, at(0), 0)), Some(10_000));
    call.step(reply(200, PENDING), at(50), 0);
    assert_eq!(limit(call.step(Event::Waited, at(300), 0)), Some(1_000));
    let hung = call.step(Event::Failed(TransportError::TimedOut), at(1_300), 0);
    let Command::Fail(failed) = hung else {
        panic!("{hung:?}")
    };
    assert_eq!(failed.error.code, "action_attempt_timeout");
}

#[test]
fn no_error_holds_the_token_wherever_the_server_repeats_it() {
    let escaped = TOKEN.replace('s', "\\u0073");
    let error = |token: &str| {
        format!(r#"{{"error":{{"type":"{token}","message":"{token}","data":"{TOKEN}"}}}}"#)
    };
    let attempt = format!(
        r#"{{"action_attempt":{{"action_attempt_id":"a1","status":"error","more":"{TOKEN}",
        "error":{{"type":"{TOKEN}","message":"{TOKEN}"}}}}}}"#
    );
    let polling = Some(PollOptions::default());
    let list = "/devices/list";
    let cases = [
        (list, vec![reply(401, &error(TOKEN)), reply(200, SESSION)]),
        (list, vec![reply(404, &error(TOKEN))]),
        (list, vec![reply(404, &error(&escaped))]),
        ("/locks/unlock_door", vec![reply(200, &attempt)]),
        (
            list,
            vec![Event::Response(HttpResponse {
                status: 404,
                request_id: Some(TOKEN.to_owned()),
                ..HttpResponse::default()
            })],
        ),
    ];
    for (path, script) in cases {
        let failed = play(path, polling, script).end.unwrap_err();
        let mut shown = format!("{failed:?} {failed}");
        for response in [&failed.response, &failed.attempt].into_iter().flatten() {
            shown.extend(
                response
                    .retry_after
                    .iter()
                    .chain(&response.request_id)
                    .cloned(),
            );
            shown += &String::from_utf8_lossy(&response.body);
        }
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let call: Call = client()
        .call("/devices/list", None, CallOptions::default())
        .unwrap();
    assert!(!format!("{call:?}").contains("hunter2"));
}
