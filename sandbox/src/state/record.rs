//! Records: what is kept as the API's object, with members beside it that the object does not show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::resource_type::ResourceType;
use super::table::{Key, Row, Table};
use crate::ids::Id;
use crate::json::JsonObject;
use crate::time::Millis;

/// The session that requested a record or an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Requester {
    /// The session of the request.
    pub(crate) session: Id,
    /// The user identity of the session at the time of the request.
    pub(crate) user_identity: Option<Id>,
}

/// A record of some [`ResourceType`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(super) id: Id,
    pub(super) created_at: Millis,
    /// The position among the records of the same millisecond, where the order matters.
    #[serde(default, rename = "place")]
    pub(super) position: u64,
    /// The API's object.
    pub(super) object: JsonObject,
    /// Members that the object does not show, such as the devices of an access grant.
    #[serde(default)]
    pub(super) hidden: JsonObject,
    /// The owner, for a record that other guests must not see; `None` for what an API key created,
    /// or the seed.
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

    /// Returns the owner, if the record has one.
    pub(crate) fn owner(&self) -> Option<Requester> {
        self.owner
    }

    /// Returns the API's object.
    pub(crate) fn object(&self) -> &JsonObject {
        &self.object
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::Object(self.object.clone())
    }

    /// Returns a string member of the object.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.object.get(name)?.as_str()
    }

    /// Returns a boolean member of the object.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.object.get(name)?.as_bool()
    }

    /// Returns an id from the object, or from the hidden members.
    pub(crate) fn linked_id(&self, name: &str) -> Option<Id> {
        let value = self.object.get(name).filter(|it| !it.is_null());
        Id::parse(value.or_else(|| self.hidden.get(name))?.as_str()?)
    }

    /// Returns the ids of a list in the object, or in the hidden members.
    pub(crate) fn linked_ids(&self, name: &str) -> Vec<Id> {
        let list = self.object.get(name).or_else(|| self.hidden.get(name));
        parse_ids(list).collect()
    }
}

impl Row for Record {
    fn key(&self) -> Key {
        (self.created_at, self.position, self.id)
    }

    /// The ids in all members named `..._id` and `..._ids`, without the workspace's and its own.
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

/// All records, by resource type.
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
