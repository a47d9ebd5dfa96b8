//! Access codes within scope.

use super::rule::{Changes, Rule, about_devices};

/// Whoever sees the device; but what belongs to a user identity's session is seen by that identity
/// and by who holds the device's account, and by no other guest of the same door.
pub(super) static RULE: Rule = Rule {
    sees: |viewer, code| {
        let Some(device) = code.linked("device_id") else {
            return false;
        };
        let nobodys = code.asker.is_none();
        viewer.since(device).is_some()
            && (nobodys || viewer.owns(code.asker) || viewer.holds(device))
    },
    candidates: about_devices,
    changes: Changes::WhatItSees,
};
