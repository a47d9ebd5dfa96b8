use super::StoreError;
use super::facts::{Gatherer, Names};
use super::hash::Hash;
use super::meaning::Meaning;
use super::record::Record;
use super::slots::Slots;
use super::tokens::{Token, Tokens};
use super::unescape::unescape;

/// A token or a device that is longer is not Seam's.
const MAX_BYTES: usize = 16 << 20;

/// What a page has at one place of its list.
#[derive(Debug)]
pub(super) enum Entry {
    /// The very text of this slot.
    Same(u32),
    /// Another text, or another device.
    Other(Box<Record>),
}

/// Where in the body it is.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// In a member that does not matter, or before the first.
    Elsewhere,
    /// The response key has been read.
    Key,
    /// In the list, between two devices.
    List,
    /// In a device that may have the text of this slot: it is not all there yet.
    Same(u32),
    /// In a device.
    Device,
    /// In `pagination`.
    Pagination,
    /// `has_next_page` has been read.
    HasNext,
    /// `next_page_cursor` has been read.
    Cursor,
}

/// Reads one body, a page of the list or a single device, as its bytes arrive.
#[derive(Debug)]
pub(super) struct Reader {
    response_key: Vec<u8>,
    /// Whether the body holds a single device, and no list of them.
    single: bool,
    /// What has arrived and is not read yet begins at 0 and ends at `filled`.
    buffer: Vec<u8>,
    filled: usize,
    /// Whether no more will come.
    complete: bool,
    tokens: Tokens,
    place: Place,
    /// Where the device begins that it is in.
    start: usize,
    gatherer: Gatherer,
    meaning: Meaning,
    /// Where the devices that are no `Entry::Same` begin and end, of those that
    /// were read last, and how many there were before.
    texts: Vec<(usize, usize)>,
    before: usize,
    /// Where in the last list the next device probably stands.
    expected: usize,
    /// The devices, once the list has been found.
    entries: Option<Vec<Entry>>,
    has_next: bool,
    cursor: Option<Vec<u8>>,
}

impl Reader {
    pub(super) fn new(response_key: Vec<u8>, single: bool) -> Self {
        Self {
            response_key,
            single,
            buffer: Vec::new(),
            filled: 0,
            complete: false,
            tokens: Tokens::new(),
            place: Place::Elsewhere,
            start: 0,
            gatherer: Gatherer::default(),
            meaning: Meaning::default(),
            texts: Vec::new(),
            before: 0,
            expected: 0,
            entries: None,
            has_next: false,
            cursor: None,
        }
    }

    /// Room for `length` more bytes of the body.
    pub(super) fn space(&mut self, length: usize) -> &mut [u8] {
        let keep = self.unread();
        self.start = 0;
        self.buffer.copy_within(keep..self.filled, 0);
        self.tokens.shift(keep);
        self.filled -= keep;
        let end = self.filled + length;
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        self.buffer.get_mut(self.filled..end).unwrap_or_default()
    }

    /// Whether a body has begun to arrive whose end has not.
    pub(super) fn begun(&self) -> bool {
        self.filled > 0 || self.tokens.depth() > 0 || self.tokens.ended()
    }

    /// Where that begins which is still needed: a device, or a token.
    fn unread(&self) -> usize {
        match self.place {
            Place::Same(_) | Place::Device => self.start,
            _ => self.tokens.at(),
        }
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
        if !self.tokens.ended() {
            return Err(StoreError::NotJson);
        }
        let mut own = self.entries.take().ok_or(StoreError::NoList)?;
        entries.append(&mut own);
        let cursor = self.cursor.take().filter(|_| self.has_next);
        (self.filled, self.has_next, self.complete) = (0, false, false);
        self.tokens = Tokens::new();
        self.place = Place::Elsewhere;
        Ok(cursor)
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
        let result = self.read_all(buffer.get(..self.filled).unwrap_or_default(), slots, names);
        self.buffer = buffer;
        if self.filled - self.unread() > MAX_BYTES {
            return Err(StoreError::NotJson);
        }
        result
    }

    fn read_all(
        &mut self,
        bytes: &[u8],
        slots: &Slots,
        names: &mut Names,
    ) -> Result<(), StoreError> {
        loop {
            if let Place::Same(slot) = self.place
                && !self.compare(bytes, slot, slots)
            {
                return Ok(());
            }
            match self.tokens.next(bytes)? {
                Some(token) => self.take(token, bytes, slots, names)?,
                None => return Ok(()),
            }
        }
    }

