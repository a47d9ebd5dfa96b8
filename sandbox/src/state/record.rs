//! A thing that is kept as the API shows it: its object, and what the object does not tell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::resource_type::ResourceType;
use super::table::{Key, Row, Table};
use crate::ids::Id;
use crate::json::JsonObject;
use crate::time::Millis;

/// Who asked for something to be made or done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Requester {
    /// The session that asked.
    pub(crate) session: Id,
    /// The user identity that the session was of when it asked.
    pub(crate) user_identity: Option<Id>,
}

/// A thing of some [`ResourceType`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(super) id: Id,
    pub(super) created_at: Millis,
    /// Its place among those of its millisecond, for things of which that matters.
    #[serde(default)]
    pub(super) place: u64,
    /// The object of the API, whole.
    pub(super) object: JsonObject,
    /// What the object does not tell, such as the devices of an access grant.
    #[serde(default)]
    pub(super) hidden: JsonObject,
    /// The session that it belongs to; none for what the API key made, or the seed.
    #[serde(default, rename = "asker")]
    pub(super) owner: Option<Requester>,
}

impl Record {
    pub(crate) fn id(&self) -> Id {
        self.id
    }

    pub(crate) fn created_at(&self) -> Millis {
        self.created_at
    }

    /// The session that it belongs to; none for what is nobody's own.
    pub(crate) fn owner(&self) -> Option<Requester> {
        self.owner
    }

    /// Its object.
    pub(crate) fn object(&self) -> &JsonObject {
        &self.object
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::Object(self.object.clone())
    }

    /// A text member of the object.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.object.get(name)?.as_str()
    }

    /// A boolean member of the object.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.object.get(name)?.as_bool()
    }

    /// An id that is a member of the object, or hidden.
    pub(crate) fn linked_id(&self, name: &str) -> Option<Id> {
        let value = self.object.get(name).filter(|it| !it.is_null());
        Id::parse(value.or_else(|| self.hidden.get(name))?.as_str()?)
    }

    /// The ids in a list of the object, or a hidden one.
    pub(crate) fn linked_ids(&self, name: &str) -> Vec<Id> {
        let list = self.object.get(name).or_else(|| self.hidden.get(name));
        parse_ids(list).collect()
    }
}

impl Row for Record {
    fn key(&self) -> Key {
        (self.created_at, self.place, self.id)
    }

    /// Whatever members named `..._id` and `..._ids` name, the workspace and itself aside.
    fn references(&self) -> Vec<Id> {
        let mut references: Vec<Id> = self
            .object
            .iter()
            .chain(&self.hidden)
            .filter(|(name, _)| name.ends_with("_id") || name.ends_with("_ids"))
            .filter(|(name, _)| name.as_str() != "workspace_id")
            .flat_map(|(_, value)| parse_ids(Some(value)))
            .filter(|it| *it != self.id)
            .collect();
        references.sort_unstable();
        references.dedup();
        references
    }
}

fn parse_ids(value: Option<&Value>) -> impl Iterator<Item = Id> {
    let items = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    items.iter().filter_map(|it| Id::parse(it.as_str()?))
}

/// All things, by their noun.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct RecordStore(BTreeMap<ResourceType, Table<Record>>);

static EMPTY: Table<Record> = Table::empty();

impl RecordStore {
    pub(super) fn table(&self, resource_type: ResourceType) -> &Table<Record> {
        self.0.get(&resource_type).unwrap_or(&EMPTY)
    }

    pub(super) fn table_mut(&mut self, resource_type: ResourceType) -> &mut Table<Record> {
        self.0.entry(resource_type).or_default()
    }
}
