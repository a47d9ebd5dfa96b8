use crate::call::ACTION_TIMEOUT;
use crate::clock::Moment;

/// What is known of a call that failed: a round, or what was done to a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefetchError {
    /// The status of the answer; `None` when there was none.
    pub status: Option<u16>,
    /// Whether the server said that the token is dead, and nothing renewed it.
    pub token_refused: bool,
    /// Whether it is Seam that answered: its errors have an envelope, with a type.
    pub is_from_seam: bool,
}

/// What a failed round means for what is shown, and for the rounds to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefetchErrorKind {
    /// It may pass: what is shown is kept and called stale; the next round comes.
    Transient,
    /// What was asked for is not in the session's scope (any more): nothing of
    /// it is shown. It may be granted again, so the next round comes.
    OutOfScope,
    /// The session is over: nothing of it is shown, and no round comes.
    SessionEnded,
    /// It will fail the same way each time: what is shown is kept, no round comes.
    Permanent,
}

impl RefetchError {
    /// What it means. A revocation empties what is shown; it does not merely
    /// call it stale.
    #[must_use]
    pub fn kind(self) -> RefetchErrorKind {
        match self.status {
            _ if self.token_refused => RefetchErrorKind::SessionEnded,
            // A proxy or a hotel's network says nothing of what Seam would.
            _ if !self.is_from_seam => RefetchErrorKind::Transient,
            Some(401 | 403 | 404) => RefetchErrorKind::OutOfScope,
            Some(408 | 425 | 429) => RefetchErrorKind::Transient,
            Some(400..=499) => RefetchErrorKind::Permanent,
            _ => RefetchErrorKind::Transient,
        }
    }

    /// Whether the refusal of a call says that the one device which it was about
    /// is not in scope; else it may have been about another one, or something else
    /// that the call targets, and each is to be looked at.
    #[must_use]
    pub fn is_about_single_device(self, targets: RequestTargets) -> bool {
        let says_so = targets.not_found || (self.status == Some(401) && targets.ids == 1);
        says_so && targets.devices == 1
    }
}

/// What a refused call was about.
#[derive(Clone, Copy, Debug)]
pub struct RequestTargets {
    /// Whether the server's `error.type` is `device_not_found`.
    pub not_found: bool,
    /// How many devices it targets.
    pub devices: u32,
    /// How many of its parameters name one thing by its id, a device or another.
    pub ids: u32,
}

/// How long, in milliseconds, a device may be looked up before the action on it that was called
/// at `called_at`: what is left of the action's own time.
#[must_use]
pub fn lookup_timeout(called_at: Moment, now: Moment) -> u64 {
    ACTION_TIMEOUT.saturating_sub(now.since(called_at))
}

/// How long after an act whose attempt is still pending, or after the last look at
/// its device, that is looked at again for the `nth` time, from 0 on, in
/// milliseconds; `None` when that is enough. In all it is as long as an attempt is
/// waited for.
#[must_use]
pub fn recheck_delay(nth: u32) -> Option<u64> {
    [3_000, 7_000].get(nth as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_round_means_what_its_answer_says() {
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
    fn a_refusal_is_of_the_one_device_when_it_can_be_of_nothing_else() {
        let cases = [
            // The server names it.
            (404, true, 1, 1, true),
            (404, true, 1, 2, true),
            (401, true, 1, 2, true),
            // It does not, and there is nothing else that it could mean.
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
            // A list of one names no device alone: the 401 may be of something else.
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
    fn a_device_that_may_still_be_moving_is_looked_at_twice_more() {
        let waits = (0..4).map(recheck_delay);
        let expected = [Some(3_000), Some(7_000), None, None];
        assert_eq!(waits.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_device_is_looked_up_in_the_ten_seconds_of_an_action_by_either_clock() {
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
