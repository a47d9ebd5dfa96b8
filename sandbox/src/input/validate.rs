//! Parameters held against their schema. The errors have the shape that Seam's servers give them:
//! a message that names what is wrong, and a tree of `_errors` as zod formats it.

use serde_json::{Map, Value, json};

use super::format;
use crate::error::ApiError;
use crate::schema::{Field, Format, Kind, Rest};

/// One thing that is wrong, and where.
struct Issue {
    path: Vec<String>,
    message: String,
}

const REQUIRED: &str = "Required";

/// The parameters with what no field names left out and the defaults filled in.
pub(crate) fn check(
    kind: &Kind,
    given: Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    let mut issues = Vec::new();
    let checked = value(kind, &Value::Object(given), &mut Vec::new(), &mut issues);
    match checked {
        Value::Object(members) if issues.is_empty() => Ok(members),
        _ => Err(refusal(&issues)),
    }
}

fn refusal(issues: &[Issue]) -> ApiError {
    let messages: Vec<_> = issues.iter().map(Issue::to_text).collect();
    let message = match messages.as_slice() {
        [one] => one.clone(),
        many => format!("{} Input Errors: {}", many.len(), many.join(", ")),
    };
    let mut tree = json!({ "_errors": [] });
    for issue in issues {
        add(&mut tree, &issue.path, &issue.message);
    }
    ApiError::invalid(message).with_validation_errors(tree)
}

impl Issue {
    fn to_text(&self) -> String {
        let path = self.path.join(".");
        match self.message.as_str() {
            message if path.is_empty() => message.to_owned(),
            REQUIRED => format!("{path} is required"),
            message => format!("{message} for \"{path}\""),
        }
    }
}

fn add(tree: &mut Value, path: &[String], message: &str) {
    let Some(members) = tree.as_object_mut() else {
        return;
    };
    match path.split_first() {
        Some((name, rest)) => {
            let inner = members
                .entry(name.clone())
                .or_insert_with(|| json!({ "_errors": [] }));
            add(inner, rest, message);
        }
        None => {
            if let Some(errors) = members.get_mut("_errors").and_then(Value::as_array_mut) {
                errors.push(Value::from(message));
            }
        }
    }
}

/// The checked value; whatever it is where there are issues.
fn value(kind: &Kind, given: &Value, path: &mut Vec<String>, issues: &mut Vec<Issue>) -> Value {
    let problem = match (kind, given) {
        (Kind::Nullable(_), Value::Null) => return Value::Null,
        (Kind::Nullable(kind), _) => return value(kind, given, path, issues),
        (Kind::OneOf(kinds), _) => return one_of(kinds, given, path, issues),
        (Kind::AllOf(kinds), _) => return all_of(kinds, given, path, issues),
        (Kind::Object { fields, rest }, Value::Object(members)) => {
            return Value::Object(object(fields, rest, members, path, issues));
        }
        (Kind::List { of, min, max }, Value::Array(items)) => {
            if let Some(problem) = wrong_length(items.len(), *min, *max) {
                Some(problem)
            } else {
                return list(of, items, path, issues);
            }
        }
        (Kind::Text { format, min, max }, Value::String(text)) => {
            wrong_text(text, *format, *min, *max)
        }
        (Kind::Bool, Value::Bool(_)) => None,
        (Kind::Exactly(wanted), Value::Bool(is)) => {
            (wanted != is).then(|| format!("Invalid literal value, expected {wanted}"))
        }
        (Kind::Number { .. }, Value::Number(_)) => wrong_number(kind, given),
        (Kind::Choice(choices), Value::String(text)) => wrong_choice(choices, text),
        _ => Some(format!(
            "Expected {}, received {}",
            expected(kind),
            name_of(given)
        )),
    };
    if let Some(message) = problem {
        issues.push(Issue {
            path: path.clone(),
            message,
        });
    }
    given.clone()
}

