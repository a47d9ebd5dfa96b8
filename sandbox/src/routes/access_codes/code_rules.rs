//! `properties.code_constraints` of a device: which numbers, names and starts its codes may have.
//! The constraints are documented; that a request against them is an `invalid_input` is our choice.

use serde_json::Value;

use super::access_code::{CODE, is_being_removed};
use crate::error::ApiError;
use crate::ids::Id;
use crate::input::Params;
use crate::json::JsonObject;
use crate::state::{Device, Record, Scope};
use crate::time;

/// A number that a request gives a code, with what its error messages say of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewCode<'a> {
    pub(super) number: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) starts_at: Option<&'a str>,
    pub(super) ends_at: Option<&'a str>,
}

impl<'a> NewCode<'a> {
    pub(super) fn of(params: &'a Params, number: &'a str) -> Self {
        Self {
            number,
            name: params.text("name"),
            starts_at: params.text("starts_at"),
            ends_at: params.text("ends_at"),
        }
    }
}

/// The constraints of a device on the digits of a number.
#[derive(Debug)]
pub(super) struct NumberRules {
    types: Vec<String>,
}

impl NumberRules {
    pub(super) fn of(device: &Device) -> Self {
        let types = constraints(device)
            .into_iter()
            .filter_map(|it| it.get("constraint_type")?.as_str().map(str::to_owned));
        Self {
            types: types.collect(),
        }
    }

    /// Returns why a number is refused.
    pub(super) fn violation(&self, number: &str) -> Option<String> {
        let mut types = self.types.iter();
        types.find_map(|it| violation(it, number))
    }

    /// Returns the digits that a number may have.
    pub(super) fn digits(&self) -> Vec<char> {
        let digits = ('0'..='9').filter(|digit| {
            let mut types = self.types.iter();
            types.all(|it| !forbidden_digits(it).contains(*digit))
        });
        digits.collect()
    }

    /// Returns whether only the lock's provider chooses numbers.
    pub(super) fn refuse_custom_numbers(&self) -> bool {
        self.types.iter().any(|it| it == "cannot_specify_pin_code")
    }

    /// Returns whether a number must be one that the account has already.
    pub(super) fn require_known_number(&self) -> bool {
        let required = "pin_code_matches_existing_set";
        self.types.iter().any(|it| it == required)
    }
}

fn forbidden_digits(constraint: &str) -> &'static str {
    match constraint {
        "no_zeros" => "0",
        "cannot_contain_089" => "089",
        "cannot_contain_0789" => "0789",
        _ => "",
    }
}

fn violation(constraint: &str, number: &str) -> Option<String> {
    let digits: Vec<i32> = number
        .bytes()
        .map(|it| i32::from(it) - i32::from(b'0'))
        .collect();
    let steps: Vec<i32> = digits
        .iter()
        .zip(digits.iter().skip(1))
        .map(|(one, next)| next - one)
        .collect();
    let distinct = |count: usize| {
        let mut first: Vec<i32> = digits.iter().copied().take(count).collect();
        first.sort_unstable();
        first.dedup();
        first.len()
    };
    let all = digits.len();
    let broken = match constraint {
        "no_zeros" | "cannot_contain_089" | "cannot_contain_0789" => {
            let forbidden = forbidden_digits(constraint);
            let found: String = forbidden
                .chars()
                .filter(|it| number.contains(*it))
                .collect();
            if found.is_empty() {
                return None;
            }
            return Some(format!("The device does not support the digits {found}"));
        }
        "cannot_start_with_12" if number.starts_with("12") => "The code cannot start with 12",
        "no_triple_consecutive_ints" if longest_run(&steps) > 3 => {
            "No more than three digits in a row can be consecutive or the same"
        }
        "no_ascending_or_descending_sequence"
            if longest_run(&steps) == all && steps.first() != Some(&0) =>
        {
            "The code cannot be a sequence of consecutive digits"
        }
        "at_least_three_unique_digits" if distinct(all) < 3 => {
            "The code must have at least three unique digits"
        }
        "no_all_same_digits" if distinct(all) == 1 => {
            "The code cannot be the same digit throughout"
        }
        "unique_first_four_digits" if distinct(4) < all.min(4) => {
            "The first four digits of the code must be distinct"
        }
        _ => return None,
    };
    Some(broken.to_owned())
}

