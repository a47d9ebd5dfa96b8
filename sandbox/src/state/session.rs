//! Client sessions: a token and what it is associated with. What a session sees is decided at each
//! request.

use std::collections::BTreeSet;

use seam_session::{Secret, resources};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::table::{Key, Row};
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::time::{self, Millis};

/// A client session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ClientSession {
    pub(super) id: Id,
    pub(super) token: String,
    pub(super) created_at: Millis,
    pub(super) expires_at: Millis,
    pub(super) revoked_at: Option<Millis>,
    pub(super) user_identifier_key: Option<String>,
    pub(super) user_identity: Option<Id>,
    pub(super) accounts: BTreeSet<Id>,
    pub(super) webviews: BTreeSet<Id>,
    /// Whether it was opened with a publishable key, which is public.
    #[serde(default)]
    pub(super) is_publicly_opened: bool,
    /// The access grant whose mobile key opened it. The session sees what the grant gives, and
    /// nothing else of its user identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) access_grant: Option<Id>,
}

/// The default lifetime of a session: a year, as in Seam's own fake server. Seam documents no
/// default.
const LIFETIME_MS: Millis = 365 * 86_400_000;

impl ClientSession {
    /// Returns when a session that is opened now expires, unless another time is given.
    pub(super) fn default_end(now: Millis) -> Millis {
        now.saturating_add(LIFETIME_MS)
    }

    pub(crate) fn id(&self) -> Id {
        self.id
    }

    pub(crate) fn user_identifier_key(&self) -> Option<&str> {
        self.user_identifier_key.as_deref()
    }

    pub(crate) fn user_identity(&self) -> Option<Id> {
        self.user_identity
    }

    pub(crate) fn webviews(&self) -> &BTreeSet<Id> {
        &self.webviews
    }

    /// 401 with the reason if the session is revoked or expired. At `expires_at` it is expired.
    pub(super) fn check_alive(&self, now: Millis) -> Result<(), ApiError> {
        let refusal = if self.revoked_at.is_some() {
            ("client_session_revoked", "revoked")
        } else if self.expires_at <= now {
            ("client_session_expired", "expired")
        } else {
            return Ok(());
        };
        Err(ApiError::new(
            401,
            refusal.0,
            format!("Unauthorized (client session {})", refusal.1),
        ))
    }

    /// Returns the API's object.
    pub(super) fn to_json(&self, workspace_id: Id, device_count: usize) -> Value {
        let texts = |ids: &BTreeSet<Id>| ids.iter().map(Id::to_string).collect::<Vec<_>>();
        resources::ClientSession {
            client_session_id: self.id.to_string(),
            workspace_id: workspace_id.to_string(),
            created_at: time::to_iso(self.created_at),
            expires_at: time::to_iso(self.expires_at),
            token: Secret::new(self.token.clone()),
            user_identifier_key: self.user_identifier_key.clone().into(),
            device_count: device_count.into(),
            connected_account_ids: texts(&self.accounts),
            connect_webview_ids: texts(&self.webviews),
            user_identity_id: self.user_identity.as_ref().map(Id::to_string),
            user_identity_ids: texts(&self.user_identity.into_iter().collect()),
            customer_key: None,
            other: JsonObject::new(),
        }
        .into()
    }
}

impl Row for ClientSession {
    fn key(&self) -> Key {
        (self.created_at, 0, self.id)
    }

    /// The user identity, the accounts, the webviews and the access grant.
    fn references(&self) -> Vec<Id> {
        let identity = self.user_identity.iter().chain(&self.access_grant);
        let references = identity.chain(&self.accounts).chain(&self.webviews);
        references.copied().collect()
    }

    fn name(&self) -> Option<&str> {
        Some(&self.token)
    }
}
