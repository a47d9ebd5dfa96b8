use super::facts::Facts;
use super::hash::Hash;

/// What is kept of one device.
#[derive(Debug)]
pub(super) struct Record {
    /// The value of its id member.
    pub(super) id: Box<[u8]>,
    pub(super) id_hash: u64,
    /// Its JSON text, as it came.
    pub(super) text: Box<[u8]>,
    pub(super) facts: Facts,
}

impl Record {
    pub(super) fn new(id: Box<[u8]>, text: &[u8], facts: Facts) -> Self {
        Self {
            id_hash: Hash::of(&id),
            id,
            text: text.into(),
            facts,
        }
    }
}
