//! Query strings as the official clients write them: an array repeats its key, `k=` is an empty
//! array or null, a member of an object is `a.b=`. Values are untyped, so the schema decides their
//! types; unknown parameters (`_strict=true`) are dropped.

use serde_json::{Number, Value};

use crate::json::JsonObject;
use crate::schema::{AdditionalProperties, Field, Schema};

type Pairs = [(String, String)];

/// Returns the members of a query string that the schema names, in its types.
pub(super) fn read(schema: &Schema, query: &str) -> JsonObject {
    let pairs: Vec<_> = query
        .split('&')
        .filter(|it| !it.is_empty())
        .map(|it| {
            let (name, value) = it.split_once('=').unwrap_or((it, ""));
            (decode(name), decode(value))
        })
        .collect();
    let mut members = JsonObject::new();
    // Most requests have no query, and a list may have thirty parameters to look for.
    if !pairs.is_empty() {
        collect(schema, "", &pairs, &mut members);
    }
    members
}

fn collect(schema: &Schema, prefix: &str, pairs: &Pairs, members: &mut JsonObject) {
    match schema {
        Schema::Object { fields, additional } => {
            for field in *fields {
                let path = format!("{prefix}{}", field.name);
                if let Some(value) = member(&field.schema, &path, pairs) {
                    members.entry(field.name).or_insert(value);
                }
            }
            if let AdditionalProperties::Each(schema) = additional {
                collect_rest(schema, fields, prefix, pairs, members);
            }
        }
        Schema::OneOf(schemas) | Schema::AllOf(schemas) => {
            for schema in *schemas {
                collect(schema, prefix, pairs, members);
            }
        }
        Schema::Nullable(schema) => collect(schema, prefix, pairs, members),
        _ => {}
    }
}

fn collect_rest(
    schema: &Schema,
    fields: &[Field],
    prefix: &str,
    pairs: &Pairs,
    members: &mut JsonObject,
) {
    for (path, text) in pairs {
        let name = path.strip_prefix(prefix).unwrap_or_default();
        let is_other = !name.is_empty() && fields.iter().all(|it| it.name != name);
        if is_other && !name.contains('.') {
            members.insert(name.to_owned(), scalar(schema, text));
        }
    }
}

fn member(schema: &Schema, path: &str, pairs: &Pairs) -> Option<Value> {
    if has_members(schema) {
        let mut members = JsonObject::new();
        collect(schema, &format!("{path}."), pairs, &mut members);
        return (!members.is_empty()).then_some(Value::Object(members));
    }
    let texts: Vec<&str> = pairs
        .iter()
        .filter(|(name, _)| name == path)
        .map(|(_, text)| text.as_str())
        .collect();
    match (element(schema), texts.as_slice()) {
        (_, []) => None,
        (Some(_), [""]) => Some(Value::Array(Vec::new())),
        (None, [text]) => Some(scalar(schema, text)),
        // A repeated scalar becomes an array, which the validation rejects.
        (of, many) => Some(
            many.iter()
                .map(|it| scalar(of.unwrap_or(schema), it))
                .collect(),
        ),
    }
}

fn has_members(schema: &Schema) -> bool {
    match schema {
        Schema::Object { .. } => true,
        Schema::OneOf(schemas) | Schema::AllOf(schemas) => schemas.iter().any(has_members),
        Schema::Nullable(schema) => has_members(schema),
        _ => false,
    }
}

fn element(schema: &Schema) -> Option<&'static Schema> {
    match schema {
        Schema::Array { items, .. } => Some(items),
        Schema::Nullable(schema) => element(schema),
        _ => None,
    }
}

fn scalar(schema: &Schema, text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    typed(schema, text).unwrap_or_else(|| Value::from(text))
}

fn typed(schema: &Schema, text: &str) -> Option<Value> {
    match schema {
        Schema::Bool | Schema::Const(_) => text.parse::<bool>().ok().map(Value::Bool),
        Schema::Number { .. } => number(text),
        Schema::OneOf(schemas) => schemas.iter().find_map(|it| typed(it, text)),
        Schema::Nullable(schema) => typed(schema, text),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.into());
    }
    text.parse()
        .ok()
        .and_then(Number::from_f64)
        .map(Value::Number)
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                match (hex(ahead.next()), hex(ahead.next())) {
                    (Some(high), Some(low)) => {
                        bytes.push(high << 4 | low);
                        rest = ahead;
                    }
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(byte: Option<u8>) -> Option<u8> {
    let digit = char::from(byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// Formats members as a query string, by the same rules.
pub(crate) fn to_query(members: &JsonObject) -> String {
    let mut pairs = Vec::new();
    write(members, "", &mut pairs);
    pairs.join("&")
}

fn write(members: &JsonObject, prefix: &str, pairs: &mut Vec<String>) {
    for (name, value) in members {
        let path = format!("{prefix}{name}");
        match value {
            Value::Object(inner) => write(inner, &format!("{path}."), pairs),
            Value::Array(items) if !items.is_empty() => {
                pairs.extend(items.iter().map(|it| pair(&path, it)));
            }
            other => pairs.push(pair(&path, other)),
        }
    }
}

fn pair(path: &str, value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Array(_) => String::new(),
        other => other.to_string(),
    };
    format!("{}={}", encode(path), encode(&text))
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 0xf] {
                let digit = char::from_digit(digit.into(), 16);
                encoded.extend(digit.map(|it| it.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{read, to_query};
    use crate::schema;

    fn devices_list(query: &str) -> Value {
        let route = schema::route("/devices/list", schema::GET).expect("a documented route");
        Value::Object(read(&route.input, query))
    }

    #[test]
    fn values_take_the_types_of_the_schema() {
        assert_eq!(
            devices_list("limit=2&search=17&device_ids=a&device_ids=b&_strict=true"),
            json!({ "device_ids": ["a", "b"], "limit": 2, "search": "17" })
        );
    }

    #[test]
    fn one_value_of_an_array_is_an_array_and_none_is_empty() {
        assert_eq!(devices_list("device_ids=a"), json!({ "device_ids": ["a"] }));
        assert_eq!(devices_list("device_ids="), json!({ "device_ids": [] }));
    }

    #[test]
    fn an_empty_value_is_null() {
        assert_eq!(devices_list("page_cursor="), json!({ "page_cursor": null }));
    }

    #[test]
    fn members_of_an_object_are_dotted() {
        assert_eq!(
            devices_list("custom_metadata_has.floor=2&custom_metadata_has.vip=true"),
            json!({ "custom_metadata_has": { "floor": "2", "vip": true } })
        );
    }

    #[test]
    fn percent_and_plus_are_decoded_and_broken_escapes_kept() {
        assert_eq!(
            devices_list("search=a+b%20%C3%A9"),
            json!({ "search": "a b é" })
        );
        assert_eq!(devices_list("search=100%&"), json!({ "search": "100%" }));
        assert_eq!(devices_list("search=%zz%4"), json!({ "search": "%zz%4" }));
    }

    #[test]
    fn a_query_is_written_as_it_is_read() {
        let query = "device_ids=a&device_ids=b&limit=2&search=a%20b&custom_metadata_has.vip=true";
        let read = devices_list(query);
        let members = read.as_object().expect("an object");
        assert_eq!(devices_list(&to_query(members)), read);
    }
}
