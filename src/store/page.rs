use super::StoreError;
use super::extent::Extent;
use super::facts::Names;
use super::hash::Hash;
use super::list::{List, Record};
use super::value::{self, Value};

/// A value that is longer is not Seam's.
const MAX_BYTES: usize = 16 << 20;

const PAGINATION: u64 = value::string(b"pagination");

/// What comes next in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// `{`
    Body,
    /// The name of a member.
    Name,
    /// The value of a member.
    Value,
    /// A thing of the list.
    Item,
    /// What comes after the list.
    After,
    /// White space.
    End,
}

/// Reads one body after another, pages of a list or a single thing, as their
/// bytes arrive.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what is read, and how far, do not depend on each other"
)]
pub(super) struct Reader {
    /// What the name of the member means that holds the list or the thing.
    key: u64,
    /// Whether the body holds a single thing, and no list of them.
    pub(super) single: bool,
    /// What has arrived begins at 0 and ends at `filled`; up to `at` it has been read.
    buffer: Vec<u8>,
    filled: usize,
    at: usize,
    /// Whether no more will come.
    complete: bool,
    next: Next,
    /// Whether nothing has been there yet in this list or object.
    first: bool,
    /// What the name of the member means whose value is read.
    member: u64,
    /// The end of what begins at `at`.
    extent: Extent,
    /// Whether it is the very text of the expected thing.
    same: bool,
    /// Where the texts begin and end that mean something new, of those that were
    /// read last, and how many there were before.
    texts: Vec<(usize, usize)>,
    before: usize,
    /// Where in the last list the next thing probably stands.
    expected: usize,
    /// What this body holds, once that has been found.
    page: Option<List>,
    cursor: Option<Vec<u8>>,
    /// What the bodies hold that have ended.
    pub(super) list: List,
}

