//! Connect webviews, in which a user logs in to an account of a device provider.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::record::Record;
use super::resource_type::ResourceType;
use super::{Device, State, connection};
use crate::device_class::DeviceClass;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::provider;
use crate::seed::{self, SeedDevice, SeedError};
use crate::time::{self, Millis};

/// A login and the devices of its account.
#[derive(Debug)]
pub(crate) struct Login {
    /// The key of the provider, such as `yale`.
    pub(crate) provider: String,
    /// The email address of the account's user; by default one that no account has.
    pub(crate) email: Option<String>,
    /// The devices to add. By default a new account gets one device of the provider, and an account
    /// that reconnects none.
    pub(crate) devices: Option<Vec<SeedDevice>>,
}

/// The `account_type` of accounts that a seed describes. Their devices are of any brand, so that they
/// reconnect with any provider.
const SEEDED: &str = "sandbox";

/// The URL of Seam's page. The sandbox has no such page.
pub(super) fn url(id: Id) -> String {
    format!("https://connect.getseam.com/connect_webviews/view?connect_webview_id={id}")
}

impl State {
    /// Completes the webview with a login, and returns the id of its account. The account of a
    /// provider and an email address that is known already reconnects; otherwise a new account is
    /// added.
    ///
    /// # Errors
    ///
    /// If the seed of a device is invalid. Nothing is changed then.
    pub(super) fn log_in(
        &mut self,
        webview: &Record,
        login: Login,
        now: Millis,
    ) -> Result<Id, SeedError> {
        let known = login
            .email
            .as_deref()
            .and_then(|it| self.account_of_user(&login.provider, it));
        let is_managed = webview.flag("automatically_manage_new_devices") != Some(false);
        let default = || match known {
            Some(_) => Vec::new(),
            None => usual_device(&login.provider).into_iter().collect(),
        };
        let mut devices = login.devices.unwrap_or_else(default);
        let own = |it: &SeedDevice| it.device_id.as_deref().and_then(Id::parse);
        let own: Vec<Id> = devices.iter().filter_map(own).collect();
        if own.iter().collect::<BTreeSet<_>>().len() < own.len() {
            return Err(SeedError::new("two devices have the same device_id"));
        }
        for device in &mut devices {
            let managed = device.rest.entry("is_managed");
            managed.or_insert_with(|| is_managed.into());
            // Checked before anything is changed.
            self.check_device(device, now)?;
        }
        let account = if let Some(account) = known {
            account
        } else {
            let unused = || self.unused_email(&login.provider);
            let email = login.email.unwrap_or_else(unused);
            self.add_account(webview, &login.provider, &email, now)?
        };
        let authorized = json_object(json!({
            "authorized_at": time::to_iso(now),
            "connected_account_id": account,
            "login_successful": true,
            "selected_provider": login.provider,
            "status": "authorized",
        }));
        let table = self.records.table_mut(ResourceType::ConnectWebview);
        table.change(webview.id(), |it| it.object.extend(authorized));
        let was_disconnected = known.is_some_and(|it| self.reconnect(it, webview));
        let mut events = vec!["connect_webview.login_succeeded"];
        match known {
            None => events.extend(["connected_account.created", "connected_account.connected"]),
            Some(_) if was_disconnected => events.push("connected_account.connected"),
            Some(_) => {}
        }
        events.push("connected_account.successful_login");
        for event_type in events {
            let fields = json_object(json!({
                "connect_webview_id": webview.id(),
                "connected_account_id": account,
            }));
            self.record_event(now, event_type, fields, None);
        }
        if was_disconnected {
            self.reconnect_devices(account, now);
        }
        for seed in &devices {
            let device = self.add_device(seed, account, now)?;
            self.add_built_in_thresholds(device, now)?;
            self.record_addition(device, now);
        }
        let synced = match known {
            None => "connected_account.completed_first_sync",
            Some(_) if was_disconnected => {
                "connected_account.completed_first_sync_after_reconnection"
            }
            Some(_) => return Ok(account),
        };
        let fields = json_object(json!({ "connected_account_id": account }));
        self.record_event(now, synced, fields, None);
        Ok(account)
    }

    /// Completes the webview with a failed login.
    pub(super) fn fail_login(&mut self, webview: Id, now: Millis) {
        let table = self.records.table_mut(ResourceType::ConnectWebview);
        table.change(webview, |it| {
            it.object.insert("status".to_owned(), "failed".into());
        });
        let fields = json_object(json!({ "connect_webview_id": webview }));
        self.record_event(now, "connect_webview.login_failed", fields, None);
    }

    /// Adds the account, with the members that the API copies from the webview.
    fn add_account(
        &mut self,
        webview: &Record,
        provider: &str,
        email: &str,
        now: Millis,
    ) -> Result<Id, SeedError> {
        let mut object = seed::record_object("connected_account", &JsonObject::new())?;
        for name in ["automatically_manage_new_devices", "custom_metadata"] {
            let value = webview.object().get(name).cloned();
            object.extend(value.map(|it| (name.to_owned(), it)));
        }
        let capabilities = webview.object().get("accepted_capabilities");
        let narrowed = capabilities.and_then(Value::as_array);
        if let Some(narrowed) = narrowed.filter(|it| !it.is_empty()) {
            object.insert("accepted_capabilities".to_owned(), json!(narrowed));
        }
        let name = provider::by_key(provider)
            .map_or_else(|| seed::capitalized(provider), |it| it.name.to_owned());
        object.insert("account_type".to_owned(), provider.into());
        object.insert("account_type_display_name".to_owned(), name.into());
        object.insert("display_name".to_owned(), email.into());
        let user = json!({ "email": email, "exclusive": true });
        object.insert("user_identifier".to_owned(), user);
        let hidden = json_object(json!({ WEBVIEWS: [webview.id()] }));
        Ok(self.create(ResourceType::ConnectedAccount, object, hidden, None, now))
    }

