//! The records of a list, and the changes of each fetch, which are found while the bytes arrive and
//! without building a tree of values.
//!
//! Most records are devices, but any record with an id can be kept. For each record the cache keeps
//! a hash of its bytes, a hash of its meaning, and the fields that queries use. The caller keeps
//! the text. Each new response is compared with the last list, at the place where the same bytes
//! are most likely, and is parsed only where they differ.

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

use core::fmt;

pub use delta::Delta;
pub use error::ListCacheError;
pub use query::Query;

use fields::FieldPaths;
use hash::Hash;
use list::{Entry, List, Record};
use page::PageReader;

/// Returns the hash of an id.
pub(super) const fn hash_of(id: &[u8]) -> u64 {
    Hash::of(id)
}

/// Returns the hash of a capability flag's name.
pub(crate) const fn flag(name: &str) -> u64 {
    Hash::of(name.as_bytes())
}

/// The records of one list. Each has a slot, a small number that it keeps while it is in the list.
/// The slot of a removed record is reused only after the next change.
pub struct ListCache {
    paths: FieldPaths,
    list: List,
    /// The list before the last change, for what was removed.
    last: List,
    /// The slots in the order of the list.
    order: Vec<u32>,
    /// The place of each slot's record in `list`, or its last place.
    places: Vec<usize>,
    /// Slots without a record.
    free: Vec<u32>,
    fetch: Option<Box<PageReader>>,
    delta: Delta,
}

impl fmt::Debug for ListCache {
    /// Omits the records and their bytes, which may hold PINs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListCache")
            .field("records", &self.order.len())
            .finish_non_exhaustive()
    }
}

impl ListCache {
    /// An empty cache. The id of a record is its member `id_member`. `number` parses the text of a
    /// JSON number. `lower` changes a text that is not only ASCII to lower case. The platform
    /// provides both functions, because their tables would be larger than the cache.
    #[must_use]
    pub const fn new(id_member: &[u8], number: fn(&[u8]) -> f64, lower: fn(&mut Vec<u8>)) -> Self {
        Self {
            paths: FieldPaths::new(id_member, number, lower),
            list: List::new(),
            last: List::new(),
            order: Vec::new(),
            places: Vec::new(),
            free: Vec::new(),
            fetch: None,
            delta: Delta::new(),
        }
    }

    /// Starts a fetch of the whole list. `response_key` is the member of each page that holds the
    /// list. A fetch in progress is abandoned.
    pub fn begin(&mut self, response_key: &[u8]) {
        self.discard_delta();
        for record in &mut self.list.records {
            record.locally_updated = false;
        }
        self.fetch = Some(Box::new(PageReader::new(response_key)));
    }

    /// Discards the last change: the slots of removed records may be reused.
    fn discard_delta(&mut self) {
        self.free.append(&mut self.delta.removed);
        self.delta = Delta::new();
        self.last = List::new();
    }

    /// Returns space for the next `length` bytes of the page, which [`feed`](Self::feed) then
    /// reads.
    ///
    /// # Errors
    /// If no fetch is in progress.
    pub fn space(&mut self, length: usize) -> Result<&mut [u8], ListCacheError> {
        let fetch = self.fetch.as_mut().ok_or(ListCacheError::NoFetch)?;
        Ok(fetch.space(length))
    }

    /// Reads the bytes that were written into the space of this length. They may end anywhere.
    ///
    /// # Errors
    /// If this is not a page of a list. The fetch is over then.
    pub fn feed(&mut self, length: usize) -> Result<(), ListCacheError> {
        let fetch = self.fetch.as_mut().ok_or(ListCacheError::NoFetch)?;
        let result = fetch.read(length, &self.list, &mut self.paths);
        if result.is_err() {
            self.fetch = None;
        }
        result
    }

    /// Ends the page. Returns the cursor of the next page, if there is one; it is empty if the page
    /// has none that is a string.
    ///
    /// # Errors
    /// If this is not a page of a list, or incomplete. The fetch is over then.
    pub fn end_page(&mut self) -> Result<Option<Vec<u8>>, ListCacheError> {
        let fetch = self.fetch.as_mut().ok_or(ListCacheError::NoFetch)?;
        let result = fetch.end();
        if result.is_err() {
            self.fetch = None;
        }
        result
    }