impl Reader {
    pub(super) fn new(response_key: &[u8], single: bool) -> Self {
        Self {
            key: value::string(response_key),
            single,
            buffer: Vec::new(),
            filled: 0,
            at: 0,
            complete: false,
            next: Next::Body,
            first: true,
            member: 0,
            extent: Extent::default(),
            same: false,
            texts: Vec::new(),
            before: 0,
            expected: 0,
            page: None,
            cursor: None,
            list: List::new(),
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

    /// One of the texts that mean something new, among what was read last.
    pub(super) fn text(&self, nth: usize) -> Option<&[u8]> {
        let (start, end) = self.texts.get(nth)?;
        self.buffer.get(*start..*end)
    }

    /// The body is complete: says where the next page begins, if there is one.
    /// What comes next is another body.
    pub(super) fn end(
        &mut self,
        known: &List,
        names: &mut Names,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.complete = true;
        self.read(0, known, names)?;
        if self.next != Next::End {
            return Err(StoreError::NotJson);
        }
        let page = self.page.take().ok_or(StoreError::NoList)?;
        for place in 0..page.records.len() {
            self.list.take_over(&page, place);
        }
        // White space may be left.
        (self.filled, self.at, self.complete) = (0, 0, false);
        self.next = Next::Body;
        Ok(self.cursor.take())
    }

    /// Reads `length` bytes that have been put into the space.
    pub(super) fn read(
        &mut self,
        length: usize,
        known: &List,
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
            result = self.step(bytes, known, names);
        }
        self.buffer = buffer;
        if self.filled - self.at > MAX_BYTES {
            return Err(StoreError::NotJson);
        }
        result.map(|_| ())
    }

    /// Reads what comes next; false if it is not all there.
    fn step(&mut self, bytes: &[u8], known: &List, names: &mut Names) -> Result<bool, StoreError> {
        let rest = bytes.get(self.at..).unwrap_or_default();
        let Some(first) = rest.first() else {
            return Ok(false);
        };
        if self.extent.length == 0 {
            if let Some(next) = self.after(*first)? {
                self.first |= next != self.next;
                self.next = next;
                self.at += 1;
                return Ok(true);
            }
            let expected = known.records.get(self.expected);
            if let Some(record) = expected.filter(|_| self.next == Next::Item) {
                match rest.get(..record.length) {
                    None if !self.complete => return Ok(false),
                    Some(text) if Hash::of(text) == record.hash => {
                        self.same = true;
                        self.extent.length = record.length;
                    }
                    _ => {}
                }
            }
        }
        let Some(length) = self.extent.find(rest) else {
            return Ok(false);
        };
        self.extent = Extent::default();
        let text = rest.get(..length).unwrap_or_default();
        let separator = rest.get(length).copied().unwrap_or_default();
        let next = match (self.next, separator) {
            (Next::Name, b':') => Next::Value,
            (Next::Name, b'}') if self.first && text.is_empty() => Next::End,
            (Next::Value | Next::After, b'}') => Next::End,
            (Next::Value | Next::After, b',') => Next::Name,
            (Next::Item, b']') => Next::After,
            (Next::Item, b',') => Next::Item,
            _ => return Err(StoreError::NotJson),
        };
        // Brackets may have nothing between them; after a list nothing else may come.
        let closes = self.first && matches!(next, Next::End | Next::After);
        if !(text.is_empty() && (closes || self.next == Next::After)) {
            self.take(text, known, names)?;
        }
        self.first = false;
        self.next = next;
        self.at += length + 1;
        Ok(true)
    }

    /// What comes after a byte that stands by itself, if this is one: white space,
    /// the bracket of the body, or that of the list.
    fn after(&mut self, byte: u8) -> Result<Option<Next>, StoreError> {
        match (self.next, byte) {
            (next, b' ' | b'\t' | b'\n' | b'\r') => Ok(Some(next)),
            (Next::Body, b'{') => Ok(Some(Next::Name)),
            (Next::Value, b'[') if self.member == self.key && !self.single => {
                self.page = Some(List::new());
                Ok(Some(Next::Item))
            }
            (Next::Body | Next::End, _) => Err(StoreError::NotJson),
            _ => Ok(None),
        }
    }

    /// Takes a name, or a value, which is all there.
    fn take(&mut self, text: &[u8], known: &List, names: &mut Names) -> Result<(), StoreError> {
        if core::mem::take(&mut self.same) {
            let page = self.page.get_or_insert(List::new());
            page.take_over(known, self.expected);
            self.expected += 1;
            return Ok(());
        }
        let value = value::read(text, names).ok_or(StoreError::NotJson)?;
        match self.next {
            Next::Name if text.starts_with(b"\"") => {
                // Of two of one name the last counts.
                self.member = value.meaning;
                if self.member == self.key {
                    self.page = None;
                } else if self.member == PAGINATION {
                    self.cursor = None;
                }
                Ok(())
            }
            Next::Name | Next::After => Err(StoreError::NotJson),
            Next::Value if self.member != self.key || !self.single => {
                if self.member == PAGINATION && value.seen.has_next_page {
                    self.cursor = value.seen.cursor;
                }
                Ok(())
            }
            _ => self.item(text, value, known),
        }
    }

    /// Takes a thing of the list that is not the expected one.
    fn item(&mut self, text: &[u8], value: Value, known: &List) -> Result<(), StoreError> {
        let mut seen = value.seen;
        let id = seen.id.take().ok_or(StoreError::NoId)?;
        let text = text.get(..value.length).unwrap_or_default();
        let nth = self.before + self.texts.len();
        let record = Record::new(&id, text, value.meaning, nth, &mut seen);
        let place = known.find(&id, record.id_hash);
        if let Some(place) = place {
            self.expected = place + 1;
        }
        let old = place.and_then(|place| known.records.get(place));
        if old.is_none_or(|old| old.meaning != record.meaning) {
            self.texts.push((self.at, self.at + record.length));
        }
        let page = self.page.get_or_insert(List::new());
        page.put(record, &id, &seen.name());
        Ok(())
    }
}
