//! Clocks for property tests that stand still, run back and jump.

use proptest::prelude::*;

use crate::clock::Moment;

/// A wall clock of today, in milliseconds since 1970.
pub(crate) const EPOCH: u64 = 1_795_000_000_000;
pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// How the clocks move before an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Milliseconds of monotonic time; 0 when it stands still.
    passed: u64,
    /// By how much the monotonic clock runs back, which counts as no time.
    back: u64,
    /// A correction of the wall clock.
    jump: i64,
}

pub(crate) fn steps() -> impl Strategy<Value = Step> {
    let passed = prop_oneof![
        2 => Just(0),
        6 => 0..3 * SECOND,
        3 => 0..90 * SECOND,
        1 => 0..2 * HOUR,
    ];
    let back = prop_oneof![9 => Just(0), 1 => 0..HOUR];
    let jump = prop_oneof![
        8 => Just(0),
        1 => -12_000_i64..12_000,
        1 => -40_000_000_000_i64..40_000_000_000,
    ];
    (passed, back, jump).prop_map(|(passed, back, jump)| Step { passed, back, jump })
}

/// Both clocks, and the elapsed monotonic time by their readings.
#[derive(Debug)]
pub(crate) struct Clocks {
    pub(crate) now: Moment,
    pub(crate) elapsed: u64,
}

impl Clocks {
    pub(crate) fn new() -> Self {
        Self {
            now: Moment {
                monotonic: EPOCH,
                wall: EPOCH,
            },
            elapsed: 0,
        }
    }

    pub(crate) fn pass(&mut self, passed: u64) {
        self.now.monotonic += passed;
        self.now.wall += passed;
        self.elapsed += passed;
    }

    /// Moves the clocks, and passes every reading to `seen`.
    pub(crate) fn step(&mut self, step: Step, mut seen: impl FnMut(Moment)) {
        self.now.monotonic = self.now.monotonic.saturating_sub(step.back);
        seen(self.now);
        self.pass(step.passed);
        self.now.wall = self.now.wall.saturating_add_signed(step.jump);
        seen(self.now);
    }
}
