//! A thing that is kept as the API shows it: its object, and what the object does not tell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::noun::Noun;
use super::table::{Key, Row, Table};
use crate::ids::Id;
use crate::time::Millis;

/// Members of an object.
pub(crate) type Members = Map<String, Value>;

/// The members of an object that `json!` has made.
pub(crate) fn members(object: Value) -> Members {
    match object {
        Value::Object(members) => members,
        _ => Members::new(),
    }
}

/// Who asked for something to be made or done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asker {
    /// The session that asked.
    pub(crate) session: Id,
    /// The user identity that the session was of when it asked.
    pub(crate) user_identity: Option<Id>,
}

/// A thing of some [`Noun`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Thing {
    pub(super) id: Id,
    pub(super) created_at: Millis,
    /// Its place among those of its millisecond, for things of which that matters.
    #[serde(default)]
    pub(super) place: u64,
    /// The object of the API, whole.
    pub(super) object: Members,
    /// What the object does not tell, such as the devices of an access grant.
    #[serde(default)]
    pub(super) hidden: Members,
    /// The session that it belongs to; none for what the API key made, or the seed.
    #[serde(default)]
    pub(super) asker: Option<Asker>,
}

impl Thing {
    pub(crate) fn id(&self) -> Id {
        self.id
    }

    pub(crate) fn created_at(&self) -> Millis {
        self.created_at
    }

    /// The session that it belongs to; none for what is nobody's own.
    pub(crate) fn asker(&self) -> Option<Asker> {
        self.asker
    }

    /// Its object.
    pub(crate) fn object(&self) -> &Members {
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
    pub(crate) fn linked(&self, name: &str) -> Option<Id> {
        let value = self.object.get(name).filter(|it| !it.is_null());
        Id::parse(value.or_else(|| self.hidden.get(name))?.as_str()?)
    }

    /// The ids in a list of the object, or a hidden one.
    pub(crate) fn linked_all(&self, name: &str) -> Vec<Id> {
        let list = self.object.get(name).or_else(|| self.hidden.get(name));
        ids_in(list).collect()
    }
}

impl Row for Thing {
    fn key(&self) -> Key {
        (self.created_at, self.place, self.id)
    }

    /// Whatever members named `..._id` and `..._ids` name, the workspace and itself aside.
    fn about(&self) -> Vec<Id> {
        let mut about: Vec<Id> = self
            .object
            .iter()
            .chain(&self.hidden)
            .filter(|(name, _)| name.ends_with("_id") || name.ends_with("_ids"))
            .filter(|(name, _)| name.as_str() != "workspace_id")
            .flat_map(|(_, value)| ids_in(Some(value)))
            .filter(|it| *it != self.id)
            .collect();
        about.sort_unstable();
        about.dedup();
        about
    }
}

fn ids_in(value: Option<&Value>) -> impl Iterator<Item = Id> {
    let items = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    items.iter().filter_map(|it| Id::parse(it.as_str()?))
}

/// All things, by their noun.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Things(BTreeMap<Noun, Table<Thing>>);

static NONE: Table<Thing> = Table::empty();

impl Things {
    pub(super) fn of(&self, noun: Noun) -> &Table<Thing> {
        self.0.get(&noun).unwrap_or(&NONE)
    }

    pub(super) fn of_mut(&mut self, noun: Noun) -> &mut Table<Thing> {
        self.0.entry(noun).or_default()
    }
}
