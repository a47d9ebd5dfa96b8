/// The hashes of capability flags, each with its own bit. Seam has twenty. Flags after the sixtieth
/// have no bit, and match nothing.
pub(super) struct Flags(Vec<u64>);

impl Flags {
    /// The index of the first bit. The bits below are those of `Query`.
    const FIRST: usize = 4;

    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Gives a flag a bit, if it has none.
    pub(super) fn add(&mut self, name: u64) {
        if self.known(name).is_none() && self.0.len() + Self::FIRST < 64 {
            self.0.push(name);
        }
    }

    /// Returns the bit of a flag that a device has had.
    pub(super) fn known(&self, name: u64) -> Option<u64> {
        let nth = self.0.iter().position(|known| *known == name)?;
        Some(1 << (nth + Self::FIRST))
    }
}
