//! The sandbox: a request and the time in, a response out.

mod clock;
mod control;
mod saved;

use serde::Serialize;

use crate::auth::Credential;
use crate::cors;
use crate::coverage::Coverage;
use crate::error::ApiError;
use crate::faults::{AppliedFaults, ResponseFault};
use crate::http::{Connection, Cut, Reply, Request, Response};
use crate::ids::{Entropy, Id};
use crate::input;
use crate::limits;
use crate::options::Options;
use crate::routes::{self, Call};
use crate::schema;
use crate::seed::{self, SeedError};
use crate::state::{Demo, StartOptions, State};
use clock::Clock;

/// The default of [`Options::endpoint`].
const DEFAULT_ENDPOINT: &str = "http://localhost:3020";

/// A Seam workspace in memory.
#[derive(Debug)]
pub struct Sandbox {
    state: State,
    demo: Demo,
    clock: Clock,
    endpoint: String,
    requests: u128,
    coverage: Coverage,
}

/// Where a sandbox is and which credentials it takes. As JSON this is the line that the command
/// prints.
#[derive(Clone, Debug, Serialize)]
pub struct Info {
    /// The base URL.
    pub endpoint: String,
    /// The API key of the workspace.
    pub api_key: String,
    /// The publishable key of the workspace.
    pub publishable_key: String,
    /// The id of the workspace.
    pub workspace_id: String,
    /// The ids of the managed devices, in the order of the lists.
    pub device_ids: Vec<String>,
    /// The user identity of the first client session, if it has one.
    pub user_identity_id: Option<String>,
    /// The token of the first client session.
    pub client_session_token: String,
}

impl Sandbox {
    /// Creates a sandbox. `now_ms` is the time in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// If the seed is inconsistent, for example with an unknown or a duplicate name, if there are
    /// too many devices, or if a fault is invalid.
    pub fn new(options: Options, now_ms: u64) -> Result<Self, SeedError> {
        let clock = Clock::new(now_ms);
        let endpoint = options.endpoint.as_deref().unwrap_or(DEFAULT_ENDPOINT);
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let seed = seed::from_options(options.seed, options.devices)?;
        let start = StartOptions {
            entropy: Entropy::new(options.random_seed, options.key_seed),
            out_of_scope: options.out_of_scope,
            limits: options.rate_limits.unwrap_or(true),
            now: clock.now(),
        };
        let (mut state, demo) = State::start(seed, start)?;
        for (index, fault) in options.faults.into_iter().enumerate() {
            input::check(schema::fault(), fault)
                .and_then(|it| state.faults_mut().add(it))
                .map_err(|it| SeedError::new(format!("fault {}: {}", index + 1, it.message())))?;
        }
        Ok(Self {
            state,
            demo,
            clock,
            endpoint,
            requests: 0,
            coverage: Coverage::default(),
        })
    }

    /// Handles a request that is the first on its connection. `now_ms` is the time in milliseconds
    /// since 1970.
    pub fn handle(&mut self, request: &Request, now_ms: u64) -> Response {
        self.handle_on(Connection::Fresh, request, now_ms)
    }

    /// Handles a request. `now_ms` is the time in milliseconds since 1970.
    pub fn handle_on(
        &mut self,
        connection: Connection,
        request: &Request,
        now_ms: u64,
    ) -> Response {
        self.clock.advance_to(now_ms);
        self.requests += 1;
        let mut response = Response::new(cors::headers(request));
        response.header("seam-request-id", &self.request_id());
        if request.method == "OPTIONS" {
            response.status = 200;
            response.headers.extend(cors::preflight_headers());
            return response;
        }
        let applied = self.apply_faults(connection, request);
        response.changed = applied.response_fault.is_some() || applied.delay_ms > 0;
        response.delay_ms = applied.delay_ms;
        let route = schema::route(request.path(), schema::method(&request.method));
        response.route = route.map(|it| it.path);
        match applied.response_fault {
            Some(ResponseFault::Outage) => response.status = 503,
            Some(ResponseFault::RateLimit { retry_after }) => {
                response.refuse(&limits::too_many(retry_after));
            }
            Some(ResponseFault::DropBefore { reset }) => {
                response.cut = Some(Cut {
                    after_bytes: None,
                    reset,
                });
            }
            response_fault => {
                match self.respond(request, &mut response) {
                    Ok(reply) => response.succeed(reply),
                    Err(refused) => response.refuse(&refused),
                }
                response.cut = cut(response_fault, response.body.len());
            }
        }
        response
    }

