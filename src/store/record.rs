use super::facts::Facts;
use super::hash::Hash;

/// What is kept of one device: not its text, which goes to whoever makes
/// something of it.
#[derive(Debug)]
pub(super) struct Record {
    /// The value of its id member.
    pub(super) id: Box<[u8]>,
    pub(super) id_hash: u64,
    /// The length and the hash of its text.
    pub(super) length: usize,
    pub(super) hash: u64,
    /// The hash of what the text means.
    pub(super) meaning: u64,
    /// Which of the texts of its round it has.
    pub(super) nth: usize,
    pub(super) facts: Facts,
    /// Whether the round that is being committed has named it.
    pub(super) seen: bool,
    /// Whether it is new in that round.
    pub(super) added: bool,
    /// Whether it was refreshed by itself since the round began.
    pub(super) held: bool,
    /// What that round puts in its place.
    pub(super) next: Option<Box<Record>>,
}

impl Record {
    pub(super) fn new(id: Box<[u8]>, text: &[u8], meaning: u64, facts: Facts) -> Self {
        Self {
            id_hash: Hash::of(&id),
            id,
            length: text.len(),
            hash: Hash::of(text),
            meaning,
            nth: 0,
            facts,
            seen: false,
            added: true,
            held: false,
            next: None,
        }
    }
}
