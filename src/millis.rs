//! Conversions of milliseconds for hosts whose numbers are floats.

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
