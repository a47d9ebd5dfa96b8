//! Access grants: which devices they open, and when.

use serde_json::Value;

use super::Device;
use super::record::Record;
use crate::time::{self, Millis};

/// Where a grant keeps since when it has been in force, or could have been, once it was changed.
const SINCE: &str = "in_force_since";

/// Keeps since when this grant has been in force: it is about to be changed, and must not show what
/// happened before it was made, or between its end and now.
pub(super) fn save_in_force_since(grant: &mut Record, now: Millis) {
    let since = since(grant, now).unwrap_or(now);
    grant.hidden.insert(SINCE.to_owned(), since.into());
}

/// Since when the grant is in force; none if it is not in force now. It ends at `ends_at`.
pub(super) fn since(grant: &Record, now: Millis) -> Option<Millis> {
    let starts_at = grant.text("starts_at").and_then(time::from_iso)?;
    let ends_at = grant.text("ends_at").and_then(time::from_iso);
    let hidden = grant.hidden.get(SINCE).and_then(Value::as_u64);
    let since = starts_at.max(hidden.unwrap_or(grant.created_at()));
    (since <= now && ends_at.is_none_or(|it| now < it)).then_some(since)
}

/// Whether it names the device, or a space that the device is in.
pub(super) fn covers(grant: &Record, device: &Device) -> bool {
    let spaces = grant.linked_ids("space_ids");
    grant.linked_ids("device_ids").contains(&device.id())
        || device.space_ids().iter().any(|it| spaces.contains(it))
}
