use super::StoreError;
use super::extent::Extent;
use super::facts::{Names, says};
use super::hash::Hash;
use super::record::Record;
use super::slots::Slots;
use super::value;

/// A value that is longer is not Seam's.
const MAX_BYTES: usize = 16 << 20;

/// What a page has at one place of its list.
#[derive(Debug)]
pub(super) enum Entry {
    /// The very text of this slot.
    Same(u32),
    /// Another text, or another device.
    Other(Box<Record>),
}

/// What comes next in the body, white space aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// `{`
    Body,
    /// The name of a member, or else `}` if it would be the first.
    Name {
        first: bool,
    },
    Colon,
    /// The value of a member.
    Value,
    /// A comma before a member, or `}`.
    MemberOrEnd,
    /// A device, or else `]` if it would be the first.
    Device {
        first: bool,
    },
    /// A comma before a device, or `]`.
    DeviceOrEnd,
    Nothing,
}

/// A member of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Other,
    /// The list, or the single device.
    List,
    Pagination,
}

/// Reads one body, a page of the list or a single device, as its bytes arrive.
#[derive(Debug)]
pub(super) struct Reader {
    response_key: Vec<u8>,
    /// Whether the body holds a single device, and no list of them.
    single: bool,
    /// What has arrived begins at 0 and ends at `filled`; up to `at` it has been read.
    buffer: Vec<u8>,
    filled: usize,
    at: usize,
    /// Whether no more will come.
    complete: bool,
    next: Next,
    member: Member,
    /// The end of the value that begins at `at`.
    extent: Extent,
    /// Whether it is another one than the expected device.
    other: bool,
    /// Where the devices that are no `Entry::Same` begin and end, of those that
    /// were read last, and how many there were before.
    texts: Vec<(usize, usize)>,
    before: usize,
    /// Where in the last list the next device probably stands.
    expected: usize,
    /// The devices, once the list has been found.
    entries: Option<Vec<Entry>>,
    cursor: Option<Vec<u8>>,
}

impl Reader {
    pub(super) fn new(response_key: &[u8], single: bool) -> Self {
        Self {
            response_key: response_key.to_vec(),
            single,
            buffer: Vec::new(),
            filled: 0,
            at: 0,
            complete: false,
            next: Next::Body,
            member: Member::Other,
            extent: Extent::default(),
            other: false,
            texts: Vec::new(),
            before: 0,
            expected: 0,
            entries: None,
            cursor: None,
        }
    }

    /// Room for `length` more bytes of the body.
    pub(super) fn space(&mut self, length: usize) -> &mut [u8] {
        self.buffer.copy_within(self.at..self.filled, 0);
        self.filled -= self.at;
        self.at = 0;
        let end = self.filled + length;
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        self.buffer.get_mut(self.filled..end).unwrap_or_default()
    }

    /// Whether a body has begun to arrive whose end has not.
    pub(super) fn begun(&self) -> bool {
        self.filled > 0 || self.next != Next::Body
    }

    /// Whether the body holds a single device.
    pub(super) fn single(&self) -> bool {
        self.single
    }

    /// One of the texts of devices that are new or other ones, among what was
    /// read last.
    pub(super) fn text(&self, nth: usize) -> Option<&[u8]> {
        let (start, end) = self.texts.get(nth)?;
        self.buffer.get(*start..*end)
    }

    /// The body is complete: adds its devices to `entries`, and says where the
    /// next page begins, if there is one. What comes next is another body.
    pub(super) fn end(
        &mut self,
        entries: &mut Vec<Entry>,
        slots: &Slots,
        names: &mut Names,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.complete = true;
        self.read(0, slots, names)?;
        if self.next != Next::Nothing {
            return Err(StoreError::NotJson);
        }
        let mut own = self.entries.take().ok_or(StoreError::NoList)?;
        entries.append(&mut own);
        // White space may be left.
        (self.filled, self.at, self.complete) = (0, 0, false);
        self.next = Next::Body;
        Ok(self.cursor.take())
    }

    /// Reads `length` bytes that have been put into the space.
    pub(super) fn read(
        &mut self,
        length: usize,
        slots: &Slots,
        names: &mut Names,
    ) -> Result<(), StoreError> {
        self.before += self.texts.len();
        self.texts.clear();
        self.filled = self.buffer.len().min(self.filled + length);
        // Out of `self` for as long as it is borrowed.
        let buffer = core::mem::take(&mut self.buffer);
        let bytes = buffer.get(..self.filled).unwrap_or_default();
        let mut result = Ok(true);
        while let Ok(true) = result {
            result = self.step(bytes, slots, names);
        }
        self.buffer = buffer;
        if self.filled - self.at > MAX_BYTES {
            return Err(StoreError::NotJson);
        }
        result.map(|_| ())
    }

