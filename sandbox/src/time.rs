//! Times: milliseconds since 1970 in memory, ISO 8601 in responses. [`parse`] reads the times of
//! all requests.

/// Milliseconds since 1970-01-01T00:00:00Z.
pub(crate) type Millis = u64;

/// The last millisecond of the year 9999. A later date has no four-digit year.
pub(crate) const LATEST: Millis = 253_402_300_799_999;

const DAY: u64 = 86_400_000;
/// Days from 0000-03-01 to 1970-01-01. Years begin in March in these calculations, so that a leap
/// day is the last day of a year.
const EPOCH_DAY: u64 = 719_468;
const DAYS_IN_400_YEARS: u64 = 146_097;

/// Formats a time as `2026-11-23T08:30:00.000Z`.
pub(crate) fn to_iso(time: Millis) -> String {
    let time = time.min(LATEST);
    let (year, month, day) = date_of(time / DAY);
    let of_day = time % DAY;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        of_day / 3_600_000,
        of_day / 60_000 % 60,
        of_day / 1000 % 60,
        of_day % 1000
    )
}

fn date_of(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + EPOCH_DAY;
    let era = days / DAYS_IN_400_YEARS;
    let of_era = days % DAYS_IN_400_YEARS;
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

/// Parses a time in the forms that the official SDKs, Seam's guides and the usual formatters of
/// their languages produce:
///
/// - ISO 8601: `2026-11-23`, `2026-11-23T08:30`, `2026-11-23T08:30:00.000+01:00`, with the offsets
///   `Z`, `+01:00`, `+0100` and `+01`, which may follow a space, as in Ruby's
///   `2026-11-23 08:30:00 +0100`;
/// - RFC 2822 and the date of HTTP: `Mon, 23 Nov 2026 08:30:00 GMT`, `23 Nov 2026 08:30 +0100`.
///
/// Without an offset the time is UTC (our choice). Returns `None` for a time before 1970.
pub(crate) fn parse(text: &str) -> Option<Millis> {
    from_iso(text).or_else(|| from_rfc_2822(text))
}

fn from_iso(text: &str) -> Option<Millis> {
    let (date, clock) = text
        .split_once(['T', 't', ' '])
        .map_or((text, None), |(date, clock)| (date, Some(clock)));
    let mut parts = date.split('-');
    let days = days_of(
        digits(parts.next()?, 4)?,
        digits(parts.next()?, 2)?,
        digits(parts.next()?, 2)?,
    )?;
    if parts.next().is_some() {
        return None;
    }
    since_1970(days, clock.map_or(Some(0), time_of_day)?)
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAYS_OF_WEEK: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A date as in section 3.3 of RFC 2822, without comments and names of American time zones. The
/// day of the week may be missing; a wrong one is ignored, as JavaScript's `Date` does.
fn from_rfc_2822(text: &str) -> Option<Millis> {
    let named = |names: &[&str], text: &str| {
        let place = names.iter().position(|it| it.eq_ignore_ascii_case(text))?;
        u64::try_from(place).ok()
    };
    let date = match text.split_once(',') {
        Some((day_of_week, date)) => {
            named(&DAYS_OF_WEEK, day_of_week.trim())?;
            date
        }
        None => text,
    };
    let mut words = date.split_ascii_whitespace();
    let day = words.next()?;
    let day = digits(day, day.len()).filter(|_| matches!(day.len(), 1 | 2))?;
    let month = named(&MONTHS, words.next()?)? + 1;
    let year = digits(words.next()?, 4)?;
    let clock = words.next()?;
    let offset = words.next()?;
    if words.next().is_some() {
        return None;
    }
    let of_day = clock_millis(clock)? - offset_minutes(offset)? * 60_000;
    since_1970(days_of(year, month, day)?, of_day)
}

fn since_1970(days: u64, of_day: i64) -> Option<Millis> {
    let time = i64::try_from(days * DAY).ok()? + of_day;
    u64::try_from(time).ok()
}

fn days_of(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) {
        return None;
    }
    let year = year.checked_sub(u64::from(month <= 2))?;
    let march_month = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * march_month + 2) / 5 + day.checked_sub(1)?;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + of_year;
    let since_1970 = days.checked_sub(EPOCH_DAY)?;
    // Otherwise a 30th of February would be accepted as a day in March.
    (date_of(since_1970).2 == day).then_some(since_1970)
}

/// Parses a time of day with an optional offset. Returns milliseconds since midnight UTC, which may
/// be negative or more than a day.
fn time_of_day(text: &str) -> Option<i64> {
    let is_of_clock = |it: char| it.is_ascii_digit() || it == ':' || it == '.';
    let end = text.find(|it| !is_of_clock(it)).unwrap_or(text.len());
    let (clock, offset) = text.split_at_checked(end)?;
    let offset = offset.strip_prefix(' ').unwrap_or(offset);
    let minutes = match offset {
        "" if end == text.len() => 0,
        offset => offset_minutes(offset)?,
    };
    Some(clock_millis(clock)? - minutes * 60_000)
}

