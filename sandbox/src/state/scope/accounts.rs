//! Connected accounts and webviews within scope.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Caller, Scope, api_key_required, limit_reached};
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::seed;
use crate::state::resource_type::ResourceType;
use crate::state::session::ClientSession;
use crate::state::{Device, Login, webview};

/// The number of webviews that one session may have.
const MAX_WEBVIEWS: usize = 1_000;

impl Scope<'_> {
    /// Creates a webview with these members and returns its id. A session that creates one is
    /// associated with it.
    pub(crate) fn create_webview(&mut self, wanted: JsonObject) -> Result<Id, ApiError> {
        if self
            .session()
            .is_some_and(|it| it.webviews.len() >= MAX_WEBVIEWS)
        {
            return Err(limit_reached(&format!("{MAX_WEBVIEWS} webviews")));
        }
        let model = seed::record_object("connect_webview", &JsonObject::new());
        let mut object = model.unwrap_or_default();
        object.extend(wanted);
        let id = match self.caller {
            Caller::Workspace | Caller::Session(_) => self.state.entropy.id(),
            Caller::Publishable => return Err(api_key_required()),
        };
        object.insert("connect_webview_id".to_owned(), json!(id));
        object.insert("url".to_owned(), Value::from(webview::url(id)));
        let (resource_type, hidden) = (ResourceType::ConnectWebview, JsonObject::new());
        self.state
            .create(resource_type, object, hidden, None, self.now);
        if let Caller::Session(session) = self.caller {
            let sessions = &mut self.state.sessions;
            sessions.change(session, |it| it.webviews.insert(id));
        }
        Ok(id)
    }

    /// Completes a webview with a login, or with a failed login if there is none. Returns the id of
    /// its account, which is new unless the login has one already.
    pub(crate) fn complete_webview(
        &mut self,
        id: Id,
        login: Option<Login>,
    ) -> Result<Option<Id>, ApiError> {
        let webview = self.record(ResourceType::ConnectWebview, id)?.clone();
        if webview.text("status") != Some("pending") {
            return Err(ApiError::new(
                400,
                "connect_webview_already_completed",
                "The webview is already completed",
            ));
        }
        let now = self.now;
        let state = self.require_api_key()?;
        let Some(login) = login else {
            state.fail_login(id, now);
            return Ok(None);
        };
        let account = state.log_in(&webview, login, now);
        account
            .map(Some)
            .map_err(|it| ApiError::invalid(it.to_string()))
    }

    /// Deletes an account and everything that belongs to it.
    pub(crate) fn delete_account(&mut self, id: Id) -> Result<(), ApiError> {
        self.record(ResourceType::ConnectedAccount, id)?;
        let now = self.now;
        self.require_api_key()?.remove_account(id, now);
        Ok(())
    }

    pub(crate) fn delete_webview(&mut self, id: Id) -> Result<(), ApiError> {
        self.record(ResourceType::ConnectWebview, id)?;
        self.require_api_key()?.remove_webview(id);
        Ok(())
    }

    /// Returns the devices of an account that the caller may see, managed or unmanaged.
    pub(crate) fn devices_of_account(&self, account: Id) -> Vec<Id> {
        let devices = self.state.devices.referencing(account);
        let seen = devices.filter(|it| self.can_see_device(it));
        seen.map(Device::id).collect()
    }

    /// Returns the accounts of the sessions with this user identifier key.
    pub(crate) fn accounts_of_key(&self, key: &str) -> BTreeSet<Id> {
        let sessions = self.sessions_of_key(key).into_iter();
        sessions
            .flat_map(|it| self.view_of(it).accounts())
            .collect()
    }

    /// Returns the webviews of the sessions with this user identifier key.
    pub(crate) fn webviews_of_key(&self, key: &str) -> BTreeSet<Id> {
        let sessions = self.sessions_of_key(key).into_iter();
        sessions
            .flat_map(ClientSession::webviews)
            .copied()
            .collect()
    }
}
