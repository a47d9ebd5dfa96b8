//! Mobile keys: the client session that an access grant opens for its user identity, and instant
//! keys, which are links to such a session.

use serde_json::{Value, json};

use super::State;
use super::record::Record;
use super::resource_type::ResourceType;
use super::scope::SessionChange;
use super::session::ClientSession;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::time::{self, Millis};

/// The members of a grant, and of a method, that only a mobile key has.
const TOKEN: &str = "client_session_token";
const URL: &str = "instant_key_url";

impl State {
    /// Gives an access method of mode `mobile_key` an instant key, and the session of its grant.
    pub(super) fn add_mobile_key(&mut self, method: Id, grant: Id, now: Millis) {
        let Some((session, token)) = self.session_of_grant(grant, now) else {
            return;
        };
        let hidden = json_object(json!({ super::METHOD: method }));
        let Some(key) = self.add_instant_key(session, hidden, now) else {
            return;
        };
        let keys = self.records.table(ResourceType::InstantKey);
        let url = keys.get(key).and_then(|it| it.object().get(URL).cloned());
        let methods = self.records.table_mut(ResourceType::AccessMethod);
        methods.change(method, |it| {
            it.object.insert(TOKEN.to_owned(), token.into());
            it.object.extend(url.map(|it| (URL.to_owned(), it)));
        });
    }

    /// Adds an instant key for a session, and returns its id.
    pub(super) fn add_instant_key(
        &mut self,
        session: Id,
        hidden: JsonObject,
        now: Millis,
    ) -> Option<Id> {
        let session = self.sessions.get(session)?;
        let (id, expires_at) = (session.id(), session.expires_at);
        let identity = session.user_identity()?;
        let name = self.entropy.token("ik", 8);
        let object = json_object(json!({
            "client_session_id": id,
            "user_identity_id": identity,
            // Nobody can own this host: a link of the sandbox must not lead to a real door.
            URL: format!("https://instant-key.invalid/{name}"),
            "expires_at": time::to_iso(expires_at),
        }));
        Some(self.create(ResourceType::InstantKey, object, hidden, None, now))
    }

    /// Removes an instant key, and the session that only it leads to. Its method and grant no longer
    /// show them.
    pub(super) fn remove_instant_key(&mut self, key: Id, now: Millis) {
        let keys = self.records.table_mut(ResourceType::InstantKey);
        let Some(removed) = keys.remove(key) else {
            return;
        };
        let Some(session) = removed.linked_id("client_session_id") else {
            return;
        };
        let keys = self.records.table(ResourceType::InstantKey);
        let is_used = keys.referencing(session).next().is_some();
        if !is_used {
            self.revoke(session, now);
        }
        let Some(method) = removed.linked_id(super::METHOD) else {
            return;
        };
        let methods = self.records.table_mut(ResourceType::AccessMethod);
        let grant = methods.change(method, |it| {
            it.object.shift_remove(TOKEN);
            it.object.shift_remove(URL);
            it.linked_id(super::GRANT)
        });
        if let Some(Some(grant)) = grant {
            self.update_mobile_keys_of(grant, now);
        }
    }

    /// Removes the instant keys of a method.
    pub(super) fn remove_instant_keys_of(&mut self, method: Id) {
        let keys = self.records.table(ResourceType::InstantKey);
        let keys: Vec<Id> = keys.referencing(method).map(Record::id).collect();
        for key in keys {
            self.records.table_mut(ResourceType::InstantKey).remove(key);
        }
    }

    /// Updates a grant after its methods or its times have changed. Its session ends with the grant
    /// and with its last mobile key. The grant shows the token while it has a mobile key, and the
    /// link while it has exactly one, as documented.
    pub(super) fn update_mobile_keys_of(&mut self, grant: Id, now: Millis) {
        let methods = self.records.table(ResourceType::AccessMethod);
        let keys: Vec<&Record> = methods
            .referencing(grant)
            .filter(|it| it.text("mode") == Some("mobile_key"))
            .collect();
        let url = match keys.as_slice() {
            [only] => only.object().get(URL).cloned(),
            _ => None,
        };
        let has_keys = !keys.is_empty();
        let grants = self.records.table(ResourceType::AccessGrant);
        // `None` if the grant is gone too.
        let ends_at = grants
            .get(grant)
            .map(|it| it.text("ends_at").and_then(time::parse));
        let sessions = self.sessions.referencing(grant).map(ClientSession::id);
        for session in sessions.collect::<Vec<_>>() {
            match ends_at {
                Some(ends_at) if has_keys => {
                    let expires_at = ends_at.unwrap_or_else(|| ClientSession::default_end(now));
                    self.sessions
                        .change(session, |it| it.expires_at = expires_at);
                    self.change_keys_of(session, expires_at);
                }
                _ => self.revoke(session, now),
            }
        }
        let mut open = self.sessions.referencing(grant);
        let open = open.find(|it| it.check_alive(now).is_ok());
        let token = open.map(|it| Value::from(it.token.clone()));
        let grants = self.records.table_mut(ResourceType::AccessGrant);
        grants.change(grant, |it| {
            for (name, value) in [(TOKEN, token), (URL, url)] {
                match value {
                    Some(value) => it.object.insert(name.to_owned(), value),
                    None => it.object.shift_remove(name),
                };
            }
        });
    }

    fn change_keys_of(&mut self, session: Id, expires_at: Millis) {
        let keys = self.records.table(ResourceType::InstantKey);
        let keys: Vec<Id> = keys.referencing(session).map(Record::id).collect();
        for key in keys {
            let table = self.records.table_mut(ResourceType::InstantKey);
            table.change(key, |it| {
                let expires_at: Value = time::to_iso(expires_at).into();
                it.object.insert("expires_at".to_owned(), expires_at)
            });
        }
    }

    /// Returns the session of a grant and its token. It is opened with the first mobile key, and
    /// ends with the grant.
    fn session_of_grant(&mut self, grant: Id, now: Millis) -> Option<(Id, String)> {
        let alive = |it: &&ClientSession| it.check_alive(now).is_ok();
        if let Some(open) = self.sessions.referencing(grant).find(alive) {
            return Some((open.id(), open.token.clone()));
        }
        let grants = self.records.table(ResourceType::AccessGrant);
        let record = grants.get(grant)?;
        let change = SessionChange {
            user_identity: record.linked_id("user_identity_id"),
            expires_at: record.text("ends_at").and_then(time::parse),
            ..SessionChange::default()
        };
        let session = self.add_session(change, now);
        self.sessions.change(session, |it| {
            it.access_grant = Some(grant);
            (session, it.token.clone())
        })
    }

    fn revoke(&mut self, session: Id, now: Millis) {
        self.sessions.change(session, |it| {
            it.revoked_at.get_or_insert(now);
        });
    }
}
