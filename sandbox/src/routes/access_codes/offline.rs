//! Offline access codes: the lock and its manufacturer compute the number, so it cannot be chosen,
//! and the time frame has to fit what they can compute.

use serde_json::Value;

use crate::error::ApiError;
use crate::input::Params;
use crate::json::JsonObject;
use crate::time::{self, Millis};

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;

/// The longest hourly-bound code of igloohome (documented).
const MAX_HOURS: Millis = 672 * HOUR;
/// The shortest and the longest daily-bound code of igloohome (documented).
const DAYS: [Millis; 2] = [29 * DAY, 367 * DAY];
/// The longest code of dormakaba Oracode (documented).
const MAX_ORACODE: Millis = 31 * DAY;

/// Checks the number of a new offline code, which a request cannot choose, as documented.
pub(super) fn check_number(params: &Params) -> Result<(), ApiError> {
    if params.has("code") {
        return Err(ApiError::invalid_parameter(
            "code",
            "An offline access code cannot have a custom code",
        ));
    }
    Ok(())
}

/// Fits the time frame of an offline code to its device type. Slots of dormakaba Oracode and the
/// number of codes for one hour or day are not simulated.
pub(super) fn fit_time_frame(
    object: &mut JsonObject,
    device_type: &str,
    params: &Params,
) -> Result<(), ApiError> {
    let time_of = |name: &str| {
        let text = object.get(name).and_then(Value::as_str);
        text.and_then(time::parse)
    };
    let Some(starts_at) = time_of("starts_at") else {
        let message = "Required for an offline access code";
        return Err(ApiError::invalid_parameter("starts_at", message));
    };
    let is_one_time = object.get("is_one_time_use") == Some(&true.into());
    // igloohome documents 24 hours; for others without an end it is our choice.
    let after_a_day = starts_at.saturating_add(DAY);
    let mut ends_at = time_of("ends_at").unwrap_or(after_a_day);
    let mut starts_at = starts_at;
    match device_type {
        "igloohome_lock" | "igloo_lock" if is_one_time => ends_at = after_a_day,
        "igloohome_lock" | "igloo_lock" => {
            (starts_at, ends_at) = round(starts_at, ends_at, longest_rounding(params))?;
        }
        "dormakaba_oracode_door" if ends_at - starts_at > MAX_ORACODE => {
            return Err(too_long("31 days"));
        }
        _ => {}
    }
    for (name, at) in [("starts_at", starts_at), ("ends_at", ends_at)] {
        object.insert(name.to_owned(), time::to_iso(at).into());
    }
    object.insert("type".to_owned(), "time_bound".into());
    Ok(())
}

fn longest_rounding(params: &Params) -> Millis {
    match params.text("max_time_rounding") {
        Some("1day" | "1d") => DAY,
        _ => HOUR,
    }
}

/// Rounds a time frame of igloohome to whole hours, or above 28 days to whole days.
///
/// # Errors
///
/// 400 if that takes more than the longest rounding, as documented, or the frame is too long.
fn round(
    starts_at: Millis,
    ends_at: Millis,
    longest: Millis,
) -> Result<(Millis, Millis), ApiError> {
    let starts_at = starts_at - starts_at % HOUR;
    let in_hours = ends_at.div_ceil(HOUR) * HOUR;
    if in_hours - starts_at <= MAX_HOURS {
        return Ok((starts_at, in_hours));
    }
    let [min, max] = DAYS;
    let days = (in_hours - starts_at).div_ceil(DAY) * DAY;
    let in_days = starts_at + days.max(min);
    if days > max {
        return Err(too_long("367 days"));
    }
    if in_days - ends_at > longest {
        return Err(ApiError::invalid_parameter(
            "max_time_rounding",
            "Above 28 days an offline access code lasts whole days, and ends_at is further from \
             one than max_time_rounding",
        ));
    }
    Ok((starts_at, in_days))
}

fn too_long(longest: &str) -> ApiError {
    let message = format!("An offline access code of this device lasts at most {longest}");
    ApiError::invalid_parameter("ends_at", &message)
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, round};

    #[test]
    fn time_frames_are_rounded_to_hours_and_above_28_days_to_days() {
        let minute = HOUR / 60;
        for (from, to, longest, expected) in [
            (5 * minute, 61 * minute, HOUR, Some((0, 2 * HOUR))),
            (0, 672 * HOUR, HOUR, Some((0, 672 * HOUR))),
            (0, 29 * DAY, HOUR, Some((0, 29 * DAY))),
            (0, 29 * DAY - HOUR, HOUR, Some((0, 29 * DAY))),
            (0, 30 * DAY + HOUR, HOUR, None),
            (0, 30 * DAY + HOUR, DAY, Some((0, 31 * DAY))),
            (0, 367 * DAY, DAY, Some((0, 367 * DAY))),
            (0, 367 * DAY + HOUR, DAY, None),
        ] {
            assert_eq!(round(from, to, longest).ok(), expected, "{from} {to}");
        }
    }
}
