//! Conversions of milliseconds for hosts whose numbers are floats.

/// Returns whole milliseconds. A negative number, or NaN, counts as 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and not a number becomes 0"
)]
#[must_use]
pub const fn millis(value: f64) -> u64 {
    value as u64
}

/// Returns milliseconds as a float.
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
    fn every_float_becomes_whole_milliseconds() {
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
    fn a_wait_is_the_same_number_as_a_float() {
        for wait in [0_u32, 1, 250, 60_000, u32::MAX] {
            let found = as_number(u64::from(wait));
            assert!((found - f64::from(wait)).abs() < f64::EPSILON, "{wait}");
        }
    }
}
