//! JSON made from the schemas.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The schemas of the OpenAPI; `#/name` refers to one.
pub(crate) struct Schemas(Map<String, Value>);

/// Who decides where a schema leaves a choice.
pub(crate) trait Choices {
    /// One of `0..of`, at the place `at` of the schemas, whose last character tells what is chosen.
    fn pick(&mut self, at: &str, of: usize) -> usize;

    /// Whether to put in here what no schema has.
    fn adds(&mut self) -> bool {
        false
    }
}

/// Makes, over many samples, each choice at each place.
#[derive(Default)]
pub(crate) struct Cover {
    /// By place: how many of its choices were made, of how many.
    places: BTreeMap<String, (usize, usize)>,
}

impl Cover {
    /// Whether there is, from the place `at` on, a choice that was not made yet.
    pub(crate) fn has_news(&self, at: &str) -> bool {
        self.places
            .range(at.to_owned()..)
            .take_while(|(place, _)| place.starts_with(at))
            .any(|(_, (made, of))| made < of)
    }
}

impl Choices for Cover {
    fn pick(&mut self, at: &str, of: usize) -> usize {
        let (made, _) = self.places.entry(at.to_owned()).or_insert((0, of));
        if *made < of {
            *made += 1;
            // The last comes first: what is there before what is absent, null or empty.
            return of - *made;
        }
        // Nothing new here. Where nothing is new further down either, be brief.
        let (below, kind) = at.split_at(at.len() - 1);
        match kind {
            "|" => (0..of).find(|picked| self.has_news(&format!("{at}{picked}:"))),
            _ => self.has_news(below).then_some(of - 1),
        }
        .unwrap_or(0)
    }
}

/// Makes any choice, the same ones for the same seed.
pub(crate) struct Random {
    state: u64,
    adds: bool,
    news: usize,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed,
            adds: false,
            news: 0,
        }
    }

    pub(crate) fn with_news(mut self) -> Self {
        self.adds = true;
        self
    }

    /// How often something was put in.
    pub(crate) fn news(&self) -> usize {
        self.news
    }

    /// The next number of `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.state;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }
}

impl Choices for Random {
    fn pick(&mut self, _: &str, of: usize) -> usize {
        usize::try_from(self.next() % of as u64).unwrap()
    }

    fn adds(&mut self) -> bool {
        let adds = self.adds && self.next().is_multiple_of(16);
        self.news += usize::from(adds);
        adds
    }
}

impl Schemas {
    pub(crate) fn read() -> Self {
        Self(serde_json::from_str(include_str!("schemas.generated.json")).unwrap())
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next());
        name.map_or(schema, |name| self.resolve(&self.0[name]))
    }

    /// The members that `name` must have and that may not be anything at all.
    pub(crate) fn required(&self, name: &str) -> Vec<&str> {
        let schema = self.resolve(&self.0[name]);
        let required = schema["required"].as_array().into_iter().flatten();
        required.map(|it| it.as_str().unwrap()).collect()
    }

    pub(crate) fn sample(&self, name: &str, choices: &mut impl Choices) -> Value {
        self.value(&self.0[name], name, choices)
    }

    fn value(&self, schema: &Value, at: &str, choices: &mut impl Choices) -> Value {
        let schema = self.resolve(schema);
        if schema["nullable"] == true && choices.pick(&format!("{at}0"), 2) == 0 {
            return Value::Null;
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut sum = Map::new();
            for part in parts {
                let Value::Object(part) = self.value(part, at, choices) else {
                    panic!("{at} sums up what is no object")
                };
                sum.extend(part);
            }
            return Value::Object(sum);
        }
        if let Some(variants) = schema["oneOf"].as_array() {
            let picked = choices.pick(&format!("{at}|"), variants.len());
            return self.value(&variants[picked], &format!("{at}|{picked}:"), choices);
        }
        if let Some(values) = schema["enum"].as_array() {
            if values[0].is_string() && choices.adds() {
                return json!("added_tomorrow");
            }
            return values[choices.pick(&format!("{at}="), values.len())].clone();
        }
        match schema["type"].as_str() {
            Some("string") => one_of(&texts(), at, choices),
            Some("boolean") => one_of(&[json!(true), json!(false)], at, choices),
            Some("number" | "integer") => one_of(&numbers(), at, choices),
            Some("array") => {
                let length = [0, 1, 4][choices.pick(&format!("{at}#"), 3)];
                let items = (0..length).map(|_| {
                    let at = format!("{at}[]");
                    self.value(&schema["items"], &at, choices)
                });
                items.collect()
            }
            Some("object") => Value::Object(self.object(schema, at, choices)),
            None => one_of(&anything(), at, choices),
            Some(other) => panic!("{at} is of the unknown type {other}"),
        }
    }

    fn object(&self, schema: &Value, at: &str, choices: &mut impl Choices) -> Map<String, Value> {
        let mut members = Map::new();
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            let optional = !required.iter().any(|it| it == name);
            if optional && choices.pick(&format!("{at}?"), 2) == 0 {
                continue;
            }
            let value = if optional && choices.adds() {
                one_of(&anything(), &at, choices)
            } else {
                self.value(member, &at, choices)
            };
            members.insert(name.clone(), value);
        }
        let rest = &schema["additionalProperties"];
        // Beside named members, what may be added is as unknown as what may not.
        let free = schema["properties"].as_object().is_none_or(Map::is_empty);
        if free {
            let count = choices.pick(&format!("{at}#"), 3);
            for index in 0..count {
                let at = format!("{at}.*");
                members.insert(format!("key {index}"), self.value(rest, &at, choices));
            }
        } else if choices.adds() {
            let value = one_of(&anything(), at, choices);
            members.insert("added_tomorrow".to_owned(), value);
        }
        members
    }
}

fn one_of(values: &[Value], at: &str, choices: &mut impl Choices) -> Value {
    values[choices.pick(&format!("{at}*"), values.len())].clone()
}

fn texts() -> [Value; 4] {
    [
        json!(""),
        json!("\u{0}\"\\\u{2028}"),
        json!("Tür 門 🚪 e\u{301}"),
        json!("8c3a3a4e-6f0f-4ad5-9d0c-6f2f1f0a7b11"),
    ]
}

fn numbers() -> [Value; 8] {
    [
        json!(0),
        json!(-1),
        json!(0.1),
        json!(21.5),
        json!(1e300),
        json!(9_007_199_254_740_993_u64),
        json!(i64::MIN),
        json!(u64::MAX),
    ]
}

fn anything() -> [Value; 6] {
    [
        json!(null),
        json!(true),
        json!([1, null, { "a": [] }]),
        json!("a text"),
        json!(-2.5),
        json!({ "type": "new", "of": { "numbers": [18_446_744_073_709_551_615_u64] } }),
    ]
}