    /// Reads what comes next; false if it is not all there.
    fn step(&mut self, bytes: &[u8], slots: &Slots, names: &mut Names) -> Result<bool, StoreError> {
        let rest = bytes.get(self.at..).unwrap_or_default();
        let Some(first) = rest.first() else {
            return Ok(false);
        };
        let (length, next) = match (self.next, first) {
            // Within a value there is no white space that is not part of it.
            (next, b' ' | b'\t' | b'\n' | b'\r') => (1, next),
            (Next::Body, b'{') => (1, Next::Name { first: true }),
            (Next::Name { first: true } | Next::MemberOrEnd, b'}') => (1, Next::Nothing),
            (Next::MemberOrEnd, b',') => (1, Next::Name { first: false }),
            (Next::Colon, b':') => (1, Next::Value),
            (Next::Device { first: true } | Next::DeviceOrEnd, b']') => (1, Next::MemberOrEnd),
            (Next::DeviceOrEnd, b',') => (1, Next::Device { first: false }),
            (Next::Value, b'[') if self.member == Member::List && !self.single => {
                self.entries = Some(Vec::new());
                (1, Next::Device { first: true })
            }
            (Next::Name { .. }, b'"') | (Next::Value | Next::Device { .. }, _) => {
                return self.take(rest, slots, names);
            }
            _ => return Err(StoreError::NotJson),
        };
        self.at += length;
        self.next = next;
        Ok(true)
    }

    /// Takes the value that `rest` begins with; false if it is not all there.
    fn take(&mut self, rest: &[u8], slots: &Slots, names: &mut Names) -> Result<bool, StoreError> {
        let in_list = matches!(self.next, Next::Device { .. });
        if in_list && !self.other {
            let expected = slots.order().get(self.expected);
            match expected.and_then(|slot| Some((*slot, slots.record(*slot)?))) {
                Some((slot, record)) => match rest.get(..record.length) {
                    None if !self.complete => return Ok(false),
                    Some(text) if Hash::of(text) == record.hash => {
                        self.expected += 1;
                        self.push(Entry::Same(slot));
                        self.at += record.length;
                        return Ok(true);
                    }
                    _ => self.other = true,
                },
                None => self.other = true,
            }
        }
        let Some(length) = self.extent.find(rest) else {
            return Ok(false);
        };
        self.extent = Extent::default();
        self.other = false;
        let text = rest.get(..length).unwrap_or_default();
        let (meaning, seen) = value::read(text, names).ok_or(StoreError::NotJson)?;
        if let Next::Name { .. } = self.next {
            self.name(&says(text));
        } else if in_list || self.single && self.member == Member::List {
            let id = seen.id.ok_or(StoreError::NoId)?;
            let id = Box::from(says(id));
            let record = Box::new(Record::new(id, text, meaning, seen.facts()));
            self.device(record, slots);
        } else {
            if self.member == Member::Pagination && seen.has_next_page {
                self.cursor = seen.cursor.map(|cursor| says(cursor).into());
            }
            self.next = Next::MemberOrEnd;
        }
        self.at += length;
        Ok(true)
    }

    /// A member of the body begins. Of two of one name the last counts.
    fn name(&mut self, name: &[u8]) {
        self.next = Next::Colon;
        self.member = Member::Other;
        if *name == *self.response_key {
            self.member = Member::List;
            self.entries = None;
        } else if name == b"pagination" {
            self.member = Member::Pagination;
            self.cursor = None;
        }
    }

    /// A device that is not the expected one.
    fn device(&mut self, mut record: Box<Record>, slots: &Slots) {
        let slot = slots.find(&record.id, record.id_hash);
        if let Some(slot) = slot {
            self.expected = slots.place(slot) + 1;
            if slots
                .record(slot)
                .is_some_and(|known| known.hash == record.hash)
            {
                return self.push(Entry::Same(slot));
            }
        }
        record.nth = self.before + self.texts.len();
        self.texts.push((self.at, self.at + record.length));
        self.push(Entry::Other(record));
    }

    fn push(&mut self, entry: Entry) {
        self.entries.get_or_insert_default().push(entry);
        self.next = if self.single {
            Next::MemberOrEnd
        } else {
            Next::DeviceOrEnd
        };
    }
}
