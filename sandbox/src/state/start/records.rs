//! Adds the records of a seed: accounts, webviews, and everything that refers to others by name.

use serde_json::json;

use super::{Accounts, unknown};
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::seed::{self, SeedAccount, SeedError, SeedRecord};
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;
use crate::state::{SpaceMembers, State, webview};
use crate::time::{self, Millis};

impl State {
    /// Adds an account and the webview through which it was authorized.
    pub(super) fn add_seed_account(
        &mut self,
        seed: &SeedAccount,
        id: Id,
        webview: Id,
        now: Millis,
    ) -> Result<(), SeedError> {
        let mut account = seed::record_object("connected_account", &seed.rest)?;
        account.insert("connected_account_id".to_owned(), id.to_string().into());
        account
            .entry("display_name")
            .or_insert_with(|| seed.name.clone().into());
        let hidden = json_object(json!({ webview::WEBVIEWS: [webview] }));
        self.create(ResourceType::ConnectedAccount, account, hidden, None, now);
        let authorized = json!({
            "connect_webview_id": webview,
            "connected_account_id": id,
            "authorized_at": time::to_iso(now),
            "login_successful": true,
            "status": "authorized",
            "url": webview::url(webview),
        });
        let webview = seed::record_object("connect_webview", &json_object(authorized))?;
        self.create(
            ResourceType::ConnectWebview,
            webview,
            JsonObject::new(),
            None,
            now,
        );
        Ok(())
    }

    /// Adds any other record, with its names resolved to ids.
    pub(super) fn add_seed_record(
        &mut self,
        resource_type: ResourceType,
        seed: &SeedRecord,
        accounts: &Accounts,
        created_at: Millis,
    ) -> Result<(), SeedError> {
        let mut object = seed::record_object(resource_type.defaults(&seed.rest), &seed.rest)?;
        let mut named = JsonObject::new();
        if let Some(name) = &seed.device {
            named.insert("device_id".to_owned(), json!(self.device_by_name(name)?));
        }
        if let Some(key) = &seed.user_identity_key {
            let identity = self.identity_by_key(key)?;
            named.insert("user_identity_id".to_owned(), json!(identity));
        }
        if let Some(name) = &seed.acs_system {
            let system = self.record_by_name(ResourceType::AcsSystem, name)?;
            let account = system.object().get("connected_account_id").cloned();
            named.insert("acs_system_id".to_owned(), json!(system.id()));
            named.extend(account.map(|it| ("connected_account_id".to_owned(), it)));
        } else if resource_type == ResourceType::AcsSystem {
            let name = seed.connected_account.as_deref();
            let by_name = name
                .map(|it| self.account_by_name(it, accounts))
                .transpose()?;
            let account = by_name.or(accounts.first);
            named.insert("connected_account_id".to_owned(), json!(account));
            named.insert("connected_account_ids".to_owned(), json!([account]));
        }
        if let Some(name) = &seed.acs_user {
            let user = self.record_by_name(ResourceType::AcsUser, name)?;
            named.insert("acs_user_id".to_owned(), json!(user.id()));
            for name in ["acs_system_id", "connected_account_id", "user_identity_id"] {
                let value = user.object().get(name).cloned();
                named.extend(value.map(|it| (name.to_owned(), it)));
            }
        }
        if resource_type == ResourceType::AccessGrant {
            let starts_at = json!(time::to_iso(created_at));
            object.entry("starts_at").or_insert(starts_at);
        }
        object.extend(named);
        resource_type.check_references(&object)?;
        let devices = seed.devices.iter().map(|it| self.device_by_name(it));
        let hidden = json_object(json!({
            "device_ids": devices.collect::<Result<Vec<_>, _>>()?,
            "acs_entrance_ids": self.records_by_name(ResourceType::AcsEntrance, &seed.acs_entrances)?,
            "acs_user_ids": self.records_by_name(ResourceType::AcsUser, &seed.acs_users)?,
        }));
        let hidden = hidden.into_iter().filter(|(_, it)| *it != json!([]));
        let id = self.create(resource_type, object, hidden.collect(), None, created_at);
        match resource_type {
            ResourceType::AcsEntrance => {
                let spaces = self.records.table(resource_type).get(id);
                let spaces = spaces.map(|it| it.linked_ids("space_ids"));
                self.create_named_spaces(&spaces.unwrap_or_default(), created_at);
            }
            ResourceType::Space => self.fill_seed_space(id),
            _ => {}
        }
        if resource_type == ResourceType::ConnectWebview {
            let table = self.records.table_mut(resource_type);
            table.change(id, |it| {
                let url = webview::url(id).into();
                it.object.entry("url").or_insert(url);
            });
        }
        Ok(())
    }

    /// Adds the devices and entrances that a space of the seed names to those that name the space.
    fn fill_seed_space(&mut self, space: Id) {
        let spaces = self.records.table_mut(ResourceType::Space);
        let mut members = SpaceMembers::default();
        spaces.change(space, |it| {
            members.devices.extend(it.linked_ids("device_ids"));
            members.entrances.extend(it.linked_ids("acs_entrance_ids"));
            it.hidden.shift_remove("device_ids");
            it.hidden.shift_remove("acs_entrance_ids");
            let name = it.object.get("name").cloned().unwrap_or_default();
            it.object.entry("display_name").or_insert(name);
        });
        let named = self.space_members(space);
        members.devices.extend(named.devices);
        members.entrances.extend(named.entrances);
        self.set_space_members(space, &members, 0);
    }

    fn records_by_name(
        &self,
        resource_type: ResourceType,
        names: &[String],
    ) -> Result<Vec<Id>, SeedError> {
        let found = names
            .iter()
            .map(|it| self.record_by_name(resource_type, it));
        found.map(|it| it.map(Record::id)).collect()
    }

    fn record_by_name(
        &self,
        resource_type: ResourceType,
        name: &str,
    ) -> Result<&Record, SeedError> {
        let table = self.records.table(resource_type);
        let by_id = Id::parse(name).and_then(|it| table.get(it));
        let called =
            |it: &&Record| [it.text("display_name"), it.text("name")].contains(&Some(name));
        by_id
            .or_else(|| table.in_order().find(called))
            .ok_or_else(|| unknown(resource_type.resource().name, name))
    }
}
