//! The sandbox's own routes, under `/_sandbox/`. They take only an API key.

use super::route::{API_KEY, DELETE, GET, POST, Route};
use super::types::{AdditionalProperties, DATE_TIME, EMAIL, Field, Schema, TEXT, UUID, text_of};

/// The prefix of their paths.
pub(crate) const CONTROL_PREFIX: &str = "/_sandbox/";

/// A path has one entry for each method, because the methods have different parameters.
static ROUTES: &[Route] = &[
    route("/_sandbox/clock", GET, &[]),
    route(
        "/_sandbox/clock",
        POST,
        &[
            optional("advance_ms", integer(0.0, 3_155_760_000_000.0)),
            optional("to", DATE_TIME),
        ],
    ),
    route(
        "/_sandbox/complete_connect_webview",
        POST,
        &[
            required("connect_webview_id", UUID),
            Field {
                default: Some("true"),
                ..optional("login_successful", Schema::Bool)
            },
            optional("provider", TEXT),
            optional("email", EMAIL),
            // Each item is checked when it is read as a device of a seed.
            optional(
                "devices",
                Schema::Array {
                    items: &Schema::Object {
                        fields: &[],
                        additional: AdditionalProperties::Kept,
                    },
                    min: 0,
                    max: 1_000,
                },
            ),
        ],
    ),
    route(
        "/_sandbox/coverage",
        GET,
        &[optional("format", Schema::Enum(&["json", "text"]))],
    ),
    route("/_sandbox/coverage", DELETE, &[]),
    route(
        "/_sandbox/end_session",
        POST,
        &[
            optional("client_session_id", UUID),
            optional("client_session_token", TEXT),
            optional("how", Schema::Enum(&["expired", "revoked"])),
        ],
    ),
    route(
        "/_sandbox/explain",
        GET | POST,
        &[
            optional("client_session_token", TEXT),
            optional("client_session_id", UUID),
            required("device_id", UUID),
        ],
    ),
    route("/_sandbox/faults", GET, &[]),
    route("/_sandbox/faults", POST, FAULT),
    route(
        "/_sandbox/faults",
        DELETE,
        &[optional("fault_id", integer(1.0, MAX_SAFE_INTEGER))],
    ),
    route(
        "/_sandbox/open_session",
        POST,
        &[
            optional("user_identity_id", UUID),
            optional("user_identity_key", TEXT),
            optional("expires_in_ms", integer(1.0, 3_155_760_000_000.0)),
        ],
    ),
    route("/_sandbox/reset", POST, &[]),
    route("/_sandbox/state", GET, &[]),
    // The parameters are a saved state, which `Sandbox::restore` checks.
    Route {
        input: Schema::Object {
            fields: &[],
            additional: AdditionalProperties::Kept,
        },
        ..route("/_sandbox/state", POST, &[])
    },
];

/// The parameters of a fault.
static FAULT: &[Field] = &[
    required(
        "fault",
        Schema::Enum(&[
            "latency",
            "outage",
            "rate_limit",
            "drop_before",
            "drop_after",
            "truncate",
            "attempt_fails",
            "attempt_hangs",
        ]),
    ),
    optional("path", text_of(1, 200)),
    optional("times", integer(1.0, MAX_SAFE_INTEGER)),
    optional("latency_ms", integer(0.0, 600_000.0)),
    optional("retry_after", integer(0.0, 86_400.0)),
    optional("after_bytes", integer(0.0, MAX_SAFE_INTEGER)),
    optional("reset", Schema::Bool),
    optional("reused_connection", Schema::Bool),
    optional("device_id", UUID),
    optional("error_type", text_of(1, 200)),
    optional("error_message", text_of(1, 2_000)),
];

/// The largest integer that every JSON parser reads exactly.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

const fn route(path: &'static str, methods: u8, fields: &'static [Field]) -> Route {
    Route {
        path,
        methods,
        credentials: API_KEY,
        input: Schema::Object {
            fields,
            additional: AdditionalProperties::Refused,
        },
    }
}

const fn optional(name: &'static str, schema: Schema) -> Field {
    Field {
        name,
        schema,
        required: false,
        default: None,
    }
}

const fn required(name: &'static str, schema: Schema) -> Field {
    Field {
        name,
        schema,
        required: true,
        default: None,
    }
}

const fn integer(min: f64, max: f64) -> Schema {
    Schema::Number {
        integer: true,
        exclusive_min: None,
        min: Some(min),
        max: Some(max),
    }
}

/// Returns the schema of a fault, for faults that are given as options.
pub(crate) fn fault() -> &'static Schema {
    static INPUT: Schema = Schema::Object {
        fields: FAULT,
        additional: AdditionalProperties::Refused,
    };
    &INPUT
}

/// Returns the route of this path and method, or any route of the path if it does not take the
/// method.
pub(super) fn find(path: &str, method: u8) -> Option<&'static Route> {
    let of_path = || ROUTES.iter().filter(|it| it.path == path);
    of_path()
        .find(|it| it.methods & method != 0)
        .or_else(|| of_path().next())
}

/// Returns all methods of this path.
pub(super) fn methods(path: &str) -> u8 {
    let of_path = ROUTES.iter().filter(|it| it.path == path);
    of_path.fold(0, |all, it| all | it.methods)
}

/// Returns each path once.
pub(crate) fn paths() -> Vec<&'static str> {
    let mut paths: Vec<_> = ROUTES.iter().map(|it| it.path).collect();
    paths.dedup();
    paths
}
