//! Access codes within scope.

use super::policy::{AccessPolicy, WritePolicy, about_devices};

/// Whoever sees the device; but what belongs to a user identity's session is seen by that identity
/// and by who holds the device's account, and by no other guest of the same door.
pub(super) static POLICY: AccessPolicy = AccessPolicy {
    can_see: |view, code| {
        let Some(device) = code.linked_id("device_id") else {
            return false;
        };
        let nobodys = code.owner.is_none();
        view.since(device).is_some()
            && (nobodys || view.is_owner(code.owner) || view.has_account_of(device))
    },
    candidates: about_devices,
    write: WritePolicy::Visible,
};