    /// Returns the `nth` JSON text that the last [`feed`](Self::feed) has read, of those whose
    /// meaning differs from that of the record in the list. The caller numbers these texts over the
    /// whole fetch. After the commit, [`text_index`](Self::text_index) returns the number of a
    /// record's text.
    #[must_use]
    pub fn new_text(&self, nth: usize) -> Option<&[u8]> {
        self.fetch.as_ref()?.text(nth)
    }

    /// Ends the fetch and replaces the list with its pages. A record that was upserted since
    /// `begin` stays as it is, and stays in the list even if it is missing from the pages, because
    /// they may be older.
    ///
    /// # Errors
    /// If no fetch is in progress, or a page has not ended. The list is unchanged then.
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

    /// Adds or replaces one record, by its JSON text. A fetch in progress continues, and keeps this
    /// record.
    ///
    /// # Errors
    /// If it is not JSON with an id. The list is unchanged then.
    pub fn upsert(&mut self, text: &[u8]) -> Result<&Delta, ListCacheError> {
        let value = value::read(text, &mut self.paths).filter(|value| value.length == text.len());
        let value = value.ok_or(ListCacheError::NotJson)?;
        let mut one = Entry::new(text, value, 0, &self.paths)?;
        one.record.locally_updated = true;
        let mut next = List::new();
        next.copy_all_from(&self.list, None);
        next.put(one.record, &one.id, &one.name);
        Ok(self.replace(next))
    }

    /// Removes the record with this id, if there is one. A fetch in progress is abandoned, because
    /// it may have read the record already.
    pub fn remove(&mut self, id: &[u8]) -> &Delta {
        self.fetch = None;
        let mut next = List::new();
        next.copy_all_from(&self.list, Some(id));
        self.replace(next)
    }

    /// Replaces the list, and computes the change.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a record is larger than a byte"
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

    /// Returns the slots in the order of the list.
    #[must_use]
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// Returns the last change.
    #[must_use]
    pub fn delta(&self) -> &Delta {
        &self.delta
    }

    /// Returns the slot of the record with this id.
    #[must_use]
    pub fn slot_of(&self, id: &[u8]) -> Option<u32> {
        Some(self.list.get(id, Hash::of(id))?.slot)
    }

    /// Returns the record in a slot, and the list that contains it. A record that the last change
    /// removed is found too.
    fn record(&self, slot: u32) -> Option<(&List, &Record)> {
        let place = *self.places.get(slot as usize)?;
        [&self.list, &self.last].into_iter().find_map(|list| {
            let record = list.records.get(place)?;
            (record.slot == slot).then_some((list, record))
        })
    }

    /// Returns the number of a record's text in its fetch, if the last commit has added or changed
    /// the record.
    #[must_use]
    pub fn text_index(&self, slot: u32) -> Option<usize> {
        Some(self.record(slot)?.1.nth)
    }

    /// Returns the id of a record.
    #[must_use]
    pub fn id(&self, slot: u32) -> &[u8] {
        let record = self.record(slot);
        record.map_or(&[], |(list, record)| list.id(record))
    }

    /// Returns whether a device has the capability flag with this hash, present and true.
    #[must_use]
    pub fn can(&self, slot: u32, flag: u64) -> bool {
        let bit = self.paths.flags.known(flag).unwrap_or_default();
        let record = self.record(slot);
        record.is_some_and(|(_, record)| record.bits & bit != 0)
    }

    /// Returns the slots of the records that match, in the order of the list.
    #[must_use]
    pub fn find(&self, query: &Query) -> Vec<u32> {
        let mut found = Vec::new();
        if let Some((mask, expected)) = query.with_flags(&self.paths.flags) {
            for record in &self.list.records {
                if record.bits & mask == expected
                    && query.matches(record.device_type, self.list.name(record))
                {
                    found.push(record.slot);
                }
            }
        }
        found
    }
}
