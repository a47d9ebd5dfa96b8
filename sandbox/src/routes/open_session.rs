//! `/_sandbox/open_session`: signs a user in, by the key or the id of the user identity.

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::ids::Id;
use crate::state::{IfKnown, Scope, SessionChange, UserIdentity};

/// The number of keys that an error message lists.
const LISTED_KEYS: usize = 10;

/// Returns the session of the user identity, or opens one.
pub(super) fn open_session(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.id("user_identity_id");
    let user_identity = match (id, call.params.text("user_identity_key")) {
        (Some(id), None) => id,
        (None, Some(key)) => identity_by_key(scope, key)?,
        _ => {
            return Err(ApiError::invalid(
                "one of user_identity_id and user_identity_key is required",
            ));
        }
    };
    let lifetime = call.params.integer("expires_in_ms");
    let session = SessionChange {
        user_identity: Some(user_identity),
        expires_at: lifetime.map(|it| scope.now().saturating_add(it)),
        ..SessionChange::default()
    };
    let session = scope.open_session(session, IfKnown::UpdateByKeyOrIdentity)?;
    Ok(Reply::new().with("client_session", &session))
}

fn identity_by_key(scope: &Scope<'_>, key: &str) -> Result<Id, ApiError> {
    let key_of = |it: &UserIdentity| it.profile().user_identity_key.clone();
    let identities = scope.identities();
    let found = identities
        .iter()
        .find(|it| key_of(it).as_deref() == Some(key));
    found.map(|it| it.id()).ok_or_else(|| {
        let mut keys: Vec<_> = identities.iter().filter_map(|it| key_of(it)).collect();
        keys.sort();
        keys.truncate(LISTED_KEYS);
        let known = if keys.is_empty() {
            "no user identity of this workspace has a key".to_owned()
        } else {
            format!("this workspace has {}", keys.join(", "))
        };
        ApiError::new(
            404,
            "user_identity_not_found",
            format!("No user identity has the key {key}: {known}"),
        )
    })
}
