//! What a failed fetch, or a failed call on a device, means for a list.

use crate::call::ACTION_TIMEOUT;
use crate::clock::Moment;

/// A failed fetch of a list, or a failed call on a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefetchError {
    /// The status of the response; `None` if there was none.
    pub status: Option<u16>,
    /// Whether the server rejected the token, and no refresh replaced it.
    pub token_refused: bool,
    /// Whether the response is Seam's, whose errors have a type.
    pub is_from_seam: bool,
}

/// What a failed fetch means for the data and for the next fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefetchErrorKind {
    /// The data stays, as stale; the next fetch follows.
    Transient,
    /// The list is outside the session's scope. It is emptied; the next fetch follows, because
    /// access may be granted again.
    OutOfScope,
    /// The session has ended. The list is emptied, and no fetch follows.
    SessionEnded,
    /// The same would happen each time. The data stays, and no fetch follows.
    Permanent,
}

impl RefetchError {
    /// Returns what the error means.
    #[must_use]
    pub fn kind(self) -> RefetchErrorKind {
        match self.status {
            _ if self.token_refused => RefetchErrorKind::SessionEnded,
            // The response of a proxy or a captive portal does not show what Seam would respond.
            _ if !self.is_from_seam => RefetchErrorKind::Transient,
            Some(401 | 403 | 404) => RefetchErrorKind::OutOfScope,
            Some(408 | 425 | 429) => RefetchErrorKind::Transient,
            Some(400..=499) => RefetchErrorKind::Permanent,
            _ => RefetchErrorKind::Transient,
        }
    }

    /// Returns whether the error shows that the one device of the call is outside the scope.
    /// Otherwise another device, or another record that the call named, may be the cause, and each
    /// must be looked up.
    #[must_use]
    pub fn is_about_single_device(self, targets: RequestTargets) -> bool {
        let says_so = targets.not_found || (self.status == Some(401) && targets.ids == 1);
        says_so && targets.devices == 1
    }
}

/// What a rejected call was about.
#[derive(Clone, Copy, Debug)]
pub struct RequestTargets {
    /// Whether the server's `error.type` is `device_not_found`.
    pub not_found: bool,
    /// How many devices it named.
    pub devices: u32,
    /// How many of its parameters name one record by its id, devices included.
    pub ids: u32,
}

/// Returns how long, in milliseconds, a device may be looked up before the action that was called
/// at `called_at`: the time that is left for the action.
#[must_use]
pub fn lookup_timeout(called_at: Moment, now: Moment) -> u64 {
    ACTION_TIMEOUT.saturating_sub(now.since(called_at))
}

/// Returns the delay, in milliseconds, before a device is looked up for the `nth` time, from 0,
/// after an action whose attempt is still pending; `None` after the last time. Together they are as
/// long as the wait for an attempt.
#[must_use]
pub fn recheck_delay(nth: u32) -> Option<u64> {
    [3_000, 7_000].get(nth as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_failed_fetch_determines_its_kind() {
        let cases = [
            (None, false, RefetchErrorKind::Transient),
            (Some(500), false, RefetchErrorKind::Transient),
            (Some(503), false, RefetchErrorKind::Transient),
            (Some(429), false, RefetchErrorKind::Transient),
            (Some(408), false, RefetchErrorKind::Transient),
            (Some(200), false, RefetchErrorKind::Transient),
            (Some(404), false, RefetchErrorKind::OutOfScope),
            (Some(401), false, RefetchErrorKind::OutOfScope),
            (Some(403), false, RefetchErrorKind::OutOfScope),
            (Some(401), true, RefetchErrorKind::SessionEnded),
            (Some(400), false, RefetchErrorKind::Permanent),
            (Some(405), false, RefetchErrorKind::Permanent),
        ];
        for (status, token_refused, expected) in cases {
            let error = RefetchError {
                status,
                token_refused,
                is_from_seam: true,
            };
            assert_eq!(error.kind(), expected, "{error:?}");
            if token_refused {
                continue;
            }
            let another = RefetchError {
                is_from_seam: false,
                ..error
            };
            assert_eq!(another.kind(), RefetchErrorKind::Transient, "{another:?}");
        }
    }

    #[test]
    fn an_error_is_about_the_single_device_if_nothing_else_can_be_meant() {
        let cases = [
            // The server's error names the device.
            (404, true, 1, 1, true),
            (404, true, 1, 2, true),
            (401, true, 1, 2, true),
            // The server's error does not name the device, but the call names nothing else.
            (401, false, 1, 1, true),
            (401, false, 1, 2, false),
            (404, false, 1, 1, false),
            (403, false, 1, 1, false),
            // One of several, or none.
            (404, true, 2, 0, false),
            (401, false, 2, 0, false),
            (401, false, 2, 1, false),
            (404, true, 0, 1, false),
            (401, false, 0, 1, false),
            // A list with one device: the 401 may be about something else.
            (404, true, 1, 0, true),
            (401, false, 1, 0, false),
        ];
        for (status, not_found, devices, ids, expected) in cases {
            let error = RefetchError {
                status: Some(status),
                token_refused: false,
                is_from_seam: true,
            };
            let targets = RequestTargets {
                not_found,
                devices,
                ids,
            };
            assert_eq!(
                error.is_about_single_device(targets),
                expected,
                "{status} {targets:?}"
            );
        }
    }

    #[test]
    fn a_device_is_looked_up_twice_after_an_action_that_is_still_pending() {
        let waits = (0..4).map(recheck_delay);
        let expected = [Some(3_000), Some(7_000), None, None];
        assert_eq!(waits.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_device_is_looked_up_within_the_ten_seconds_of_its_action_by_either_clock() {
        let cases = [
            (0, 10_000),
            (1, 9_999),
            (9_999, 1),
            (10_000, 0),
            (u64::MAX, 0),
        ];
        for (passed, expected) in cases {
            let at = |monotonic, wall| Moment { monotonic, wall };
            let called_at = at(5, 1_795_000_000_000);
            let both = at(
                passed.saturating_add(5),
                passed.saturating_add(called_at.wall),
            );
            let set_back = at(both.monotonic, 0);
            let slept = at(5, both.wall);
            for now in [both, set_back, slept] {
                assert_eq!(lookup_timeout(called_at, now), expected, "{passed} {now:?}");
            }
        }
    }
}
