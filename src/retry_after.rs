use crate::text::number;

const SECOND: u64 = 1_000;
const DAY: u64 = 86_400 * SECOND;

/// Milliseconds to wait by a `Retry-After` header (RFC 9110, 10.2.3): seconds,
/// or a date in the form `Sun, 06 Nov 1994 08:49:37 GMT`. `now` is in
/// milliseconds since 1970; a date that is past gives 0.
pub(crate) fn parse(value: &str, now: u64) -> Option<u64> {
    let value = value.trim_ascii();
    if let Some(seconds) = number(value.as_bytes()) {
        return Some(u64::from(seconds) * SECOND);
    }
    date(value.as_bytes()).map(|at| at.saturating_sub(now))
}

/// Milliseconds since 1970 of a date in that one form.
fn date(value: &[u8]) -> Option<u64> {
    // What stands between the numbers is checked as well.
    let [_, _, _, b',', b' ', day @ .., b' ', b'G', b'M', b'T'] = value else {
        return None;
    };
    let mut parts = day.split(|byte| matches!(byte, b' ' | b':'));
    let mut next = || parts.next();
    let day = number(next()?)?;
    let name = next()?;
    let month = b"JanFebMarAprMayJunJulAugSepOctNovDec"
        .chunks_exact(3)
        .position(|month| month == name)?;
    let month = 1 + u32::try_from(month).ok()?;
    let year = number(next()?)?;
    let hours = number(next()?)?;
    let minutes = number(next()?)?;
    let seconds = number(next()?)?;
    let fits = parts.next().is_none()
        && (1970..=9999).contains(&year)
        && (1..=31).contains(&day)
        && hours < 24
        && minutes < 60
        && seconds < 61;
    if !fits {
        return None;
    }
    // Days since 1970 with the year beginning in March, so that a leap day is its last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day;
    let since_1970 = days.checked_sub(719_469)?;
    let seconds = (hours * 60 + minutes) * 60 + seconds;
    Some(u64::from(since_1970) * DAY + u64::from(seconds) * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds_and_dates() {
        let cases = [
            ("0", 0, Some(0)),
            ("2", 0, Some(2_000)),
            (" 120 ", 0, Some(120_000)),
            ("99999999999999999999999", 0, Some(4_294_967_295_000)),
            ("Thu, 01 Jan 1970 00:00:05 GMT", 2_000, Some(3_000)),
            (
                "Sun, 06 Nov 1994 08:49:37 GMT",
                784_111_777_000 - 1_000,
                Some(1_000),
            ),
            (
                "Thu, 29 Feb 2024 12:00:00 GMT",
                1_709_208_000_000 - 5,
                Some(5),
            ),
            ("Mon, 23 Nov 2026 08:28:23 GMT", 1_795_422_503_000, Some(0)),
            (
                "Sun, 06 Nov 1994 08:49:37 GMT",
                784_111_777_000 + 9,
                Some(0),
            ),
        ];
        for (value, now, expected) in cases {
            assert_eq!(parse(value, now), expected, "{value}");
        }
    }

    #[test]
    fn ignores_what_it_cannot_read() {
        for value in [
            "",
            "soon",
            "-1",
            "1.5",
            "Sun, 06 Nov 1994",
            "Sun, 06 Foo 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse(value, 0), None, "{value}");
        }
    }
}
