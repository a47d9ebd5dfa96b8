/// Capability flags by the hashes of their names, each with a bit of its own.
/// Seam has twenty; what comes after the sixtieth has none, and nothing is found
/// by it.
#[derive(Debug)]
pub(super) struct Flags(Vec<u64>);

impl Flags {
    /// How far the bits are shifted: those below are for other facts.
    const FIRST: usize = 4;

    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Gives a flag a bit, if it has none yet.
    pub(super) fn add(&mut self, name: u64) {
        if self.known(name).is_none() && self.0.len() + Self::FIRST < 64 {
            self.0.push(name);
        }
    }

    /// The bit of a flag that some device has named.
    pub(super) fn known(&self, name: u64) -> Option<u64> {
        let nth = self.0.iter().position(|known| *known == name)?;
        Some(1 << (nth + Self::FIRST))
    }
}
