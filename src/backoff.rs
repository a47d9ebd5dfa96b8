//! Waits that grow with each failure.

/// The longest delay of a browser's timer, in milliseconds. A longer wait is split into several.
pub(crate) const LONGEST_TIMER: u64 = 0x7fff_ffff;

/// Returns a wait that doubles with each failure, from `first` up to `longest`, plus up to a fifth.
/// `jitter` is from 0 to 1000.
pub(crate) fn backoff(first: u64, longest: u64, failures: u32, jitter: u32) -> u64 {
    let wait = first << failures.saturating_sub(1).min(20);
    (wait + wait * u64::from(jitter.min(1_000)) / 5_000).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backoff_doubles_and_has_up_to_a_fifth_of_jitter_up_to_its_limit() {
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
            let found = backoff(1_000, 60_000, failures, jitter);
            assert_eq!(found, expected, "{failures} {jitter}");
        }
    }
}