    /// Removes the errors of an account that somebody logs in to again, and replaces its custom
    /// metadata by that of the webview, if it has any. The sessions of both webviews see the
    /// account (our choice). Returns whether it was disconnected.
    fn reconnect(&mut self, account: Id, webview: &Record) -> bool {
        let webviews = self.webviews_of(account).into_iter();
        let webviews: BTreeSet<Id> = webviews.chain([webview.id()]).collect();
        let metadata = webview.object().get("custom_metadata");
        let metadata = metadata
            .and_then(Value::as_object)
            .filter(|it| !it.is_empty());
        let accounts = self.records.table_mut(ResourceType::ConnectedAccount);
        let changed = accounts.change(account, |it| {
            it.hidden.shift_remove(WEBVIEW);
            it.hidden.insert(WEBVIEWS.to_owned(), json!(webviews));
            if let Some(metadata) = metadata {
                let metadata = metadata.clone().into();
                it.object.insert("custom_metadata".to_owned(), metadata);
            }
            it.object.insert("errors".to_owned(), json!([]))
        });
        changed.flatten().is_some_and(|it| it != json!([]))
    }

    /// Brings the devices of a reconnected account back online.
    fn reconnect_devices(&mut self, account: Id, now: Millis) {
        let devices = self.devices.referencing(account).map(Device::id);
        for device in devices.collect::<Vec<_>>() {
            let errors = ["account_disconnected"];
            let changed = self.devices.change(device, |it| {
                it.change(|it| connection::restore(it, &errors))
            });
            if changed == Some(true) {
                self.record_device_event(device, "connected", now);
                self.catch_up(device, now);
            }
        }
    }

    /// Records the events of a device that was added to an account.
    fn record_addition(&mut self, device: Id, now: Millis) {
        let Some((is_managed, online)) = self
            .devices
            .get(device)
            .map(|it| (it.is_managed(), it.online()))
        else {
            return;
        };
        if is_managed {
            let fields = json_object(json!({ "device_id": device }));
            self.record_event(now, "device.added", fields, None);
        }
        if online {
            self.record_device_event(device, "connected", now);
        }
    }

    fn record_device_event(&mut self, device: Id, what: &str, now: Millis) {
        let Some(event_type) = self.devices.get(device).map(|it| it.event_type(what)) else {
            return;
        };
        let fields = json_object(json!({ "device_id": device }));
        self.record_event(now, &event_type, fields, None);
    }

    /// Returns the account of a provider whose user has this email address.
    fn account_of_user(&self, provider: &str, email: &str) -> Option<Id> {
        let accounts = self.records.table(ResourceType::ConnectedAccount);
        let mut accounts = accounts.in_order();
        let is_of = |it: &&Record| {
            let account_type = it.text("account_type");
            let user = it.object().get("user_identifier");
            user.and_then(|it| it.get("email")?.as_str()) == Some(email)
                && (account_type == Some(provider) || account_type == Some(SEEDED))
        };
        accounts.find(is_of).map(Record::id)
    }

    /// Returns the first of `user1@example.com`, ... with which no account is found.
    fn unused_email(&self, provider: &str) -> String {
        let mut emails = (1..).map(|it| format!("user{it}@example.com"));
        let unused = emails.find(|it| self.account_of_user(provider, it).is_none());
        unused.unwrap_or_default()
    }

    /// Returns the webviews through which an account was authorized.
    pub(super) fn webviews_of(&self, account: Id) -> Vec<Id> {
        let accounts = self.records.table(ResourceType::ConnectedAccount);
        let Some(account) = accounts.get(account) else {
            return Vec::new();
        };
        let mut webviews = account.linked_ids(WEBVIEWS);
        webviews.extend(account.linked_id(WEBVIEW));
        webviews
    }

    /// Removes a webview from those of an account.
    pub(super) fn unlink_webview(&mut self, account: Id, webview: Id) {
        let mut left = self.webviews_of(account);
        left.retain(|it| *it != webview);
        let accounts = self.records.table_mut(ResourceType::ConnectedAccount);
        accounts.change(account, |it| {
            it.hidden.shift_remove(WEBVIEW);
            it.hidden.insert(WEBVIEWS.to_owned(), json!(left))
        });
    }
}

/// The hidden member of an account with its webviews.
pub(super) const WEBVIEWS: &str = "connect_webview_ids";
/// The same in states of earlier versions, where an account had one webview.
const WEBVIEW: &str = "connect_webview_id";

/// Returns the device that an account of this provider gets by default; `None` if the provider is
/// an access system or a connector.
fn usual_device(provider: &str) -> Option<SeedDevice> {
    let device_type = provider::by_key(provider)?.device_type?;
    let kind = match DeviceClass::of(device_type) {
        DeviceClass::Lock => "Lock",
        DeviceClass::Thermostat => "Thermostat",
        DeviceClass::NoiseSensor => "Noise Sensor",
        DeviceClass::Other => "Device",
    };
    Some(SeedDevice {
        device_type: device_type.to_owned(),
        display_name: format!("New {kind}"),
        device_id: None,
        connected_account: None,
        rest: JsonObject::new(),
    })
}
