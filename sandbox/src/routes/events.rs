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

/// Returns the event with this id; without an id, the latest event of the type, of the device, or
/// of both.
pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let device = call.params.id("device_id");
    let event_type = call.params.text("event_type");
    let matches = |it: &Record| {
        device.is_none_or(|_| it.linked_id("device_id") == device)
            && event_type.is_none_or(|_| it.text("event_type") == event_type)
    };
    let event = match call.params.id("event_id") {
        Some(id) => Some(scope.record(ResourceType::Event, id)?).filter(|it| matches(it)),
        None if device.is_none() && event_type.is_none() => {
            return Err(ApiError::invalid(
                "event_id, event_type or device_id is required",
            ));
        }
        None => scope
            .records(ResourceType::Event)
            .into_iter()
            .rfind(|it| matches(it)),
    };
    let event = event.ok_or_else(|| ResourceType::Event.resource().not_found())?;
    Ok(Reply::new().with("event", &event.to_json()))
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
    let events = shown.map(Record::to_json).collect::<Value>();
    Ok(Reply::new().with("events", &events))
}

/// Returns the times of `between`, or that of `since`. A request without these parameters and without
/// `event_ids` fails, and so does one with an invalid time (our choice).
fn interval(params: &Params) -> Result<(Option<Millis>, Option<Millis>), ApiError> {
    let time = |name, text: &str| {
        time::parse(text).ok_or_else(|| ApiError::invalid_parameter(name, "Invalid date"))
    };
    if let Some(between) = params.texts("between") {
        let mut times = between.into_iter().map(|it| time("between", it));
        return Ok((times.next().transpose()?, times.next().transpose()?));
    }
    match params.text("since") {
        Some(since) => Ok((Some(time("since", since)?), None)),
        None if params.has("event_ids") => Ok((None, None)),
        None => Err(ApiError::invalid("since or between is required")),
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
