//! Readings of the two clocks, which the host passes in.

use core::time::Duration;

/// A reading of both clocks, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Monotonic time, from any origin, for waits, backoff and deadlines. It may stop while the
    /// computer sleeps.
    pub monotonic: u64,
    /// Wall time, in milliseconds since 1970, only for `expires_at`, `Retry-After` dates and the
    /// time limit of an action. It may jump in either direction.
    pub wall: u64,
}

impl Moment {
    /// A reading of a monotonic clock, as the time since any fixed origin, and of the wall clock, as
    /// the time since 1970.
    #[must_use]
    pub fn new(monotonic: Duration, since_1970: Duration) -> Self {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            monotonic: millis(monotonic),
            wall: millis(since_1970),
        }
    }

    /// Returns the milliseconds since `earlier` by the clock that shows more. A clock that was set
    /// back, or that stopped during sleep, does not shorten it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        let monotonic = self.monotonic.saturating_sub(earlier.monotonic);
        let wall = self.wall.saturating_sub(earlier.wall);
        if wall > monotonic { wall } else { monotonic }
    }
}

/// Elapsed time by a clock that should be monotonic. A reading that is earlier than the last one
/// (of a mocked clock, or a faulty platform) counts as no time, so that deadlines neither pass
/// early nor move into the future.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeline {
    last: u64,
    elapsed: u64,
}

impl Timeline {
    /// Starts at 0 with this reading.
    pub(crate) const fn new(now: u64) -> Self {
        Self {
            last: now,
            elapsed: 0,
        }
    }

    /// Milliseconds since the start, at this reading. Never less than before.
    pub(crate) const fn advance(&mut self, now: u64) -> u64 {
        self.elapsed = self.elapsed.saturating_add(now.saturating_sub(self.last));
        self.last = now;
        self.elapsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_time_is_the_larger_of_the_two_clocks() {
        let start = Moment {
            monotonic: 5_000,
            wall: 1_795_000_000_000,
        };
        let cases = [
            ("both agree", 300, 300, 300),
            ("the wall clock was set back", 300, -3_600_000, 300),
            ("the wall clock was set forward", 300, 3_600_000, 3_600_000),
            ("the monotonic clock slept", 0, 300, 300),
            ("the monotonic clock was reset", -5_000, 300, 300),
        ];
        for (name, monotonic, wall, expected) in cases {
            let now = Moment {
                monotonic: start.monotonic.saturating_add_signed(monotonic),
                wall: start.wall.saturating_add_signed(wall),
            };
            assert_eq!(now.since(start), expected, "{name}");
        }
    }

    #[test]
    fn a_timeline_counts_steps_forward_and_ignores_steps_back() {
        let mut timeline = Timeline::new(1_000);
        assert_eq!(timeline.advance(1_500), 500);
        assert_eq!(timeline.advance(200), 500);
        assert_eq!(timeline.advance(300), 600);
        assert_eq!(timeline.advance(u64::MAX), u64::MAX);
        assert_eq!(timeline.advance(0), u64::MAX);
    }
}
