//! When a code that starts later is programmed on its device.

use crate::state::record::Record;
use crate::state::{Device, State};
use crate::time::Millis;

use super::{is_offline, time_of};

const HOUR: Millis = 3_600_000;

/// How long before its start a code is programmed on a lock with native scheduling (documented).
const NATIVE_LEAD: Millis = 72 * HOUR;

/// How long before its start a code is programmed on any other lock (documented).
const JUST_IN_TIME_LEAD: Millis = HOUR;

/// The hidden member of a code that was created with `prefer_native_scheduling: false`.
pub(in crate::state) const PREFERS_JUST_IN_TIME: &str = "prefers_just_in_time";

/// The device types with native scheduling, by the documented list of providers.
const NATIVE: [&str; 13] = [
    "august_lock",
    "igloo_lock",
    "igloohome_lock",
    "kwikset_lock",
    "nuki_lock",
    "salto_ks_lock",
    "salto_lock",
    "schlage_lock",
    "tedee_lock",
    "ttlock_lock",
    "two_n_intercom",
    "wyze_lock",
    "yale_lock",
];

/// How a code comes to be active at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheduling {
    /// The device has the code before its start, and activates it.
    Native,
    /// The device has the code only shortly before its start, and it is active then.
    JustInTime,
    /// The number is computed by the lock and by its manufacturer: nothing is programmed.
    Offline,
}

/// The times of a code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) scheduling: Scheduling,
    /// When the device is to have the code; 0 for a code without a start.
    pub(super) programmed_at: Millis,
    pub(super) starts_at: Millis,
    pub(super) ends_at: Option<Millis>,
}

impl Times {
    /// Returns whether the device has the code and waits for its start.
    pub(super) fn is_scheduled(&self, at: Millis) -> bool {
        self.scheduling != Scheduling::JustInTime && at < self.starts_at
    }

    /// Returns the next time at which something changes.
    pub(super) fn next_after(&self, at: Millis) -> Option<Millis> {
        let times = [Some(self.programmed_at), Some(self.starts_at), self.ends_at];
        times.into_iter().flatten().filter(|it| at < *it).min()
    }
}

impl State {
    pub(super) fn times_of(&self, code: &Record) -> Times {
        let device = code.linked_id("device_id");
        let device = device.and_then(|it| self.devices.get(it));
        let scheduling = scheduling(device, code);
        let starts_at = time_of(code, "starts_at").unwrap_or(0);
        let lead = match scheduling {
            Scheduling::Native => NATIVE_LEAD,
            Scheduling::JustInTime => JUST_IN_TIME_LEAD,
            Scheduling::Offline => Millis::MAX,
        };
        Times {
            scheduling,
            programmed_at: starts_at.saturating_sub(lead),
            starts_at,
            ends_at: time_of(code, "ends_at"),
        }
    }
}

fn scheduling(device: Option<&Device>, code: &Record) -> Scheduling {
    let is_native = device.is_some_and(|it| NATIVE.contains(&it.device_type()));
    if is_offline(code) {
        Scheduling::Offline
    } else if is_native && !code.hidden.contains_key(PREFERS_JUST_IN_TIME) {
        Scheduling::Native
    } else {
        Scheduling::JustInTime
    }
}
