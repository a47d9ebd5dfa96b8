//! Who may see access codes.

use super::policy::{AccessPolicy, WritePolicy, referencing_devices};

/// A code is visible with access to its device. If a session of a user identity owns it, it is
/// visible only to that identity and with access to the device's account, not to other guests of
/// the same door.
pub(super) static POLICY: AccessPolicy = AccessPolicy {
    can_see: |view, code| {
        let Some(device) = code.linked_id("device_id") else {
            return false;
        };
        let nobodys = code.owner.is_none();
        view.since(device).is_some()
            && (nobodys || view.is_owner(code.owner) || view.has_account_of(device))
    },
    candidates: referencing_devices,
    write: WritePolicy::Visible,
};
