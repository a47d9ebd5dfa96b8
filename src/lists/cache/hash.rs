//! Hashes of JSON values, and of the paths to them.

/// A hash of 64 bits. It is not secure against collisions made on purpose, which would only hide a
/// change of the attacker's own device.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash(u64);

impl Hash {
    /// Starts a hash. Another `kind` gives another hash of the same values.
    pub(super) const fn new(kind: u64) -> Self {
        Self(kind).add(0x9e37_79b9_7f4a_7c15)
    }

    /// Continues a finished hash.
    pub(super) const fn from(hash: u64) -> Self {
        Self(hash)
    }

    pub(super) const fn add(self, value: u64) -> Self {
        let product = (self.0 ^ value).wrapping_mul(0xff51_afd7_ed55_8ccd);
        Self(product.rotate_left(31).wrapping_mul(0xc4ce_b9fe_1a85_ec53))
    }

    pub(super) const fn finish(self) -> u64 {
        self.0 ^ self.0 >> 29
    }

    /// Returns the hash of a text.
    pub(super) const fn of(text: &[u8]) -> u64 {
        let mut hash = Self::new(text.len() as u64);
        let mut rest = text;
        while let Some((word, after)) = rest.split_first_chunk() {
            hash = hash.add(u64::from_le_bytes(*word));
            rest = after;
        }
        let mut last = 0;
        while let Some((byte, after)) = rest.split_first() {
            last = last << 8 | *byte as u64;
            rest = after;
        }
        hash.add(last).finish()
    }
}

/// The path of the outermost value.
pub(super) const ROOT: u64 = 0;

/// The hash of `true`.
pub(super) const TRUE: u64 = Hash::new(b't' as u64).finish();

/// The hash of an empty array.
pub(super) const EMPTY: u64 = Hash::new(b'[' as u64).add(0).finish();

/// Returns the hash of a string with this value.
pub(super) const fn string(text: &[u8]) -> u64 {
    Hash::new(b'"' as u64).add(Hash::of(text)).finish()
}

/// Returns the path of a member of the value at `path`, by the hash of its name.
pub(super) const fn within(path: u64, name: u64) -> u64 {
    Hash::from(path).add(name).finish()
}
