//! What goes with a thing that is removed, each with its event.

use serde_json::{Value, json};

use super::State;
use super::noun::Noun;
use super::thing::{Asker, Members, Thing, members};
use crate::ids::Id;
use crate::time::Millis;

/// What there may be on a device.
const ON_DEVICE: [Noun; 4] = [
    Noun::AccessCode,
    Noun::NoiseThreshold,
    Noun::ThermostatSchedule,
    Noun::ThermostatDailyProgram,
];

/// What there may be in an account's access systems.
const IN_ACCOUNT: [Noun; 6] = [
    Noun::AcsCredential,
    Noun::AcsUser,
    Noun::AcsAccessGroup,
    Noun::AcsEntrance,
    Noun::AcsEncoder,
    Noun::AcsSystem,
];

/// What is removed with a user identity. Access codes that its sessions made stay on their devices
/// (our choice: so does the code on the real door).
const OF_IDENTITY: [Noun; 4] = [
    Noun::AcsCredential,
    Noun::AcsUser,
    Noun::AccessGrant,
    Noun::Phone,
];

impl State {
    /// Removes an account and, as documented, all that came with it: its devices and access
    /// systems with all that is on them and their events.
    pub(super) fn remove_account(&mut self, id: Id, now: Millis) {
        self.things.of_mut(Noun::ConnectedAccount).remove(id);
        // First: what is recorded below names the account too.
        self.take_about(Noun::Event, id);
        for device in self
            .devices
            .about(id)
            .map(super::Device::id)
            .collect::<Vec<_>>()
        {
            self.remove_device(device, now);
        }
        for noun in IN_ACCOUNT {
            self.remove_about(noun, id, now);
        }
        let webviews = self.ids_about(Noun::ConnectWebview, id);
        for webview in webviews {
            let table = self.things.of_mut(Noun::ConnectWebview);
            table.change(webview, |it| {
                it.object
                    .insert("connected_account_id".to_owned(), Value::Null)
            });
        }
        let sessions = self.sessions.about(id).map(super::ClientSession::id);
        for session in sessions.collect::<Vec<_>>() {
            self.sessions.change(session, |it| it.accounts.remove(&id));
        }
        let told = members(json!({ "connected_account_id": id }));
        self.record(now, "connected_account.deleted", told, None);
    }

    /// Removes a webview. Who saw an account through it alone no longer does (our choice).
    pub(super) fn remove_webview(&mut self, id: Id) {
        self.things.of_mut(Noun::ConnectWebview).remove(id);
        for account in self.ids_about(Noun::ConnectedAccount, id) {
            let table = self.things.of_mut(Noun::ConnectedAccount);
            table.change(account, |it| it.hidden.remove("connect_webview_id"));
        }
        let sessions = self.sessions.about(id).map(super::ClientSession::id);
        for session in sessions.collect::<Vec<_>>() {
            self.sessions.change(session, |it| it.webviews.remove(&id));
        }
    }

    /// Removes a user identity and, as documented, all that is its own: access system users and
    /// credentials, access grants, phones and client sessions.
    pub(super) fn remove_identity(&mut self, id: Id, now: Millis) {
        self.identities.remove(id);
        for user in self.ids_about(Noun::AcsUser, id) {
            self.remove_about(Noun::AcsCredential, user, now);
        }
        for noun in OF_IDENTITY {
            self.remove_about(noun, id, now);
        }
        let sessions = self.sessions.about(id).map(super::ClientSession::id);
        for session in sessions.collect::<Vec<_>>() {
            self.remove_session(session, now);
        }
    }

    fn remove_device(&mut self, id: Id, now: Millis) {
        let Some(device) = self.devices.remove(id) else {
            return;
        };
        let account = device.account();
        for noun in ON_DEVICE {
            for thing in self.take_about(noun, id) {
                if noun == Noun::AccessCode {
                    let deleted = if thing.flag("is_managed") == Some(false) {
                        "access_code.unmanaged.removed"
                    } else {
                        "access_code.deleted"
                    };
                    let told = members(json!({
                        "access_code_id": thing.id(),
                        "code": thing.text("code").unwrap_or_default(),
                        "device_id": id,
                        "connected_account_id": account,
                    }));
                    self.record(now, deleted, told, thing.asker);
                }
            }
        }
        let granted = self.identities.about(id).map(super::UserIdentity::id);
        for identity in granted.collect::<Vec<_>>() {
            self.identities
                .change(identity, |it| it.devices.remove(&id));
        }
        for grant in self.ids_about(Noun::AccessGrant, id) {
            let table = self.things.of_mut(Noun::AccessGrant);
            table.change(grant, |it| {
                let left: Vec<Id> = it.linked_all("device_ids");
                let left: Vec<Id> = left.into_iter().filter(|it| *it != id).collect();
                it.hidden.insert("device_ids".to_owned(), json!(left));
            });
        }
        let attempts = self.attempts.about(id).map(|it| it.id);
        for attempt in attempts.collect::<Vec<_>>() {
            self.attempts.remove(attempt);
        }
        let told = members(json!({
            "device_id": id,
            "connected_account_id": account,
            "device_name": device.display_name(),
        }));
        self.record(now, "device.deleted", told, None);
    }

    /// Removes the things of this noun that are about this one, and records what the API has an
    /// event for.
    fn remove_about(&mut self, noun: Noun, id: Id, now: Millis) {
        let event_type = match noun {
            Noun::AccessGrant => Some("access_grant.deleted"),
            Noun::AcsAccessGroup => Some("acs_access_group.deleted"),
            Noun::AcsCredential => Some("acs_credential.deleted"),
            Noun::AcsEncoder => Some("acs_encoder.removed"),
            Noun::AcsEntrance => Some("acs_entrance.removed"),
            Noun::AcsUser => Some("acs_user.deleted"),
            _ => None,
        };
        for thing in self.take_about(noun, id) {
            let Some(event_type) = event_type else {
                continue;
            };
            let mut told = Members::new();
            told.insert(noun.resource().id.to_owned(), json!(thing.id()));
            for name in ["acs_system_id", "connected_account_id"] {
                let value = thing.object().get(name).cloned();
                told.extend(value.map(|it| (name.to_owned(), it)));
            }
            self.record(now, event_type, told, None::<Asker>);
        }
    }

    fn take_about(&mut self, noun: Noun, id: Id) -> Vec<Thing> {
        let ids = self.ids_about(noun, id);
        let table = self.things.of_mut(noun);
        ids.into_iter().filter_map(|it| table.remove(it)).collect()
    }

    fn ids_about(&self, noun: Noun, id: Id) -> Vec<Id> {
        self.things.of(noun).about(id).map(Thing::id).collect()
    }
}
