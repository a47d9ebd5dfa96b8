//! The rules of what lives as long as a session: its token is refreshed, its lists are refetched.
//! None of it holds a token or a list, or sets a timer.

mod actions;
mod poll;
mod renewal;
mod verdict;

#[cfg(test)]
mod properties;

pub use actions::actions;
pub use poll::{Next, Poll};
pub use renewal::{Need, Refused, Renewal, may_go};
pub use verdict::{Named, Trouble, Verdict, look_again, look_within};

/// Timers take no longer time than this, in milliseconds; a longer wait is
/// asked for again when it is over.
pub const LONGEST_TIMER: u64 = 0x7fff_ffff;

/// A wait that doubles with each failure from `first` on, with up to a fifth more, to `longest` at
/// most. `jitter` is from 0 to 1000.
fn back_off(first: u64, longest: u64, failures: u32, jitter: u32) -> u64 {
    let wait = first << failures.saturating_sub(1).min(20);
    (wait + wait * u64::from(jitter.min(1_000)) / 5_000).min(longest)
}

/// A time in milliseconds as JavaScript has it, which may be no whole number, or
/// none at all: then it is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and not a number becomes 0"
)]
#[must_use]
pub const fn millis(value: f64) -> u64 {
    value as u64
}

/// A wait in milliseconds as JavaScript takes it.
#[expect(
    clippy::cast_precision_loss,
    reason = "no wait is as long as 2^53 milliseconds"
)]
#[must_use]
pub const fn as_number(wait: u64) -> f64 {
    wait as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backoff_doubles_and_takes_up_to_a_fifth_of_jitter_but_never_more_than_its_limit() {
        let cases = [
            (0, 0, 1_000),
            (1, 0, 1_000),
            (2, 0, 2_000),
            (3, 0, 4_000),
            (3, 500, 4_400),
            (3, 1_000, 4_800),
            (3, 5_000, 4_800),
            (6, 1_000, 38_400),
            (7, 0, 60_000),
            (7, 1_000, 60_000),
            (u32::MAX, 1_000, 60_000),
        ];
        for (failures, jitter, expected) in cases {
            let found = back_off(1_000, 60_000, failures, jitter);
            assert_eq!(found, expected, "{failures} {jitter}");
        }
    }

    #[test]
    fn milliseconds_of_javascript_become_whole_and_never_fail() {
        let cases = [
            (0.0, 0),
            (1.9, 1),
            (1_795_000_000_000.25, 1_795_000_000_000),
            (-5.0, 0),
            (f64::NAN, 0),
            (f64::INFINITY, u64::MAX),
            (f64::NEG_INFINITY, 0),
        ];
        for (value, expected) in cases {
            assert_eq!(millis(value), expected, "{value}");
        }
    }

    #[test]
    fn a_wait_crosses_the_boundary_as_the_same_number() {
        for wait in [0_u32, 1, 250, 60_000, u32::MAX] {
            let found = as_number(u64::from(wait));
            assert!((found - f64::from(wait)).abs() < f64::EPSILON, "{wait}");
        }
    }
}
