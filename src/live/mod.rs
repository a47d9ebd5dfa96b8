//! The rules of what lives as long as a session: its token is refreshed, its lists are refetched.
//! None of it holds a token or a list, or sets a timer.

mod actions;
mod poll;
mod renewal;
mod verdict;

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
