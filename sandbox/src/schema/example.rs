//! Random parameters that fit the schema of a route, for tests.

use serde_json::Value;

use super::table::ROUTES;
use super::types::{AdditionalProperties, Field, Format, Schema};
use crate::json::JsonObject;
use crate::time::{self, Millis};

const HOUR: Millis = 3_600_000;
const NO_ID: &str = "00000000-0000-4000-8000-000000000000";
const WORDS: [&str; 6] = ["1234", "Guest", "door 7", "ä\u{1f511}", "home", "x"];

/// Returns the paths of all documented routes.
#[doc(hidden)]
#[must_use]
pub fn documented_paths() -> Vec<&'static str> {
    ROUTES.iter().map(|it| it.path).collect()
}

/// Returns parameters that fit the schema of a route; `None` if the route does not exist. `draw(n)`
/// returns a random number below `n`. Ids are those of no record. Times are within days of `now`,
/// in milliseconds since 1970.
#[doc(hidden)]
pub fn example(path: &str, now: Millis, draw: &mut dyn FnMut(usize) -> usize) -> Option<Value> {
    let route = ROUTES.iter().find(|it| it.path == path)?;
    Some(value(&route.input, now, draw))
}

fn value(schema: &Schema, now: Millis, draw: &mut dyn FnMut(usize) -> usize) -> Value {
    match schema {
        Schema::Text { format, min, max } => text(*format, *min, *max, now, draw).into(),
        Schema::Bool => (draw(2) == 0).into(),
        Schema::Const(it) => (*it).into(),
        Schema::Number {
            integer,
            exclusive_min,
            min,
            max,
        } => {
            let least = min.or(exclusive_min.map(|it| it + 1.0));
            let most = max.or(least.map(|it| it + 100.0)).unwrap_or(90.0);
            number(least.unwrap_or(-10.0), most, *integer, draw)
        }
        Schema::Enum(choices) => one_of(choices, draw).map_or(Value::Null, |it| (*it).into()),
        Schema::Array { items, min, max } => {
            let count = min + draw(4).min(max - min);
            (0..count).map(|_| value(items, now, draw)).collect()
        }
        Schema::Object { fields, additional } => {
            Value::Object(object(fields, additional, now, draw))
        }
        Schema::OneOf(schemas) => {
            one_of(schemas, draw).map_or(Value::Null, |it| value(it, now, draw))
        }
        Schema::AllOf(schemas) => {
            let mut merged = JsonObject::new();
            for schema in *schemas {
                if let Value::Object(members) = value(schema, now, draw) {
                    merged.extend(members);
                }
            }
            Value::Object(merged)
        }
        Schema::Nullable(_) if draw(4) == 0 => Value::Null,
        Schema::Nullable(schema) => value(schema, now, draw),
    }
}

fn object(
    fields: &[Field],
    additional: &AdditionalProperties,
    now: Millis,
    draw: &mut dyn FnMut(usize) -> usize,
) -> JsonObject {
    let mut members = JsonObject::new();
    // With many optional parameters each is included less often.
    let seldom = 2 + fields.len() / 6;
    for field in fields {
        if field.required || draw(seldom) == 0 {
            members.insert(field.name.to_owned(), value(&field.schema, now, draw));
        }
    }
    match additional {
        AdditionalProperties::Each(schema) if draw(2) == 0 => {
            let name = WORDS.get(draw(WORDS.len())).copied().unwrap_or_default();
            members.insert(name.to_owned(), value(schema, now, draw));
        }
        AdditionalProperties::Kept if draw(2) == 0 => {
            members.insert("note".to_owned(), draw(100).into());
        }
        _ => {}
    }
    members
}

fn one_of<'a, T>(choices: &'a [T], draw: &mut dyn FnMut(usize) -> usize) -> Option<&'a T> {
    choices.get(draw(choices.len().max(1)))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the schema's bounds are small, and integers if the number is one"
)]
fn number(least: f64, most: f64, integer: bool, draw: &mut dyn FnMut(usize) -> usize) -> Value {
    let part = |it: usize| u32::try_from(it).map_or(0.0, f64::from) / 40.0;
    let number = least + (most - least) * part(draw(41));
    if integer || draw(2) == 0 {
        Value::from(number.ceil() as i64)
    } else {
        number.into()
    }
}

fn text(
    format: Format,
    min: usize,
    max: usize,
    now: Millis,
    draw: &mut dyn FnMut(usize) -> usize,
) -> String {
    let time_of_day =
        |draw: &mut dyn FnMut(usize) -> usize| format!("{:02}:{:02}:00", draw(24), 15 * draw(4));
    match format {
        Format::Any => {
            let word = one_of(&WORDS, draw).copied().unwrap_or_default();
            let text: String = word.chars().take(max).collect();
            format!(
                "{text}{}",
                "-".repeat(min.saturating_sub(text.chars().count()))
            )
        }
        Format::Uuid => NO_ID.to_owned(),
        Format::Email => format!("guest-{}@example.com", draw(20)),
        Format::DateTime => {
            let hours = u64::try_from(draw(24 * 8)).unwrap_or_default();
            time::to_iso((now + hours * HOUR).saturating_sub(48 * HOUR))
        }
        Format::Uri => format!("https://example.com/{}", draw(20)),
        Format::Digits => {
            let length = min.max(1) + draw(4).min(max.saturating_sub(min.max(1)));
            (0..length).map(|_| draw(10).to_string()).collect()
        }
        Format::Identifier => "a_1".to_owned(),
        Format::TimeOfDay | Format::TimeWithSeconds => time_of_day(draw),
    }
}
