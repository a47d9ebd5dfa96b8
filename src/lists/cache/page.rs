use super::ListCacheError;
use super::fields::FieldPaths;
use super::hash::{Hash, string};
use super::list::{Entry, List};
use super::value::{self, Value};

/// A value that is longer is not Seam's; each piece of it that arrives has all of it read again.
const MAX_BYTES: usize = 2 << 20;

/// A byte order mark in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

const PAGINATION: u64 = string(b"pagination");

/// What comes next in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageState {
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
pub(super) struct PageReader {
    /// What the name of the member means that holds the list.
    key: u64,
    /// What has arrived begins at 0 and ends at `filled`; up to `at` it has been read.
    buffer: Vec<u8>,
    filled: usize,
    at: usize,
    state: PageState,
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

impl PageReader {
    pub(super) fn new(response_key: &[u8]) -> Self {
        Self {
            key: string(response_key),
            buffer: Vec::new(),
            filled: 0,
            at: 0,
            state: PageState::Start,
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

    /// Whether a body has has_begun to arrive whose end has not.
    pub(super) fn has_begun(&self) -> bool {
        self.filled > 0 || self.state != PageState::Start
    }

    /// One of the texts that mean something new, among what was read last.
    pub(super) fn text(&self, nth: usize) -> Option<&[u8]> {
        let (start, end) = self.texts.get(nth)?;
        self.buffer.get(*start..*end)
    }

    /// The body is complete: the cursor of the next page, if there is one, which
    /// is empty when there is none to be had. What comes next is another body.
    pub(super) fn end(&mut self) -> Result<Option<Vec<u8>>, ListCacheError> {
        if self.state != PageState::End {
            return Err(ListCacheError::NotJson);
        }
        let page = self.page.take().ok_or(ListCacheError::NoList)?;
        self.list.copy_all_from(&page, None);
        // Only white space can be left.
        (self.filled, self.at) = (0, 0);
        self.state = PageState::Start;
        Ok(self.cursor.take())
    }

    /// Reads `length` bytes that have been put into the space.
    pub(super) fn read(
        &mut self,
        length: usize,
        known: &List,
        names: &mut FieldPaths,
    ) -> Result<(), ListCacheError> {
        self.before += self.texts.len();
        self.texts.clear();
        self.filled = self.buffer.len().min(self.filled + length);
        // Out of `self` for as long as it is borrowed.
        let buffer = core::mem::take(&mut self.buffer);
        let bytes = buffer.get(..self.filled).unwrap_or_default();
        let result = self.read_available(bytes, known, names);
        self.buffer = buffer;
        if self.filled - self.at > MAX_BYTES {
            return Err(ListCacheError::NotJson);
        }
        result
    }

    /// Reads as far as it is all there.
    fn read_available(
        &mut self,
        bytes: &[u8],
        known: &List,
        names: &mut FieldPaths,
    ) -> Result<(), ListCacheError> {
        if self.state == PageState::Start {
            if bytes.starts_with(MARK) {
                self.at = MARK.len();
            } else if MARK.starts_with(bytes) {
                return Ok(());
            }
            self.state = PageState::Body;
        }
        while let Some(byte) = bytes.get(self.at) {
            self.state = match (self.state, byte) {
                (next, b' ' | b'\t' | b'\n' | b'\r') => next,
                (PageState::Body, b'{') => PageState::FirstName,
                (PageState::Colon, b':') => PageState::Value,
                (PageState::Comma, b',') => PageState::Name,
                (PageState::FirstName | PageState::Comma, b'}') => PageState::End,
                (PageState::Value, b'[') if self.member == self.key => {
                    self.page = Some(List::new());
                    PageState::FirstItem
                }
                (PageState::ItemComma, b',') => PageState::Item,
                (PageState::FirstItem | PageState::ItemComma, b']') => PageState::Comma,
                (
                    PageState::FirstName
                    | PageState::Name
                    | PageState::Value
                    | PageState::FirstItem
                    | PageState::Item,
                    _,
                ) => {
                    let rest = bytes.get(self.at..).unwrap_or_default();
                    let Some((length, next)) = self.take(rest, known, names)? else {
                        return Ok(());
                    };
                    self.at += length - 1;
                    next
                }
                _ => return Err(ListCacheError::NotJson),
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
        names: &mut FieldPaths,
    ) -> Result<Option<(usize, PageState)>, ListCacheError> {
        let is_item = matches!(self.state, PageState::FirstItem | PageState::Item);
        let expected = known.records.get(self.expected).filter(|_| is_item);
        if let Some(record) = expected {
            let text = rest.get(..record.length);
            if text.is_some_and(|text| Hash::of(text) == record.hash) {
                let page = self.page.get_or_insert(List::new());
                page.copy_from(known, self.expected);
                self.expected += 1;
                return Ok(Some((record.length, PageState::ItemComma)));
            }
        }
        // Of a number more may come.
        let value = value::read(rest, names).filter(|value| value.length < rest.len());
        let Some(value) = value else {
            return Ok(None);
        };
        let length = value.length;
        let next = match self.state {
            PageState::Value => {
                if self.member == PAGINATION && value.fields.has_next_page {
                    self.cursor = Some(value.fields.cursor.unwrap_or_default());
                }
                PageState::Comma
            }
            PageState::FirstItem | PageState::Item => {
                self.item(rest, value, known, names)?;
                PageState::ItemComma
            }
            _ if !rest.starts_with(b"\"") => return Err(ListCacheError::NotJson),
            _ => {
                // Of two of one name the last counts.
                self.member = value.semantic_hash;
                if self.member == self.key {
                    self.page = None;
                } else if self.member == PAGINATION {
                    self.cursor = None;
                }
                PageState::Colon
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
        names: &FieldPaths,
    ) -> Result<(), ListCacheError> {
        let nth = self.before + self.texts.len();
        let mut entry = Entry::new(rest, value, nth, names)?;
        let record = &mut entry.record;
        let place = known.find(&entry.id, record.id_hash);
        if let Some(place) = place {
            self.expected = place + 1;
        }
        let old = place.and_then(|place| known.records.get(place));
        if old.is_none_or(|old| old.semantic_hash != record.semantic_hash) {
            let again = self.list.get(&entry.id, record.id_hash);
            // The text of a page that comes again and again is kept once.
            match again.filter(|again| again.semantic_hash == record.semantic_hash) {
                Some(again) => record.nth = again.nth,
                None => self.texts.push((self.at, self.at + record.length)),
            }
        }
        let page = self.page.get_or_insert(List::new());
        page.put(entry.record, &entry.id, &entry.name);
        Ok(())
    }
}
