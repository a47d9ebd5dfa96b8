//! The sandbox: a request and the time in, a response out.

use serde::Serialize;

use crate::auth::Credential;
use crate::cors;
use crate::error::ApiError;
use crate::http::{Reply, Request, Response};
use crate::ids::Id;
use crate::input;
use crate::options::Options;
use crate::routes::{self, Call};
use crate::schema;
use crate::seed::{self, SeedError};
use crate::state::{Keys, State};
use crate::time::{LATEST, Millis};

/// Where the sandbox says it is when it was not told.
const DEFAULT_ENDPOINT: &str = "http://localhost:3020";

/// A Seam workspace in memory. Its clock is the time of the requests, and never goes back.
#[derive(Debug)]
pub struct Sandbox {
    state: State,
    keys: Keys,
    endpoint: String,
    clock: Millis,
    requests: u128,
}

/// What one needs to know to call a sandbox. As JSON it is the line that the command prints.
#[derive(Clone, Debug, Serialize)]
pub struct Info {
    /// Where it is served.
    pub endpoint: String,
    /// The key of the workspace, for a back end.
    pub api_key: String,
    /// The workspace's publishable key.
    pub publishable_key: String,
    /// The workspace's id.
    pub workspace_id: String,
    /// The ids of all devices, in the order of the lists.
    pub device_ids: Vec<String>,
    /// A user who is there from the beginning; none if the seed's first session has no user.
    pub user_identity_id: Option<String>,
    /// The token of that user's session.
    pub client_session_token: String,
}

impl Sandbox {
    /// A sandbox as the options say, at this time in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// If the seed names what it does not have, or something twice, or more devices are asked for
    /// than the sandbox holds.
    pub fn new(options: Options, now_ms: u64) -> Result<Self, SeedError> {
        let clock = now_ms.min(LATEST);
        let seed = seed::chosen(options.seed, options.devices)?;
        let (state, keys) = State::start(seed, options.random_seed, options.out_of_scope, clock)?;
        let endpoint = options.endpoint.as_deref().unwrap_or(DEFAULT_ENDPOINT);
        Ok(Self {
            state,
            keys,
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            clock,
            requests: 0,
        })
    }

    /// Answers a request, at this time in milliseconds since 1970.
    pub fn handle(&mut self, request: &Request, now_ms: u64) -> Response {
        self.clock = self.clock.max(now_ms.min(LATEST));
        self.requests += 1;
        let mut headers = cors::headers(request);
        headers.push(cors::header("seam-request-id", &self.request_id()));
        if request.method == "OPTIONS" {
            headers.extend(cors::preflight_headers());
            return respond(200, headers, String::new());
        }
        headers.push(cors::header("content-type", "application/json"));
        match self.answer(request) {
            Ok(reply) => respond(200, headers, reply.into_body()),
            Err(refused) => {
                if refused.status == 405 {
                    let methods = schema::route(request.path()).map_or(0, |it| it.methods);
                    headers.push(cors::header("allow", &schema::method_names(methods)));
                }
                respond(refused.status, headers, refused.body())
            }
        }
    }

    /// What one needs to know to call it.
    #[must_use]
    pub fn info(&self) -> Info {
        let keys = &self.keys;
        Info {
            endpoint: self.endpoint.clone(),
            api_key: keys.api_key.clone(),
            publishable_key: keys.publishable_key.clone(),
            workspace_id: keys.workspace_id.to_string(),
            device_ids: keys.device_ids.iter().map(Id::to_string).collect(),
            user_identity_id: keys.demo.user_identity_id.as_ref().map(Id::to_string),
            client_session_token: keys.demo.client_session_token.clone(),
        }
    }

    /// The whole state in words, for a test to hold two against each other.
    #[doc(hidden)]
    #[must_use]
    pub fn snapshot(&self) -> String {
        self.state.snapshot()
    }

    /// In this order: is there such a route, who is calling, may they, is it simulated, are the
    /// parameters right, and then the route itself.
    fn answer(&mut self, request: &Request) -> Result<Reply, ApiError> {
        let path = request.path();
        let route = schema::route(path)
            .ok_or_else(|| ApiError::new(404, "not_found", "There is no such route"))?;
        let method = schema::method(&request.method);
        if route.methods & method == 0 {
            let methods = schema::method_names(route.methods);
            return Err(ApiError::new(
                405,
                "method_not_allowed",
                format!("only {methods} accepted"),
            ));
        }
        self.state.settle(self.clock);
        let credential = Credential::of(request)?;
        let mut scope = self.state.enter(credential, route, self.clock)?;
        let handler = routes::handler(path).ok_or_else(|| ApiError::not_simulated(path))?;
        let params = input::read(&route.input, request)?;
        let call = Call {
            params: &params,
            method,
            path: route.path,
            endpoint: &self.endpoint,
            user_identifier_key: credential.user_identifier_key(),
        };
        handler(&mut scope, &call)
    }

    /// A count in the form of a UUID.
    fn request_id(&self) -> String {
        Id::version_4(self.requests).to_string()
    }
}

fn respond(status: u16, headers: Vec<(String, String)>, body: String) -> Response {
    Response {
        status,
        headers,
        body,
        delay_ms: 0,
    }
}
