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
mod fields;
mod flags;
mod hash;
mod list;
mod number;
mod page;
mod query;
mod string;
#[cfg(test)]
mod tests;
mod value;

pub use delta::Delta;
pub use error::ListCacheError;
pub use query::Query;

use fields::FieldPaths;
use hash::Hash;
use list::{Entry, List, Record};
use page::PageReader;

/// The hash of a capability flag's name, by which devices are asked for it.
pub(crate) const fn flag(name: &str) -> u64 {
    Hash::of(name.as_bytes())
}

/// A list that is kept fresh. A device has a slot, a small number that it keeps
/// from fetch to fetch; a slot is given to another only after the fetch in
/// which its device was removed.
#[derive(Debug)]
pub struct ListCache {
    names: FieldPaths,
    list: List,
    /// The list before the last change, for what that removed.
    last: List,
    /// The slots in the order of the list.
    order: Vec<u32>,
    /// Where the thing of each slot stands, or stood last.
    places: Vec<usize>,
    /// Slots that nothing refers to.
    free: Vec<u32>,
    fetch: Option<Box<PageReader>>,
    delta: Delta,
}

impl ListCache {
    /// An empty store of things whose id is their member of this name. `number`
    /// is the platform's parser of numbers: the float that `JSON.parse` makes of
    /// a text, which is one number of JSON. `lower` is its `toLowerCase`, of a
    /// text that is not ASCII alone: the tables for it are larger than the store.
    #[must_use]
    pub const fn new(id_member: &[u8], number: fn(&[u8]) -> f64, lower: fn(&mut Vec<u8>)) -> Self {
        Self {
            names: FieldPaths::new(id_member, number, lower),
            list: List::new(),
            last: List::new(),
            order: Vec::new(),
            places: Vec::new(),
            free: Vec::new(),
            fetch: None,
            delta: Delta::new(),
        }
    }

    /// What comes from now on are things whose id is their member of this name.
    pub fn identify_by(&mut self, id_member: &[u8]) {
        self.names.identify_by(id_member);
    }

    /// Begins to take the whole list anew, whose pages hold it under this key.
    /// A fetch that is under way is forgotten.
    pub fn begin(&mut self, response_key: &[u8]) {
        self.discard_delta();
        for record in &mut self.list.records {
            record.locally_updated = false;
        }
        self.fetch = Some(Box::new(PageReader::new(response_key)));
    }

    /// Forgets what the last change has done: slots of what it removed may be taken again.
    fn discard_delta(&mut self) {
        self.free.append(&mut self.delta.removed);
        self.delta = Delta::new();
        self.last = List::new();
    }

    /// Room for the next bytes of the page; `feed` reads them.
    ///
    /// # Errors
    ///
    /// If no fetch has begun.
    pub fn space(&mut self, length: usize) -> Result<&mut [u8], ListCacheError> {
        let fetch = self.fetch.as_mut().ok_or(ListCacheError::NoFetch)?;
        Ok(fetch.space(length))
    }

    /// Reads the bytes that were put into the space, which was asked for this
    /// length. They may be cut off anywhere.
    ///
    /// # Errors
    ///
    /// If this is no page of a list. The fetch is over then.
    pub fn feed(&mut self, length: usize) -> Result<(), ListCacheError> {
        let fetch = self.fetch.as_mut().ok_or(ListCacheError::NoFetch)?;
        let result = fetch.read(length, &self.list, &mut self.names);
        if result.is_err() {
            self.fetch = None;
        }
        result
    }

    /// The page is complete. The cursor of the next one, if there is one: empty
    /// when the page does not say it, or says something that is no string.
    ///
    /// # Errors
    ///
    /// If it was no page of a list, or not all of it. The fetch is over then.
    pub fn end_page(&mut self) -> Result<Option<Vec<u8>>, ListCacheError> {
        let fetch = self.fetch.as_mut().ok_or(ListCacheError::NoFetch)?;
        let result = fetch.end();
        if result.is_err() {
            self.fetch = None;
        }
        result
    }

    /// The JSON texts of devices that mean something else than those of the list,
    /// of what the last `feed` has read: the first, the second, and so on. They
    /// are counted through a fetch: when it has been committed, `text` says whose
    /// they are.
    #[must_use]
    pub fn new_text(&self, nth: usize) -> Option<&[u8]> {
        self.fetch.as_ref()?.text(nth)
    }

