//! `/events`.

use serde_json::Value;

use super::Call;
use super::page;
use crate::error::ApiError;
use crate::http::Reply;
use crate::input::Params;
use crate::state::{Record, ResourceType, Scope};
use crate::time::{self, Millis};

/// Parameters that name the subject of an event. They are compared with the event's members of the
/// same names.
const ABOUT: [&str; 14] = [
    "access_code_id",
    "access_grant_id",
    "access_method_id",
    "acs_access_group_id",
    "acs_credential_id",
    "acs_encoder_id",
    "acs_entrance_id",
    "acs_system_id",
    "acs_user_id",
    "connect_webview_id",
    "connected_account_id",
    "device_id",
    "space_id",
    "user_identity_id",
];

/// Responds with the event with this id; without an id, with the latest event of the type, of the
/// device, or of both. Without such an event the response is a success with a `message` instead, as
/// the OpenAPI has it.
pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = call.params.id("device_id");
    let event_type = call.params.text("event_type");
    let matches = |it: &&Record| {
        device.is_none_or(|_| it.linked_id("device_id") == device)
            && event_type.is_none_or(|_| it.text("event_type") == event_type)
    };
    let event = match call.params.id("event_id") {
        Some(id) => scope.record(ResourceType::Event, id).ok().filter(matches),
        None if device.is_none() && event_type.is_none() => {
            return Err(ApiError::invalid(
                "An argument for event_id, event_type, or device_id is required",
            ));
        }
        None => scope
            .records(ResourceType::Event)
            .into_iter()
            .rfind(matches),
    };
    Ok(match event {
        Some(event) => Reply::new().with("event", &scope.event_json(event)),
        None => Reply::new().with("message", &"Event not found".into()),
    })
}

/// Lists the events after `since`, or between two times, both exclusive; the oldest first (our
/// choice).
pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let (after, before) = interval(params)?;
    let limit = page::limit(call)?;
    let skip = page::integer(params, "unstable_offset")?.unwrap_or(0);
    let mut found = scope.records(ResourceType::Event);
    found.retain(|it| {
        let time = it.created_at();
        after.is_none_or(|it| it < time)
            && before.is_none_or(|it| time < it)
            && matches_filters(it, params)
    });
    let shown = found.into_iter().skip(skip).take(limit);
    let events = shown.map(|it| scope.event_json(it)).collect::<Value>();
    Ok(Reply::new().with("events", &events))
}

/// Returns the times of `between`, or that of `since`.
///
/// # Errors
///
/// 400 unless exactly one of the two is given, with valid times in ascending order. That neither is
/// wrong is documented; the rest is that of Seam's own fake server.
fn interval(params: &Params) -> Result<(Option<Millis>, Option<Millis>), ApiError> {
    let time = |name, text: &str| {
        time::parse(text).ok_or_else(|| ApiError::invalid_parameter(name, "Invalid date"))
    };
    match (params.text("since"), params.texts("between")) {
        (None, None) => Err(ApiError::invalid("Must specify either since or between")),
        (Some(_), Some(_)) => Err(ApiError::invalid("Cannot specify both since and between")),
        (Some(since), None) => Ok((Some(time("since", since)?), None)),
        (None, Some(between)) => {
            let mut times = between.into_iter().map(|it| time("between", it));
            let (after, before) = (times.next().transpose()?, times.next().transpose()?);
            if after > before {
                return Err(ApiError::invalid_parameter(
                    "between",
                    "Must be in ascending order",
                ));
            }
            Ok((after, before))
        }
    }
}

fn matches_filters(event: &Record, params: &Params) -> bool {
    let types = params.texts("event_types");
    let event_type = event.text("event_type").unwrap_or_default();
    let ids = params.ids("event_ids");
    let about = ABOUT.iter().all(|name| {
        let linked = event.linked_id(name);
        let one = params.id(name);
        let many = params.ids(&format!("{name}s"));
        one.is_none_or(|_| linked == one)
            && many.is_none_or(|it| linked.is_some_and(|linked| it.contains(&linked)))
    });
    about
        && params.text("event_type").is_none_or(|it| it == event_type)
        && types.is_none_or(|it| it.contains(&event_type))
        && ids.is_none_or(|it| it.contains(&event.id()))
        // The sandbox has no customers.
        && !params.has("customer_key")
}
