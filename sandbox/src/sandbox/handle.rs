//! Handles a request: from its credential to the handler of its route.

use super::{Sandbox, control};
use crate::auth::Credential;
use crate::cors;
use crate::error::ApiError;
use crate::faults::{AppliedFaults, ResponseFault};
use crate::http::{Connection, Cut, Reply, Request, Response};
use crate::ids::Id;
use crate::input;
use crate::limits;
use crate::routes::{self, Call};
use crate::schema;

impl Sandbox {
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