/// Parses `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fraction`. Returns milliseconds since midnight.
fn clock_millis(clock: &str) -> Option<i64> {
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let hours = digits(parts.next()?, 2).filter(|it| *it < 24)?;
    let minutes = digits(parts.next()?, 2).filter(|it| *it < 60)?;
    let seconds = parts
        .next()
        .map_or(Some(0), |it| digits(it, 2))
        .filter(|it| *it < 60)?;
    if parts.next().is_some() || fraction.is_empty() {
        return None;
    }
    if !fraction.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let first = fraction.bytes().chain(*b"00").take(3);
    let thousandths = first.fold(0, |sum, it| sum * 10 + i64::from(it - b'0'));
    let seconds = i64::try_from(hours * 3600 + minutes * 60 + seconds).ok()?;
    Some(seconds * 1000 + thousandths)
}

/// Parses `Z`, `UTC`, `GMT`, `UT`, or a sign with `hh:mm`, `hhmm` or `hh`. Returns minutes ahead of
/// UTC; `None` above the 23:59 that RFC 3339 allows.
fn offset_minutes(offset: &str) -> Option<i64> {
    if ["Z", "UTC", "GMT", "UT"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(offset))
    {
        return Some(0);
    }
    let (sign, offset) = match offset.as_bytes().first()? {
        b'+' => (1, offset.get(1..)?),
        b'-' => (-1, offset.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = match offset.len() {
        2 => (offset, "00"),
        4 => offset.split_at_checked(2)?,
        _ => offset.split_once(':')?,
    };
    let hours = digits(hours, 2).filter(|it| *it < 24)?;
    let minutes = digits(minutes, 2).filter(|it| *it < 60)?;
    i64::try_from(hours * 60 + minutes).ok().map(|it| sign * it)
}

fn digits(text: &str, count: usize) -> Option<u64> {
    let all_digits = text.bytes().all(|it| it.is_ascii_digit());
    (text.len() == count && all_digits)
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::{LATEST, parse, to_iso};

    #[test]
    fn times_are_formatted_and_parsed() {
        for (time, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_422_600_123, "2026-11-23T08:30:00.123Z"),
            (LATEST, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(to_iso(time), text);
            assert_eq!(parse(text), Some(time));
        }
    }

    #[test]
    fn every_usual_form_of_a_time_is_parsed() {
        let expected = Some(1_795_422_600_000);
        for text in [
            "2026-11-23T08:30:00Z",
            "2026-11-23T08:30Z",
            "2026-11-23T10:00:00+01:30",
            "2026-11-24T08:29:00+23:59",
            "2026-11-23T03:30:00.000000-05:00",
            "2026-11-23T08:30:00.0Z",
            "2026-11-23T08:30:00",
            "2026-11-23T08:30:00+00",
            "2026-11-23T08:30:00+0000",
            "2026-11-23T10:00:00+0130",
            "2026-11-23T03:30:00-05",
            // Ruby's `Time#to_s`.
            "2026-11-23 08:30:00 UTC",
            "2026-11-23 10:00:00 +0130",
            // Python's `str(datetime)`.
            "2026-11-23 03:30:00-05:00",
            // JavaScript's `toUTCString()`, and the date of HTTP.
            "Mon, 23 Nov 2026 08:30:00 GMT",
            // RFC 2822, as PHP, Ruby and Python write it.
            "Mon, 23 Nov 2026 10:00:00 +0130",
            "mon,  23 nov 2026 08:30 UT",
            "23 Nov 2026 03:30:00 -0500",
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert_eq!(parse("2026-11-23"), Some(1_795_392_000_000));
        assert_eq!(parse("3 Jan 2026 00:00 Z"), parse("2026-01-03"));
    }

    #[test]
    fn a_fraction_as_long_as_a_body_may_be_is_parsed_in_linear_time() {
        // A parser that is quadratic in the length would take minutes.
        let text = format!("2026-11-23T08:30:00.123{}Z", "0".repeat(1 << 20));
        assert_eq!(parse(&text), Some(1_795_422_600_123));
    }

    #[test]
    fn an_invalid_time_is_refused() {
        for text in [
            "",
            "T",
            "2026",
            "2026-02-30",
            "2026-13-01",
            "2026-01-00",
            "1969-12-31",
            "2026-11-23T",
            "2026-11-23T24:00:00Z",
            "2026-11-23T08:30:00.Z",
            "2026-11-23T08:30:00+1",
            "2026-11-23T08:30:00+99:59",
            "2026-11-23T08:30:00+24:00",
            "2026-11-23T08:30:00-12:60",
            "2026-11-23T08:30:00ZZ",
            "2026-11-23T08:30:00+01:00Z",
            "2026-11-23T08:30:00é",
            "2026-11-23T08:30:00.000é",
            "2026-11-23T08:30:00.+00Z",
            "0000-01-01",
            "2026-11-23T08:30:00 ",
            "2026-11-23T08:30:00  Z",
            "2026-11-23T08:30:00+000",
            "2026-11-23T08:30:00+00000",
            "2026-11-23T08:30:00+2400",
            "2026-11-23T08:30:00+00:0",
            "2026-11-23T08:30:00+é0",
            "2026-11-23T08:30:00 EST5",
            "Mon, 23 Nov 2026",
            "Mon, 23 Nov 2026 08:30:00",
            "Mon, 23 Nov 26 08:30:00 GMT",
            "Mon, 31 Feb 2026 08:30:00 GMT",
            "Xyz, 23 Nov 2026 08:30:00 GMT",
            "Mon, 23 Nvm 2026 08:30:00 GMT",
            "Mon, 123 Nov 2026 08:30:00 GMT",
            "Mon, 23 Nov 2026 08:30:00 GMT+1",
            "Mon, 23 Nov 2026 08:30:00 GMT GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "1795422600",
            "1795422600000",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
