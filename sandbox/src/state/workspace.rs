//! The workspace.

use seam_session::resources;
use seam_session::resources::workspaces::WorkspaceConnectWebviewCustomization;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::Id;
use crate::json::JsonObject;

/// The one workspace of a sandbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Workspace {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) api_key: String,
    pub(super) publishable_key: String,
    /// The token of a person who has access to this workspace. States of earlier versions have
    /// none.
    #[serde(default)]
    pub(super) personal_access_token: Option<String>,
    /// The members of its object that were set.
    #[serde(default)]
    pub(super) settings: JsonObject,
}

impl Workspace {
    /// Returns the API's object. Sessions do not see the publishable key (our choice).
    pub(super) fn to_json(&self, with_publishable_key: bool) -> Value {
        let mut object: Value = resources::Workspace {
            workspace_id: self.id.to_string(),
            name: self.name.clone(),
            company_name: self.name.clone(),
            connect_partner_name: None.into(),
            connect_webview_customization: WorkspaceConnectWebviewCustomization {
                inviter_logo_url: None,
                logo_shape: None,
                primary_button_color: None,
                primary_button_text_color: None,
                success_message: None,
                other: JsonObject::new(),
            },
            is_sandbox: true,
            is_suspended: false,
            is_publishable_key_auth_enabled: true,
            organization_id: None.into(),
            publishable_key: with_publishable_key.then(|| self.publishable_key.clone()),
            other: JsonObject::new(),
        }
        .into();
        if let Some(members) = object.as_object_mut() {
            members.extend(self.settings.clone());
        }
        object
    }

    /// Returns whether the publishable key can open sessions.
    pub(super) fn accepts_publishable_key(&self) -> bool {
        let enabled = self.settings.get("is_publishable_key_auth_enabled");
        enabled.and_then(Value::as_bool) != Some(false)
    }
}
