//! Rows by id, and in the order in which lists show them.

use std::collections::BTreeMap;

use crate::ids::Id;
use crate::time::Millis;

/// Where a row stands in a list: by its time of creation, then by its id.
pub(crate) type Key = (Millis, Id);

#[derive(Debug)]
pub(super) struct Table<T> {
    keys: BTreeMap<Id, Key>,
    rows: BTreeMap<Key, T>,
}

impl<T> Table<T> {
    pub(super) fn new() -> Self {
        Self {
            keys: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }

    pub(super) fn insert(&mut self, key: Key, row: T) {
        self.keys.insert(key.1, key);
        self.rows.insert(key, row);
    }

    pub(super) fn remove(&mut self, id: Id) -> Option<T> {
        let key = self.keys.remove(&id)?;
        self.rows.remove(&key)
    }

    pub(super) fn contains(&self, id: Id) -> bool {
        self.keys.contains_key(&id)
    }

    pub(super) fn get(&self, id: Id) -> Option<&T> {
        self.rows.get(self.keys.get(&id)?)
    }

    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        self.rows.get_mut(self.keys.get(&id)?)
    }

    pub(super) fn in_order(&self) -> impl Iterator<Item = &T> {
        self.rows.values()
    }

    /// The rows of these ids, in order; ids of no row are passed over.
    pub(super) fn these_in_order(&self, ids: impl IntoIterator<Item = Id>) -> Vec<&T> {
        let mut keys: Vec<Key> = ids
            .into_iter()
            .filter_map(|it| self.keys.get(&it).copied())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys.iter().filter_map(|it| self.rows.get(it)).collect()
    }
}
