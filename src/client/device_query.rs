//! A query of a list of devices.

use crate::lists::Query;

/// A query for [`ListStream::find`](crate::client::ListStream::find). What is not set matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct DeviceQuery {
    device_types: Vec<String>,
    can: Vec<String>,
    flags: Vec<(u64, bool)>,
    text: Option<String>,
}

impl DeviceQuery {
    /// Matches all devices.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a device type that matches.
    pub fn device_type(mut self, name: impl Into<String>) -> Self {
        self.device_types.push(name.into());
        self
    }

    /// Adds a capability flag that must be present and true, such as `can_remotely_unlock`.
    pub fn can(mut self, flag: impl Into<String>) -> Self {
        self.can.push(flag.into());
        self
    }

    /// Whether the device must be online, or must not.
    pub fn online(self, online: bool) -> Self {
        self.flag(Query::ONLINE, online)
    }

    /// Whether the battery must be low, or must not. It is low if its status is low or critical, or
    /// without a status, if its level is below a quarter.
    pub fn low_battery(self, low_battery: bool) -> Self {
        self.flag(Query::LOW_BATTERY, low_battery)
    }

    /// Whether the device must have errors, or must not.
    pub fn has_errors(self, has_errors: bool) -> Self {
        self.flag(Query::HAS_ERRORS, has_errors)
    }

    /// A text that the device's name must contain, in any case.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    fn flag(mut self, bit: u64, value: bool) -> Self {
        self.flags.push((bit, value));
        self
    }

    pub(crate) fn to_core(&self) -> Query {
        let mut query = Query::new();
        for name in &self.device_types {
            query.device_type(name.as_bytes());
        }
        for flag in &self.can {
            query.can(flag.as_bytes());
        }
        for (bit, value) in &self.flags {
            query.mask |= bit;
            query.expected = if *value {
                query.expected | bit
            } else {
                query.expected & !bit
            };
        }
        if let Some(text) = &self.text {
            query.text(text.to_lowercase().as_bytes());
        }
        query
    }
}
