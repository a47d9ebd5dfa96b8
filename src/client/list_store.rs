//! The records of a list: the core's cache, and the JSON text of each record.

use std::collections::HashSet;

use serde_json::Value;

use super::error::SeamError;
use crate::error::{Error, ErrorClass, Outcome};
use crate::lists::{ListCache, ListCacheError, Query};

/// The ids of the records that a change added, changed or removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) added: Vec<String>,
    pub(crate) changed: Vec<String>,
    pub(crate) removed: Vec<String>,
}

impl Changes {
    /// Adds later changes. A record that has come back, or is gone again, is in one list only.
    pub(crate) fn add(&mut self, later: Self) {
        let set = |ids: &[String]| ids.iter().cloned().collect::<HashSet<String>>();
        let gone = set(&later.removed);
        let added = set(&self.added);
        self.added.retain(|id| !gone.contains(id));
        self.changed.retain(|id| !gone.contains(id));
        let was_shown = |id: &String| !added.contains(id);
        self.removed
            .extend(later.removed.into_iter().filter(was_shown));

        let removed = set(&self.removed);
        let (back, new): (Vec<_>, Vec<_>) =
            later.added.into_iter().partition(|id| removed.contains(id));
        let back_set = set(&back);
        self.removed.retain(|id| !back_set.contains(id));
        self.added.extend(new);
        let known = set(&[self.added.as_slice(), self.changed.as_slice()].concat());
        let changed = back.into_iter().chain(later.changed);
        self.changed
            .extend(changed.filter(|id| !known.contains(id)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

pub(crate) struct ListStore {
    id_member: &'static str,
    cache: ListCache,
    /// By slot.
    texts: Vec<Option<Box<str>>>,
    /// The texts of the fetch in progress, in the order of their arrival.
    arriving: Vec<Option<Box<str>>>,
}

impl ListStore {
    pub(crate) fn new(id_member: &'static str) -> Self {
        Self {
            id_member,
            cache: ListCache::new(id_member.as_bytes(), number, lower),
            texts: Vec::new(),
            arriving: Vec::new(),
        }
    }

    /// Starts a fetch.
    pub(crate) fn begin(&mut self, response_key: &str) {
        self.cache.begin(response_key.as_bytes());
        self.arriving.clear();
    }

    /// Reads a page. Returns the cursor of the next one, if there is one.
    pub(crate) fn add_page(&mut self, body: &[u8]) -> Result<Option<String>, ListCacheError> {
        self.cache.space(body.len())?.copy_from_slice(body);
        self.cache.feed(body.len())?;
        let mut nth = 0;
        while let Some(text) = self.cache.new_text(nth) {
            self.arriving
                .push(Some(String::from_utf8_lossy(text).into()));
            nth += 1;
        }
        let cursor = self.cache.end_page()?;
        Ok(cursor.map(|cursor| String::from_utf8_lossy(&cursor).into_owned()))
    }

    /// Replaces the list with the pages.
    pub(crate) fn commit(&mut self) -> Result<Changes, ListCacheError> {
        self.cache.commit()?;
        let mut arriving = std::mem::take(&mut self.arriving);
        Ok(self.keep(|index| arriving.get_mut(index)?.take()))
    }

    /// Adds or replaces one record.
    pub(crate) fn upsert(&mut self, record: &Value) -> Result<Changes, ListCacheError> {
        let text = record.to_string();
        self.cache.upsert(text.as_bytes())?;
        Ok(self.keep(|_| Some(text.as_str().into())))
    }

    /// Removes a record.
    pub(crate) fn remove(&mut self, id: &str) -> Changes {
        self.cache.remove(id.as_bytes());
        self.keep(|_| None)
    }

    /// Drops all records.
    pub(crate) fn clear(&mut self) -> Changes {
        let changes = Changes {
            removed: self.ids(),
            ..Changes::default()
        };
        *self = Self::new(self.id_member);
        changes
    }

    /// Keeps the texts of what was added or changed, drops those of what was removed, and returns
    /// the ids of all.
    fn keep(&mut self, mut text: impl FnMut(usize) -> Option<Box<str>>) -> Changes {
        let delta = self.cache.delta();
        let ids = |slots: &[u32]| {
            let ids = slots.iter().map(|slot| self.cache.id(*slot));
            ids.map(|id| String::from_utf8_lossy(id).into_owned())
                .collect()
        };
        let changes = Changes {
            added: ids(&delta.added),
            changed: ids(&delta.changed),
            removed: ids(&delta.removed),
        };
        for slot in &delta.removed {
            if let Some(text) = self.texts.get_mut(*slot as usize) {
                *text = None;
            }
        }
        for slot in delta.added.iter().chain(&delta.changed) {
            let place = *slot as usize;
            if self.texts.len() <= place {
                self.texts.resize_with(place + 1, || None);
            }
            let index = self.cache.text_index(*slot).unwrap_or_default();
            if let Some(kept) = self.texts.get_mut(place) {
                *kept = text(index);
            }
        }
        changes
    }

    /// Returns the ids of all records, in the order of the list.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.ids_of(self.cache.order())
    }

    /// Returns the ids of the records that match.
    pub(crate) fn find(&self, query: &Query) -> Vec<String> {
        self.ids_of(&self.cache.find(query))
    }

    fn ids_of(&self, slots: &[u32]) -> Vec<String> {
        let ids = slots.iter().map(|slot| self.cache.id(*slot));
        ids.map(|id| String::from_utf8_lossy(id).into_owned())
            .collect()
    }

    /// Returns the JSON text of a record.
    pub(crate) fn text(&self, id: &str) -> Option<&str> {
        let slot = self.cache.slot_of(id.as_bytes())?;
        self.texts.get(slot as usize)?.as_deref()
    }

    /// Returns whether there is a record with this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.cache.slot_of(id.as_bytes()).is_some()
    }

    /// Returns whether a device has the capability flag with this hash, present and true.
    pub(crate) fn can(&self, id: &str, flag: u64) -> bool {
        let slot = self.cache.slot_of(id.as_bytes());
        slot.is_some_and(|slot| self.cache.can(slot, flag))
    }

    /// Returns the number of records.
    pub(crate) fn len(&self) -> usize {
        self.cache.order().len()
    }
}

/// The error of a response that is no list.
pub(crate) fn no_list(path: &str, what: &str) -> SeamError {
    SeamError::new(Error::new(
        ErrorClass::InvalidResponse,
        "invalid_response",
        Outcome::Unknown,
        &["the response to ", path, " is no list: ", what],
    ))
}

fn number(text: &[u8]) -> f64 {
    let number = std::str::from_utf8(text).ok();
    number
        .and_then(|text| text.parse().ok())
        .unwrap_or(f64::NAN)
}

fn lower(text: &mut Vec<u8>) {
    *text = String::from_utf8_lossy(text).to_lowercase().into_bytes();
}
