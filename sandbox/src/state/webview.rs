//! Connect webviews, in which a user logs in to an account of a device provider.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::State;
use super::record::Record;
use super::resource_type::ResourceType;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::seed::{self, SeedDevice, SeedError};
use crate::time::{self, Millis};

/// A login and the devices of its account.
#[derive(Debug)]
pub(crate) struct Login {
    /// The key of the provider, such as `yale`.
    pub(crate) provider: String,
    /// The devices of the account.
    pub(crate) devices: Vec<SeedDevice>,
}

/// The URL of Seam's page. The sandbox has no such page.
pub(super) fn url(id: Id) -> String {
    format!("https://connect.getseam.com/connect_webviews/view?connect_webview_id={id}")
}

impl State {
    /// Completes the webview: adds its account and the account's devices. Returns the account's id.
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
        let is_managed = webview.flag("automatically_manage_new_devices") != Some(false);
        let mut devices = login.devices;
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
        let account = self.add_account(webview, &login.provider, now)?;
        let authorized = json_object(json!({
            "authorized_at": time::to_iso(now),
            "connected_account_id": account,
            "login_successful": true,
            "selected_provider": login.provider,
            "status": "authorized",
        }));
        let table = self.records.table_mut(ResourceType::ConnectWebview);
        table.change(webview.id(), |it| it.object.extend(authorized));
        for event_type in [
            "connect_webview.login_succeeded",
            "connected_account.created",
            "connected_account.connected",
        ] {
            let fields = json_object(json!({
                "connect_webview_id": webview.id(),
                "connected_account_id": account,
            }));
            self.record_event(now, event_type, fields, None);
        }
        for seed in &devices {
            let device = self.add_device(seed, account, now)?;
            let managed = self
                .devices
                .get(device)
                .is_some_and(super::Device::is_managed);
            let event_types: &[_] = if managed {
                &["device.connected", "device.added"]
            } else {
                &["device.unmanaged.connected"]
            };
            for event_type in event_types {
                let fields = json_object(json!({ "device_id": device }));
                self.record_event(now, event_type, fields, None);
            }
        }
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
        object.insert("account_type".to_owned(), provider.into());
        for name in ["account_type_display_name", "display_name"] {
            object.insert(name.to_owned(), seed::capitalized(provider).into());
        }
        let hidden = json_object(json!({ "connect_webview_id": webview.id() }));
        Ok(self.create(ResourceType::ConnectedAccount, object, hidden, None, now))
    }
}
