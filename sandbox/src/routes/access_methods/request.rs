//! `requested_access_methods` of an access grant.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::input::Params;
use crate::routes::Call;
use crate::time::{self, Millis};

/// The parameter, and the member of a grant.
pub(super) const REQUESTED: &str = "requested_access_methods";

/// Fails if a requested access method is not simulated.
///
/// # Errors
///
/// 501 for a card, which only an encoder of an access system can issue.
pub(in crate::routes) fn check_requested(call: &Call<'_>) -> Result<(), ApiError> {
    for method in requested(call.params) {
        if mode(method) == Some("card") {
            let what = format!("an access method of mode card on {}", call.path);
            return Err(ApiError::not_simulated(&what));
        }
    }
    Ok(())
}

/// Returns the requested access methods as a grant shows them, before any is created.
pub(in crate::routes) fn shown_requests(params: &Params, now: Millis) -> Vec<Value> {
    requested(params)
        .filter_map(|method| {
            let mut shown = method.as_object()?.clone();
            let name = display_name(mode(method)?);
            shown.insert("display_name".to_owned(), name.into());
            shown.insert("created_at".to_owned(), time::to_iso(now).into());
            shown.insert("created_access_method_ids".to_owned(), json!([]));
            Some(Value::Object(shown))
        })
        .collect()
}

/// Returns the display name of an access method of this mode.
pub(super) fn display_name(mode: &str) -> &'static str {
    match mode {
        "code" => "PIN code",
        "card" => "Card",
        "mobile_key" => "Mobile key",
        _ => "Cloud key",
    }
}

pub(super) fn mode(method: &Value) -> Option<&str> {
    method.get("mode")?.as_str()
}

fn requested(params: &Params) -> impl Iterator<Item = &Value> {
    let methods = params.members().get(REQUESTED);
    methods.and_then(Value::as_array).into_iter().flatten()
}
