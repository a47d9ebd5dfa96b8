use super::flags::Flags;
use super::hash::{Hash, string};

/// What `find` looks for. What is not given makes no difference.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// What is mask: some of the bits below.
    pub mask: u64,
    /// Those of the bits that are to be so.
    pub expected: u64,
    /// Whether only the device types are taken that have been named.
    pub filters_type: bool,
    types: Vec<u64>,
    can: Vec<u64>,
    text: Vec<u8>,
}

impl Query {
    /// `properties.online` is true.
    pub const ONLINE: u64 = 1;
    /// The battery's status is low or critical. One without a status is low below
    /// a quarter; a device without a battery is not low.
    pub const LOW_BATTERY: u64 = 2;
    /// `errors` holds something.
    pub const HAS_ERRORS: u64 = 4;

    /// Takes everything.
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

    /// Takes everything again.
    pub fn clear(&mut self) {
        (self.mask, self.expected, self.filters_type) = (0, 0, false);
        self.types.clear();
        self.can.clear();
        self.text.clear();
    }

    /// Looks for devices of this type, and of others that are named so.
    pub fn device_type(&mut self, name: &[u8]) {
        self.filters_type = true;
        self.types.push(string(name));
    }

    /// Looks for devices that have this capability flag too, present and true:
    /// `can_remotely_unlock`.
    pub fn can(&mut self, flag: &[u8]) {
        self.can.push(Hash::of(flag));
    }

    /// Looks for devices with this, which is in lower case, in their name
    /// (`display_name`, else `name`), whose case makes no difference.
    pub fn text(&mut self, text: &[u8]) {
        self.text = text.to_vec();
    }

    /// With what is mask of the capability flags; nothing when no device has one of them.
    pub(super) fn with_flags(&self, flags: &Flags) -> Option<(u64, u64)> {
        let (mut mask, mut expected) = (self.mask, self.expected);
        for flag in &self.can {
            let bit = flags.known(*flag)?;
            mask |= bit;
            expected |= bit;
        }
        Some((mask, expected))
    }

    /// Whether it takes a device of this type and name.
    pub(super) fn takes(&self, device_type: u64, name: &[u8]) -> bool {
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
