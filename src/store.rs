//! A list that is kept fresh: what of it is new, what has changed, what is
//! gone, found while the bytes arrive and without building a tree.
//!
//! Devices are what it is mostly for, and what its names say; it keeps anything
//! that has an id. Of each it keeps two hashes, of its bytes and of what they
//! mean, and a few facts. The next list is compared where it most likely has the
//! same bytes, and only where they differ it is read. The texts of what is new
//! or different are for the caller to keep.

mod delta;
mod error;
mod extent;
mod facts;
mod flags;
mod fold;
mod hash;
mod merge;
mod number;
mod page;
mod query;
mod record;
mod slots;
#[cfg(test)]
mod tests;
mod unescape;
mod value;

pub use delta::Delta;
pub use error::StoreError;
pub use query::Query;

use facts::Names;
use hash::Hash;
use merge::merge;
use page::{Entry, Reader};
use slots::Slots;

/// The hash of a capability flag's name, by which devices are asked for it.
pub(crate) const fn flag(name: &str) -> u64 {
    Hash::of(name.as_bytes())
}

/// A list that is kept fresh. A device has a slot, a small number that it keeps
/// from round to round; a slot is given to another only after the round in
/// which its device was removed.
#[derive(Debug)]
pub struct Store {
    names: Names,
    slots: Slots,
    round: Option<Box<Round>>,
    /// A round of the whole list, which goes on when that of a single device is over.
    paused: Option<Box<Round>>,
    delta: Delta,
}

/// What is arriving.
#[derive(Debug)]
struct Round {
    reader: Reader,
    /// The devices of the pages that have ended.
    entries: Vec<Entry>,
}

impl Store {
    /// An empty store of things whose id is their member of this name.
    #[must_use]
    pub const fn new(id_member: &[u8]) -> Self {
        Self {
            names: Names::new(id_member),
            slots: Slots::new(),
            round: None,
            paused: None,
            delta: Delta::new(),
        }
    }

    /// Begins to take the whole list anew, whose pages hold it under this key.
    /// A round that is under way is forgotten.
    pub fn begin(&mut self, response_key: &[u8]) {
        self.forget();
        self.slots.let_go();
        self.start(response_key, false);
    }

    /// Begins to take one device anew, which one page holds under this key. A
    /// round of the list waits, and takes it for newer than what it has itself.
    pub fn begin_one(&mut self, response_key: &[u8]) {
        let round = self.round.take().filter(|round| !round.reader.single());
        let whole = round.or(self.paused.take());
        self.forget();
        self.paused = whole;
        self.start(response_key, true);
    }

    fn start(&mut self, response_key: &[u8], single: bool) {
        self.round = Some(Box::new(Round {
            reader: Reader::new(response_key, single),
            entries: Vec::new(),
        }));
    }

    /// Forgets the rounds, and what the last change has done: slots of what it
    /// removed may be taken again.
    fn forget(&mut self) {
        self.slots.remove(&self.delta.removed);
        self.delta = Delta::new();
        self.round = None;
        self.paused = None;
    }

    /// Room for the next bytes of the page; `feed` reads them.
    ///
    /// # Errors
    ///
    /// If no round has begun.
    pub fn space(&mut self, length: usize) -> Result<&mut [u8], StoreError> {
        let round = self.round.as_mut().ok_or(StoreError::NoRound)?;
        Ok(round.reader.space(length))
    }

    /// Reads the bytes that were put into the space, which was asked for this
    /// length. They may be cut off anywhere.
    ///
    /// # Errors
    ///
    /// If this is no page of a list. The round is over then.
    pub fn feed(&mut self, length: usize) -> Result<(), StoreError> {
        let round = self.round.as_mut().ok_or(StoreError::NoRound)?;
        let result = round.reader.read(length, &self.slots, &mut self.names);
        if result.is_err() {
            self.round = self.paused.take();
        }
        result
    }

    /// The page is complete. Where the next one begins, if there is one.
    ///
    /// # Errors
    ///
    /// If it was no page of a list, or not all of it. The round is over then.
    pub fn end_page(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let round = self.round.as_mut().ok_or(StoreError::NoRound)?;
        let (slots, names) = (&self.slots, &mut self.names);
        let result = round.reader.end(&mut round.entries, slots, names);
        if result.is_err() {
            self.round = self.paused.take();
        }
        result
    }

    /// The JSON texts of devices that are not, byte for byte, those of the list,
    /// of what the last `feed` or `end_page` has read: the first, the second, and
    /// so on. They are counted through a round: when it has been committed,
    /// `text` says whose they are.
    #[must_use]
    pub fn arrived(&self, nth: usize) -> Option<&[u8]> {
        self.round.as_ref()?.reader.text(nth)
    }

    /// All pages are there: they are the list now.
    ///
    /// # Errors
    ///
    /// If no round has begun, or a page has not ended. Nothing has changed then.
    pub fn commit(&mut self) -> Result<&Delta, StoreError> {
        let round = self.round.take().ok_or(StoreError::NoRound)?;
        self.round = self.paused.take();
        if round.reader.begun() {
            return Err(StoreError::NotJson);
        }
        let whole = !round.reader.single();
        self.delta = merge(&mut self.slots, round.entries, whole);
        Ok(&self.delta)
    }

    /// Takes out the device with this id, if it is there. A round that is under
    /// way is over: it may have read the device already.
    pub fn remove(&mut self, id: &[u8]) -> &Delta {
        self.forget();
        if let Some(slot) = self.slot_of(id) {
            self.slots.leave_out(slot);
            self.delta.removed.push(slot);
        }
        &self.delta
    }

    /// Forgets everything, and a round that is under way. What comes next are
    /// things whose id is their member of this name.
    pub fn reset(&mut self, id_member: &[u8]) {
        self.forget();
        self.slots = Slots::new();
        self.names = Names::new(id_member);
    }

    /// The slots of the devices, in the order of the list.
    #[must_use]
    pub fn order(&self) -> &[u32] {
        self.slots.order()
    }

    /// What the last commit or removal has changed.
    #[must_use]
    pub fn delta(&self) -> &Delta {
        &self.delta
    }

    /// The slot of the device with this id.
    #[must_use]
    pub fn slot_of(&self, id: &[u8]) -> Option<u32> {
        let slot = self.slots.find(id, Hash::of(id))?;
        let listed = self.order().get(self.slots.place(slot));
        listed.copied().filter(|listed| *listed == slot)
    }

    /// Which of the texts of its round is that of a device, which the last
    /// commit has added or changed.
    #[must_use]
    pub fn text(&self, slot: u32) -> Option<usize> {
        Some(self.slots.record(slot)?.nth)
    }

    /// The id of a device.
    #[must_use]
    pub fn id(&self, slot: u32) -> &[u8] {
        self.slots.record(slot).map_or(&[], |record| &record.id)
    }

    /// Whether a device has the capability flag of this hash, present and true.
    #[must_use]
    pub fn can(&self, slot: u32, flag: u64) -> bool {
        let bit = self.names.flags.known(flag).unwrap_or_default();
        let record = self.slots.record(slot);
        record.is_some_and(|record| record.facts.bits & bit != 0)
    }

    /// The slots of the devices that the query takes, in the order of the list.
    #[must_use]
    pub fn find(&self, query: &Query) -> Vec<u32> {
        let mut found = Vec::new();
        if let Some((asked, wanted)) = query.with_flags(&self.names.flags) {
            for slot in self.order() {
                if let Some(record) = self.slots.record(*slot)
                    && record.facts.bits & asked == wanted
                    && query.takes(&record.facts)
                {
                    found.push(*slot);
                }
            }
        }
        found
    }
}
