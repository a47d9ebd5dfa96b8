//! User identities and the devices granted to them.

use std::collections::BTreeMap;

use seam_session::resources;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::table::{Key, Row};
use crate::ids::Id;
use crate::json::JsonObject;
use crate::time::{self, Millis};

/// A user identity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UserIdentity {
    pub(super) id: Id,
    pub(super) created_at: Millis,
    pub(super) profile: Profile,
    /// The devices granted directly, and since when.
    pub(super) devices: BTreeMap<Id, Millis>,
    /// Whether it is managed. An unmanaged identity comes from an access system.
    pub(super) managed: bool,
}

/// The names of a user identity. The first three are unique within a workspace.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) user_identity_key: Option<String>,
    pub(crate) email_address: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) full_name: Option<String>,
}

impl Profile {
    /// Our choice: the full name, or the first other name that the identity has.
    fn display_name(&self) -> &str {
        self.full_name
            .as_deref()
            .or(self.email_address.as_deref())
            .or(self.phone_number.as_deref())
            .or(self.user_identity_key.as_deref())
            .filter(|it| !it.is_empty())
            .unwrap_or("Unnamed user")
    }
}

impl UserIdentity {
    pub(crate) fn id(&self) -> Id {
        self.id
    }

    pub(crate) fn created_at(&self) -> Millis {
        self.created_at
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(crate) fn is_managed(&self) -> bool {
        self.managed
    }

    /// Returns the API's object. An unmanaged identity has no key.
    pub(crate) fn to_json(&self, workspace_id: Id, acs_user_ids: &[Id]) -> Value {
        let profile = self.profile.clone();
        let mut object: Value = resources::UserIdentity {
            user_identity_id: self.id.to_string(),
            display_name: profile.display_name().to_owned(),
            user_identity_key: profile.user_identity_key.into(),
            email_address: profile.email_address.into(),
            phone_number: profile.phone_number.into(),
            full_name: profile.full_name.into(),
            created_at: time::to_iso(self.created_at),
            workspace_id: workspace_id.to_string(),
            acs_user_ids: acs_user_ids.iter().map(Id::to_string).collect(),
            errors: Vec::new(),
            warnings: Vec::new(),
            other: JsonObject::new(),
        }
        .into();
        if let (false, Some(members)) = (self.managed, object.as_object_mut()) {
            members.shift_remove("user_identity_key");
        }
        object
    }
}

impl Row for UserIdentity {
    fn key(&self) -> Key {
        (self.created_at, 0, self.id)
    }

    /// The devices granted directly.
    fn references(&self) -> Vec<Id> {
        self.devices.keys().copied().collect()
    }
}
