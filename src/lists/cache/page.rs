use super::ListCacheError;
use super::fields::FieldPaths;
use super::hash::{Hash, string};
use super::list::{Entry, List};
use super::value::{self, Value};

/// The longest value, in bytes. Seam sends no longer one, and a value is parsed again with each
/// piece of it that arrives.
const MAX_BYTES: usize = 2 << 20;

/// A byte order mark in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

const PAGINATION: u64 = string(b"pagination");

/// What comes next in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageState {
    /// A byte order mark, which `Response.text()` drops too, or none.
    Start,
    /// `{`
    Body,
    /// The name of a member, or the end of the object.
    FirstName,
    Name,
    /// The colon after the name.
    Colon,
    /// The value of a member.
    Value,
    /// What follows the value.
    Comma,
    /// A record, or the end of the list.
    FirstItem,
    Item,
    /// What follows the record.
    ItemComma,
    /// White space.
    End,
}

/// Reads the pages of a list, one body after another, while their bytes arrive.
pub(super) struct PageReader {
    /// The hash of the response key.
    key: u64,
    /// The bytes that have arrived end at `filled`; those up to `at` have been read.
    buffer: Vec<u8>,
    filled: usize,
    at: usize,
    state: PageState,
    /// The hash of the name of the member that is read.
    member: u64,
    /// The start and end of each text in `buffer` that has a new meaning, and the number of such
    /// texts that the fetch had before.
    texts: Vec<(usize, usize)>,
    before: usize,
    /// The place in the last list where the next record probably is.
    expected: usize,
    /// The list of this body, once it has begun.
    page: Option<List>,
    cursor: Option<Vec<u8>>,
    /// The list of the bodies that have ended.
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

    /// Returns space for `length` more bytes of the body.
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

    /// Whether a body has begun and not ended.
    pub(super) fn has_begun(&self) -> bool {
        self.filled > 0 || self.state != PageState::Start
    }

    /// Returns one of the texts that were read last and have a new meaning.
    pub(super) fn text(&self, nth: usize) -> Option<&[u8]> {
        let (start, end) = self.texts.get(nth)?;
        self.buffer.get(*start..*end)
    }

    /// Ends the body. Returns the cursor of the next page, if there is one; it is empty if it is
    /// not a string.
    pub(super) fn end(&mut self) -> Result<Option<Vec<u8>>, ListCacheError> {
        if self.state != PageState::End {
            return Err(ListCacheError::NotJson);
        }
        let page = self.page.take().ok_or(ListCacheError::NoList)?;
        self.list.copy_all_from(&page, None);
        // What is left can only be white space.
        (self.filled, self.at) = (0, 0);
        self.state = PageState::Start;
        Ok(self.cursor.take())
    }

    /// Reads `length` bytes that were written into the space.
    pub(super) fn read(
        &mut self,
        length: usize,
        known: &List,
        paths: &mut FieldPaths,
    ) -> Result<(), ListCacheError> {
        self.before += self.texts.len();
        self.texts.clear();
        self.filled = self.buffer.len().min(self.filled + length);
        // Moved out of `self` while it is borrowed.
        let buffer = core::mem::take(&mut self.buffer);
        let bytes = buffer.get(..self.filled).unwrap_or_default();
        let result = self.read_available(bytes, known, paths);
        self.buffer = buffer;
        if self.filled - self.at > MAX_BYTES {
            return Err(ListCacheError::NotJson);
        }
        result
    }

    /// Reads all that is complete.
    fn read_available(
        &mut self,
        bytes: &[u8],
        known: &List,
        paths: &mut FieldPaths,
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
                    let Some((length, next)) = self.take(rest, known, paths)? else {
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

    /// Reads the name, value or record that `rest` starts with. Returns its length and what comes
    /// next; `None` if it is incomplete or malformed.
    fn take(
        &mut self,
        rest: &[u8],
        known: &List,
        paths: &mut FieldPaths,
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
        // A number at the end may continue.
        let value = value::read(rest, paths).filter(|value| value.length < rest.len());
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
                self.item(rest, value, known, paths)?;
                PageState::ItemComma
            }
            _ if !rest.starts_with(b"\"") => return Err(ListCacheError::NotJson),
            _ => {
                // Of two members with one name the last one counts.
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

    /// Adds a record whose bytes differ from those of the expected one.
    fn item(
        &mut self,
        rest: &[u8],
        value: Value,
        known: &List,
        paths: &FieldPaths,
    ) -> Result<(), ListCacheError> {
        let nth = self.before + self.texts.len();
        let mut entry = Entry::new(rest, value, nth, paths)?;
        let record = &mut entry.record;
        let place = known.find(&entry.id, record.id_hash);
        if let Some(place) = place {
            self.expected = place + 1;
        }
        let old = place.and_then(|place| known.records.get(place));
        if old.is_none_or(|old| old.semantic_hash != record.semantic_hash) {
            let again = self.list.get(&entry.id, record.id_hash);
            // The text of a record that is sent again and again is kept once.
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
