//! The routes of Seam's device catalogue, which its React components request by GET. The OpenAPI
//! does not have them; the types are in `@seamapi/types/devicedb`.

use super::route::{API_KEY, CLIENT_SESSION, GET, PUBLISHABLE_KEY, Route};
use super::types::{AdditionalProperties, Field, Schema, TEXT, UUID};

/// The prefix of their paths.
const PREFIX: &str = "/internal/devicedb/";

static ROUTES: [Route; 4] = [
    route(
        "/internal/devicedb/v1/device_models/get",
        &[required("device_model_id")],
    ),
    route(
        "/internal/devicedb/v1/device_models/list",
        &[
            optional("exclude_if", TEXTS),
            optional("include_if", TEXTS),
            optional("integration_status", TEXT),
            optional("integration_support_levels", TEXTS),
            optional("main_category", TEXT),
            optional("manufacturer_id", UUID),
            optional("manufacturer_ids", IDS),
            optional("text_search", TEXT),
        ],
    ),
    route(
        "/internal/devicedb/v1/manufacturers/get",
        &[required("manufacturer_id")],
    ),
    route(
        "/internal/devicedb/v1/manufacturers/list",
        &[
            optional("integration_status", TEXT),
            optional("integration_support_levels", TEXTS),
            optional("liqe_query", TEXT),
        ],
    ),
];

const TEXTS: Schema = list(&TEXT);
const IDS: Schema = list(&UUID);

const fn list(items: &'static Schema) -> Schema {
    Schema::Array {
        items,
        min: 0,
        max: usize::MAX,
    }
}

const fn route(path: &'static str, fields: &'static [Field]) -> Route {
    Route {
        path,
        methods: GET,
        credentials: API_KEY | CLIENT_SESSION | PUBLISHABLE_KEY,
        input: Schema::Object {
            fields,
            additional: AdditionalProperties::Dropped,
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

const fn required(name: &'static str) -> Field {
    Field {
        name,
        schema: UUID,
        required: true,
        default: None,
    }
}

/// Returns the route of this path.
pub(super) fn find(path: &str) -> Option<&'static Route> {
    if !path.starts_with(PREFIX) {
        return None;
    }
    ROUTES.iter().find(|it| it.path == path)
}
