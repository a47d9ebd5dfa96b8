//! Spaces. A device or an entrance names its spaces in `space_ids`; a space has the times at which
//! they were added.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::State;
use super::record::Record;
use super::resource_type::ResourceType;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::time::Millis;

/// The hidden member of a space with the time at which each member was added. A member of the seed
/// has none.
const ADDED_AT: &str = "added_at";

/// The devices and entrances in a space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SpaceMembers {
    pub(crate) devices: BTreeSet<Id>,
    pub(crate) entrances: BTreeSet<Id>,
}

impl State {
    /// Returns the devices, managed or unmanaged, and the entrances in a space.
    pub(super) fn space_members(&self, space: Id) -> SpaceMembers {
        // The id of an account or an access system would be found too.
        let devices = self.devices.referencing(space);
        let devices = devices.filter(|it| it.space_ids().contains(&space));
        let entrances = self.records.table(ResourceType::AcsEntrance);
        let entrances = entrances.referencing(space);
        let entrances = entrances.filter(|it| it.linked_ids("space_ids").contains(&space));
        SpaceMembers {
            devices: devices.map(super::Device::id).collect(),
            entrances: entrances.map(Record::id).collect(),
        }
    }

    /// Gives a space these members. Returns whether that changed anything.
    pub(super) fn set_space_members(
        &mut self,
        space: Id,
        members: &SpaceMembers,
        now: Millis,
    ) -> bool {
        let before = self.space_members(space);
        for device in before.devices.symmetric_difference(&members.devices) {
            let is_added = members.devices.contains(device);
            self.devices.change(*device, |it| {
                it.change(|object| name_space(object, space, is_added));
            });
            self.note_added(space, *device, is_added.then_some(now));
        }
        for entrance in before.entrances.symmetric_difference(&members.entrances) {
            let is_added = members.entrances.contains(entrance);
            let entrances = self.records.table_mut(ResourceType::AcsEntrance);
            entrances.change(*entrance, |it| {
                name_space(&mut it.object, space, is_added);
            });
            self.note_added(space, *entrance, is_added.then_some(now));
        }
        before != *members
    }

    fn note_added(&mut self, space: Id, member: Id, at: Option<Millis>) {
        let spaces = self.records.table_mut(ResourceType::Space);
        spaces.change(space, |it| {
            let times = it.hidden.entry(ADDED_AT).or_insert_with(|| json!({}));
            let Some(times) = times.as_object_mut() else {
                return;
            };
            match at {
                Some(at) => times.insert(member.to_string(), at.into()),
                None => times.remove(&member.to_string()),
            };
        });
    }

    /// Creates the spaces that a device or an entrance names and that do not exist, as a seed may.
    pub(super) fn create_named_spaces(&mut self, named: &[Id], now: Millis) {
        for space in named {
            if !self.records.table(ResourceType::Space).contains(*space) {
                let object = json_object(json!({
                    "space_id": space.to_string(),
                    "name": "Space",
                    "display_name": "Space",
                }));
                let hidden = JsonObject::new();
                self.create(ResourceType::Space, object, hidden, None, now);
            }
        }
    }

    /// Removes a space. Its members no longer name it, and neither do access grants.
    pub(super) fn remove_space(&mut self, space: Id, now: Millis) {
        self.set_space_members(space, &SpaceMembers::default(), now);
        let grants = self.records.table(ResourceType::AccessGrant);
        let grants = grants.referencing(space).map(Record::id);
        for grant in grants.collect::<Vec<_>>() {
            let grants = self.records.table_mut(ResourceType::AccessGrant);
            grants.change(grant, |it| {
                for name in ["space_ids", "location_ids"] {
                    remove_id(it.object.get_mut(name), space);
                }
            });
        }
        let children = self.records.table(ResourceType::Space);
        let children = children.referencing(space).map(Record::id);
        for child in children.collect::<Vec<_>>() {
            let spaces = self.records.table_mut(ResourceType::Space);
            spaces.change(child, |it| {
                it.object.shift_remove("parent_space_id");
                it.object.shift_remove("parent_space_key");
            });
        }
        self.records.table_mut(ResourceType::Space).remove(space);
    }
}

/// Returns since when a member is in a space; 0 for one of the seed.
pub(super) fn added_at(space: &Record, member: Id) -> Millis {
    let times = space.hidden.get(ADDED_AT);
    let at = times.and_then(|it| it.get(member.to_string())?.as_u64());
    at.unwrap_or(0)
}

/// Adds a space to `space_ids` of a member, or removes it.
fn name_space(member: &mut JsonObject, space: Id, is_added: bool) {
    let named = member.entry("space_ids").or_insert_with(|| json!([]));
    remove_id(Some(named), space);
    if let (true, Some(named)) = (is_added, named.as_array_mut()) {
        named.push(space.to_string().into());
    }
}

fn remove_id(list: Option<&mut Value>, id: Id) {
    if let Some(list) = list.and_then(Value::as_array_mut) {
        let id = Value::from(id.to_string());
        list.retain(|it| *it != id);
    }
}