/// Returns how many digits in a row are the same, or consecutive in one direction.
fn longest_run(steps: &[i32]) -> usize {
    let (mut longest, mut run, mut last) = (0, 0, None);
    for step in steps {
        run = if last == Some(step) { run + 1 } else { 1 };
        last = Some(step);
        if step.abs() <= 1 {
            longest = run.max(longest);
        }
    }
    longest + 1
}

/// Checks the name of a code. Only visible codes count, because a conflict would reveal others.
pub(super) fn check_name(
    scope: &Scope<'_>,
    device: Id,
    name: Option<&str>,
    except: Option<Id>,
) -> Result<(), ApiError> {
    for constraint in constraints(scope.device(device)?) {
        let refused = match constraint.get("constraint_type").and_then(Value::as_str) {
            Some("name_length") => wrong_length(&constraint, name.unwrap_or_default()),
            Some("name_must_be_unique") => {
                let others = scope.records_referencing(CODE, device);
                let same = |it: &&Record| it.text("name") == name && !is_being_removed(it);
                let mut others = others.into_iter().filter(same);
                (name.is_some() && others.any(|it| Some(it.id()) != except))
                    .then(|| "Another access code of the device has this name".to_owned())
            }
            _ => None,
        };
        if let Some(refused) = refused {
            return Err(ApiError::invalid_parameter("name", &refused));
        }
    }
    Ok(())
}

fn wrong_length(constraint: &Value, name: &str) -> Option<String> {
    let bound = |name| constraint.get(name).and_then(Value::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "a name is short")]
    let length = name.chars().count() as f64;
    if let Some(min) = bound("min_length").filter(|it| length < *it) {
        return Some(format!("Must have at least {min} characters"));
    }
    let max = bound("max_length").filter(|it| length > *it)?;
    Some(format!("Must have at most {max} characters"))
}

/// Checks that a time-bound code starts in the future, where the device requires that.
pub(super) fn check_start(
    scope: &Scope<'_>,
    device: Id,
    code: &JsonObject,
) -> Result<(), ApiError> {
    let starts_at = code.get("starts_at").and_then(Value::as_str);
    let starts_at = starts_at.and_then(time::parse);
    let constraints = constraints(scope.device(device)?);
    let is_required = constraints
        .iter()
        .any(|it| it.get("constraint_type") == Some(&"start_date_in_future".into()));
    if is_required && starts_at.is_some_and(|it| it <= scope.now()) {
        return Err(ApiError::invalid_parameter(
            "starts_at",
            "Must be in the future",
        ));
    }
    Ok(())
}

fn constraints(device: &Device) -> Vec<Value> {
    let mut object = device.object();
    let constraints = object
        .get_mut("properties")
        .and_then(|it| it.get_mut("code_constraints"))
        .and_then(Value::as_array_mut);
    constraints.map(std::mem::take).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::violation;

    #[test]
    fn each_constraint_refuses_what_it_documents() {
        for (constraint, refused, taken) in [
            ("no_zeros", "1023", "1123"),
            ("cannot_start_with_12", "1299", "2199"),
            ("no_triple_consecutive_ints", "51234", "51235"),
            ("no_triple_consecutive_ints", "77775", "77757"),
            ("no_triple_consecutive_ints", "8765", "8764"),
            ("no_ascending_or_descending_sequence", "1234", "1235"),
            ("no_ascending_or_descending_sequence", "9876", "9875"),
            ("at_least_three_unique_digits", "1122", "1123"),
            ("no_all_same_digits", "1111", "1112"),
            ("unique_first_four_digits", "12327", "123422"),
            ("cannot_contain_089", "1238", "1237"),
            ("cannot_contain_0789", "1237", "1236"),
        ] {
            assert!(violation(constraint, refused).is_some(), "{constraint}");
            assert_eq!(violation(constraint, taken), None, "{constraint}");
        }
        assert_eq!(violation("name_length", "0000"), None);
    }
}
