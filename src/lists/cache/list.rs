use super::ListCacheError;
use super::fields::FieldPaths;
use super::hash::Hash;
use super::value::Value;

/// What is kept of one thing of a list: not its text, which goes to whoever
/// makes something of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// Its number from round to round; what it is before the round's end says nothing.
    pub(super) slot: u32,
    /// Which of the texts of its round it has.
    pub(super) nth: usize,
    /// The length and the hash of its text.
    pub(super) length: usize,
    pub(super) hash: u64,
    /// The hash of what the text means.
    pub(super) semantic_hash: u64,
    /// A bit for each thing that is so: those of `Query`, and those of `Flags`
    /// for the capability flags that are present and true.
    pub(super) bits: u64,
    /// The hash of `device_type`, 0 if there is none.
    pub(super) device_type: u64,
    /// Whether it was refreshed by itself since the round began.
    pub(super) locally_updated: bool,
    pub(super) id_hash: u64,
    /// Where its id begins in the list's words, where the id ends and the name
    /// begins, and where that ends.
    words: [usize; 3],
}

/// Things in an order, each with an id of its own.
#[derive(Debug)]
pub(super) struct List {
    pub(super) records: Vec<Record>,
    /// Their ids, and their names in lower case.
    words: Vec<u8>,
    /// Places in `records` by the hash of the id, at the first free entry at or
    /// after the hash: 1 more than the place, 0 for none. A power of two, half
    /// empty at least.
    table: Vec<u32>,
}

/// One thing that was read, for a list.
pub(super) struct Entry {
    pub(super) record: Record,
    pub(super) id: Vec<u8>,
    /// `display_name`, else `name`, in lower case.
    pub(super) name: Vec<u8>,
}

impl Entry {
    /// What `text` begins with, which means this, as the nth of its round's texts.
    pub(super) fn new(
        text: &[u8],
        value: Value,
        nth: usize,
        names: &FieldPaths,
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
        let name = fields.name(names.lower);
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

    /// The value of its id member.
    pub(super) fn id(&self, record: &Record) -> &[u8] {
        let [start, end, _] = record.words;
        self.words.get(start..end).unwrap_or_default()
    }

    /// `display_name`, else `name`, in lower case.
    pub(super) fn name(&self, record: &Record) -> &[u8] {
        let [_, start, end] = record.words;
        self.words.get(start..end).unwrap_or_default()
    }

    /// The place of what has this id, whose hash is this.
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

    /// What has this id, whose hash is this.
    pub(super) fn get(&self, id: &[u8], hash: u64) -> Option<&Record> {
        self.records.get(self.find(id, hash)?)
    }

    /// Puts something in: in the place of what has its id, else at the end.
    pub(super) fn put(&mut self, mut record: Record, id: &[u8], name: &[u8]) {
        let place = self.find(id, record.id_hash);
        let known = place.and_then(|place| self.records.get(place));
        // One that comes again and again takes no more room.
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

    /// Puts in what another list has in a place.
    pub(super) fn copy_from(&mut self, other: &Self, place: usize) {
        if let Some(record) = other.records.get(place) {
            self.put(*record, other.id(record), other.name(record));
        }
    }

    /// Puts in all that another list has, but what has this id.
    pub(super) fn copy_all_from(&mut self, other: &Self, but: Option<&[u8]>) {
        for (place, record) in other.records.iter().enumerate() {
            if Some(other.id(record)) != but {
                self.copy_from(other, place);
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "each takes more than a byte"
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

    /// Where an entry stands in the table, whose ends are concat.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low bits are asked for"
    )]
    fn at(&self, entry: u64) -> usize {
        entry as usize & self.table.len().wrapping_sub(1)
    }
}
