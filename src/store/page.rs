use super::StoreError;
use super::equal::equal;
use super::facts::{Gatherer, Names};
use super::record::Record;
use super::slots::Slots;
use super::tokens::{Token, Tokens};
use super::unescape::unescape;

/// A token or a device that is longer is not Seam's.
const MAX_BYTES: usize = 16 << 20;

/// What a page has at one place of its list.
#[derive(Debug)]
pub(super) enum Entry {
    /// The very text that is in this slot.
    Same(u32),
    /// Another text, or another device.
    Other(Box<Record>),
}

/// Where in the body it is.
#[derive(Debug)]
enum Place {
    /// In a member that does not matter, or before the first.
    Elsewhere,
    /// The response key has been read.
    Key,
    /// In the list, between two devices.
    List,
    /// In a device that begins at `start`, and whose text has so far been
    /// that of the expected one.
    Same { start: usize, slot: u32 },
    /// In a device that begins at `start`.
    Device { start: usize, gatherer: Gatherer },
    /// `pagination` has been read, or one of its members.
    Pagination(Option<Page>),
}

impl Place {
    fn device(start: usize) -> Self {
        let gatherer = Gatherer::new();
        Self::Device { start, gatherer }
    }
}

/// A member of `pagination`.
#[derive(Clone, Copy, Debug)]
enum Page {
    HasNext,
    Next,
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
    tokens: Tokens,
    place: Place,
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
            tokens: Tokens::new(),
            place: Place::Elsewhere,
            expected: 0,
            entries: None,
            has_next: false,
            cursor: None,
        }
    }

    /// Room for `length` more bytes of the body.
    pub(super) fn space(&mut self, length: usize) -> &mut [u8] {
        let keep = self.unread();
        if let Place::Same { start, .. } | Place::Device { start, .. } = &mut self.place {
            *start = 0;
        }
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
            Place::Same { start, .. } | Place::Device { start, .. } => start,
            _ => self.tokens.at(),
        }
    }

    /// Whether the body holds a single device.
    pub(super) fn single(&self) -> bool {
        self.single
    }

    /// The body is complete: adds its devices to `entries`, and says where the
    /// next page begins, if there is one. What comes next is another body.
    pub(super) fn end(&mut self, entries: &mut Vec<Entry>) -> Result<Option<Vec<u8>>, StoreError> {
        if !self.tokens.ended() {
            return Err(StoreError::NotJson);
        }
        let mut own = self.entries.take().ok_or(StoreError::NoList)?;
        entries.append(&mut own);
        let cursor = self.cursor.take().filter(|_| self.has_next);
        (self.filled, self.has_next) = (0, false);
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
            if let Place::Same { start, slot } = self.place
                && !self.compare(bytes, start, slot, slots)
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
    fn compare(&mut self, bytes: &[u8], start: usize, slot: u32, slots: &Slots) -> bool {
        let text = slots.text(slot);
        let there = bytes.get(start..).unwrap_or_default();
        let length = text.len().min(there.len());
        if !equal(
            there.get(..length).unwrap_or_default(),
            text.get(..length).unwrap_or_default(),
        ) {
            self.place = Place::device(start);
            return true;
        }
        if length < text.len() {
            return false;
        }
        self.tokens.leave(start + length);
        self.push(Entry::Same(slot));
        self.expected += 1;
        true
    }

    fn take(
        &mut self,
        token: Token<'_>,
        bytes: &[u8],
        slots: &Slots,
        names: &mut Names,
    ) -> Result<(), StoreError> {
        let depth = self.tokens.depth();
        if let (1, Token::Key(raw)) = (depth, token) {
            self.enter(&unescape(raw));
            return Ok(());
        }
        if let Place::Device { gatherer, .. } = &mut self.place {
            let ended = gatherer.take(token, names);
            return if ended {
                self.device(bytes, slots)
            } else {
                Ok(())
            };
        }
        match (&mut self.place, token) {
            (Place::List, Token::Object) => self.begin(slots),
            (Place::List, Token::End) => self.place = Place::Elsewhere,
            (Place::List, _) => return Err(StoreError::NoId),
            (Place::Key, Token::Object) if self.single => self.begin(slots),
            (Place::Key, Token::Array) if !self.single => {
                self.entries = Some(Vec::new());
                self.place = Place::List;
            }
            (Place::Key, _) => self.place = Place::Elsewhere,
            (Place::Pagination(member), Token::Key(raw)) if depth == 2 => {
                *member = match &*unescape(raw) {
                    b"has_next_page" => Some(Page::HasNext),
                    b"next_page_cursor" => Some(Page::Next),
                    _ => None,
                };
                match member {
                    Some(Page::HasNext) => self.has_next = false,
                    Some(Page::Next) => self.cursor = None,
                    None => {}
                }
            }
            (Place::Pagination(Some(Page::HasNext)), Token::True) if depth == 2 => {
                self.has_next = true;
            }
            (Place::Pagination(Some(Page::Next)), Token::String(raw)) if depth == 2 => {
                self.cursor = Some(unescape(raw).into());
            }
            // The body is one object, and nothing else.
            (Place::Elsewhere, Token::Array) if depth == 1 => return Err(StoreError::NotJson),
            (Place::Elsewhere, Token::Object | Token::End) => {}
            (Place::Elsewhere, _) if depth == 0 => return Err(StoreError::NotJson),
            _ => {}
        }
        Ok(())
    }

    /// A member of the body begins. Of two members of one name the last counts.
    fn enter(&mut self, name: &[u8]) {
        self.place = if *name == *self.response_key {
            self.entries = None;
            Place::Key
        } else if name == b"pagination" {
            (self.has_next, self.cursor) = (false, None);
            Place::Pagination(None)
        } else {
            Place::Elsewhere
        };
    }

    /// A device begins.
    fn begin(&mut self, slots: &Slots) {
        let start = self.tokens.at() - 1;
        self.place = match slots.order().get(self.expected) {
            Some(slot) => Place::Same { start, slot: *slot },
            None => Place::device(start),
        };
    }

    /// A device has ended that is not the expected one.
    fn device(&mut self, bytes: &[u8], slots: &Slots) -> Result<(), StoreError> {
        let Place::Device { start, gatherer } =
            core::mem::replace(&mut self.place, Place::Elsewhere)
        else {
            return Ok(());
        };
        let text = bytes.get(start..self.tokens.at()).unwrap_or_default();
        let (id, facts) = gatherer.finish().ok_or(StoreError::NoId)?;
        let record = Record::new(id, text, facts);
        let slot = slots.find(&record.id, record.id_hash);
        if let Some(slot) = slot {
            self.expected = slots.place(slot) + 1;
        }
        let same = slot.filter(|slot| equal(slots.text(*slot), text));
        self.push(match same {
            Some(slot) => Entry::Same(slot),
            None => Entry::Other(Box::new(record)),
        });
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
