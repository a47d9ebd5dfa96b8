/// A hash of 64 bits, for telling values apart that nobody makes collide on
/// purpose: whoever could, would only hide a change of his own device.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hash(u64);

impl Hash {
    /// The beginning of a hash; another `kind` is another hash of the same.
    pub(super) fn new(kind: u8) -> Self {
        Self(u64::from(kind)).add(0x9e37_79b9_7f4a_7c15)
    }

    pub(super) fn add(self, value: u64) -> Self {
        let product = (self.0 ^ value).wrapping_mul(0xff51_afd7_ed55_8ccd);
        Self(product.rotate_left(31).wrapping_mul(0xc4ce_b9fe_1a85_ec53))
    }

    pub(super) fn add_bytes(self, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks();
        let hash = words
            .iter()
            .fold(self, |hash, word| hash.add(u64::from_le_bytes(*word)));
        let rest = rest
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        hash.add(rest).add(bytes.len() as u64)
    }

    pub(super) fn finish(self) -> u64 {
        self.0 ^ self.0 >> 29
    }

    /// The hash of a text.
    pub(super) fn of(bytes: &[u8]) -> u64 {
        Self::new(0).add_bytes(bytes).finish()
    }
}
