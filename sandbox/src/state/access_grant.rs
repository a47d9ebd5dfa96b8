//! Access grants: which devices a grant gives access to, and when.

use serde_json::Value;

use super::Device;
use super::record::Record;
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

/// Returns whether the grant names the device, or a space of the device.
pub(super) fn covers(grant: &Record, device: &Device) -> bool {
    let spaces = grant.linked_ids("space_ids");
    grant.linked_ids("device_ids").contains(&device.id())
        || device.space_ids().iter().any(|it| spaces.contains(it))
}
