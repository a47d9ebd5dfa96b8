use super::flags::Flags;
use super::hash::{Hash, string};

/// A filter of records. What is not set matches everything.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The bits, of those below, that are compared.
    pub mask: u64,
    /// The values of those bits.
    pub expected: u64,
    /// Whether only devices of the added types match.
    pub filters_type: bool,
    types: Vec<u64>,
    can: Vec<u64>,
    text: Vec<u8>,
}

impl Query {
    /// `properties.online` is true.
    pub const ONLINE: u64 = 1;
    /// The battery's status is low or critical. Without a status, its level is below a quarter;
    /// without a battery, it is not low.
    pub const LOW_BATTERY: u64 = 2;
    /// `errors` is not empty.
    pub const HAS_ERRORS: u64 = 4;

    /// Matches everything.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            mask: 0,
            expected: 0,
            filters_type: false,
            types: Vec::new(),
            can: Vec::new(),
            text: Vec::new(),
        }
    }

    /// Matches everything again.
    pub fn clear(&mut self) {
        (self.mask, self.expected, self.filters_type) = (0, 0, false);
        self.types.clear();
        self.can.clear();
        self.text.clear();
    }

    /// Adds a device type that matches.
    pub fn device_type(&mut self, name: &[u8]) {
        self.filters_type = true;
        self.types.push(string(name));
    }

    /// Adds a capability flag that a matching device must have, present and true, such as
    /// `can_remotely_unlock`.
    pub fn can(&mut self, flag: &[u8]) {
        self.can.push(Hash::of(flag));
    }

    /// Sets a text in lower case that a matching name (`display_name`, else `name`) must contain.
    /// The case of the name does not matter.
    pub fn text(&mut self, text: &[u8]) {
        self.text = text.to_vec();
    }

    /// Returns mask and expected bits with the capability flags; `None` if no device has had one of
    /// the flags.
    pub(super) fn with_flags(&self, flags: &Flags) -> Option<(u64, u64)> {
        let (mut mask, mut expected) = (self.mask, self.expected);
        for flag in &self.can {
            let bit = flags.known(*flag)?;
            mask |= bit;
            expected |= bit;
        }
        Some((mask, expected))
    }

    /// Whether a device of this type and name matches.
    pub(super) fn matches(&self, device_type: u64, name: &[u8]) -> bool {
        (!self.filters_type || self.types.contains(&device_type)) && contains(name, &self.text)
    }
}

fn contains(mut name: &[u8], text: &[u8]) -> bool {
    loop {
        if name.starts_with(text) {
            return true;
        }
        match name.split_first() {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
}
