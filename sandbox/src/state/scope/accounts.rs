//! Connected accounts and webviews within scope: made, found by a session's key, removed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Caller, Scope, full, only_an_api_key};
use crate::error::ApiError;
use crate::ids::Id;
use crate::seed;
use crate::state::noun::Noun;
use crate::state::session::ClientSession;
use crate::state::thing::Members;
use crate::state::{Device, Login, webview};

/// How many webviews one session may have.
const MOST_WEBVIEWS: usize = 1_000;

impl Scope<'_> {
    /// Makes a webview that is like this; a session that makes one is associated with it.
    pub(crate) fn make_webview(&mut self, wanted: Members) -> Result<Id, ApiError> {
        if self
            .session()
            .is_some_and(|it| it.webviews.len() >= MOST_WEBVIEWS)
        {
            return Err(full(&format!("{MOST_WEBVIEWS} webviews")));
        }
        let model = seed::thing_object("connect_webview", &Members::new());
        let mut object = model.unwrap_or_default();
        object.extend(wanted);
        let id = match self.caller {
            Caller::Workspace | Caller::Session(_) => self.state.entropy.id(),
            Caller::Publishable => return Err(only_an_api_key()),
        };
        object.insert("connect_webview_id".to_owned(), json!(id));
        object.insert("url".to_owned(), Value::from(webview::url(id)));
        let (noun, hidden) = (Noun::ConnectWebview, Members::new());
        self.state.make(noun, object, hidden, None, self.now);
        if let Caller::Session(session) = self.caller {
            let sessions = &mut self.state.sessions;
            sessions.change(session, |it| it.webviews.insert(id));
        }
        Ok(id)
    }

    /// Lets the user of a webview log in; gives the account's id. Without a login it fails.
    pub(crate) fn complete_webview(
        &mut self,
        id: Id,
        login: Option<Login>,
    ) -> Result<Option<Id>, ApiError> {
        let webview = self.thing(Noun::ConnectWebview, id)?.clone();
        if webview.text("status") != Some("pending") {
            return Err(ApiError::new(
                400,
                "connect_webview_already_completed",
                "A webview is good for one login",
            ));
        }
        let now = self.now;
        let state = self.owner()?;
        let Some(login) = login else {
            state.fail_login(id, now);
            return Ok(None);
        };
        let account = state.log_in(&webview, login, now);
        account
            .map(Some)
            .map_err(|it| ApiError::invalid(it.to_string()))
    }

    /// Deletes an account and all that came with it.
    pub(crate) fn delete_account(&mut self, id: Id) -> Result<(), ApiError> {
        self.thing(Noun::ConnectedAccount, id)?;
        let now = self.now;
        self.owner()?.remove_account(id, now);
        Ok(())
    }

    /// Deletes a webview.
    pub(crate) fn delete_webview(&mut self, id: Id) -> Result<(), ApiError> {
        self.thing(Noun::ConnectWebview, id)?;
        self.owner()?.remove_webview(id);
        Ok(())
    }

    /// The devices of an account that the caller sees, managed or not.
    pub(crate) fn devices_of_account(&self, account: Id) -> Vec<Id> {
        let devices = self.state.devices.about(account);
        let seen = devices.filter(|it| self.sees_device(it));
        seen.map(Device::id).collect()
    }

    /// The accounts that the sessions of this user identifier key hold.
    pub(crate) fn accounts_of_key(&self, key: &str) -> BTreeSet<Id> {
        let sessions = self.sessions_of_key(key).into_iter();
        sessions
            .flat_map(|it| self.view_of(it).accounts())
            .collect()
    }

    /// The webviews that the sessions of this user identifier key are associated with.
    pub(crate) fn webviews_of_key(&self, key: &str) -> BTreeSet<Id> {
        let sessions = self.sessions_of_key(key).into_iter();
        sessions
            .flat_map(ClientSession::webviews)
            .copied()
            .collect()
    }
}
