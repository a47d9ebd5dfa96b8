//! A table of rows, with indexes by id, by list order and by reference.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize, Serializer};

use crate::ids::Id;
use crate::time::Millis;

/// The position of a row in lists: the time of creation, then the position within the millisecond,
/// then the id.
pub(crate) type Key = (Millis, u64, Id);

/// A row of a [`Table`].
pub(crate) trait Row {
    fn key(&self) -> Key;

    /// The ids of the records that this row references: an access code's device, an entrance's
    /// system. [`Table::referencing`] finds the row by each of them without a scan.
    fn references(&self) -> Vec<Id>;

    /// Another unique key, if the row has one.
    fn name(&self) -> Option<&str> {
        None
    }
}

/// Rows. As JSON they are a list, and the indexes are rebuilt from it.
#[derive(Debug, Deserialize)]
#[serde(from = "Vec<T>", bound(deserialize = "T: Deserialize<'de> + Row"))]
pub(super) struct Table<T> {
    keys: BTreeMap<Id, Key>,
    rows: BTreeMap<Key, T>,
    by_reference: BTreeMap<Id, BTreeSet<Key>>,
    names: BTreeMap<String, Id>,
    /// How many rows were read.
    #[cfg(test)]
    rows_read: std::sync::atomic::AtomicUsize,
}

impl<T> Table<T> {
    pub(super) const fn empty() -> Self {
        Self {
            keys: BTreeMap::new(),
            rows: BTreeMap::new(),
            by_reference: BTreeMap::new(),
            names: BTreeMap::new(),
            #[cfg(test)]
            rows_read: std::sync::atomic::AtomicUsize::new(0),
        }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<T: Row> Table<T> {
    /// Inserts a row, or replaces the one with its id.
    pub(super) fn insert(&mut self, row: T) {
        let key = row.key();
        self.remove(key.2);
        for id in row.references() {
            self.by_reference.entry(id).or_default().insert(key);
        }
        if let Some(name) = row.name() {
            self.names.insert(name.to_owned(), key.2);
        }
        self.keys.insert(key.2, key);
        self.rows.insert(key, row);
    }

    pub(super) fn remove(&mut self, id: Id) -> Option<T> {
        let key = self.keys.remove(&id)?;
        let row = self.rows.remove(&key)?;
        for other in row.references() {
            if let Some(keys) = self.by_reference.get_mut(&other) {
                keys.remove(&key);
                if keys.is_empty() {
                    self.by_reference.remove(&other);
                }
            }
        }
        if let Some(name) = row.name() {
            self.names.remove(name);
        }
        Some(row)
    }

    /// Changes a row and updates the indexes. Returns `None` if there is no row with this id.
    pub(super) fn change<R>(&mut self, id: Id, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut row = self.remove(id)?;
        let result = change(&mut row);
        self.insert(row);
        Some(result)
    }

    pub(super) fn contains(&self, id: Id) -> bool {
        self.keys.contains_key(&id)
    }

    pub(super) fn get(&self, id: Id) -> Option<&T> {
        self.at(self.keys.get(&id)?)
    }

    pub(super) fn get_by_name(&self, name: &str) -> Option<&T> {
        self.get(*self.names.get(name)?)
    }

    pub(super) fn in_order(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values().inspect(|_| self.count_read())
    }

    /// Returns the position after the last row of this millisecond.
    pub(super) fn next_position(&self, at: Millis) -> u64 {
        let until = self.rows.range(..(at.saturating_add(1), 0, Id::FIRST));
        let last = until.map(|(key, _)| key).next_back();
        last.filter(|it| it.0 == at).map_or(0, |it| it.1 + 1)
    }

    /// Returns the rows that reference this id, in order.
    pub(super) fn referencing(&self, id: Id) -> impl Iterator<Item = &T> {
        let keys = self.by_reference.get(&id).into_iter().flatten();
        keys.filter_map(|it| self.at(it))
    }

    /// Returns the rows with these ids, in order. Unknown ids are ignored.
    pub(super) fn get_all(&self, ids: impl IntoIterator<Item = Id>) -> Vec<&T> {
        let mut keys: Vec<Key> = ids
            .into_iter()
            .filter_map(|it| self.keys.get(&it).copied())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys.iter().filter_map(|it| self.at(it)).collect()
    }

    fn at(&self, key: &Key) -> Option<&T> {
        self.count_read();
        self.rows.get(key)
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "only tests count")]
    fn count_read(&self) {}

    #[cfg(test)]
    fn count_read(&self) {
        let order = std::sync::atomic::Ordering::Relaxed;
        self.rows_read.fetch_add(1, order);
    }

    /// How many rows were read.
    #[cfg(test)]
    pub(super) fn rows_read(&self) -> usize {
        self.rows_read.load(std::sync::atomic::Ordering::Relaxed)
    }
}

impl<T: Row> From<Vec<T>> for Table<T> {
    fn from(rows: Vec<T>) -> Self {
        let mut table = Self::default();
        for row in rows {
            table.insert(row);
        }
        table
    }
}

impl<T: Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.rows.values())
    }
}
