use super::StoreError;
use super::fields::Names;
use super::hash::Hash;
use super::list::{Entry, List};
use super::value::{self, Value};

/// A value that is longer is not Seam's; each piece of it that arrives has all of it read again.
const MAX_BYTES: usize = 2 << 20;

/// A byte order mark in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

const PAGINATION: u64 = value::string(b"pagination");

/// What comes next in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// A byte order mark, which `Response.text()` leaves out too, or none.
    Start,
    /// `{`
    Body,
    /// The name of a member; if it is the first, there may be none.
    FirstName,
    Name,
    /// The colon after the name.
    Colon,
    /// The value of a member.
    Value,
    /// What comes after the value.
    Comma,
    /// A thing of the list; if it is the first, there may be none.
    FirstItem,
    Item,
    /// What comes after the thing.
    ItemComma,
    /// White space.
    End,
}

/// Reads one body after another, the pages of a list, as their bytes arrive.
#[derive(Debug)]
pub(super) struct Reader {
    /// What the name of the member means that holds the list.
    key: u64,
    /// What has arrived begins at 0 and ends at `filled`; up to `at` it has been read.
    buffer: Vec<u8>,
    filled: usize,
    at: usize,
    next: Next,
    /// What the name of the member means whose value is read.
    member: u64,
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
    pub(super) fn new(response_key: &[u8]) -> Self {
        Self {
            key: value::string(response_key),
            buffer: Vec::new(),
            filled: 0,
            at: 0,
            next: Next::Start,
            member: 0,
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
        self.filled > 0 || self.next != Next::Start
    }

    /// One of the texts that mean something new, among what was read last.
    pub(super) fn text(&self, nth: usize) -> Option<&[u8]> {
        let (start, end) = self.texts.get(nth)?;
        self.buffer.get(*start..*end)
    }

    /// The body is complete: the cursor of the next page, if there is one, which
    /// is empty when there is none to be had. What comes next is another body.
    pub(super) fn end(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        if self.next != Next::End {
            return Err(StoreError::NotJson);
        }
        let page = self.page.take().ok_or(StoreError::NoList)?;
        self.list.take_over_all(&page, None);
        // Only white space can be left.
        (self.filled, self.at) = (0, 0);
        self.next = Next::Start;
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
        let result = self.go_on(bytes, known, names);
        self.buffer = buffer;
        if self.filled - self.at > MAX_BYTES {
            return Err(StoreError::NotJson);
        }
        result
    }

    /// Reads as far as it is all there.
    fn go_on(&mut self, bytes: &[u8], known: &List, names: &mut Names) -> Result<(), StoreError> {
        if self.next == Next::Start {
            if bytes.starts_with(MARK) {
                self.at = MARK.len();
            } else if MARK.starts_with(bytes) {
                return Ok(());
            }
            self.next = Next::Body;
        }
        while let Some(byte) = bytes.get(self.at) {
            self.next = match (self.next, byte) {
                (next, b' ' | b'\t' | b'\n' | b'\r') => next,
                (Next::Body, b'{') => Next::FirstName,
                (Next::Colon, b':') => Next::Value,
                (Next::Comma, b',') => Next::Name,
                (Next::FirstName | Next::Comma, b'}') => Next::End,
                (Next::Value, b'[') if self.member == self.key => {
                    self.page = Some(List::new());
                    Next::FirstItem
                }
                (Next::ItemComma, b',') => Next::Item,
                (Next::FirstItem | Next::ItemComma, b']') => Next::Comma,
                (Next::FirstName | Next::Name | Next::Value | Next::FirstItem | Next::Item, _) => {
                    let rest = bytes.get(self.at..).unwrap_or_default();
                    let Some((length, next)) = self.take(rest, known, names)? else {
                        return Ok(());
                    };
                    self.at += length - 1;
                    next
                }
                _ => return Err(StoreError::NotJson),
            };
            self.at += 1;
        }
        Ok(())
    }

    /// Takes a name, a value or a thing, which `rest` begins with: its length, and what
    /// comes after it. Nothing if it is not all there, or never will be.
    fn take(
        &mut self,
        rest: &[u8],
        known: &List,
        names: &mut Names,
    ) -> Result<Option<(usize, Next)>, StoreError> {
        let is_item = matches!(self.next, Next::FirstItem | Next::Item);
        let expected = known.records.get(self.expected).filter(|_| is_item);
        if let Some(record) = expected {
            let text = rest.get(..record.length);
            if text.is_some_and(|text| Hash::of(text) == record.hash) {
                let page = self.page.get_or_insert(List::new());
                page.take_over(known, self.expected);
                self.expected += 1;
                return Ok(Some((record.length, Next::ItemComma)));
            }
        }
        // Of a number more may come.
        let value = value::read(rest, names).filter(|value| value.length < rest.len());
        let Some(value) = value else {
            return Ok(None);
        };
        let length = value.length;
        let next = match self.next {
            Next::Value => {
                if self.member == PAGINATION && value.seen.has_next_page {
                    self.cursor = Some(value.seen.cursor.unwrap_or_default());
                }
                Next::Comma
            }
            Next::FirstItem | Next::Item => {
                self.item(rest, value, known, names)?;
                Next::ItemComma
            }
            _ if !rest.starts_with(b"\"") => return Err(StoreError::NotJson),
            _ => {
                // Of two of one name the last counts.
                self.member = value.meaning;
                if self.member == self.key {
                    self.page = None;
                } else if self.member == PAGINATION {
                    self.cursor = None;
                }
                Next::Colon
            }
        };
        Ok(Some((length, next)))
    }

    /// Takes a thing of the list that is not the expected one.
    fn item(
        &mut self,
        rest: &[u8],
        value: Value,
        known: &List,
        names: &Names,
    ) -> Result<(), StoreError> {
        let nth = self.before + self.texts.len();
        let mut entry = Entry::new(rest, value, nth, names)?;
        let record = &mut entry.record;
        let place = known.find(&entry.id, record.id_hash);
        if let Some(place) = place {
            self.expected = place + 1;
        }
        let old = place.and_then(|place| known.records.get(place));
        if old.is_none_or(|old| old.meaning != record.meaning) {
            let again = self.list.get(&entry.id, record.id_hash);
            // The text of a page that comes again and again is kept once.
            match again.filter(|again| again.meaning == record.meaning) {
                Some(again) => record.nth = again.nth,
                None => self.texts.push((self.at, self.at + record.length)),
            }
        }
        let page = self.page.get_or_insert(List::new());
        page.put(entry.record, &entry.id, &entry.name);
        Ok(())
    }
}
