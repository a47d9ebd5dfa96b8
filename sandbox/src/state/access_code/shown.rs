//! What the API shows of a code beside its own members: the state of its device and account.

use serde_json::Value;

use super::mutations::was_never_set;
use super::status;
use crate::state::record::Record;
use crate::state::{Device, State};

/// The errors of devices and accounts that an access code repeats: those of its schema.
const REPEATED: [&str; 13] = [
    "account_disconnected",
    "august_lock_not_authorized",
    "auxiliary_heat_running",
    "bridge_disconnected",
    "device_disconnected",
    "device_offline",
    "device_removed",
    "dormakaba_sites_disconnected",
    "empty_backup_access_code_pool",
    "hub_disconnected",
    "missing_device_credentials",
    "salto_ks_subscription_limit_exceeded",
    "subscription_required",
];

const ACCOUNT_DISCONNECTED: &str = "account_disconnected";

impl State {
    /// Returns the API's object of a code. It repeats the errors of its device, among which are
    /// those of the account, as documented. The status of a code on a device is `unknown` while its
    /// account is disconnected.
    pub(in crate::state) fn access_code_json(&self, code: &Record) -> Value {
        let mut object = code.object().clone();
        let device = code.linked_id("device_id");
        let Some(device) = device.and_then(|it| self.devices.get(it)) else {
            return object.into();
        };
        let repeated: Vec<Value> = device
            .errors()
            .iter()
            .filter(|it| error_code(it).is_some_and(|it| REPEATED.contains(&it)))
            .cloned()
            .collect();
        if !repeated.is_empty()
            && let Some(Value::Array(errors)) = object.get_mut("errors")
        {
            errors.extend(repeated);
        }
        if code.flag("is_managed") != Some(false) {
            let is_disconnected = |it: &Value| error_code(it) == Some(ACCOUNT_DISCONNECTED);
            if device.errors().iter().any(is_disconnected) && !was_never_set(code.object()) {
                object.insert("status".to_owned(), status::UNKNOWN.into());
            }
            if has_backup(code, device) {
                let flag = "is_backup_access_code_available".to_owned();
                object.insert(flag, true.into());
            }
        }
        object.into()
    }

    /// Returns whether a backup can be pulled for a code: a time-bound code on a device whose pool
    /// of backups is enabled, or one whose object says so.
    pub(in crate::state) fn has_backup_code(&self, code: &Record) -> bool {
        let device = code.linked_id("device_id");
        let device = device.and_then(|it| self.devices.get(it));
        code.flag("is_backup_access_code_available") == Some(true)
            || device.is_some_and(|it| has_backup(code, it))
    }
}

fn has_backup(code: &Record, device: &Device) -> bool {
    code.text("type") == Some("time_bound")
        && code.flag("is_backup") != Some(true)
        && code.flag("is_offline_access_code") != Some(true)
        && device.has_backup_pool()
}

fn error_code(error: &Value) -> Option<&str> {
    error.get("error_code").and_then(Value::as_str)
}
