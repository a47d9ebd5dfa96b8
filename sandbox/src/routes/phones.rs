//! `/phones`.

use serde_json::Value;

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::{Record, ResourceType, Scope};

/// Removes the phone (our choice), and the credentials that were issued to it.
pub(super) fn deactivate(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    // In the schema this id is any string.
    let id = call.params.id("device_id");
    let id = id.ok_or_else(|| ApiError::invalid_parameter("device_id", "Invalid uuid"))?;
    scope.deactivate_phone(id)?;
    Ok(Reply::new())
}

pub(super) fn get(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let phone = scope.record(ResourceType::Phone, call.required_id("device_id")?)?;
    Ok(Reply::new().with("phone", &phone.to_json()))
}

/// Lists the phones: all, those of a user identity, or those of the user identity of a credential.
pub(super) fn list(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut phones = scope.records(ResourceType::Phone);
    if let Some(identity) = call.params.id("owner_user_identity_id") {
        phones.retain(|it| it.linked_id("user_identity_id") == Some(identity));
    }
    if let Some(credential) = call.params.id("acs_credential_id") {
        let credential = scope.record(ResourceType::AcsCredential, credential)?;
        let identity = credential.linked_id("user_identity_id");
        phones.retain(|it| identity.is_some() && it.linked_id("user_identity_id") == identity);
    }
    let phones = phones.into_iter().map(Record::to_json).collect::<Value>();
    Ok(Reply::new().with("phones", &phones))
}
