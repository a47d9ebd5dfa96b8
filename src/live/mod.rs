//! The rules of what lives as long as a session: its token is renewed, its
//! lists are asked for again. None of it knows a token, a list or a timer.

mod actions;
mod poll;
mod renewal;
mod verdict;

pub use actions::actions;
pub use poll::{Next, Poll};
pub use renewal::{Need, Refused, Renewal};
pub use verdict::{Named, Trouble, Verdict, look_again, look_within};

/// Timers take no longer time than this, in milliseconds; a longer wait is
/// asked for again when it is over.
pub const LONGEST_TIMER: u64 = 0x7fff_ffff;

/// A wait that doubles with each failure from `first` to `longest`, and up to a
/// fifth more. `jitter` is from 0 to 1000.
fn back_off(first: u64, longest: u64, failures: u32, jitter: u32) -> u64 {
    let doubled = first << failures.saturating_sub(1).min(20);
    let wait = doubled.min(longest.max(first));
    wait + wait * u64::from(jitter.min(1_000)) / 5_000
}
