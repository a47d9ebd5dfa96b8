use crate::text::number;

const SECOND: u64 = 1_000;
const DAY: u64 = 86_400 * SECOND;

/// Returns the milliseconds that a `Retry-After` header asks to wait (RFC 9110, 10.2.3): seconds,
/// or a date in the form `Sun, 06 Nov 1994 08:49:37 GMT`. `now` is wall time; for a past date the
/// wait is 0.
pub(crate) fn parse(value: &str, now: u64) -> Option<u64> {
    let value = value.trim_ascii();
    if let Some(seconds) = number(value.as_bytes()) {
        return Some(u64::from(seconds) * SECOND);
    }
    date(value.as_bytes()).map(|at| at.saturating_sub(now))
}

/// Returns the wall time of a date in that form.
fn date(value: &[u8]) -> Option<u64> {
    // 0 stands for any digit, and a for any letter.
    let form = b"aaa, 00 aaa 0000 00:00:00 GMT";
    let fits = value.len() == form.len()
        && value.iter().zip(form).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_alphabetic(),
            _ => byte == form,
        });
    let part = |from: usize, length: usize| value.get(from..from + length);
    let name = part(8, 3)?;
    let month = b"JanFebMarAprMayJunJulAugSepOctNovDec"
        .chunks_exact(3)
        .position(|month| month == name)?;
    let month = 1 + u32::try_from(month).ok()?;
    let day = number(part(5, 2)?)?;
    let year = number(part(12, 4)?)?;
    let hours = number(part(17, 2)?)?;
    let minutes = number(part(20, 2)?)?;
    let seconds = number(part(23, 2)?)?;
    let fits = fits
        && year >= 1970
        && (1..=31).contains(&day)
        && hours < 24
        && minutes < 60
        && seconds < 61;
    if !fits {
        return None;
    }
    // Years begin in March here, so that a leap day is the last one.
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn seconds_and_dates_are_parsed() {
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

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    #[test]
    fn the_smallest_and_the_largest_parts_of_a_date_are_parsed() {
        let cases = [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 31 Dec 1970 23:59:59 GMT", 31_535_999),
            // A leap second.
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
        ];
        for (value, seconds) in cases {
            assert_eq!(parse(value, 0), Some(seconds * SECOND), "{value}");
        }
    }

    #[test]
    fn a_malformed_value_is_ignored() {
        for value in [
            "",
            "soon",
            "-1",
            "1.5",
            "Sun, 06 Nov 1994",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 gmt",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 GMT+1",
            // Punctuation of one kind where another belongs.
            "Sun, 06:Nov:1994 08 49 37 GMT",
            "Sun, 06 Nov 1994:08:49:37 GMT",
            "Sun, 06 Nov 1994 08 49 37 GMT",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "Sun; 06 Nov 1994 08:49:37 GMT",
            "Sun,  6 Nov 1994 08:49:37 GMT",
            // Days, hours, minutes and seconds that do not exist.
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            // Other lengths.
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37.0 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 06 Nov 01994 08:49:37 GMT",
            "Sunday, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse(value, 0), None, "{value}");
        }
    }

    #[test]
    fn a_date_with_one_changed_byte_is_parsed_only_if_it_still_has_the_form() {
        for (at, _) in DATE.char_indices() {
            for byte in 0..=0x7f_u8 {
                let mut bytes = DATE.as_bytes().to_vec();
                bytes[at] = byte;
                let changed = String::from_utf8(bytes).unwrap();
                let same_kind = match DATE.as_bytes()[at] {
                    b'0'..=b'9' => byte.is_ascii_digit(),
                    // The day of the week is not compared with the date.
                    _ if at < 3 => byte.is_ascii_alphabetic(),
                    expected => byte == expected,
                };
                let found = parse(&changed, 0);
                assert!(found.is_none() || same_kind, "{changed:?}");
                assert!(found.is_none_or(|ms| ms < 253_402_300_800 * SECOND));
            }
        }
    }

    proptest! {
        #[test]
        fn a_mutated_value_never_panics_and_is_a_number_or_a_date(
            value in prop_oneof![Just(DATE), Just("120"), Just("4294967295"), Just("0")],
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<char>(), 0..3_u8), 0..4),
            now in any::<u64>(),
        ) {
            let mut text: Vec<char> = value.chars().collect();
            for (at, with, how) in changes {
                let at = at.index(text.len() + 1);
                match how {
                    0 => text.insert(at, with),
                    1 if at < text.len() => text[at] = with,
                    _ if at < text.len() => drop(text.remove(at)),
                    _ => {}
                }
            }
            let text: String = text.into_iter().collect();
            let trimmed = text.trim_ascii();
            let digits = !trimmed.is_empty() && trimmed.bytes().all(|byte| byte.is_ascii_digit());
            let dated = trimmed.len() == DATE.len() && trimmed.ends_with(" GMT");
            let found = parse(&text, now);
            prop_assert_eq!(digits, digits && found.is_some());
            prop_assert!(found.is_none() || digits || dated, "{text:?}");
        }
    }
}
