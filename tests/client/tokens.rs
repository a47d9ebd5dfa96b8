//! Token providers: one refresh for all calls, and calls that are never sent as another user.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use seam_session::client::{BoxFuture, ProvidedToken, Transport};
use seam_session::{ErrorKind, Outcome, Seam};

use super::world::{Received, Reply, START, World, ok, status};

const DEVICES: &str = r#"{"ok":true,"devices":[],"pagination":{"has_next_page":false}}"#;
const ATTEMPT: &str = r#"{"ok":true,"action_attempt":{"action_attempt_id":"a-1",
    "action_type":"UNLOCK_DOOR","status":"success","result":{},"error":null}}"#;
const DEAD: &str = r#"{"ok":false,"error":{"type":"client_session_revoked","message":"Revoked"}}"#;

/// What the server knows of the tokens, by their numbers: whose each is, and which are dead.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<Tokens>>);

#[derive(Default)]
struct Tokens {
    users: Vec<&'static str>,
    dead: Vec<String>,
    /// The lifetime of a session in milliseconds.
    lifetime: u64,
}

impl Server {
    fn new(users: &[&'static str], lifetime: u64) -> Self {
        Self(Arc::new(Mutex::new(Tokens {
            users: users.to_vec(),
            dead: Vec::new(),
            lifetime,
        })))
    }

    fn end(&self, number: usize) {
        self.0.lock().unwrap().dead.push(token(number));
    }

    fn reply(&self, request: &Received) -> Reply {
        let tokens = self.0.lock().unwrap();
        if tokens.dead.contains(&request.token) {
            return status(401, DEAD);
        }
        match request.path.as_str() {
            "/client_sessions/get" => {
                let number = (1..=tokens.users.len()).find(|it| token(*it) == request.token);
                let Some(number) = number else {
                    return status(401, DEAD);
                };
                let user = tokens.users[number - 1];
                let end = (START + request.at + tokens.lifetime) / 1_000;
                let (day, second) = (end / 86_400, end % 86_400);
                let days = day - START / 86_400_000 + 1;
                let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
                ok(&format!(
                    r#"{{"ok":true,"client_session":{{"client_session_id":"s-{number}",
                    "user_identity_id":"{user}",
                    "expires_at":"2026-12-{days:02}T{hour:02}:{minute:02}:{second:02}.000Z"}}}}"#
                ))
            }
            "/locks/unlock_door" => ok(ATTEMPT),
            _ => ok(DEVICES),
        }
    }

    fn world(&self) -> World {
        let server = self.clone();
        World::new(move |request| server.reply(request))
    }
}

fn token(number: usize) -> String {
    format!("seam_cst1token_{number}")
}

/// A client whose provider takes 100 ms for each token, and the number of its calls.
fn client(world: &World) -> (Seam, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let (count, clock) = (Arc::clone(&calls), world.clone());
    let provider = move || {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        let pause = clock.sleep(Duration::from_millis(100));
        async move {
            pause.await;
            Ok::<_, std::io::Error>(token(number))
        }
    };
    let seam = world.client(Seam::builder().token_provider(provider));
    (seam.unwrap(), calls)
}

const HOUR: u64 = 3_600_000;

/// The tokens of the requests to a path.
fn tokens(world: &World, path: &str) -> Vec<String> {
    let requests = world.received().into_iter();
    let requests = requests.filter(|request| request.path == path);
    requests.map(|request| request.token).collect()
}

#[test]
fn all_calls_share_one_refresh() {
    let world = Server::new(&["u-1"], HOUR).world();
    let (seam, calls) = client(&world);
    let lists = (0..20).map(|_| seam.devices().list().into_future());
    let results = world.run(join_all(lists));
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(tokens(&world, "/devices/list"), vec![token(1); 20]);
    world.pass(100);
    assert_eq!(
        tokens(&world, "/client_sessions/get").len(),
        1,
        "its expiry"
    );
    assert_eq!((world.tasks(), world.timers()), (0, 0));
}

#[test]
fn a_refresh_goes_on_when_the_call_that_started_it_is_dropped() {
    let world = Server::new(&["u-1"], HOUR).world();
    let (seam, calls) = client(&world);
    assert!(world.run_for(50, seam.devices().list()).is_none());
    world.run(seam.devices().list()).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(
        tokens(&world, "/devices/list").len(),
        1,
        "the dropped call sent nothing"
    );
}

#[test]
fn a_dead_token_is_replaced_and_the_call_sent_once_more_as_the_same_user() {
    let server = Server::new(&["u-1", "u-1"], HOUR);
    let world = server.world();
    let (seam, calls) = client(&world);
    world.run(seam.devices().list()).unwrap();
    world.pass(20_000);
    server.end(1);
    world.run(seam.locks().unlock_door("d-1")).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert_eq!(tokens(&world, "/locks/unlock_door"), [token(1), token(2)]);
}

#[test]
fn an_action_is_not_sent_as_another_user_but_a_read_is() {
    for is_action in [true, false] {
        let server = Server::new(&["u-1", "u-2"], HOUR);
        let world = server.world();
        let (seam, _) = client(&world);
        world.run(seam.devices().list()).unwrap();
        world.pass(20_000);
        server.end(1);
        if is_action {
            let error = world.run(seam.locks().unlock_door("d-1")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Revoked);
            assert_eq!(error.outcome(), Outcome::Refused);
            assert_eq!(tokens(&world, "/locks/unlock_door"), [token(1)]);
        } else {
            world.run(seam.devices().list()).unwrap();
            assert_eq!(tokens(&world, "/devices/list")[1..], [token(1), token(2)]);
        }
    }
}

