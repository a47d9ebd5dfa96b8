//! Validates parameters. The errors have the shape of Seam's: a message that names the parameter,
//! and a tree of `_errors` as zod formats it.

use serde_json::{Value, json};

use super::format;
use crate::error::ApiError;
use crate::json::JsonObject;
use crate::schema::{AdditionalProperties, Field, Format, Schema};

/// A validation error and its path.
struct Issue {
    path: Vec<String>,
    message: String,
}

const REQUIRED: &str = "Required";

/// Returns the parameters without unknown members and with the defaults filled in.
///
/// # Errors
///
/// 400 `invalid_input` with all validation errors.
pub(crate) fn check(schema: &Schema, given: JsonObject) -> Result<JsonObject, ApiError> {
    let mut issues = Vec::new();
    let checked = value(schema, &Value::Object(given), &mut Vec::new(), &mut issues);
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

/// Returns the validated value; if there are issues, any value.
fn value(schema: &Schema, given: &Value, path: &mut Vec<String>, issues: &mut Vec<Issue>) -> Value {
    let problem = match (schema, given) {
        (Schema::Nullable(_), Value::Null) => return Value::Null,
        (Schema::Nullable(schema), _) => return value(schema, given, path, issues),
        (Schema::OneOf(schemas), _) => return one_of(schemas, given, path, issues),
        (Schema::AllOf(schemas), _) => return all_of(schemas, given, path, issues),
        (Schema::Object { fields, additional }, Value::Object(members)) => {
            return Value::Object(object(fields, additional, members, path, issues));
        }
        (
            Schema::Array {
                items: element,
                min,
                max,
            },
            Value::Array(items),
        ) => {
            if let Some(problem) = length_problem(items.len(), *min, *max) {
                Some(problem)
            } else {
                return list(element, items, path, issues);
            }
        }
        (Schema::Text { format, min, max }, Value::String(text)) => {
            text_problem(text, *format, *min, *max)
        }
        (Schema::Bool, Value::Bool(_)) => None,
        (Schema::Const(wanted), Value::Bool(is)) => {
            (wanted != is).then(|| format!("Invalid literal value, expected {wanted}"))
        }
        (Schema::Number { .. }, Value::Number(_)) => number_problem(schema, given),
        (Schema::Enum(choices), Value::String(text)) => enum_problem(choices, text),
        _ => Some(format!(
            "Expected {}, received {}",
            expected(schema),
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
    additional: &AdditionalProperties,
    given: &JsonObject,
    path: &mut Vec<String>,
    issues: &mut Vec<Issue>,
) -> JsonObject {
    let mut checked = JsonObject::new();
    for field in fields {
        let standard = || field.default.and_then(|it| serde_json::from_str(it).ok());
        if let Some(given) = given.get(field.name) {
            path.push(field.name.to_owned());
            checked.insert(
                field.name.to_owned(),
                value(&field.schema, given, path, issues),
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
        match additional {
            AdditionalProperties::Dropped => {}
            AdditionalProperties::Kept => {
                checked.insert(name.clone(), given.clone());
            }
            AdditionalProperties::Refused => issues.push(Issue {
                path: path.clone(),
                message: format!("Unrecognized key(s) in object: '{name}'"),
            }),
            AdditionalProperties::Each(schema) => {
                path.push(name.clone());
                checked.insert(name.clone(), value(schema, given, path, issues));
                path.pop();
            }
        }
    }
    checked
}

fn list(
    element: &Schema,
    items: &[Value],
    path: &mut Vec<String>,
    issues: &mut Vec<Issue>,
) -> Value {
    let mut checked = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        path.push(index.to_string());
        checked.push(value(element, item, path, issues));
        path.pop();
    }
    Value::Array(checked)
}

/// Returns the value by the first schema that fits. If none fits, reports the errors of the closest
/// one: the one with the fewest missing parameters, then with the fewest errors (our choice).
fn one_of(
    schemas: &[Schema],
    given: &Value,
    path: &mut Vec<String>,
    issues: &mut Vec<Issue>,
) -> Value {
    let mut nearest: Option<Vec<Issue>> = None;
    for schema in schemas {
        let mut own = Vec::new();
        let checked = value(schema, given, path, &mut own);
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

fn all_of(
    schemas: &[Schema],
    given: &Value,
    path: &mut Vec<String>,
    issues: &mut Vec<Issue>,
) -> Value {
    let mut merged = JsonObject::new();
    for schema in schemas {
        if let Value::Object(members) = value(schema, given, path, issues) {
            merged.extend(members);
        }
    }
    Value::Object(merged)
}

fn length_problem(length: usize, min: usize, max: usize) -> Option<String> {
    if length < min {
        Some(format!("Array must contain at least {min} element(s)"))
    } else if length > max {
        Some(format!("Array must contain at most {max} element(s)"))
    } else {
        None
    }
}

fn text_problem(text: &str, format: Format, min: usize, max: usize) -> Option<String> {
    let length = text.chars().count();
    if length < min {
        return Some(format!("String must contain at least {min} character(s)"));
    }
    if length > max {
        return Some(format!("String must contain at most {max} character(s)"));
    }
    format::problem(text, format).map(str::to_owned)
}

fn number_problem(schema: &Schema, given: &Value) -> Option<String> {
    let (
        Schema::Number {
            integer,
            exclusive_min,
            min,
            max,
        },
        Some(number),
    ) = (schema, given.as_f64())
    else {
        return None;
    };
    if *integer && number.fract() != 0.0 {
        Some("Expected integer, received float".to_owned())
    } else if let Some(exclusive_min) = exclusive_min.filter(|it| number <= *it) {
        Some(format!("Number must be greater than {exclusive_min}"))
    } else if let Some(min) = min.filter(|it| number < *it) {
        Some(format!("Number must be greater than or equal to {min}"))
    } else {
        let max = max.filter(|it| number > *it)?;
        Some(format!("Number must be less than or equal to {max}"))
    }
}

fn enum_problem(choices: &[&str], text: &str) -> Option<String> {
    (!choices.contains(&text)).then(|| {
        let expected: Vec<_> = choices.iter().map(|it| format!("'{it}'")).collect();
        format!(
            "Invalid enum value. Expected {}, received '{text}'",
            expected.join(" | ")
        )
    })
}

fn expected(schema: &Schema) -> &'static str {
    match schema {
        Schema::Text { .. } | Schema::Enum(_) => "string",
        Schema::Bool | Schema::Const(_) => "boolean",
        Schema::Number { integer: true, .. } => "integer",
        Schema::Number { .. } => "number",
        Schema::Array { .. } => "array",
        Schema::Object { .. } | Schema::OneOf(_) | Schema::AllOf(_) => "object",
        Schema::Nullable(schema) => expected(schema),
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