fn object(
    fields: &[Field],
    rest: &Rest,
    given: &Map<String, Value>,
    path: &mut Vec<String>,
    issues: &mut Vec<Issue>,
) -> Map<String, Value> {
    let mut checked = Map::new();
    for field in fields {
        let standard = || field.default.and_then(|it| serde_json::from_str(it).ok());
        if let Some(given) = given.get(field.name) {
            path.push(field.name.to_owned());
            checked.insert(
                field.name.to_owned(),
                value(&field.kind, given, path, issues),
            );
            path.pop();
        } else if let Some(standard) = standard() {
            checked.insert(field.name.to_owned(), standard);
        } else if field.required {
            let mut path = path.clone();
            path.push(field.name.to_owned());
            issues.push(Issue {
                path,
                message: REQUIRED.to_owned(),
            });
        }
    }
    let others = given
        .iter()
        .filter(|(name, _)| fields.iter().all(|it| it.name != name.as_str()));
    for (name, given) in others {
        match rest {
            Rest::Dropped => {}
            Rest::Kept => {
                checked.insert(name.clone(), given.clone());
            }
            Rest::Refused => issues.push(Issue {
                path: path.clone(),
                message: format!("Unrecognized key(s) in object: '{name}'"),
            }),
            Rest::Each(kind) => {
                path.push(name.clone());
                checked.insert(name.clone(), value(kind, given, path, issues));
                path.pop();
            }
        }
    }
    checked
}

fn list(of: &Kind, items: &[Value], path: &mut Vec<String>, issues: &mut Vec<Issue>) -> Value {
    let mut checked = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        path.push(index.to_string());
        checked.push(value(of, item, path, issues));
        path.pop();
    }
    Value::Array(checked)
}

/// The first kind that fits; where none does, the errors of the one that comes nearest: that with
/// the fewest parameters missing, then with the fewest errors (our choice).
fn one_of(kinds: &[Kind], given: &Value, path: &mut Vec<String>, issues: &mut Vec<Issue>) -> Value {
    let mut nearest: Option<Vec<Issue>> = None;
    for kind in kinds {
        let mut own = Vec::new();
        let checked = value(kind, given, path, &mut own);
        if own.is_empty() {
            return checked;
        }
        if nearest.as_ref().is_none_or(|it| rank(&own) < rank(it)) {
            nearest = Some(own);
        }
    }
    issues.extend(nearest.unwrap_or_default());
    given.clone()
}

fn rank(issues: &[Issue]) -> (usize, usize) {
    let missing = issues.iter().filter(|it| it.message == REQUIRED).count();
    (missing, issues.len())
}

fn all_of(kinds: &[Kind], given: &Value, path: &mut Vec<String>, issues: &mut Vec<Issue>) -> Value {
    let mut whole = Map::new();
    for kind in kinds {
        if let Value::Object(members) = value(kind, given, path, issues) {
            whole.extend(members);
        }
    }
    Value::Object(whole)
}

fn wrong_length(length: usize, min: usize, max: usize) -> Option<String> {
    if length < min {
        Some(format!("Array must contain at least {min} element(s)"))
    } else if length > max {
        Some(format!("Array must contain at most {max} element(s)"))
    } else {
        None
    }
}

fn wrong_text(text: &str, format: Format, min: usize, max: usize) -> Option<String> {
    let length = text.chars().count();
    if length < min {
        return Some(format!("String must contain at least {min} character(s)"));
    }
    if length > max {
        return Some(format!("String must contain at most {max} character(s)"));
    }
    format::wrong(text, format).map(str::to_owned)
}

fn wrong_number(kind: &Kind, given: &Value) -> Option<String> {
    let (
        Kind::Number {
            whole,
            above,
            min,
            max,
        },
        Some(number),
    ) = (kind, given.as_f64())
    else {
        return None;
    };
    if *whole && number.fract() != 0.0 {
        Some("Expected integer, received float".to_owned())
    } else if let Some(above) = above.filter(|it| number <= *it) {
        Some(format!("Number must be greater than {above}"))
    } else if let Some(min) = min.filter(|it| number < *it) {
        Some(format!("Number must be greater than or equal to {min}"))
    } else {
        let max = max.filter(|it| number > *it)?;
        Some(format!("Number must be less than or equal to {max}"))
    }
}

fn wrong_choice(choices: &[&str], text: &str) -> Option<String> {
    (!choices.contains(&text)).then(|| {
        let expected: Vec<_> = choices.iter().map(|it| format!("'{it}'")).collect();
        format!(
            "Invalid enum value. Expected {}, received '{text}'",
            expected.join(" | ")
        )
    })
}

fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text { .. } | Kind::Choice(_) => "string",
        Kind::Bool | Kind::Exactly(_) => "boolean",
        Kind::Number { whole: true, .. } => "integer",
        Kind::Number { .. } => "number",
        Kind::List { .. } => "array",
        Kind::Object { .. } | Kind::OneOf(_) | Kind::AllOf(_) => "object",
        Kind::Nullable(kind) => expected(kind),
    }
}

pub(super) fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