#[test]
fn a_token_is_refreshed_before_it_expires_while_calls_go_on() {
    let server = Server::new(&["u-1", "u-1"], HOUR);
    let world = server.world();
    let (seam, calls) = client(&world);
    world.run(seam.devices().list()).unwrap();
    world.pass(HOUR - 240_000);
    let before = world.now();
    world.run(seam.devices().list()).unwrap();
    assert!(
        world.now() - before < 100,
        "the call does not wait for the token"
    );
    world.pass(1_000);
    world.run(seam.devices().list()).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    let used = tokens(&world, "/devices/list");
    assert_eq!(used[1..], [token(1), token(2)]);
}

#[test]
fn calls_fail_while_the_provider_is_in_backoff_and_it_is_called_again_after() {
    let world = Server::new(&["u-1"], HOUR).world();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let provider = move || {
        let nth = count.fetch_add(1, Ordering::SeqCst);
        async move {
            if nth == 0 {
                return Err(std::io::Error::other("the back end is down"));
            }
            Ok(token(1))
        }
    };
    let seam = world
        .client(Seam::builder().token_provider(provider))
        .unwrap();
    for _ in 0..3 {
        let error = world.run(seam.devices().list()).unwrap_err();
        assert_eq!(
            (error.code(), error.outcome()),
            ("no_token", Outcome::NotSent)
        );
        assert!(
            error.to_string().contains("the back end is down"),
            "{error}"
        );
        assert_eq!(error.source().unwrap().to_string(), "the back end is down");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    world.pass(1_000);
    world.run(seam.devices().list()).unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn a_token_in_the_error_of_a_provider_is_not_shown() {
    let world = Server::new(&[], HOUR).world();
    let provider = || async {
        let text = "no user for seam_cst1secret_one or seam_secret/two+=, sorry";
        Err::<String, _>(std::io::Error::other(text))
    };
    let seam = world
        .client(Seam::builder().token_provider(provider))
        .unwrap();
    let error = world.run(seam.devices().list()).unwrap_err();
    let shown = format!("{error} {error:?} {}", error.message());
    assert!(!shown.contains("secret"), "{shown}");
    let rest = "no user for [redacted] or [redacted], sorry";
    assert!(error.to_string().contains(rest), "{error}");
    let source = error.source().unwrap().to_string();
    assert!(
        source.contains("secret_one"),
        "the app's own error: {source}"
    );
}

#[test]
fn a_provider_that_signs_out_is_not_called_again() {
    let world = Server::new(&[], HOUR).world();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let provider = move || {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, std::io::Error>(ProvidedToken::SignedOut) }
    };
    let seam = world
        .client(Seam::builder().token_provider(provider))
        .unwrap();
    for _ in 0..2 {
        let error = world.run(seam.devices().list()).unwrap_err();
        assert_eq!(
            (error.code(), error.kind()),
            ("signed_out", ErrorKind::SignedOut)
        );
        world.pass(HOUR);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(world.paths().len(), 0);
}

#[test]
fn a_provider_that_never_returns_fails_the_calls_at_the_timeout() {
    let world = Server::new(&[], HOUR).world();
    let provider = || std::future::pending::<Result<String, std::io::Error>>();
    let seam = world
        .client(Seam::builder().token_provider(provider))
        .unwrap();
    let error = world.run(seam.devices().list()).unwrap_err();
    assert_eq!(error.code(), "no_token");
    assert_eq!(world.now(), 30_000);
    assert_eq!((world.tasks(), world.timers()), (0, 0));
}

#[test]
fn a_refresh_that_the_runtime_drops_fails_the_calls_that_wait() {
    /// A world whose runtime has ended: it drops each task.
    struct Ended(World);
    impl Transport for Ended {
        fn send(
            &self,
            request: http::Request<String>,
        ) -> BoxFuture<Result<http::Response<Vec<u8>>, seam_session::client::TransportFailure>>
        {
            self.0.send(request)
        }
        fn sleep(&self, duration: Duration) -> BoxFuture<()> {
            self.0.sleep(duration)
        }
        fn spawn(&self, task: BoxFuture<()>) {
            drop(task);
        }
        fn now(&self) -> seam_session::Moment {
            Transport::now(&self.0)
        }
        fn jitter(&self) -> u32 {
            0
        }
    }
    let world = Server::new(&["u-1"], HOUR).world();
    let provider = || async { Ok::<_, std::io::Error>(token(1)) };
    let builder = Seam::builder().token_provider(provider);
    let seam = builder.build_with(Ended(world.clone())).unwrap();
    let error = world.run(seam.devices().list()).unwrap_err();
    assert_eq!(error.code(), "no_token");
}

#[test]
fn a_provided_token_of_another_kind_is_refused_and_not_shown() {
    let world = Server::new(&[], HOUR).world();
    let provider = || async { Ok::<_, std::io::Error>("seam_secret_api_key".to_owned()) };
    let seam = world
        .client(Seam::builder().token_provider(provider))
        .unwrap();
    let error = world.run(seam.devices().list()).unwrap_err();
    assert_eq!(error.code(), "no_token");
    assert!(
        !format!("{error} {error:?} {:?}", error.source()).contains("secret"),
        "{error:?}"
    );
    assert_eq!(world.paths().len(), 0);
}
