//! Handles a request: from its credential to the handler of its route.

use super::{Sandbox, control};
use crate::auth::Credential;
use crate::cors;
use crate::error::ApiError;
use crate::faults::{AppliedFaults, ResponseFault};
use crate::http::{Connection, Cut, Request, Response};
use crate::ids::Id;
use crate::input;
use crate::limits;
use crate::routes::{self, Call};
use crate::schema::{self, Route};
use crate::state::{Scope, State};
use crate::time::Millis;

/// Where Seam's React components send their telemetry. It takes no credential, and the OpenAPI does
/// not have it.
const TELEMETRY: &str = "/internal/tlmtry";

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
        let mut response = self.begin(request, now_ms);
        if needs_no_credential(request, &mut response) {
            return response;
        }
        response.changed = self.state.run_due_tasks(self.clock.now());
        if let Err(refused) = self.respond(connection, request, &mut response) {
            response.refuse(&refused);
        }
        response
    }

    /// Returns the response to a request whose body is not read yet, if the body cannot change it:
    /// the request needs no credential, or its route or its credential is refused. Otherwise
    /// returns `None`, and [`handle_on`](Self::handle_on) takes the whole request.
    pub fn handle_head(&mut self, request: &Request, now_ms: u64) -> Option<Response> {
        let mut response = self.begin(request, now_ms);
        if needs_no_credential(request, &mut response) {
            return Some(response);
        }
        let refused = admit(&mut self.state, self.clock.now(), request, &mut response).err()?;
        response.refuse(&refused);
        Some(response)
    }

    fn begin(&mut self, request: &Request, now_ms: u64) -> Response {
        self.clock.advance_to(now_ms);
        self.requests += 1;
        // The number of the request, in the form of a UUID.
        let request_id = Id::version_4(self.requests).to_string();
        Response::new(request_id, cors::headers(request))
    }

    /// Checks in this order: that the route exists, the credential, that the route takes it. Then
    /// faults apply, and after them the handler runs.
    fn respond(
        &mut self,
        connection: Connection,
        request: &Request,
        response: &mut Response,
    ) -> Result<(), ApiError> {
        let Admitted {
            route,
            credential,
            mut scope,
        } = admit(&mut self.state, self.clock.now(), request, response)?;
        if let Some(control) = control::handler(route.path) {
            let reply = control(self, schema::method(&request.method), request, response)?;
            response.succeed(reply);
            return Ok(());
        }
        // Faults never apply to the sandbox's own routes, because faults are removed through them.
        let applied = if route.path.starts_with(schema::CONTROL_PREFIX) {
            AppliedFaults::default()
        } else {
            scope.apply_faults(connection == Connection::Reused)
        };
        response.changed |= applied.response_fault.is_some() || applied.delay_ms > 0;
        response.delay_ms = applied.delay_ms;
        match applied.response_fault {
            Some(ResponseFault::Outage) => {
                response.status = 503;
                return Ok(());
            }
            Some(ResponseFault::RateLimit { retry_after }) => {
                return Err(limits::too_many(retry_after));
            }
            Some(ResponseFault::DropBefore { reset }) => {
                response.cut = Some(Cut {
                    after_bytes: None,
                    reset,
                });
                return Ok(());
            }
            _ => {}
        }
        let is_session = scope.is_session();
        let result = routes::handler(route.path)
            .ok_or_else(|| ApiError::not_simulated(route.path))
            .and_then(|handler| {
                let params = input::read(&route.input, request)?;
                if params.flag("sync") == Some(true) {
                    scope.wait_for_attempts();
                }
                let call = Call {
                    params: &params,
                    method: schema::method(&request.method),
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
        match result {
            Ok(reply) => response.succeed(reply),
            Err(refused) => response.refuse(&refused),
        }
        response.cut = cut(applied.response_fault, response.body.len());
        Ok(())
    }
}

/// Responds to a preflight and to telemetry. Returns `false` for any other request.
fn needs_no_credential(request: &Request, response: &mut Response) -> bool {
    let path = request.path();
    if request.method == "OPTIONS" {
        response.route = schema::route(path, 0).map(|it| it.path);
        response.status = 200;
        response.headers.extend(cors::preflight_headers());
        return true;
    }
    if path == TELEMETRY && request.method == "POST" {
        response.route = Some(TELEMETRY);
        response.status = 204;
        return true;
    }
    false
}

/// A request with a route and a credential that the route takes.
struct Admitted<'r, 's> {
    route: &'static Route,
    credential: Credential<'r>,
    scope: Scope<'s>,
}

/// Checks the route and the credential. Sets the route and the caller of the response, for the log.
fn admit<'r, 's>(
    state: &'s mut State,
    now: Millis,
    request: &'r Request,
    response: &mut Response,
) -> Result<Admitted<'r, 's>, ApiError> {
    let path = request.path();
    let method = schema::method(&request.method);
    let route = schema::route(path, method).ok_or_else(|| no_such_route(path))?;
    response.route = Some(route.path);
    if route.methods & method == 0 {
        let methods = schema::method_names(schema::methods(path));
        response.header("allow", &methods);
        return Err(ApiError::new(
            405,
            "method_not_allowed",
            format!("only {methods} accepted"),
        ));
    }
    let credential = Credential::of(request)?;
    credential
        .refused_description()
        .clone_into(&mut response.caller);
    let scope = state.authenticate(credential, route, now)?;
    response.caller = scope
        .session_description()
        .unwrap_or_else(|| credential.description().to_owned());
    Ok(Admitted {
        route,
        credential,
        scope,
    })
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
