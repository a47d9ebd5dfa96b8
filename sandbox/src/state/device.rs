//! Devices. The API's object is kept as text, with the members that lists and filters need beside
//! it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::table::{Key, Row};
use crate::device_class::DeviceClass;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::time::Millis;

/// A device, managed or unmanaged.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Stored")]
pub(crate) struct Device {
    id: Id,
    account: Id,
    created_at: Millis,
    class: DeviceClass,
    managed: bool,
    online: bool,
    /// The capability flags that are true.
    flags: Vec<String>,
    of_type: String,
    manufacturer: String,
    display_name: String,
    location_name: String,
    space_ids: Vec<Id>,
    custom_metadata: JsonObject,
    errors: Vec<Value>,
    has_backup_pool: bool,
    /// The object that the API shows, as JSON text, so that a list only copies it.
    text: String,
    /// The properties that the API does not show because the device is offline.
    withheld: JsonObject,
}

/// The properties that Seam does not return while a device is offline. `locked` and `battery` are
/// documented; `battery_level` is the battery's level, so it is withheld too (our choice).
const ONLINE_ONLY: [&str; 3] = ["locked", "battery", "battery_level"];

impl Device {
    /// Creates the device that this object of the API describes.
    pub(super) fn new(id: Id, account: Id, created_at: Millis, object: &JsonObject) -> Self {
        let text_of = |value: Option<&Value>| {
            let text = value.and_then(Value::as_str).unwrap_or_default();
            text.to_owned()
        };
        let within = |outer: &str, inner: &str| object.get(outer).and_then(|it| it.get(inner));
        let is_true = |property| within("properties", property) == Some(&Value::Bool(true));
        let device_type = text_of(object.get("device_type"));
        let online = within("properties", "online").and_then(Value::as_bool) == Some(true);
        let (shown, withheld) = withhold(object, online);
        Self {
            id,
            account,
            created_at,
            class: DeviceClass::of(&device_type),
            managed: object.get("is_managed").and_then(Value::as_bool) != Some(false),
            online,
            flags: object
                .iter()
                .filter(|(name, value)| name.starts_with("can_") && value.as_bool() == Some(true))
                .map(|(name, _)| name.clone())
                .collect(),
            manufacturer: text_of(within("device_manufacturer", "manufacturer")),
            of_type: device_type,
            display_name: text_of(object.get("display_name")),
            location_name: text_of(within("location", "location_name")),
            space_ids: object
                .get("space_ids")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|it| Id::parse(it.as_str()?))
                .collect(),
            custom_metadata: object
                .get("custom_metadata")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
            errors: object
                .get("errors")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default(),
            has_backup_pool: is_true("supports_backup_access_code_pool")
                && is_true("backup_access_code_pool_enabled"),
            text: serde_json::to_string(shown.as_ref()).unwrap_or_default(),
            withheld,
        }
    }

    /// Returns the API's object, with the properties that are withheld while the device is offline.
    pub(crate) fn object(&self) -> JsonObject {
        let mut object = self.shown_object();
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            properties.extend(self.withheld.clone());
        }
        object
    }

    /// Returns the object as the API shows it.
    pub(crate) fn shown_object(&self) -> JsonObject {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Changes the object.
    pub(super) fn change<R>(&mut self, change: impl FnOnce(&mut JsonObject) -> R) -> R {
        let mut object = self.object();
        let result = change(&mut object);
        *self = Self::new(self.id, self.account, self.created_at, &object);
        result
    }

    /// Sets these properties. A property that is an object is merged, and a null removes a member
    /// of it, so that two pending changes of one property both take effect.
    pub(super) fn set_properties(&mut self, more: &JsonObject) {
        self.change(|object| {
            let Some(Value::Object(properties)) = object.get_mut("properties") else {
                return;
            };
            for (name, value) in more {
                match (properties.get_mut(name), value) {
                    (Some(Value::Object(before)), Value::Object(over)) => {
                        before.extend(over.clone());
                        before.retain(|name, _| over.get(name) != Some(&Value::Null));
                    }
                    _ => {
                        properties.insert(name.clone(), value.clone());
                    }
                }
            }
        });
    }

    /// Returns whether the device is managed. The same grants make unmanaged devices visible, but
    /// only the routes for unmanaged devices show them.
    pub(crate) fn is_managed(&self) -> bool {
        self.managed
    }

    /// Returns the type of an event that managed and unmanaged devices have: `connected`,
    /// `disconnected`.
    pub(crate) fn event_type(&self, what: &str) -> String {
        if self.managed {
            format!("device.{what}")
        } else {
            format!("device.unmanaged.{what}")
        }
    }

    pub(crate) fn id(&self) -> Id {
        self.id
    }

    pub(crate) fn account(&self) -> Id {
        self.account
    }

    pub(crate) fn created_at(&self) -> Millis {
        self.created_at
    }

    pub(crate) fn class(&self) -> DeviceClass {
        self.class
    }

    pub(crate) fn online(&self) -> bool {
        self.online
    }

    /// Returns whether the device has this capability flag, as true.
    pub(crate) fn can(&self, flag: &str) -> bool {
        self.flags.iter().any(|it| it == flag)
    }

    pub(crate) fn device_type(&self) -> &str {
        &self.of_type
    }

    pub(crate) fn manufacturer(&self) -> &str {
        &self.manufacturer
    }

    pub(crate) fn display_name(&self) -> &str {
        &self.display_name
    }

    pub(crate) fn location_name(&self) -> &str {
        &self.location_name
    }

    pub(crate) fn space_ids(&self) -> &[Id] {
        &self.space_ids
    }

    pub(crate) fn custom_metadata(&self) -> &JsonObject {
        &self.custom_metadata
    }

    pub(super) fn errors(&self) -> &[Value] {
        &self.errors
    }

    /// Returns whether Seam keeps backup access codes on the device.
    pub(super) fn has_backup_pool(&self) -> bool {
        self.has_backup_pool
    }

    /// Returns the object as the API shows it, as JSON text.
    pub(crate) fn json(&self) -> &str {
        &self.text
    }
}

