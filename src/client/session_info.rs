//! What `client_sessions/get` says of a token.

use serde_json::Value;

use super::response::ApiResponse;
use super::timestamp;

/// The session of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionInfo {
    pub(crate) client_session_id: Option<String>,
    pub(crate) user_identity_id: Option<String>,
    /// In milliseconds since 1970, if the server says so.
    pub(crate) expires_at: Option<u64>,
}

impl SessionInfo {
    /// Reads a response of `client_sessions/get`, of which nothing is required.
    pub(crate) fn of(response: &ApiResponse) -> Self {
        let text = |name: &str| {
            let value = response.at(name).and_then(Value::as_str);
            value.map(str::to_owned)
        };
        let expires_at = text("client_session.expires_at");
        Self {
            client_session_id: text("client_session.client_session_id"),
            user_identity_id: text("client_session.user_identity_id"),
            expires_at: expires_at.and_then(|text| timestamp::parse(&text)),
        }
    }

    /// Returns whether this is the same session as `other`.
    pub(crate) fn is_same_session(&self, other: &Self) -> bool {
        self.client_session_id.is_some() && self.client_session_id == other.client_session_id
    }

    /// Returns whether this is the same session as `other`, or of the same user identity.
    pub(crate) fn is_same_user(&self, other: &Self) -> bool {
        let is_same_identity =
            self.user_identity_id.is_some() && self.user_identity_id == other.user_identity_id;
        is_same_identity || self.is_same_session(other)
    }
}
