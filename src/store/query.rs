use super::facts::Facts;
use super::flags::Flags;
use super::fold::fold;
use super::hash::Hash;

/// What `find` looks for. What is not given makes no difference.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Whether `properties.online` is true.
    pub online: Option<bool>,
    /// Whether the battery's status is low or critical. One without a status is
    /// low below a quarter; a device without a battery is not low.
    pub low_battery: Option<bool>,
    /// Whether `errors` holds something.
    pub has_errors: Option<bool>,
    /// Whether the device types are only those that were named.
    pub typed: bool,
    types: Vec<u64>,
    can: Vec<u64>,
    text: Vec<u8>,
}

impl Query {
    /// Takes everything.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            online: None,
            low_battery: None,
            has_errors: None,
            typed: false,
            types: Vec::new(),
            can: Vec::new(),
            text: Vec::new(),
        }
    }

    /// Looks for devices of this type, and of others that are named so.
    pub fn device_type(&mut self, name: &[u8]) {
        self.typed = true;
        self.types.push(Hash::of(name));
    }

    /// Looks for devices that have this capability flag too, present and true:
    /// `can_remotely_unlock`.
    pub fn can(&mut self, flag: &[u8]) {
        self.can.push(Hash::of(flag));
    }

    /// Looks for devices with this in their name (`display_name`, else `name`),
    /// in upper or lower case.
    pub fn text(&mut self, text: &[u8]) {
        self.text = fold(text).into();
    }

    /// A bit for each flag; nothing when no device has one of them.
    pub(super) fn flags(&self, flags: &Flags) -> Option<u64> {
        let mut bits = 0;
        for flag in &self.can {
            bits |= flags.known(*flag)?;
        }
        Some(bits)
    }

    /// Whether it takes a device with these facts. The flags have been looked at.
    pub(super) fn takes(&self, facts: &Facts) -> bool {
        let is = |asked: Option<bool>, is| asked.is_none_or(|asked| asked == is);
        is(self.online, facts.online)
            && is(self.low_battery, facts.low_battery)
            && is(self.has_errors, facts.has_errors)
            && (!self.typed || self.types.contains(&facts.device_type))
            && contains(&facts.name, &self.text)
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
