/// What a round or a refresh has changed, as slots of the store. The slots of
/// removed devices can be asked for their ids and texts until the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// New ones, in the order of the list.
    pub added: Vec<u32>,
    /// Those that mean something else now, in the order of the list.
    pub changed: Vec<u32>,
    /// Those that were there before and are not any more, in the order of the old list.
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
