//! Access grants: which devices a grant gives access to, and when.

use std::collections::BTreeSet;

use serde_json::Value;

use super::record::Record;
use super::resource_type::ResourceType;
use super::table::Table;
use super::{Device, State, space};
use crate::ids::Id;
use crate::time::{self, Millis};

/// The hidden member with the time since which a grant has been in force, or could have been. It is
/// there once the grant was changed.
const IN_FORCE_SINCE: &str = "in_force_since";

/// Saves since when the grant has been in force, before it is changed. After the change the grant
/// must not show what happened before it was created, or between its end and now.
pub(super) fn save_in_force_since(grant: &mut Record, now: Millis) {
    let since = in_force_since(grant, now).unwrap_or(now);
    grant.hidden.insert(IN_FORCE_SINCE.to_owned(), since.into());
}

/// Returns since when the grant is in force; `None` if it is not in force now. At `ends_at` it no
/// longer is.
pub(super) fn in_force_since(grant: &Record, now: Millis) -> Option<Millis> {
    let starts_at = grant.text("starts_at").and_then(time::parse)?;
    let ends_at = grant.text("ends_at").and_then(time::parse);
    let hidden = grant.hidden.get(IN_FORCE_SINCE).and_then(Value::as_u64);
    let since = starts_at.max(hidden.unwrap_or(grant.created_at()));
    (since <= now && ends_at.is_none_or(|it| now < it)).then_some(since)
}

/// Returns since when the grant, in force since this time, covers the device: a device of a space
/// only since it was added to the space. `None` if the grant does not cover it.
pub(super) fn covers_since(
    grant: &Record,
    device: &Device,
    in_force_since: Millis,
    spaces: &Table<Record>,
) -> Option<Millis> {
    if grant.linked_ids("device_ids").contains(&device.id()) {
        return Some(in_force_since);
    }
    let of_grant = grant.linked_ids("space_ids");
    let common = device.space_ids().iter().filter(|it| of_grant.contains(it));
    let since = common.map(|it| {
        let space = spaces.get(*it);
        let added_at = space.map_or(0, |it| space::added_at(it, device.id()));
        added_at.max(in_force_since)
    });
    since.min()
}

impl State {
    /// Returns the devices that a grant covers, managed or unmanaged, whether it is in force or
    /// not: those that it names, and those of its spaces.
    pub(super) fn devices_of_grant(&self, grant: &Record) -> BTreeSet<Id> {
        let spaces = grant.linked_ids("space_ids").into_iter();
        let in_spaces = spaces.flat_map(|space| {
            let about = self.devices.referencing(space);
            about.filter(move |it| it.space_ids().contains(&space))
        });
        let named = grant.linked_ids("device_ids").into_iter();
        named.chain(in_spaces.map(Device::id)).collect()
    }

    /// Returns the entrances that a grant covers, whether it is in force or not.
    pub(super) fn entrances_of_grant(&self, grant: &Record) -> BTreeSet<Id> {
        let entrances = self.records.table(ResourceType::AcsEntrance);
        let spaces = grant.linked_ids("space_ids").into_iter();
        let in_spaces = spaces.flat_map(|space| {
            let about = entrances.referencing(space);
            about.filter(move |it| it.linked_ids("space_ids").contains(&space))
        });
        let named = grant.linked_ids("acs_entrance_ids").into_iter();
        named.chain(in_spaces.map(Record::id)).collect()
    }
}
