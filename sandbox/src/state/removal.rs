//! Removes records together with everything that belongs to them, and records the events of that.

use serde_json::{Value, json};

use super::State;
use super::record::{Record, Requester};
use super::resource_type::ResourceType;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::time::Millis;

/// The records that belong to a device.
const ON_DEVICE: [ResourceType; 4] = [
    ResourceType::AccessCode,
    ResourceType::NoiseThreshold,
    ResourceType::ThermostatSchedule,
    ResourceType::ThermostatDailyProgram,
];

/// The records that belong to an account's access systems.
const IN_ACCOUNT: [ResourceType; 6] = [
    ResourceType::AcsCredential,
    ResourceType::AcsUser,
    ResourceType::AcsAccessGroup,
    ResourceType::AcsEntrance,
    ResourceType::AcsEncoder,
    ResourceType::AcsSystem,
];

/// The records that are removed with a user identity. Access codes that its sessions created stay
/// on their devices (our choice, because they stay on a real lock too).
const OF_IDENTITY: [ResourceType; 4] = [
    ResourceType::AcsCredential,
    ResourceType::AcsUser,
    ResourceType::InstantKey,
    ResourceType::Phone,
];

impl State {
    /// Removes an account and, as documented, its devices, its access systems, everything that
    /// belongs to them, and their events.
    pub(super) fn remove_account(&mut self, id: Id, now: Millis) {
        self.records
            .table_mut(ResourceType::ConnectedAccount)
            .remove(id);
        // First, because the events that are recorded below name the account too.
        self.take_referencing(ResourceType::Event, id);
        for device in self
            .devices
            .referencing(id)
            .map(super::Device::id)
            .collect::<Vec<_>>()
        {
            self.remove_device(device, now);
        }
        for resource_type in IN_ACCOUNT {
            self.remove_referencing(resource_type, id, now);
        }
        let webviews = self.ids_referencing(ResourceType::ConnectWebview, id);
        for webview in webviews {
            let table = self.records.table_mut(ResourceType::ConnectWebview);
            table.change(webview, |it| {
                it.object
                    .insert("connected_account_id".to_owned(), Value::Null)
            });
        }
        let sessions = self.sessions.referencing(id).map(super::ClientSession::id);
        for session in sessions.collect::<Vec<_>>() {
            self.sessions.change(session, |it| it.accounts.remove(&id));
        }
        let fields = json_object(json!({ "connected_account_id": id }));
        self.record_event(now, "connected_account.deleted", fields, None);
    }

    /// Removes a webview. Sessions that had access to an account only through the webview lose it
    /// (our choice).
    pub(super) fn remove_webview(&mut self, id: Id) {
        self.records
            .table_mut(ResourceType::ConnectWebview)
            .remove(id);
        for account in self.ids_referencing(ResourceType::ConnectedAccount, id) {
            self.unlink_webview(account, id);
        }
        let sessions = self.sessions.referencing(id).map(super::ClientSession::id);
        for session in sessions.collect::<Vec<_>>() {
            self.sessions.change(session, |it| it.webviews.remove(&id));
        }
    }

    /// Removes a user identity and, as documented, its users and credentials in access systems, its
    /// access grants, phones and client sessions.
    pub(super) fn remove_identity(&mut self, id: Id, now: Millis) {
        self.identities.remove(id);
        for user in self.ids_referencing(ResourceType::AcsUser, id) {
            self.remove_referencing(ResourceType::AcsCredential, user, now);
        }
        for grant in self.ids_referencing(ResourceType::AccessGrant, id) {
            self.remove_access_grant(grant, now);
        }
        for resource_type in OF_IDENTITY {
            self.remove_referencing(resource_type, id, now);
        }
        let sessions = self.sessions.referencing(id).map(super::ClientSession::id);
        for session in sessions.collect::<Vec<_>>() {
            self.remove_session(session, now);
        }
    }

    fn remove_device(&mut self, id: Id, now: Millis) {
        let Some(device) = self.devices.remove(id) else {
            return;
        };
        let account = device.account();
        for resource_type in ON_DEVICE {
            for record in self.take_referencing(resource_type, id) {
                if resource_type == ResourceType::AccessCode {
                    let deleted = if record.flag("is_managed") == Some(false) {
                        "access_code.unmanaged.removed"
                    } else {
                        "access_code.deleted"
                    };
                    let fields = json_object(json!({
                        "access_code_id": record.id(),
                        "code": record.text("code").unwrap_or_default(),
                        "device_id": id,
                        "connected_account_id": account,
                    }));
                    self.record_event(now, deleted, fields, record.owner);
                }
            }
        }
        let granted = self.identities.referencing(id).map(super::UserIdentity::id);
        for identity in granted.collect::<Vec<_>>() {
            self.identities
                .change(identity, |it| it.devices.remove(&id));
        }
        for grant in self.ids_referencing(ResourceType::AccessGrant, id) {
            let table = self.records.table_mut(ResourceType::AccessGrant);
            table.change(grant, |it| {
                let left: Vec<Id> = it.linked_ids("device_ids");
                let left: Vec<Id> = left.into_iter().filter(|it| *it != id).collect();
                it.hidden.insert("device_ids".to_owned(), json!(left));
            });
        }
        let attempts = self.attempts.referencing(id).map(|it| it.id);
        for attempt in attempts.collect::<Vec<_>>() {
            self.attempts.remove(attempt);
        }
        let fields = json_object(json!({
            "device_id": id,
            "connected_account_id": account,
            "device_name": device.display_name(),
        }));
        self.record_event(now, "device.deleted", fields, None);
    }

    /// Removes the records of this type that reference the id, and records an event for each if the
    /// API has one.
    fn remove_referencing(&mut self, resource_type: ResourceType, id: Id, now: Millis) {
        for record in self.take_referencing(resource_type, id) {
            self.record_removal(resource_type, &record, now);
        }
    }

    /// Records the event of a removed record, if the API has one.
    pub(super) fn record_removal(
        &mut self,
        resource_type: ResourceType,
        record: &Record,
        now: Millis,
    ) {
        let event_type = match resource_type {
            ResourceType::AcsAccessGroup => "acs_access_group.deleted",
            ResourceType::AcsCredential => "acs_credential.deleted",
            ResourceType::AcsEncoder => "acs_encoder.removed",
            ResourceType::AcsEntrance => "acs_entrance.removed",
            ResourceType::AcsUser => "acs_user.deleted",
            _ => return,
        };
        let mut fields = JsonObject::new();
        fields.insert(resource_type.resource().id.to_owned(), json!(record.id()));
        for name in ["acs_system_id", "connected_account_id"] {
            let value = record.object().get(name).cloned();
            fields.extend(value.map(|it| (name.to_owned(), it)));
        }
        self.record_event(now, event_type, fields, None::<Requester>);
    }

    fn take_referencing(&mut self, resource_type: ResourceType, id: Id) -> Vec<Record> {
        let ids = self.ids_referencing(resource_type, id);
        let table = self.records.table_mut(resource_type);
        ids.into_iter().filter_map(|it| table.remove(it)).collect()
    }

    fn ids_referencing(&self, resource_type: ResourceType, id: Id) -> Vec<Id> {
        self.records
            .table(resource_type)
            .referencing(id)
            .map(Record::id)
            .collect()
    }
}
