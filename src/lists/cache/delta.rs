/// The change of a commit, an upsert or a removal, as slots. The ids of removed records can be read
/// until the next change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// New records, in the order of the list.
    pub added: Vec<u32>,
    /// Records whose meaning has changed, in the order of the list.
    pub changed: Vec<u32>,
    /// Records that were removed, in the order of the last list.
    pub removed: Vec<u32>,
}

impl Delta {
    pub(super) const fn new() -> Self {
        Self {
            added: Vec::new(),
            changed: Vec::new(),
            removed: Vec::new(),
        }
    }
}