    /// Compares with the expected device; false if there is too little to tell.
    fn compare(&mut self, bytes: &[u8], slot: u32, slots: &Slots) -> bool {
        let (length, hash) = slots.record(slot).map_or((0, 0), |it| (it.length, it.hash));
        let end = self.start + length;
        match bytes.get(self.start..end) {
            None if !self.complete => return false,
            Some(text) if Hash::of(text) == hash => {
                self.tokens.leave(end);
                self.expected += 1;
                self.push(Entry::Same(slot));
            }
            _ => self.other(),
        }
        true
    }

    fn take(
        &mut self,
        token: Token<'_>,
        bytes: &[u8],
        slots: &Slots,
        names: &mut Names,
    ) -> Result<(), StoreError> {
        if let Place::Device = self.place {
            self.gatherer.take(token, names);
            return match self.meaning.take(token) {
                Some(meaning) => self.device(bytes, meaning, slots),
                None => Ok(()),
            };
        }
        let depth = self.tokens.depth();
        match (self.place, token) {
            (_, Token::Key(raw)) => self.enter(&unescape(raw), depth),
            (Place::List, Token::End) => self.place = Place::Elsewhere,
            (Place::List, Token::Object) => self.begin(slots),
            (Place::List, _) => return Err(StoreError::NoId),
            (Place::Key, Token::Object) if self.single => self.begin(slots),
            (Place::Key, Token::Array) if !self.single => {
                self.entries = Some(Vec::new());
                self.place = Place::List;
            }
            (Place::Key, _) => self.place = Place::Elsewhere,
            (Place::HasNext, Token::True) if depth == 2 => self.has_next = true,
            (Place::Cursor, Token::String(raw)) if depth == 2 => {
                self.cursor = Some(unescape(raw).into());
            }
            // The body is one object, and nothing else.
            (_, Token::Array) if depth == 1 => return Err(StoreError::NotJson),
            (_, Token::Object | Token::End) => {}
            _ if depth == 0 => return Err(StoreError::NotJson),
            _ => {}
        }
        Ok(())
    }

    /// A member of the body or of what is in it begins. Of two of one name the last counts.
    fn enter(&mut self, name: &[u8], depth: u32) {
        self.place = match (depth, self.place, name) {
            (1, _, b"pagination") => {
                (self.has_next, self.cursor) = (false, None);
                Place::Pagination
            }
            (1, ..) if *name == *self.response_key => {
                self.entries = None;
                Place::Key
            }
            (1, ..) | (_, Place::Elsewhere, _) => Place::Elsewhere,
            (2, _, b"has_next_page") => {
                self.has_next = false;
                Place::HasNext
            }
            (2, _, b"next_page_cursor") => {
                self.cursor = None;
                Place::Cursor
            }
            (2, ..) => Place::Pagination,
            (_, place, _) => place,
        };
    }

    /// A device begins.
    fn begin(&mut self, slots: &Slots) {
        self.start = self.tokens.at() - 1;
        match slots.order().get(self.expected) {
            Some(slot) => self.place = Place::Same(*slot),
            None => self.other(),
        }
    }

    /// The device that has begun is not the expected one.
    fn other(&mut self) {
        self.gatherer.begin();
        self.meaning.take(Token::Object);
        self.place = Place::Device;
    }

    /// A device has ended that is not the expected one.
    fn device(&mut self, bytes: &[u8], meaning: u64, slots: &Slots) -> Result<(), StoreError> {
        let end = self.tokens.at();
        let text = bytes.get(self.start..end).unwrap_or_default();
        let (id, facts) = self.gatherer.finish().ok_or(StoreError::NoId)?;
        let record = Box::new(Record {
            id_hash: Hash::of(&id),
            id,
            length: text.len(),
            hash: Hash::of(text),
            meaning,
            nth: self.before + self.texts.len(),
            facts,
            seen: false,
            added: true,
            held: false,
            next: None,
        });
        let slot = slots.find(&record.id, record.id_hash);
        if let Some(slot) = slot {
            self.expected = slots.place(slot) + 1;
        }
        let same = slot.filter(|slot| {
            let known = slots.record(*slot);
            known.is_some_and(|known| known.hash == record.hash)
        });
        let entry = if let Some(slot) = same {
            Entry::Same(slot)
        } else {
            self.texts.push((self.start, end));
            Entry::Other(record)
        };
        self.push(entry);
        Ok(())
    }

    fn push(&mut self, entry: Entry) {
        self.entries.get_or_insert_default().push(entry);
        self.place = if self.single {
            Place::Elsewhere
        } else {
            Place::List
        };
    }
}
