//! Codes that become unmanaged, alone or with their device.

use serde_json::{Value, json};

use super::mutations::restore_device_members;
use super::removal::is_on_device;
use super::{is_offline, number_of, status};
use crate::ids::Id;
use crate::json::JsonObject;
use crate::state::State;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;
use crate::time::Millis;

/// The members of an unmanaged code.
const MEMBERS: [&str; 11] = [
    "access_code_id",
    "workspace_id",
    "created_at",
    "device_id",
    "name",
    "code",
    "type",
    "starts_at",
    "ends_at",
    "errors",
    "warnings",
];

/// Converts the object of a managed code to that of an unmanaged one, which shows what its device
/// has.
pub(crate) fn to_unmanaged(object: &JsonObject) -> JsonObject {
    let mut object = object.clone();
    restore_device_members(&mut object);
    object.retain(|name, _| MEMBERS.contains(&name.as_str()));
    let of_type = match object.get("ends_at") {
        Some(Value::String(_)) => "time_bound",
        _ => "ongoing",
    };
    for (name, value) in [
        ("type", Value::from(of_type)),
        ("is_managed", false.into()),
        ("status", status::SET.into()),
        ("errors", json!([])),
        ("warnings", json!([])),
    ] {
        object.insert(name.to_owned(), value);
    }
    object
}

impl State {
    /// A device is no longer managed. As documented, its codes become unmanaged, and its backup
    /// codes are removed. Codes that the device never had are removed too (our choice), because
    /// nobody will program them.
    pub(in crate::state) fn unmanage_access_codes(&mut self, device: Id, at: Millis) {
        let codes = self.records.table(ResourceType::AccessCode);
        let of_device = codes
            .referencing(device)
            .filter(|it| it.linked_id("device_id") == Some(device))
            .map(Record::id);
        for id in of_device.collect::<Vec<_>>() {
            let Some(code) = self.managed_code(id).cloned() else {
                continue;
            };
            let codes = self.records.table_mut(ResourceType::AccessCode);
            let is_there = is_on_device(&code) || is_offline(&code);
            if code.flag("is_backup") == Some(true) || !is_there {
                codes.remove(id);
                let number = json!({ "code": number_of(&code) });
                self.record_code_event(at, "access_code.deleted", &code, number);
            } else {
                codes.change(id, |it| it.object = to_unmanaged(&it.object));
            }
        }
    }
}
