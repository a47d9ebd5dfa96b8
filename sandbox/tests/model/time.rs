//! The times of a workspace, all within one day.

/// 2026-11-23T00:00:00Z.
const MIDNIGHT: u64 = 1_795_392_000_000;
/// 08:30 of that day.
pub(crate) const START: u64 = MIDNIGHT + 30_600_000;

/// Formats a time of that day as the API does.
pub(crate) fn iso(time: u64) -> String {
    let of_day = time - MIDNIGHT;
    let (seconds, milliseconds) = (of_day / 1_000, of_day % 1_000);
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    assert!(hours < 24, "the day is over");
    format!(
        "2026-11-23T{hours:02}:{minutes:02}:{:02}.{milliseconds:03}Z",
        seconds % 60
    )
}
