//! The table of scenarios, played against a sandbox. The native driver and that of the browser play
//! the same rows, and so does the npm package (tests/requests/scenarios.test.mjs).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use seam_session::client::{BoxFuture, Transport, TransportFailure};
use seam_session::resources::{ClientSession, Map, Value};
use seam_session::{Moment, Outcome, PollOptions, Reason, Seam, SeamBuilder, SeamError};

const TABLE: &str = include_str!("scenarios.json");

/// Counts the requests to one path.
#[derive(Clone)]
struct Counting<T> {
    transport: T,
    path: String,
    count: Arc<AtomicUsize>,
}

impl<T: Transport> Transport for Counting<T> {
    fn send(
        &self,
        request: http::Request<String>,
    ) -> BoxFuture<Result<http::Response<Vec<u8>>, TransportFailure>> {
        if request.uri().path() == self.path {
            self.count.fetch_add(1, Ordering::SeqCst);
        }
        self.transport.send(request)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        self.transport.sleep(duration)
    }

    fn spawn(&self, task: BoxFuture<()>) {
        self.transport.spawn(task);
    }

    fn now(&self) -> Moment {
        self.transport.now()
    }

    fn jitter(&self) -> u32 {
        self.transport.jitter()
    }
}

/// A sandbox, and how this driver reaches it.
pub(crate) struct Stage<T> {
    pub(crate) transport: T,
    /// A back end's client.
    pub(crate) back_end: Seam,
    /// What the sandbox printed when it was ready.
    pub(crate) info: Value,
    pub(crate) new_builder: fn() -> SeamBuilder,
}

impl<T: Transport + Clone> Stage<T> {
    fn info(&self, name: &str) -> String {
        self.info
            .get(name)
            .and_then(Value::as_str)
            .unwrap()
            .to_owned()
    }

    /// Plays all rows. `clear` removes the injected faults.
    pub(crate) async fn play<F: Future<Output = ()>>(&self, clear: impl Fn() -> F) {
        let rows: Vec<Value> = serde_json::from_str(TABLE).unwrap();
        assert!(rows.len() > 20, "the table has rows");
        let granted = self
            .app(self.session().await.token.expose())
            .devices()
            .list()
            .await
            .unwrap();
        let granted = granted.items[0].device_id.clone();
        let all = self
            .info
            .get("device_ids")
            .and_then(Value::as_array)
            .unwrap();
        let mut others = all.iter().filter_map(Value::as_str);
        let other = others.find(|id| *id != granted).unwrap().to_owned();
        let mut wrong = Vec::new();
        for row in &rows {
            let found = self.row(row, &granted, &other).await;
            clear().await;
            let expected = expected(row);
            if found != expected {
                wrong.push(format!("{}: {found}, expected {expected}", row["name"]));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    fn builder(&self) -> SeamBuilder {
        (self.new_builder)().endpoint(self.info("endpoint"))
    }

    fn app(&self, token: &str) -> Seam {
        let builder = self.builder().client_session_token(token);
        builder.build_with(self.transport.clone()).unwrap()
    }

    /// Creates a session of the demo user.
    async fn session(&self) -> ClientSession {
        new_session(&self.back_end, &self.info("user_identity_id"))
            .await
            .unwrap()
    }

    /// Plays a row, and returns what happened.
    async fn row(&self, row: &Value, granted: &str, other: &str) -> String {
        let path = row["path"].as_str().unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let transport = Counting {
            transport: self.transport.clone(),
            path: path.to_owned(),
            count: Arc::clone(&count),
        };
        let mut builder = self.builder();
        if let Some(ms) = row["timeout"].as_u64() {
            builder = builder.timeout(Duration::from_millis(ms));
        }
        if let Some(retries) = row["maxRetries"].as_u64() {
            builder = builder.max_retries(u32::try_from(retries).unwrap());
        }
        match &row["wait"] {
            Value::Bool(false) => builder = builder.without_waiting(),
            Value::Object(wait) => {
                let ms = |name: &str| Duration::from_millis(wait[name].as_u64().unwrap());
                builder = builder.waiting(PollOptions::new(ms("timeout"), ms("pollingInterval")));
            }
            _ => {}
        }
        let own = self.session().await;
        let token = own.token.expose().to_owned();
        let session = row["session"].as_str();
        if session == Some("refreshed") {
            let first = Arc::new(Mutex::new(Some(token.clone())));
            let (back_end, user) = (self.back_end.clone(), self.info("user_identity_id"));
            builder = builder.token_provider(move || {
                let first = first.lock().unwrap().take();
                let (back_end, user) = (back_end.clone(), user.clone());
                async move {
                    if let Some(token) = first {
                        return Ok(token);
                    }
                    let next = new_session(&back_end, &user).await?;
                    Ok::<_, SeamError>(next.token.expose().to_owned())
                }
            });
        } else {
            builder = builder.client_session_token(token);
        }
        let seam = builder.build_with(transport).unwrap();
        if let Some(how) = session {
            let how = if how == "refreshed" { "revoked" } else { how };
            // The token is in use before its session ends.
            seam.client_sessions().get().await.unwrap();
            self.control(
                "/_sandbox/end_session",
                &[("client_session_id", &own.client_session_id), ("how", how)],
            )
            .await;
        }
        for fault in row["faults"].as_array().into_iter().flatten() {
            let fault = fault.as_object().unwrap().clone();
            self.back_end
                .request("/_sandbox/faults", fault)
                .await
                .unwrap();
        }
        let params = row["params"].to_string();
        let params = params.replace("$granted", granted).replace("$other", other);
        let params: Option<Map<String, Value>> = serde_json::from_str(&params).unwrap();
        let result = seam.request(path, params.unwrap_or_default()).await;
        describe(result.as_ref().err(), count.load(Ordering::SeqCst))
    }

    async fn control(&self, path: &str, params: &[(&str, &str)]) {
        let params = params.iter();
        let params = params.map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        self.back_end.request(path, params.collect()).await.unwrap();
    }
}

async fn new_session(back_end: &Seam, user: &str) -> Result<ClientSession, SeamError> {
    back_end
        .client_sessions()
        .create()
        .user_identity_id(user)
        .await
}

fn describe(error: Option<&SeamError>, sent: usize) -> String {
    let result = error.map_or_else(
        || "ok".to_owned(),
        |error| {
            let outcome = match error.outcome() {
                Outcome::NotSent => "not_sent",
                Outcome::Refused => "refused",
                Outcome::Unknown => "unknown",
            };
            let reason = match error.reason() {
                Some(Reason::TokenRefused) => " token_refused",
                Some(Reason::OutOfScope) => " out_of_scope",
                _ => "",
            };
            format!("{} {outcome}{reason}", error.code())
        },
    );
    format!("{result}, sent {sent} times")
}

fn expected(row: &Value) -> String {
    let text = |name: &str| row[name].as_str().unwrap_or_default();
    let result = if row["ok"] == Value::Bool(true) {
        "ok".to_owned()
    } else {
        format!("{} {} {}", text("code"), text("outcome"), text("reason"))
            .trim()
            .to_owned()
    };
    format!("{result}, sent {} times", row["sent"])
}