/// Returns what the API shows of the object, and the properties that it does not show.
fn withhold(object: &JsonObject, online: bool) -> (Cow<'_, JsonObject>, JsonObject) {
    let mut shown = Cow::Borrowed(object);
    let mut withheld = JsonObject::new();
    let properties = object.get("properties").and_then(Value::as_object);
    let is_affected = ONLINE_ONLY
        .iter()
        .any(|it| properties.is_some_and(|properties| properties.contains_key(*it)));
    if online || !is_affected {
        return (shown, withheld);
    }
    if let Some(Value::Object(properties)) = shown.to_mut().get_mut("properties") {
        for name in ONLINE_ONLY {
            let value = properties.shift_remove(name);
            withheld.extend(value.map(|it| (name.to_owned(), it)));
        }
    }
    (shown, withheld)
}

impl Row for Device {
    fn key(&self) -> Key {
        (self.created_at, 0, self.id)
    }

    fn references(&self) -> Vec<Id> {
        let account = std::iter::once(self.account);
        account.chain(self.space_ids.iter().copied()).collect()
    }
}

/// A device in a saved state. The rest is derived from its object.
#[derive(Serialize, Deserialize)]
struct Stored {
    id: Id,
    account: Id,
    created_at: Millis,
    object: JsonObject,
}

impl From<Stored> for Device {
    fn from(stored: Stored) -> Self {
        Self::new(stored.id, stored.account, stored.created_at, &stored.object)
    }
}

impl Serialize for Device {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let stored = Stored {
            id: self.id,
            account: self.account,
            created_at: self.created_at,
            object: self.object(),
        };
        stored.serialize(out)
    }
}
