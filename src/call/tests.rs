//! A call is played to its end against a script of what happens to each request.

use super::*;
use crate::client::ClientOptions;

const TOKEN: &str = "seam_cst1abc_hunter2";
const DEVICES: &str = r#"{"devices":[],"ok":true}"#;
const PENDING: &str = r#"{"action_attempt":{"action_attempt_id":"a1","status":"pending"}}"#;
const SUCCESS: &str = r#"{"action_attempt":{"action_attempt_id":"a1","status":"success"}}"#;
const BARE_401: &str = r#"{"error":{"type":"unauthorized","message":"no"}}"#;
/// What a hotel's network answers in Seam's place.
const PROXY: &str = "<html>Log in to this network</html>";
const SESSION: &str = r#"{"client_session":{},"ok":true}"#;

/// What a call did: the requests' paths, the waits, and how it ended.
struct Played {
    paths: Vec<String>,
    waits: Vec<u64>,
    end: Result<String, Failed>,
}

fn client() -> Rc<Client> {
    Client::new(ClientOptions {
        kind: CredentialKind::ClientSessionToken,
        token: TOKEN.to_owned(),
        workspace_id: None,
        endpoint: Some("https://example.com".to_owned()),
        max_retries: 2,
    })
    .unwrap()
}

fn reply(status: u16, body: &str) -> Event {
    Event::Response(HttpResponse {
        status,
        body: body.as_bytes().to_vec(),
        ..HttpResponse::default()
    })
}

fn network() -> Event {
    Event::Failed(Failure::Network)
}

fn play(path: &str, polling: Option<Polling>, script: Vec<Event>) -> Played {
    let key = match path {
        "/devices/list" => "devices",
        "/client_sessions/get" => "client_session",
        _ => "action_attempt",
    };
    let options = CallOptions {
        response_key: Some(key.to_owned()),
        polling,
        called_at: 0,
    };
    let mut call = client().call(path, None, options).unwrap();
    let mut script = script.into_iter();
    let (mut paths, mut waits, mut now) = (Vec::new(), Vec::new(), 0);
    let mut event = Event::Start;
    let end = loop {
        event = match call.step(event, now, 0) {
            Command::Send { request, .. } => {
                paths.push(request.url.replace("https://example.com", ""));
                script.next().expect("one request more than the script has")
            }
            Command::Wait(ms) => {
                waits.push(ms);
                now += ms;
                Event::Waited
            }
            Command::Done(answer) => break Ok(String::from_utf8(answer.body).unwrap()),
            Command::Fail(error) => break Err(*error),
        };
    };
    assert_eq!(
        script.count(),
        0,
        "requests that the script has were not made"
    );
    Played { paths, waits, end }
}

#[test]
fn a_good_answer_is_given_as_it_came() {
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
fn a_read_that_breaks_off_is_repeated() {
    let script = vec![reply(200, "{\"devices\":["), reply(200, DEVICES)];
    assert!(play("/devices/list", None, script).end.is_ok());
}

#[test]
fn a_read_gives_up_after_the_last_retry_with_the_last_error() {
    let script = vec![network(), network(), reply(500, "")];
    let failed = play("/devices/list", None, script).end.unwrap_err();
    assert_eq!(failed.status(), Some(500));
}

#[test]
fn an_unlock_is_sent_once_whatever_happens_to_it() {
    for event in [
        network(),
        Event::Failed(Failure::TimedOut),
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
        let played = play("/locks/unlock_door", Some(Polling::default()), vec![event]);
        assert!(played.end.is_err(), "{shown}");
        assert_eq!(played.paths.len(), 1, "{shown}");
    }
}

#[test]
fn an_unlock_is_not_sent_ten_seconds_after_the_call() {
    let options = || CallOptions {
        called_at: 1_000,
        ..CallOptions::default()
    };
    let mut late: Call = client()
        .call("/locks/unlock_door", None, options())
        .unwrap();
    let Command::Fail(failed) = late.step(Event::Start, 11_000, 0) else {
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
        just.step(Event::Start, 10_999, 0),
        Command::Send { limit: Some(1), .. }
    ));
    let mut read: Call = client().call("/devices/list", None, options()).unwrap();
    assert!(matches!(
        read.step(Event::Start, 99_000, 0),
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
    let played = play("/locks/unlock_door", Some(Polling::default()), script);
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
fn an_unlock_that_shall_not_wait_gives_the_pending_attempt() {
    let played = play("/locks/unlock_door", None, vec![reply(200, PENDING)]);
    assert_eq!(played.end.unwrap(), PENDING);
}

#[test]
fn a_network_error_while_polling_is_retried_and_never_loses_the_attempt() {
    let polling = Some(Polling::default());
    let script = vec![reply(200, PENDING), network(), reply(200, SUCCESS)];
    assert!(play("/locks/unlock_door", polling, script).end.is_ok());

    let script = vec![reply(200, PENDING), network(), network(), network()];
    let failed = play("/locks/unlock_door", polling, script).end.unwrap_err();
    assert_eq!(
        (failed.error.code.as_ref(), failed.error.outcome),
        ("network_error", Outcome::Unknown)
    );
    assert!(failed.action_attempt().unwrap().contains("\"a1\""));
}

#[test]
fn a_bare_401_is_settled_by_asking_for_the_session_once() {
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
fn a_401_that_is_not_seams_says_nothing_of_the_session_and_asks_nothing() {
    let failed = play("/devices/list", None, vec![reply(401, PROXY)])
        .end
        .unwrap_err();
    assert_eq!(
        (failed.error.code.as_ref(), failed.error.reason),
        ("unauthorized", None)
    );
}

#[test]
fn a_401_that_names_the_dead_session_needs_no_settling() {
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
fn asking_for_the_session_itself_is_not_settled_by_asking_for_the_session() {
    let played = play("/client_sessions/get", None, vec![reply(401, BARE_401)]);
    assert_eq!(played.paths, ["/client_sessions/get"]);
}

#[test]
fn what_cannot_be_called_is_refused_before_anything_is_sent() {
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
fn an_attempt_that_cannot_be_followed_is_never_taken_for_a_success() {
    let other = r#"{"action_attempt":{"action_attempt_id":"b2","status":"success"}}"#;
    let polling = Some(Polling::default());
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
    let script = vec![reply(200, PENDING), reply(200, other)];
    let failed = play("/locks/unlock_door", polling, script).end.unwrap_err();
    assert_eq!(failed.error.code, "invalid_response");
    assert!(failed.action_attempt().unwrap().contains("\"a1\""));
}

#[test]
fn the_time_to_wait_for_an_attempt_holds_during_polls_and_back_off() {
    let polling = Some(Polling {
        timeout: 300,
        interval: 1_000,
    });
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
                called_at: 0,
            },
        )
        .unwrap();
    let limit = |command| match command {
        Command::Send { limit, .. } => limit,
        other => panic!("{other:?}"),
    };
    assert_eq!(limit(call.step(Event::Start, 0, 0)), Some(10_000));
    call.step(reply(200, PENDING), 50, 0);
    assert_eq!(limit(call.step(Event::Waited, 300, 0)), Some(1_000));
    let hung = call.step(Event::Failed(Failure::TimedOut), 1_300, 0);
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
    let polling = Some(Polling::default());
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
        assert!(!format!("{failed:?}").contains("hunter2"), "{failed:?}");
    }
    let call: Call = client()
        .call("/devices/list", None, CallOptions::default())
        .unwrap();
    assert!(!format!("{call:?}").contains("hunter2"));
}