    /// All pages are there: they are the list now. A device that was refreshed by
    /// itself since `begin` stays as it is, and stays in the list if the pages do
    /// not have it: they may be older. The next fetch decides.
    ///
    /// # Errors
    ///
    /// If no fetch has begun, or a page has not ended. Nothing has changed then.
    pub fn commit(&mut self) -> Result<&Delta, ListCacheError> {
        let fetch = self.fetch.take().ok_or(ListCacheError::NoFetch)?;
        if fetch.has_begun() {
            return Err(ListCacheError::NotJson);
        }
        let mut next = fetch.list;
        for (place, record) in self.list.records.iter().enumerate() {
            if record.locally_updated {
                next.copy_from(&self.list, place);
            }
        }
        Ok(self.replace(next))
    }

    /// Takes one device anew, whose JSON text this is. A fetch that is under way
    /// goes on, and takes it for newer than what it has itself.
    ///
    /// # Errors
    ///
    /// If it is no JSON text with an id. Nothing has changed then.
    pub fn upsert(&mut self, text: &[u8]) -> Result<&Delta, ListCacheError> {
        let value = value::read(text, &mut self.names).filter(|value| value.length == text.len());
        let value = value.ok_or(ListCacheError::NotJson)?;
        let mut one = Entry::new(text, value, 0, &self.names)?;
        one.record.locally_updated = true;
        let mut next = List::new();
        next.copy_all_from(&self.list, None);
        next.put(one.record, &one.id, &one.name);
        Ok(self.replace(next))
    }

    /// Takes out the device with this id, if it is there. A fetch that is under
    /// way is over: it may have read the device already.
    pub fn remove(&mut self, id: &[u8]) -> &Delta {
        self.fetch = None;
        let mut next = List::new();
        next.copy_all_from(&self.list, Some(id));
        self.replace(next)
    }

    /// This is the list from now on.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "each takes more than a byte"
    )]
    fn replace(&mut self, mut next: List) -> &Delta {
        self.discard_delta();
        let mut delta = Delta::new();
        self.order.clear();
        for place in 0..next.records.len() {
            let Some(record) = next.records.get(place).copied() else {
                break;
            };
            let old = self.list.get(next.id(&record), record.id_hash);
            let slot = if let Some(old) = old {
                if old.semantic_hash != record.semantic_hash {
                    delta.changed.push(old.slot);
                }
                old.slot
            } else {
                let slot = self.free.pop().unwrap_or(self.places.len() as u32);
                delta.added.push(slot);
                slot
            };
            self.order.push(slot);
            if let Some(record) = next.records.get_mut(place) {
                record.slot = slot;
            }
            match self.places.get_mut(slot as usize) {
                Some(old) => *old = place,
                None => self.places.push(place),
            }
        }
        for record in &self.list.records {
            let id = self.list.id(record);
            if next.get(id, record.id_hash).is_none() {
                delta.removed.push(record.slot);
            }
        }
        self.last = core::mem::replace(&mut self.list, next);
        self.delta = delta;
        &self.delta
    }

    /// The slots of the devices, in the order of the list.
    #[must_use]
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// What the last commit or removal has changed.
    #[must_use]
    pub fn delta(&self) -> &Delta {
        &self.delta
    }

    /// The slot of the device with this id.
    #[must_use]
    pub fn slot_of(&self, id: &[u8]) -> Option<u32> {
        Some(self.list.get(id, Hash::of(id))?.slot)
    }

    /// What is in a slot, or was before the last change, and the list that has it.
    fn record(&self, slot: u32) -> Option<(&List, &Record)> {
        let place = *self.places.get(slot as usize)?;
        [&self.list, &self.last].into_iter().find_map(|list| {
            let record = list.records.get(place)?;
            (record.slot == slot).then_some((list, record))
        })
    }

    /// Which of the texts of its fetch is that of a device, which the last
    /// commit has added or changed.
    #[must_use]
    pub fn text_index(&self, slot: u32) -> Option<usize> {
        Some(self.record(slot)?.1.nth)
    }

    /// The id of a device.
    #[must_use]
    pub fn id(&self, slot: u32) -> &[u8] {
        let record = self.record(slot);
        record.map_or(&[], |(list, record)| list.id(record))
    }

    /// Whether a device has the capability flag of this hash, present and true.
    #[must_use]
    pub fn can(&self, slot: u32, flag: u64) -> bool {
        let bit = self.names.flags.known(flag).unwrap_or_default();
        let record = self.record(slot);
        record.is_some_and(|(_, record)| record.bits & bit != 0)
    }

    /// The slots of the devices that the query takes, in the order of the list.
    #[must_use]
    pub fn find(&self, query: &Query) -> Vec<u32> {
        let mut found = Vec::new();
        if let Some((mask, expected)) = query.with_flags(&self.names.flags) {
            for record in &self.list.records {
                if record.bits & mask == expected
                    && query.takes(record.device_type, self.list.name(record))
                {
                    found.push(record.slot);
                }
            }
        }
        found
    }
}
