//! `/instant_keys`, and the instant key of a user identity. The link of a key leads nowhere: the
//! page that Seam serves there is not simulated.

use serde_json::Value;

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::{Record, ResourceType, Scope};

const TYPE: ResourceType = ResourceType::InstantKey;

/// `/user_identities/generate_instant_key`
pub(super) fn generate(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let profile = "customization_profile_id";
    if call.params.has(profile) {
        return Err(ApiError::not_simulated(&format!(
            "{profile} on {}",
            call.path
        )));
    }
    let identity = call.required_id("user_identity_id")?;
    let key = scope.generate_instant_key(identity)?;
    let key = scope.record(TYPE, key)?;
    Ok(Reply::new().with("instant_key", &key.to_json()))
}

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let key = match (
        call.params.id("instant_key_id"),
        call.params.text("instant_key_url"),
    ) {
        (Some(id), _) => scope.record(TYPE, id)?,
        (None, Some(url)) => {
            let mut keys = scope.records(TYPE).into_iter();
            keys.find(|it| it.text("instant_key_url") == Some(url))
                .ok_or_else(|| TYPE.resource().not_found())?
        }
        (None, None) => {
            return Err(ApiError::invalid(
                "instant_key_id or instant_key_url is required",
            ));
        }
    };
    Ok(Reply::new().with("instant_key", &key.to_json()))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "all handlers have the same signature"
)]
pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let identity = call.params.id("user_identity_id");
    let mut found = scope.records(TYPE);
    found.retain(|it| identity.is_none() || it.linked_id("user_identity_id") == identity);
    let keys = found.into_iter().map(Record::to_json);
    Ok(Reply::new().with("instant_keys", &keys.collect::<Value>()))
}

/// The session that only this key leads to ends.
pub(super) fn delete(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    scope.delete_instant_key(call.required_id("instant_key_id")?)?;
    Ok(Reply::new())
}