    /// Returns where the sandbox is and which credentials it takes.
    #[must_use]
    pub fn info(&self) -> Info {
        let keys = self.state.keys();
        Info {
            endpoint: self.endpoint.clone(),
            api_key: keys.api_key,
            publishable_key: keys.publishable_key,
            workspace_id: keys.workspace_id.to_string(),
            device_ids: keys.device_ids.iter().map(Id::to_string).collect(),
            user_identity_id: self.demo.user_identity_id.as_ref().map(Id::to_string),
            client_session_token: self.demo.client_session_token.clone(),
        }
    }

    /// Returns the whole state as text, for tests that compare two states.
    #[doc(hidden)]
    #[must_use]
    pub fn snapshot(&self) -> String {
        self.state.snapshot()
    }

    /// Faults never apply to the sandbox's own routes, because faults are removed through them.
    fn apply_faults(&mut self, connection: Connection, request: &Request) -> AppliedFaults {
        let path = request.path();
        if path.starts_with(schema::CONTROL_PREFIX) {
            return AppliedFaults::default();
        }
        let reused = connection == Connection::Reused;
        self.state.faults_mut().apply(path, reused)
    }

    /// Checks in this order: that the route exists, the credential, that the route takes it, that
    /// the route is simulated, the parameters. Then the handler runs.
    fn respond(&mut self, request: &Request, response: &mut Response) -> Result<Reply, ApiError> {
        let path = request.path();
        let method = schema::method(&request.method);
        let route = schema::route(path, method).ok_or_else(|| no_such_route(path))?;
        if route.methods & method == 0 {
            let methods = schema::method_names(schema::methods(path));
            response.header("allow", &methods);
            return Err(ApiError::new(
                405,
                "method_not_allowed",
                format!("only {methods} accepted"),
            ));
        }
        response.changed |= self.state.run_due_tasks(self.clock.now());
        let credential = Credential::of(request)?;
        credential.description().clone_into(&mut response.caller);
        let mut scope = self
            .state
            .authenticate(credential, route, self.clock.now())?;
        response.caller = scope.caller_description();
        if let Some(control) = control::handler(path) {
            return control(self, method, request, response);
        }
        let is_session = scope.is_session();
        let result = routes::handler(path)
            .ok_or_else(|| ApiError::not_simulated(path))
            .and_then(|handler| {
                let params = input::read(&route.input, request)?;
                let call = Call {
                    params: &params,
                    method,
                    path: route.path,
                    endpoint: &self.endpoint,
                    user_identifier_key: credential.user_identifier_key(),
                };
                handler(&mut scope, &call)
            });
        if is_session {
            self.coverage.count(route, &result);
        }
        // A route that takes GET only reads.
        response.changed |= result.is_ok() && route.methods & schema::GET == 0;
        result
    }

    /// Returns the number of the request in the form of a UUID.
    fn request_id(&self) -> String {
        Id::version_4(self.requests).to_string()
    }
}

fn no_such_route(path: &str) -> ApiError {
    let message = if path.starts_with(schema::CONTROL_PREFIX) {
        let known = schema::control_paths().join(", ");
        format!("There is no such route; the sandbox's own are {known}")
    } else {
        "There is no such route".to_owned()
    };
    ApiError::new(404, "not_found", message)
}

/// Returns where the response is cut off. A truncated response is never complete.
fn cut(response_fault: Option<ResponseFault>, length: usize) -> Option<Cut> {
    match response_fault {
        Some(ResponseFault::DropAfter { reset }) => Some(Cut {
            after_bytes: None,
            reset,
        }),
        Some(ResponseFault::Truncate { after_bytes, reset }) => Some(Cut {
            after_bytes: Some(
                after_bytes
                    .unwrap_or(length / 2)
                    .min(length.saturating_sub(1)),
            ),
            reset,
        }),
        _ => None,
    }
}
