//! Rate limits of devices. The numbers are documented, as limits per device and minute. The rest is
//! our choice: a sliding window of sixty seconds, in which only accepted requests count. So a
//! caller without access to a device cannot use up its limit. All callers with access to a device
//! share its limit.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::ids::Id;
use crate::time::Millis;

const MINUTE: Millis = 60_000;

/// The kinds of requests that have a rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RateLimited {
    Lock,
    Unlock,
    CreateAccessCode,
    UpdateAccessCode,
    DeleteAccessCode,
}

impl RateLimited {
    /// Returns the limit that applies to an `action_type` of the API, if any.
    pub(crate) fn of_action(action: &str) -> Option<Self> {
        match action {
            "LOCK_DOOR" => Some(Self::Lock),
            "UNLOCK_DOOR" => Some(Self::Unlock),
            _ => None,
        }
    }

    fn per_minute(self) -> usize {
        match self {
            Self::Lock | Self::Unlock => 15,
            Self::CreateAccessCode | Self::UpdateAccessCode => 10,
            Self::DeleteAccessCode => 20,
        }
    }
}

/// The requests of the last minute, by device and kind.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Limits {
    off: bool,
    #[serde(rename = "asked")]
    calls: BTreeMap<Id, BTreeMap<RateLimited, VecDeque<Millis>>>,
}

impl Limits {
    pub(crate) fn new(off: bool) -> Self {
        Self {
            off,
            calls: BTreeMap::new(),
        }
    }

    /// Counts one request for each of these devices, or for none of them.
    ///
    /// # Errors
    ///
    /// 429 with the time after which a request for all of them is accepted again.
    pub(crate) fn count(
        &mut self,
        devices: &[Id],
        kind: RateLimited,
        now: Millis,
    ) -> Result<(), ApiError> {
        if self.off {
            return Ok(());
        }
        let devices: BTreeSet<&Id> = devices.iter().collect();
        let wait = devices.iter().filter_map(|it| self.wait(**it, kind, now));
        if let Some(wait) = wait.max() {
            return Err(too_many(wait.div_ceil(1_000)));
        }
        for device in devices {
            let of_device = self.calls.entry(*device).or_default();
            of_device.entry(kind).or_default().push_back(now);
        }
        Ok(())
    }

    /// Returns how long until a request for this device is accepted; `None` if it is accepted now.
    fn wait(&mut self, device: Id, kind: RateLimited, now: Millis) -> Option<Millis> {
        let times = self.calls.get_mut(&device)?.get_mut(&kind)?;
        times.retain(|it| it.saturating_add(MINUTE) > now);
        if times.len() < kind.per_minute() {
            return None;
        }
        let oldest = times.front().copied()?;
        Some(oldest.saturating_add(MINUTE).saturating_sub(now))
    }
}

/// 429. The status is documented, the type is our choice.
pub(crate) fn too_many(retry_after: u64) -> ApiError {
    ApiError::new(429, "too_many_requests", "Too Many Requests").with_retry_after(retry_after)
}

#[cfg(test)]
mod tests {
    use super::{Limits, RateLimited};
    use crate::ids::Id;

    #[test]
    fn only_what_was_accepted_within_a_minute_counts() {
        let mut limits = Limits::default();
        let device = [Id::version_4(1)];
        for now in 0..15 {
            assert!(limits.count(&device, RateLimited::Unlock, now).is_ok());
        }
        for now in [15, 59_999] {
            assert!(
                limits.count(&device, RateLimited::Unlock, now).is_err(),
                "{now}"
            );
        }
        assert!(limits.count(&device, RateLimited::Unlock, 60_000).is_ok());
        assert!(limits.count(&device, RateLimited::Unlock, 60_000).is_err());
    }

    #[test]
    fn each_device_and_each_kind_of_request_has_its_own_limit() {
        let mut limits = Limits::default();
        let [one, other] = [1, 2].map(Id::version_4);
        for _ in 0..10 {
            let taken = limits.count(&[one], RateLimited::CreateAccessCode, 0);
            assert!(taken.is_ok());
        }
        assert!(
            limits
                .count(&[one], RateLimited::CreateAccessCode, 0)
                .is_err()
        );
        assert!(
            limits
                .count(&[one], RateLimited::UpdateAccessCode, 0)
                .is_ok()
        );
        assert!(
            limits
                .count(&[other], RateLimited::CreateAccessCode, 0)
                .is_ok()
        );
        // The failed request counted for neither device.
        let both = [one, other];
        assert!(
            limits
                .count(&both, RateLimited::CreateAccessCode, 0)
                .is_err()
        );
        for _ in 0..9 {
            let taken = limits.count(&[other], RateLimited::CreateAccessCode, 0);
            assert!(taken.is_ok());
        }
        assert!(
            limits
                .count(&[other], RateLimited::CreateAccessCode, 0)
                .is_err()
        );
    }

    #[test]
    fn no_limit_applies_when_limits_are_off() {
        let mut limits = Limits::new(true);
        for _ in 0..100 {
            let taken = limits.count(&[Id::version_4(1)], RateLimited::Lock, 0);
            assert!(taken.is_ok());
        }
    }
}
