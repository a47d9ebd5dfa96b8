//! The workspace and its connected accounts.

use serde_json::{Value, json};

use crate::ids::Id;

/// The one workspace of a sandbox.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) api_key: String,
    pub(super) publishable_key: String,
}

impl Workspace {
    /// The object of the API; sessions are not shown the publishable key (our choice).
    pub(super) fn to_json(&self, with_publishable_key: bool) -> Value {
        let mut object = json!({
            "workspace_id": self.id.to_string(),
            "name": self.name,
            "company_name": self.name,
            "connect_partner_name": null,
            "connect_webview_customization": {},
            "is_sandbox": true,
            "is_suspended": false,
            "is_publishable_key_auth_enabled": true,
            "organization_id": null,
        });
        if let (true, Some(members)) = (with_publishable_key, object.as_object_mut()) {
            let key = self.publishable_key.clone();
            members.insert("publishable_key".to_owned(), key.into());
        }
        object
    }
}

/// An account of a device maker's cloud, with the webview through which it was authorised.
#[derive(Debug)]
pub(crate) struct ConnectedAccount {
    pub(super) id: Id,
    pub(super) webview: Id,
}

impl ConnectedAccount {
    pub(crate) fn webview(&self) -> Id {
        self.webview
    }
}
