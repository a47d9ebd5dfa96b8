use super::ListCacheError;
use super::fields::FieldPaths;
use super::hash::Hash;
use super::value::Value;

/// The stored fields of a record. The caller keeps its text.
#[derive(Clone, Copy)]
pub(super) struct Record {
    /// Its slot, which is valid only in a committed list.
    pub(super) slot: u32,
    /// The number of its text in its fetch.
    pub(super) nth: usize,
    /// The length and the hash of its text.
    pub(super) length: usize,
    pub(super) hash: u64,
    /// The hash of its meaning.
    pub(super) semantic_hash: u64,
    /// The bits of `Query`, and those of `Flags` for the capability flags that are present and
    /// true.
    pub(super) bits: u64,
    /// The hash of `device_type`, or 0.
    pub(super) device_type: u64,
    /// Whether it was upserted since the fetch began.
    pub(super) locally_updated: bool,
    pub(super) id_hash: u64,
    /// The start of its id in the list's words, the end of the id, where the name starts, and the
    /// end of the name.
    words: [usize; 3],
}

/// Records in an order, each with its own id.
pub(super) struct List {
    pub(super) records: Vec<Record>,
    /// The ids, and the names in lower case.
    words: Vec<u8>,
    /// A hash table with open addressing: places in `records` plus 1, or 0, by the hash of the id.
    /// Its length is a power of two, and at most half of it is used.
    table: Vec<u32>,
}

/// A parsed record, to be put into a list.
pub(super) struct Entry {
    pub(super) record: Record,
    pub(super) id: Vec<u8>,
    /// `display_name`, else `name`, in lower case.
    pub(super) name: Vec<u8>,
}

impl Entry {
    /// Creates the entry of the record that `text` starts with. `nth` is the number of its text in
    /// the fetch.
    pub(super) fn new(
        text: &[u8],
        value: Value,
        nth: usize,
        paths: &FieldPaths,
    ) -> Result<Self, ListCacheError> {
        let mut fields = value.fields;
        let id = fields.id.take().ok_or(ListCacheError::NoId)?;
        let record = Record {
            slot: 0,
            nth,
            length: value.length,
            hash: Hash::of(text.get(..value.length).unwrap_or_default()),
            semantic_hash: value.semantic_hash,
            bits: fields.bits(),
            device_type: fields.device_type,
            locally_updated: false,
            id_hash: Hash::of(&id),
            words: [0; 3],
        };
        let name = fields.name(paths.lower);
        Ok(Self { record, id, name })
    }
}

impl List {
    pub(super) const fn new() -> Self {
        Self {
            records: Vec::new(),
            words: Vec::new(),
            table: Vec::new(),
        }
    }

    /// Returns the id.
    pub(super) fn id(&self, record: &Record) -> &[u8] {
        let [start, end, _] = record.words;
        self.words.get(start..end).unwrap_or_default()
    }

    /// Returns `display_name`, else `name`, in lower case.
    pub(super) fn name(&self, record: &Record) -> &[u8] {
        let [_, start, end] = record.words;
        self.words.get(start..end).unwrap_or_default()
    }

    /// Returns the place of the record with this id, whose hash is `hash`.
    pub(super) fn find(&self, id: &[u8], hash: u64) -> Option<usize> {
        let mut entry = hash;
        loop {
            let place = self.table.get(self.at(entry))?.checked_sub(1)? as usize;
            if self.id(self.records.get(place)?) == id {
                return Some(place);
            }
            entry = entry.wrapping_add(1);
        }
    }

    /// Returns the record with this id, whose hash is `hash`.
    pub(super) fn get(&self, id: &[u8], hash: u64) -> Option<&Record> {
        self.records.get(self.find(id, hash)?)
    }

    /// Replaces the record with the same id, or adds the record at the end.
    pub(super) fn put(&mut self, mut record: Record, id: &[u8], name: &[u8]) {
        let place = self.find(id, record.id_hash);
        let known = place.and_then(|place| self.records.get(place));
        // A record that is put again and again takes no more space.
        record.words = if let Some(known) = known.filter(|known| self.name(known) == name) {
            known.words
        } else {
            let start = self.words.len();
            self.words.extend_from_slice(id);
            let middle = self.words.len();
            self.words.extend_from_slice(name);
            [start, middle, self.words.len()]
        };
        if let Some(known) = place.and_then(|place| self.records.get_mut(place)) {
            *known = record;
            return;
        }
        self.records.push(record);
        if self.records.len() * 2 > self.table.len() {
            let entries = (self.records.len() * 4).next_power_of_two();
            self.table.clear();
            self.table.resize(entries, 0);
            for place in 0..self.records.len() {
                self.enter(place);
            }
        } else {
            self.enter(self.records.len() - 1);
        }
    }

    /// Adds the record at `place` of another list, or replaces the record with its id.
    pub(super) fn copy_from(&mut self, other: &Self, place: usize) {
        if let Some(record) = other.records.get(place) {
            self.put(*record, other.id(record), other.name(record));
        }
    }

    /// Adds all records of another list, except the one with the id `but`.
    pub(super) fn copy_all_from(&mut self, other: &Self, but: Option<&[u8]>) {
        for (place, record) in other.records.iter().enumerate() {
            if Some(other.id(record)) != but {
                self.copy_from(other, place);
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a record is larger than a byte"
    )]
    fn enter(&mut self, place: usize) {
        let mut entry = self.records.get(place).map_or(0, |record| record.id_hash);
        loop {
            let at = self.at(entry);
            match self.table.get_mut(at) {
                Some(free @ 0) => {
                    *free = place as u32 + 1;
                    return;
                }
                Some(_) => entry = entry.wrapping_add(1),
                None => return,
            }
        }
    }

    /// Returns the place of an entry in the table, which wraps around.
    #[expect(clippy::cast_possible_truncation, reason = "only the low bits count")]
    fn at(&self, entry: u64) -> usize {
        entry as usize & self.table.len().wrapping_sub(1)
    }
}
