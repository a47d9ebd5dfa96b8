//! A device: its object as the API shows it, kept as text, and what lists and locks ask of it.

use serde_json::{Map, Value};

use super::table::Key;
use crate::ids::Id;
use crate::time::Millis;

/// What a device is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Lock,
    Thermostat,
    NoiseSensor,
    Other,
}

/// A managed device.
#[derive(Debug)]
pub(crate) struct Device {
    id: Id,
    account: Id,
    created_at: Millis,
    class: Class,
    online: bool,
    /// The capability flags that are there and true.
    flags: Vec<String>,
    of_type: String,
    manufacturer: String,
    display_name: String,
    location_name: String,
    space_ids: Vec<Id>,
    custom_metadata: Map<String, Value>,
    /// The object, as JSON text: a list is a matter of copying.
    text: String,
}

impl Device {
    /// The device that this object of the API describes.
    pub(super) fn new(
        id: Id,
        account: Id,
        created_at: Millis,
        object: &Map<String, Value>,
    ) -> Self {
        let text_of = |value: Option<&Value>| {
            let text = value.and_then(Value::as_str).unwrap_or_default();
            text.to_owned()
        };
        let within = |outer: &str, inner: &str| object.get(outer).and_then(|it| it.get(inner));
        let device_type = text_of(object.get("device_type"));
        Self {
            id,
            account,
            created_at,
            class: Class::of(&device_type),
            online: within("properties", "online").and_then(Value::as_bool) == Some(true),
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
            text: serde_json::to_string(object).unwrap_or_default(),
        }
    }

    /// Changes a property of the device.
    pub(super) fn set_property(&mut self, name: &str, value: Value) {
        let Ok(mut object) = serde_json::from_str::<Map<String, Value>>(&self.text) else {
            return;
        };
        if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(name.to_owned(), value);
        }
        *self = Self::new(self.id, self.account, self.created_at, &object);
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

    pub(crate) fn key(&self) -> Key {
        (self.created_at, self.id)
    }

    pub(crate) fn class(&self) -> Class {
        self.class
    }

    pub(crate) fn online(&self) -> bool {
        self.online
    }

    /// Whether the device has this capability flag and it is true.
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

    pub(crate) fn custom_metadata(&self) -> &Map<String, Value> {
        &self.custom_metadata
    }

    /// The object of the API, as JSON text.
    pub(crate) fn json(&self) -> &str {
        &self.text
    }
}

impl Class {
    pub(crate) fn of(device_type: &str) -> Self {
        match device_type {
            "minut_sensor" | "noiseaware_activity_zone" => Self::NoiseSensor,
            "keynest_key" | "ios_phone" | "android_phone" | "ring_camera" => Self::Other,
            it if it.ends_with("_thermostat") => Self::Thermostat,
            // Everything else is one of the API's smart locks, whatever its name ends in.
            _ => Self::Lock,
        }
    }
}
