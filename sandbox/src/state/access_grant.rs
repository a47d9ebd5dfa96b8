//! Access grants: which devices they open, and when.

use super::Device;
use super::thing::Thing;
use crate::time::{self, Millis};

/// Since when the grant is in force; none if it is not in force now. It ends at `ends_at`.
pub(super) fn since(grant: &Thing, now: Millis) -> Option<Millis> {
    let starts_at = grant.text("starts_at").and_then(time::from_iso)?;
    let ends_at = grant.text("ends_at").and_then(time::from_iso);
    let since = starts_at.max(grant.created_at());
    (since <= now && ends_at.is_none_or(|it| now < it)).then_some(since)
}

/// Whether it names the device, or a space that the device is in.
pub(super) fn covers(grant: &Thing, device: &Device) -> bool {
    let spaces = grant.linked_all("space_ids");
    grant.linked_all("device_ids").contains(&device.id())
        || device.space_ids().iter().any(|it| spaces.contains(it))
}
