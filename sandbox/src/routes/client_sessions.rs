//! `/client_sessions`.

use serde_json::Value;

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::input::Params;
use crate::schema;
use crate::state::{IfKnown, Scope, SessionChange, SessionFilter};

/// POST fails if a session has the user identifier key; PUT returns that session.
pub(super) fn create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let if_known = if call.method == schema::PUT {
        IfKnown::UpdateByKey
    } else {
        IfKnown::Refuse
    };
    open(scope, call, if_known)
}

pub(super) fn get_or_create(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    open(scope, call, IfKnown::UpdateByKeyOrIdentity)
}

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("client_session_id");
    let session = scope.find_session(id, call.params.text("user_identifier_key"))?;
    Ok(Reply::new().with("client_session", &session))
}

pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let text = |name| call.params.text(name).map(str::to_owned);
    let sessions = scope.list_sessions(&SessionFilter {
        id: text("client_session_id"),
        user_identifier_key: text("user_identifier_key"),
        without_user_identifier_key: call.params.flag("without_user_identifier_key") == Some(true),
        user_identity_id: text("user_identity_id"),
        webview_id: text("connect_webview_id"),
    })?;
    Ok(Reply::new().with("client_sessions", &Value::Array(sessions)))
}

pub(super) fn grant_access(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = uuid(call.params, "client_session_id")?;
    let session = scope.extend_session(id, change(call)?)?;
    Ok(Reply::new().with("client_session", &session))
}

pub(super) fn revoke(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    scope.revoke_session(call.required_id("client_session_id")?)?;
    Ok(Reply::new())
}

pub(super) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    scope.delete_session(call.required_id("client_session_id")?)?;
    Ok(Reply::new())
}

fn open(scope: &mut Scope<'_>, call: &Call<'_>, if_known: IfKnown) -> Result<Reply, ApiError> {
    for name in ["customer_key", "customer_id"] {
        if call.params.has(name) {
            return Err(ApiError::not_simulated(&format!("{name} on {}", call.path)));
        }
    }
    let session = scope.open_session(change(call)?, if_known)?;
    Ok(Reply::new().with("client_session", &session))
}

fn change(call: &Call<'_>) -> Result<SessionChange, ApiError> {
    let params = call.params;
    let in_header = call.user_identifier_key.filter(|it| !it.is_empty());
    let key = params.text("user_identifier_key").or(in_header);
    Ok(SessionChange {
        user_identifier_key: key.map(str::to_owned),
        user_identity: user_identity(params)?,
        accounts: uuids(params, "connected_account_ids")?,
        webviews: uuids(params, "connect_webview_ids")?,
        expires_at: params.time("expires_at"),
    })
}

/// The plural is the deprecated form.
fn user_identity(params: &Params) -> Result<Option<Id>, ApiError> {
    let singular = uuid(params, "user_identity_id")?;
    let plural = uuids(params, "user_identity_ids")?.and_then(|it| it.first().copied());
    if singular.is_some() && plural.is_some() && singular != plural {
        return Err(ApiError::invalid(
            "user_identity_id and user_identity_ids name two user identities",
        ));
    }
    Ok(singular.or(plural))
}

/// Some of these ids are plain strings in the schema. A string that is not a UUID cannot name
/// anything, so it is an error (our choice).
fn uuid(params: &Params, name: &str) -> Result<Option<Id>, ApiError> {
    params.text(name).map(|it| parsed(it, name)).transpose()
}

fn uuids(params: &Params, name: &str) -> Result<Option<Vec<Id>>, ApiError> {
    let texts = params.texts(name);
    texts
        .map(|it| it.into_iter().map(|it| parsed(it, name)).collect())
        .transpose()
}

fn parsed(text: &str, name: &str) -> Result<Id, ApiError> {
    Id::parse(text).ok_or_else(|| ApiError::invalid_parameter(name, "Invalid uuid"))
}
