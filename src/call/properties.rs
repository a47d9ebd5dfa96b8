//! A call under random events, in any order, and clocks that jump.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::call::{Client, ClientOptions};

/// A wall clock of today, in milliseconds since 1970.
const EPOCH: u64 = 1_795_000_000_000;
/// How long the calls here wait for their attempt, in milliseconds.
const TIMEOUT: u64 = 10_000;

/// An event, and how both clocks move before it.
#[derive(Clone, Debug)]
struct RandomEvent {
    event: Kind,
    /// Milliseconds that pass; the monotonic clock may miss all of them.
    passed: u64,
    sleeps: bool,
    /// A correction of the wall clock.
    jump: i64,
    /// A reading of the monotonic clock that runs back.
    back: u64,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// The event that the call expects; if it is a response, the nth.
    Due(usize),
    Start,
    Waited,
    Failed(TransportError),
    ResponseView(usize),
}

const ANSWERS: &[(u16, &str, Option<&str>)] = &[
    (200, PENDING, None),
    (200, PENDING, None),
    (200, PENDING, None),
    (200, SUCCESS, None),
    (200, r#"{"devices":[],"client_session":{}}"#, None),
    (200, "{\"action_att", None),
    (0, "", None),
    (103, "", None),
    (302, "", None),
    (
        401,
        r#"{"error":{"type":"unauthorized","message":""}}"#,
        None,
    ),
    (401, "<html>", None),
    (
        401,
        r#"{"error":{"type":"client_session_expired","message":""}}"#,
        None,
    ),
    (404, r#"{"error":{"type":"t","message":""}}"#, None),
    (408, "", None),
    (
        429,
        r#"{"error":{"type":"t","message":""}}"#,
        Some("2592000"),
    ),
    (429, r#"{"error":{"type":"t","message":""}}"#, Some("3")),
    (503, "", Some("Fri, 31 Dec 9999 23:59:59 GMT")),
    (503, "", None),
    (700, "", None),
];

const PENDING: &str = r#"{"action_attempt":{"action_attempt_id":"a1","status":"pending"}}"#;
const SUCCESS: &str = r#"{"action_attempt":{"action_attempt_id":"a1","status":"success"}}"#;

fn response(nth: usize) -> Event {
    let (status, body, retry_after) = ANSWERS[nth % ANSWERS.len()];
    Event::Response(HttpResponse {
        status,
        body: body.as_bytes().to_vec(),
        retry_after: retry_after.map(str::to_owned),
        request_id: None,
    })
}

fn random_events() -> impl Strategy<Value = Vec<RandomEvent>> {
    let failure = prop_oneof![
        Just(TransportError::Network),
        Just(TransportError::TimedOut),
        Just(TransportError::NotAResponse),
        Just(TransportError::WrongOrigin),
    ];
    let kind = prop_oneof![
        12 => (0..ANSWERS.len()).prop_map(Kind::Due),
        1 => Just(Kind::Start),
        1 => Just(Kind::Waited),
        1 => failure.prop_map(Kind::Failed),
        1 => (0..ANSWERS.len()).prop_map(Kind::ResponseView),
    ];
    let jump = prop_oneof![
        6 => Just(0_i64),
        1 => -40_000_000_000_i64..40_000_000_000,
        1 => -12_000_i64..12_000,
    ];
    let back = prop_oneof![9 => Just(0_u64), 1 => 0..100_000_u64];
    let random_event = (kind, 0..4_000_u64, any::<bool>(), jump, back).prop_map(
        |(event, passed, sleeps, jump, back)| RandomEvent {
            event,
            passed,
            sleeps: sleeps && passed > 3_000,
            jump,
            back,
        },
    );
    prop::collection::vec(random_event, 1..60)
}

/// The clocks, and the elapsed time by the readings of the monotonic one.
struct Clocks {
    monotonic: u64,
    wall: u64,
    /// The last reading of the monotonic clock.
    last: u64,
    awake: u64,
}

impl Clocks {
    fn pass(&mut self, ms: u64, sleeps: bool) {
        self.wall += ms;
        if !sleeps {
            self.monotonic += ms;
        }
    }

    /// Corrects the wall clock, and sets the monotonic one back.
    fn jump(&mut self, random_event: &RandomEvent) {
        self.wall = self.wall.saturating_add_signed(random_event.jump);
        self.monotonic = self.monotonic.saturating_sub(random_event.back);
    }

    fn now(&mut self) -> Moment {
        self.awake += self.monotonic.saturating_sub(self.last);
        self.last = self.monotonic;
        Moment {
            monotonic: self.monotonic,
            wall: self.wall,
        }
    }
}

/// What a call expects by its last command.
#[derive(Clone, Copy, Debug)]
enum Due {
    Response { limit: u64 },
    Timer { ms: u64 },
    Nothing,
}

/// A call, and the state that its host keeps.
struct Run {
    call: Call,
    path: &'static str,
    clocks: Clocks,
    called_at: Moment,
    due: Due,
    actions: u32,
    /// The deadline of the attempt, in elapsed time.
    deadline: Option<u64>,
}

impl Run {
    /// Checks the next command.
    fn take(&mut self, command: &Command) -> Result<(), TestCaseError> {
        if self.deadline.is_none() && matches!(self.call.stage, Stage::Poll(_)) {
            self.deadline = Some(self.clocks.awake + TIMEOUT);
        }
        let until = self.clocks.awake;
        let mut longest = 0;
        self.due = match command {
            Command::Ignore => return Ok(()),
            Command::Send { request, limit } => {
                if self.path != READ && request.url.ends_with(self.path) {
                    self.actions += 1;
                    let elapsed = self.clocks.now().since(self.called_at).max(until);
                    prop_assert!(elapsed < 10_000, "an action is sent after {elapsed} ms");
                    prop_assert!(limit.is_some_and(|limit| elapsed + limit <= 10_000));
                }
                let limit = limit.unwrap_or(30_000);
                longest = limit;
                Due::Response { limit }
            }
            Command::Wait(ms) => {
                longest = *ms;
                Due::Timer { ms: *ms }
            }
            Command::Done(_) | Command::Fail(_) => Due::Nothing,
        };
        prop_assert!(self.actions <= 1, "an action is sent a second time");
        if let Some(deadline) = self.deadline {
            let end = until + longest;
            prop_assert!(
                end <= deadline + 1_000,
                "{command:?} lasts until {end} of {deadline}"
            );
        }
        Ok(())
    }

    /// Steps the call with one event.
    fn step(&mut self, random_event: &RandomEvent, jitter: u32) -> Result<(), TestCaseError> {
        let due = self.due;
        let (event, in_turn) = match (random_event.event, due) {
            (Kind::Due(nth), Due::Response { limit }) => {
                self.clocks
                    .pass(random_event.passed.min(limit), random_event.sleeps);
                (response(nth), true)
            }
            (Kind::Due(_), Due::Timer { ms }) => {
                self.clocks.pass(ms, false);
                (Event::Waited, true)
            }
            (Kind::Due(nth) | Kind::ResponseView(nth), _) => {
                (response(nth), matches!(due, Due::Response { .. }))
            }
            (Kind::Failed(failure), _) => {
                let is_due = matches!(due, Due::Response { .. });
                (Event::Failed(failure), is_due)
            }
            (Kind::Start, _) => (Event::Start, false),
            (Kind::Waited, _) => (Event::Waited, matches!(due, Due::Timer { .. })),
        };
        // An event that is ignored does not read the clocks.
        if in_turn {
            self.clocks.jump(random_event);
        }
        let now = self.clocks.now();
        let command = self.call.step(event, now, jitter);
        let is_ignored = matches!(command, Command::Ignore);
        prop_assert_eq!(
            is_ignored,
            !in_turn,
            "{:?} when {:?} is due",
            random_event.event,
            due
        );
        self.take(&command)
    }
}

const READ: &str = "/action_attempts/get";

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2_000)
    })]

    #[test]
    fn an_action_is_sent_at_most_once_and_in_time_and_no_wait_outlives_its_deadline(
        random_events in random_events(),
        retries in 0..11_u32,
        late in 0..12_000_u64,
        is_action in any::<bool>(),
        jitter in 0..1_001_u32,
    ) {
        let client = Client::new(ClientOptions {
            endpoint: None,
            max_retries: retries,
            ..ClientOptions::new(CredentialKind::ClientSessionToken, "seam_cst1abc_hunter2".to_owned())
})
        .unwrap();
        let mut clocks = Clocks { monotonic: 900_000, wall: EPOCH, last: 900_000, awake: 0 };
        let called_at = clocks.now();
        let path = if is_action { "/locks/unlock_door" } else { READ };
        let call = client
            .call(path, None, CallOptions {
                response_key: Some("action_attempt".to_owned()),
                polling: Some(PollOptions::new(Duration::from_millis(TIMEOUT), Duration::from_secs(1))),
                called_at: Some(called_at),
            })
            .unwrap();
        clocks.pass(late, false);
        let mut run = Run {
            call, path, clocks, called_at, due: Due::Nothing, actions: 0, deadline: None,
        };
        let now = run.clocks.now();
        let command = run.call.step(Event::Start, now, jitter);
        run.take(&command)?;
        for random_event in random_events.iter().cycle().take(200) {
            run.step(random_event, jitter)?;
        }
    }
}
