//! Timestamps of the API, as RFC 3339 has them.

/// Returns the milliseconds since 1970 of a timestamp such as `2026-01-01T00:00:00.000Z`; `None` if
/// it is none, or is before 1970.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers(date.split('-'))?;
    let (time, offset) = if let Some(time) = time.strip_suffix(['Z', 'z']) {
        (time, 0)
    } else {
        let at = time.rfind(['+', '-'])?;
        let (time, offset) = time.split_at_checked(at)?;
        let sign = if offset.starts_with('-') { -1 } else { 1 };
        let [hours, minutes] = numbers(offset.get(1..)?.split(':'))?;
        (time, sign * (hours * 60 + minutes))
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hours, minutes, seconds] = numbers(time.split(':'))?;
    let is_valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hours < 24
        && minutes < 60
        && seconds <= 60;
    if !is_valid || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let minutes = (days(year, month, day) * 24 + hours) * 60 + minutes - offset;
    u64::try_from((minutes * 60 + seconds) * 1_000 + millis).ok()
}

/// Returns `N` numbers of at most four digits each.
fn numbers<'a, const N: usize>(parts: impl Iterator<Item = &'a str>) -> Option<[i64; N]> {
    let parse = |part: &str| {
        let is_number = (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|_| is_number)
    };
    let numbers: Option<Vec<i64>> = parts.map(parse).collect();
    numbers?.try_into().ok()
}

/// Returns the days from 1970 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that a leap day is the last day of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap_days = year / 4 - year / 100 + year / 400;
    let days_before_month = (month * 153 + 2) / 5;
    // 719,468 days from 0000-03-01 to 1970-01-01.
    year * 365 + leap_days + days_before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_milliseconds_since_1970() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:34:56.789Z", Some(951_827_696_789)),
            ("2026-12-01T15:00:00+02:00", Some(1_796_130_000_000)),
            ("2026-12-01T13:00:00.5Z", Some(1_796_130_000_500)),
            ("2026-12-01T13:00:00.123456Z", Some(1_796_130_000_123)),
            ("1969-12-31T23:59:59Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-12-01T24:00:00Z", None),
            ("2026-12-01T00:00:00", None),
            ("2026-12-01", None),
            ("", None),
            ("soon", None),
            ("99999-01-01T00:00:00Z", None),
            ("2026-é2-01T00:00:00Z", None),
            ("2026-12-01T00:00:00+é:00", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
