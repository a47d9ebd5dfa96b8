//! The cache beside `serde_json` and a plain comparison, on any pairs of lists.

use super::*;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;

/// A cache, and the texts that its caller keeps.
struct List {
    cache: ListCache,
    texts: HashMap<u32, Vec<u8>>,
    arriving: Vec<Vec<u8>>,
}

impl List {
    fn new() -> Self {
        Self::identified_by(b"device_id")
    }

    fn identified_by(id_member: &[u8]) -> Self {
        Self {
            cache: ListCache::new(id_member, number, lower),
            texts: HashMap::new(),
            arriving: Vec::new(),
        }
    }

    /// Fetches a list: pages, cut into pieces of these sizes in turn.
    fn take(&mut self, pages: &[String], sizes: &[usize]) -> Result<Delta, ListCacheError> {
        self.begin();
        for page in pages {
            self.feed(page, sizes)?;
            self.end_page()?;
        }
        self.commit()
    }

    /// Upserts one record by its text.
    fn take_one(&mut self, text: &str) -> Result<Delta, ListCacheError> {
        let delta = self.cache.upsert(text.as_bytes())?.clone();
        for slot in delta.added.iter().chain(&delta.changed) {
            self.texts.insert(*slot, text.as_bytes().to_vec());
        }
        Ok(delta)
    }

    fn begin(&mut self) {
        self.arriving.clear();
        self.cache.begin(b"devices");
    }

    fn feed(&mut self, text: impl AsRef<[u8]>, sizes: &[usize]) -> Result<(), ListCacheError> {
        let mut rest = text.as_ref();
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).clamp(1, rest.len()));
            self.cache.space(piece.len())?.copy_from_slice(piece);
            self.cache.feed(piece.len())?;
            self.gather();
            rest = after;
        }
        Ok(())
    }

    fn end_page(&mut self) -> Result<Option<Vec<u8>>, ListCacheError> {
        self.cache.end_page()
    }

    fn gather(&mut self) {
        let texts = (0..).map_while(|nth| self.cache.new_text(nth));
        self.arriving.extend(texts.map(<[u8]>::to_vec));
    }

    fn commit(&mut self) -> Result<Delta, ListCacheError> {
        let delta = self.cache.commit()?.clone();
        for slot in delta.added.iter().chain(&delta.changed) {
            let nth = self.cache.text_index(*slot).unwrap();
            self.texts.insert(*slot, self.arriving[nth].clone());
        }
        Ok(delta)
    }

    fn ids(&self, slots: &[u32]) -> Vec<String> {
        let id = |slot: &u32| String::from_utf8(self.cache.id(*slot).to_vec()).unwrap();
        slots.iter().map(id).collect()
    }

    fn all_ids(&self) -> Vec<String> {
        self.ids(self.cache.order())
    }

    fn get(&self, slot: u32) -> Value {
        plain(serde_json::from_slice(&self.texts[&slot]).unwrap())
    }

    fn snapshot(&self) -> Vec<Value> {
        let order = self.cache.order().iter();
        order.map(|slot| self.get(*slot)).collect()
    }
}

/// The platform's `toLowerCase`.
fn lower(text: &mut Vec<u8>) {
    *text = str::from_utf8(text).unwrap().to_lowercase().into_bytes();
}

/// The platform's parser of numbers.
fn number(text: &[u8]) -> f64 {
    str::from_utf8(text).unwrap().parse().unwrap()
}

fn page(devices: &str) -> String {
    format!(r#"{{"devices":[{devices}],"ok":true}}"#)
}

/// The value with every number as a float, as in JavaScript.
fn plain(value: Value) -> Value {
    match value {
        // 0 and -0 are equal, but not to `Value`.
        Value::Number(number) => json!(number.as_f64().unwrap() + 0.0),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(members) => members.into_iter().map(|(k, v)| (k, plain(v))).collect(),
        other => other,
    }
}

/// `new Map(list.map((it) => [it.device_id, it]))`
fn reference(pages: &[String]) -> Vec<(String, Value)> {
    let mut map: Vec<(String, Value)> = Vec::new();
    for page in pages {
        let body: Value = serde_json::from_str(page).unwrap();
        for device in body["devices"].as_array().unwrap() {
            let id = device["device_id"].as_str().unwrap().to_owned();
            let device = plain(device.clone());
            match map.iter_mut().find(|(known, _)| *known == id) {
                Some(entry) => entry.1 = device,
                None => map.push((id, device)),
            }
        }
    }
    map
}

fn any_value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..3_i32).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-cä😀\"\\\\\n]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-c\u{e9}]{0,2}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

fn any_device() -> BoxedStrategy<Value> {
    let name = prop_oneof![
        "[a-d]",
        Just("properties".to_owned()),
        Just("errors".to_owned()),
        Just("device_type".to_owned()),
        Just("can_x".to_owned()),
    ];
    let members = prop::collection::vec((name, any_value()), 0..5);
    (members, "[a-fé😀]")
        .prop_map(|(members, id)| {
            let mut device: Map<String, Value> = members.into_iter().collect();
            device.insert("device_id".to_owned(), id.into());
            device.into()
        })
        .boxed()
}

/// Writes a value in one of its many spellings, chosen by the dice.
struct Writer<'a> {
    out: String,
    dice: core::iter::Cycle<core::slice::Iter<'a, u8>>,
}

impl Writer<'_> {
    fn roll(&mut self, sides: u8) -> u8 {
        self.dice.next().copied().unwrap_or(0) % sides
    }

    fn space(&mut self) {
        let space = ["", "", "", " ", "\r\n\t"][usize::from(self.roll(5))];
        self.out.push_str(space);
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            if self.roll(4) == 0 || c < ' ' || c == '"' || c == '\\' {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(self.out, "\\u{unit:04X}");
                }
            } else {
                self.out.push(c);
            }
        }
        self.out.push('"');
    }

    fn value(&mut self, value: &Value) {
        self.space();
        match value {
            Value::String(text) => self.string(text),
            Value::Number(number) => {
                let float = number.as_f64().unwrap();
                let text = match self.roll(4) {
                    0 => format!("{float:e}"),
                    1 => format!("{float:.60e}"),
                    2 => format!("{float:?}"),
                    _ => number.to_string(),
                };
                self.out.push_str(&text);
            }
            Value::Array(items) => {
                self.out.push('[');
                for (nth, item) in items.iter().enumerate() {
                    self.out.push_str(if nth == 0 { "" } else { "," });
                    self.value(item);
                    self.space();
                }
                self.out.push(']');
            }
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                let turn = usize::from(self.roll(7)) % members.len().max(1);
                members.rotate_left(turn);
                // A member that a later one with the same name replaces.
                let twice = members.last().filter(|_| self.roll(4) == 0).copied();
                self.out.push('{');
                if let Some((name, _)) = twice {
                    self.member(name, &json!(["not this"]));
                    self.out.push(',');
                }
                for (nth, (name, value)) in members.into_iter().enumerate() {
                    self.out.push_str(if nth == 0 { "" } else { "," });
                    self.member(name, value);
                }
                self.out.push('}');
            }
            other => self.out.push_str(&other.to_string()),
        }
        self.space();
    }

    fn member(&mut self, name: &str, value: &Value) {
        self.space();
        self.string(name);
        self.space();
        self.out.push(':');
        self.value(value);
    }
}

fn write(devices: &[Value], pages: usize, dice: &[u8]) -> Vec<String> {
    let dice = dice.iter().cycle();
    let mut writer = Writer {
        out: String::new(),
        dice,
    };
    let length = devices.len().div_ceil(pages).max(1);
    let mut chunks: Vec<&[Value]> = devices.chunks(length).collect();
    if chunks.is_empty() {
        chunks.push(&[]);
    }
    let body = |devices: &&[Value]| {
        writer.out.clear();
        writer.value(&json!(devices));
        let more = r#""more":{"devices":[1]}"#;
        format!(r#" {{{more},"devices":{},{more}}} "#, writer.out)
    };
    chunks.iter().map(body).collect()
}

/// A list, and a changed copy of it.
fn any_pair() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
    let list = || prop::collection::vec(any_device(), 0..6);
    (list(), list(), any::<[u8; 4]>()).prop_map(|(before, new, dice)| {
        let mut after = before.clone();
        let place = |die: u8, length: usize| usize::from(die) % (length + 1);
        after.truncate(place(dice[0], after.len()));
        let turn = place(dice[1], after.len());
        after.rotate_left(turn);
        let at = place(dice[2], after.len());
        after.splice(at..at, new.into_iter().take(place(dice[3], 3)));
        (before, after)
    })
}

proptest! {
    #[test]
    fn delta_and_list_are_those_of_a_plain_parser_and_comparison(
        (before, after) in any_pair(),
        pages in 1..4_usize,
        dice in prop::collection::vec(any::<u8>(), 1..80),
        sizes in prop::collection::vec(1..40_usize, 1..5),
    ) {
        let before = write(&before, pages, &dice[dice.len() / 2..]);
        let after = write(&after, 1, &dice);
        let (old, new) = (reference(&before), reference(&after));
        let mut list = List::new();

        let first = list.take(&before, &sizes).unwrap();
        prop_assert_eq!(first.added.len(), old.len());
        let delta = list.take(&after, &sizes).unwrap();

        let devices: Vec<Value> = new.iter().map(|(_, device)| device.clone()).collect();
        prop_assert_eq!(list.snapshot(), devices);
        let in_old = |id: &String| old.iter().find(|(known, _)| known == id).map(|it| &it.1);
        let named = |keep: &dyn Fn(&String, &Value) -> bool, list: &[(String, Value)]| {
            let kept = list.iter().filter(|(id, device)| keep(id, device));
            kept.map(|(id, _)| id.clone()).collect::<Vec<_>>()
        };
        let added = named(&|id, _| in_old(id).is_none(), &new);
        let changed = named(&|id, device| in_old(id).is_some_and(|old| old != device), &new);
        let removed = named(&|id, _| !new.iter().any(|(known, _)| known == id), &old);
        prop_assert_eq!(list.ids(&delta.added), added);
        prop_assert_eq!(list.ids(&delta.changed), changed);
        prop_assert_eq!(list.ids(&delta.removed), removed);
        for (id, device) in &new {
            let slot = list.cache.slot_of(id.as_bytes()).unwrap();
            prop_assert_eq!(&list.get(slot), device);
        }
    }

    #[test]
    fn a_body_that_is_cut_or_broken_changes_nothing(
        (before, after) in any_pair(),
        dice in prop::collection::vec(any::<u8>(), 1..80),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut list = List::new();
        list.take(&write(&before, 1, &dice), &[7]).unwrap();
        let before = list.snapshot();
        let text = write(&after, 1, &dice).concat();
        let whole = text.trim_end().as_bytes();
        let cut = cut.index(whole.len());

        list.begin();
        let fed = list.feed(whole.get(..cut).unwrap(), &[11]);
        prop_assert!(fed.and_then(|()| list.end_page().map(|_| ())).is_err());
        prop_assert_eq!(list.commit(), Err(ListCacheError::NoFetch));
        prop_assert_eq!(list.snapshot(), before);
    }

    #[test]
    fn agrees_with_a_full_parser_on_what_is_json(
        inner in r#"[ \[\]{}",:0-9eE.+\-a-z\\]{0,24}"#,
        size in 1..9_usize,
    ) {
        let device = format!(r#"{{"device_id":"a","x":{inner}}}"#);
        // A number too large for a float is JSON all the same, so only text is compared.
        let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&device).is_ok();
        let ours = List::new().take(&[page(&device)], &[size]);
        prop_assert_eq!(ours.is_ok(), theirs, "{}", device);
    }

    #[test]
    fn agrees_with_a_full_parser_on_what_is_a_body(
        before in r#"[ {}\[\],:1"]{0,4}"#,
        inner in r#"[ {}\[\],:1"]{0,6}"#,
        after in r#"[ {}\[\],:1"]{0,4}"#,
        size in 1..9_usize,
    ) {
        let item = r#"{"device_id":"a"}"#;
        let body = format!(r#"{before}{{"x":1,"devices":[{item},{item}{inner}],"y":[]{after}}}"#);
        let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&body).is_ok();
        let mut list = List::new();
        list.begin();
        let ours = list.feed(&body, &[size]).and_then(|()| list.end_page());
        // A record without an id may still be JSON.
        prop_assume!(ours != Err(ListCacheError::NoId));
        prop_assert_eq!(ours.is_ok(), theirs, "{}", body);
    }

    #[test]
    fn agrees_with_a_full_parser_on_bodies_that_are_nearly_whole(
        (one, other) in any_pair(),
        dice in prop::collection::vec(any::<u8>(), 1..80),
        edits in prop::collection::vec(any_edit(), 0..4),
        sizes in prop::collection::vec(1..40_usize, 1..5),
    ) {
        let other = write(&other, 1, &dice).concat();
        let mut body = write(&one, 1, &dice).concat().into_bytes();
        for edit in edits {
            edit.apply(&mut body, other.as_bytes());
        }
        let mut list = List::new();
        list.take(&[page(r#"{"device_id":"before"}"#)], &[9]).unwrap();
        let before = list.snapshot();

        list.begin();
        let ours = list.feed(&body, &sizes).and_then(|()| list.end_page());

        // As `Response.text()` decodes it.
        let text = String::from_utf8_lossy(&body);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let is_json = serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
        prop_assert!(is_json || ours.is_err(), "{:?}", text);
        prop_assert!(!is_json || ours != Err(ListCacheError::NotJson), "{:?}", text);
        // A surrogate that stands alone is no `Value`, nor is a number beyond all
        // floats; and of two lists in one body the first may have been refused.
        let two = text.matches("devices").count() > 3;
        if let Some(body) = serde_json::from_str::<Value>(text).ok().filter(|_| !two) {
            let devices = body["devices"].as_array();
            let has_id = |it: &Value| it.get("device_id").is_some_and(Value::is_string);
            let is_list = devices.is_some_and(|all| all.iter().all(has_id));
            prop_assert_eq!(ours.is_ok(), is_list, "{:?}", text);
        }
        if ours.is_err() {
            prop_assert_eq!(list.commit(), Err(ListCacheError::NoFetch));
            prop_assert_eq!(list.snapshot(), before);
        }
    }

    #[test]
    fn any_sequence_of_fetches_and_single_devices_gives_the_list_of_a_plain_model(
        steps in prop::collection::vec(any_step(), 1..30),
        dice in prop::collection::vec(any::<u8>(), 1..80),
        sizes in prop::collection::vec(1..40_usize, 1..5),
    ) {
        let mut list = List::new();
        let mut model = Model::default();
        for step in steps {
            if model.in_page && matches!(step, Step::Part(..)) {
                continue;
            }
            let before = list.slots();
            let removed = list.cache.delta().removed.clone();
            let old = model.list.clone();
            let changes = model.take(&step);
            let result = list.run(&step, &dice, &sizes);

            prop_assert_eq!(result.is_ok(), changes.is_some(), "{:?}: {:?}", step, result);
            let devices: Vec<Value> = model.list.iter().map(|it| it.1.clone()).collect();
            prop_assert_eq!(list.snapshot(), devices, "{:?}", step);
            let after = list.slots();
            for (id, slot) in &before {
                prop_assert!(after.get(id).is_none_or(|now| now == slot), "{:?}", step);
            }
            let mut taken: Vec<u32> = after.values().copied().collect();
            if changes == Some(true) {
                let delta = list.cache.delta();
                prop_assert!(!delta.added.iter().any(|slot| before.values().any(|it| it == slot)));
                let names = |slots: &[u32]| list.ids(slots);
                prop_assert_eq!(names(&delta.added), missing(&model.list, &old));
                prop_assert_eq!(names(&delta.removed), missing(&old, &model.list));
                let changed = model.list.iter().filter(|(id, device)| {
                    old.iter().any(|(known, before)| known == id && before != device)
                });
                let changed: Vec<String> = changed.map(|(id, _)| id.clone()).collect();
                prop_assert_eq!(names(&delta.changed), changed);
                taken.extend(&delta.removed);
            } else {
                prop_assert_eq!(&after, &before, "{:?}", step);
                if result.is_err() {
                    prop_assert_eq!(&list.cache.delta().removed, &removed);
                }
            }
            let count = taken.len();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), count, "{:?}: a slot stands for two devices", step);
        }
    }
}

/// An edit of a text, at a place that is a share of its length.
#[derive(Clone, Debug)]
enum Edit {
    Flip(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Delete(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    /// The rest is replaced by the rest of the other text.
    Splice(prop::sample::Index, prop::sample::Index),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let at = any::<prop::sample::Index>;
    let byte = prop_oneof![
        prop::sample::select(br#"{}[]",:\0-9.eEtfnu "#.to_vec()),
        any::<u8>(),
    ];
    prop_oneof![
        (at(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        (at(), byte).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        (at(), 1..9_usize).prop_map(|(at, length)| Edit::Delete(at, length)),
        (at(), 1..40_usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
        (at(), at()).prop_map(|(at, from)| Edit::Splice(at, from)),
    ]
}

impl Edit {
    fn apply(self, text: &mut Vec<u8>, other: &[u8]) {
        let length = text.len();
        let place = |at: prop::sample::Index| at.index(length + 1);
        let end = |at: usize, length: usize| (at + length).min(text.len());
        match self {
            Self::Flip(at, bit) if length > 0 => text[at.index(length)] ^= 1 << bit,
            Self::Flip(..) => {}
            Self::Insert(at, byte) => text.insert(place(at), byte),
            Self::Delete(at, count) => {
                let at = place(at);
                text.drain(at..end(at, count));
            }
            Self::Repeat(at, count) => {
                let at = place(at);
                let again = text[at..end(at, count)].to_vec();
                text.splice(at..at, again);
            }
            Self::Splice(at, from) => {
                text.truncate(place(at));
                text.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
    }
}

/// What may happen to a cache.
#[derive(Clone, Debug)]
enum Step {
    Begin,
    Page(Vec<Value>),
    /// The first bytes of a page.
    Part(Vec<Value>, prop::sample::Index),
    /// Something that is no page.
    Broken,
    Commit,
    Refresh(Value),
    Remove(String),
}

fn any_step() -> impl Strategy<Value = Step> {
    // Few devices with few differences, so that most steps concern the same ones.
    let device =
        || ("[a-f]", 0..3_i32).prop_map(|(id, n)| json!({ "device_id": id, "name": "x", "n": n }));
    let devices = || prop::collection::vec(device(), 0..5);
    prop_oneof![
        4 => Just(Step::Begin),
        6 => devices().prop_map(Step::Page),
        1 => (devices(), any::<prop::sample::Index>()).prop_map(|(it, at)| Step::Part(it, at)),
        1 => Just(Step::Broken),
        4 => Just(Step::Commit),
        4 => device().prop_map(Step::Refresh),
        2 => "[a-f]".prop_map(Step::Remove),
    ]
}

type Devices = Vec<(String, Value)>;

/// A simple model of the cache.
#[derive(Default)]
struct Model {
    list: Devices,
    incoming: Option<Devices>,
    in_page: bool,
    /// The devices that were upserted since the fetch began.
    locally_updated: Vec<String>,
}

impl Model {
    /// Whether the step may have changed the list; `None` if it is rejected.
    fn take(&mut self, step: &Step) -> Option<bool> {
        match step {
            Step::Begin => {
                self.locally_updated.clear();
                self.incoming = Some(Vec::new());
                self.in_page = false;
            }
            Step::Page(_) if self.in_page => {
                self.incoming = None;
                self.in_page = false;
                return None;
            }
            Step::Page(devices) => {
                let incoming = self.incoming.as_mut()?;
                for device in devices {
                    upsert(incoming, device);
                }
            }
            Step::Part(..) => {
                self.incoming.as_ref()?;
                self.in_page = true;
            }
            Step::Broken => {
                self.incoming = None;
                self.in_page = false;
                return None;
            }
            Step::Commit => {
                let mut incoming = self.incoming.take()?;
                if core::mem::take(&mut self.in_page) {
                    return None;
                }
                for (id, device) in &self.list {
                    if self.locally_updated.contains(id) {
                        upsert(&mut incoming, device);
                    }
                }
                self.list = incoming;
                return Some(true);
            }
            Step::Refresh(device) => {
                self.locally_updated.push(id_of(device));
                upsert(&mut self.list, device);
                return Some(true);
            }
            Step::Remove(id) => {
                self.incoming = None;
                self.in_page = false;
                self.locally_updated
                    .retain(|locally_updated| locally_updated != id);
                self.list.retain(|(known, _)| known != id);
                return Some(true);
            }
        }
        Some(false)
    }
}

fn id_of(device: &Value) -> String {
    device["device_id"].as_str().unwrap().to_owned()
}

fn upsert(list: &mut Devices, device: &Value) {
    let (id, device) = (id_of(device), plain(device.clone()));
    match list.iter_mut().find(|(known, _)| *known == id) {
        Some(entry) => entry.1 = device,
        None => list.push((id, device)),
    }
}

/// The ids of those in `of` that are not in `list`.
fn missing(of: &Devices, list: &Devices) -> Vec<String> {
    let is_missing = |id: &String| !list.iter().any(|(known, _)| known == id);
    let ids = of.iter().map(|(id, _)| id.clone());
    ids.filter(is_missing).collect()
}

impl List {
    fn slots(&self) -> HashMap<String, u32> {
        let order = self.cache.order();
        self.all_ids()
            .into_iter()
            .zip(order.iter().copied())
            .collect()
    }

    fn run(&mut self, step: &Step, dice: &[u8], sizes: &[usize]) -> Result<(), ListCacheError> {
        match step {
            Step::Begin => self.begin(),
            Step::Page(devices) => {
                self.feed(write(devices, 1, dice).concat(), sizes)?;
                self.end_page()?;
            }
            Step::Part(devices, at) => {
                // A part of it, without its end.
                let page = write(devices, 1, dice).concat();
                let length = 1 + at.index(page.len());
                self.feed(&page.as_bytes()[..length], sizes)?;
            }
            Step::Broken => {
                self.feed("<html>", sizes)?;
                self.end_page()?;
            }
            Step::Commit => {
                self.commit()?;
            }
            Step::Refresh(device) => {
                self.take_one(&device.to_string())?;
            }
            Step::Remove(id) => {
                self.cache.remove(id.as_bytes());
            }
        }
        Ok(())
    }
}

#[test]
fn a_list_may_be_cut_in_two_at_every_byte() {
    let before = [page(
        r#"{"device_id":"ä","n":1.50,"s":"\ud83d\ude00"},{"device_id":"b"}"#,
    )];
    let after = [page(
        r#"{"device_id":"ä","s":"😀","n":15e-1},{"device_id":"c","t":true}"#,
    )];
    for cut in 1..after[0].len() {
        let mut list = List::new();
        list.take(&before, &[usize::MAX]).unwrap();
        let delta = list.take(&after, &[cut, usize::MAX]).unwrap();
        assert_eq!(list.ids(&delta.added), ["c"], "{cut}");
        assert_eq!(list.ids(&delta.changed), [""; 0], "{cut}");
        assert_eq!(list.ids(&delta.removed), ["b"], "{cut}");
    }
}

#[test]
fn debug_output_shows_no_record() {
    let mut list = List::new();
    list.begin();
    list.feed(r#"{"devices":[{"device_id":"a","code":"4711"}"#, &[8])
        .unwrap();
    let shown = format!("{:?}", list.cache);
    assert_eq!(shown, "ListCache { records: 0, .. }");
}

#[test]
fn no_record_is_removed_before_every_page_has_arrived() {
    let mut list = List::new();
    list.take(&[page(r#"{"device_id":"a"},{"device_id":"b"}"#)], &[5])
        .unwrap();
    let first = r#"{"devices":[{"device_id":"b"}],
        "pagination":{"next_page_cursor":"n\u0065xt","has_next_page":true,"x":{"has_next_page":false}}}"#;

    list.begin();
    list.feed(first.as_bytes(), &[3]).unwrap();
    assert_eq!(list.end_page().unwrap().unwrap(), b"next");
    assert_eq!(list.all_ids(), ["a", "b"]);

    list.feed(page(r#"{"device_id":"a"}"#).as_bytes(), &[3])
        .unwrap();
    assert_eq!(list.end_page().unwrap(), None);
    let delta = list.commit().unwrap();
    assert_eq!(delta, Delta::default());
    assert_eq!(list.all_ids(), ["b", "a"]);
}

#[test]
fn a_cursor_without_a_next_page_is_ignored() {
    let mut list = List::new();
    list.begin();
    let text = r#"{"pagination":{"has_next_page":false,"next_page_cursor":"x"},"devices":[]}"#;
    list.feed(text, &[9]).unwrap();
    assert_eq!(list.end_page().unwrap(), None);
}

#[test]
fn a_body_that_is_no_list_of_records_with_ids_is_an_error() {
    for (body, error) in [
        ("", ListCacheError::NotJson),
        ("[]", ListCacheError::NotJson),
        ("7 ", ListCacheError::NotJson),
        ("<html>", ListCacheError::NotJson),
        (r#"{"devices":[]}x"#, ListCacheError::NotJson),
        (r#"{"devices":[]}{}"#, ListCacheError::NotJson),
        (r#"{"devices":[],}"#, ListCacheError::NotJson),
        (r#"{"devices":[,]}"#, ListCacheError::NotJson),
        (r#"{"devices":[]7}"#, ListCacheError::NotJson),
        (r#"{"devices":[]"x":1}"#, ListCacheError::NotJson),
        (r#"{,"devices":[]}"#, ListCacheError::NotJson),
        (r#"{7:1,"devices":[]}"#, ListCacheError::NotJson),
        (r#"{"devices"}"#, ListCacheError::NotJson),
        (r#"{"x":,"devices":[]}"#, ListCacheError::NotJson),
        (r#"{"x":1]"#, ListCacheError::NotJson),
        ("{}", ListCacheError::NoList),
        (r#"{"ok":true}"#, ListCacheError::NoList),
        (r#"{"devices":{}}"#, ListCacheError::NoList),
        (r#"{"devices":[],"devices":null}"#, ListCacheError::NoList),
        (r#"{"x":{"devices":[]}}"#, ListCacheError::NoList),
        (r#"{"devices":[{}]}"#, ListCacheError::NoId),
        (r#"{"devices":[{"device_id":7}]}"#, ListCacheError::NoId),
        (
            r#"{"devices":[{"device_id":"a","device_id":null}]}"#,
            ListCacheError::NoId,
        ),
        (
            r#"{"devices":[{"x":{"device_id":"a"}}]}"#,
            ListCacheError::NoId,
        ),
        (r#"{"devices":[["a"]]}"#, ListCacheError::NoId),
        (r#"{"devices":["a"]}"#, ListCacheError::NoId),
    ] {
        let result = List::new().take(&[body.to_owned()], &[4]);
        assert_eq!(result, Err(error), "{body}");
    }
}

#[test]
fn of_two_lists_in_one_body_the_last_one_counts() {
    let mut list = List::new();
    let body = r#"{"devices":[{"device_id":"a"}],"devices":[{"device_id":"b"}]}"#;
    list.take(&[body.to_owned()], &[6]).unwrap();
    assert_eq!(list.all_ids(), ["b"]);
}

#[test]
fn nesting_of_any_depth_and_objects_of_any_width_are_read_as_json_parse_reads_them() {
    let deep =
        |depth, inner: &str| format!("{}{inner}{}", "[{\"x\":".repeat(depth), "}]".repeat(depth));
    let wide = |members: usize, last: &str| {
        let mut members: Vec<String> = (0..members).map(|nth| format!(r#""{nth}":0"#)).collect();
        members.push(last.to_owned());
        format!("{{{}}}", members.join(","))
    };
    let long = format!("[{}]", vec!["0"; 10_000].join(","));
    let device = |value: &str| page(&format!(r#"{{"device_id":"a","x":{value}}}"#));
    // The first two have the same meaning; the third has another one.
    let cases = [
        (deep(100, "1"), deep(100, " 1.0"), deep(100, "2")),
        (deep(50_000, "1"), deep(50_000, " 1.0"), deep(50_000, "2")),
        (
            wide(4_000, r#""y":1"#),
            wide(4_000, r#""y":0,"y":1"#),
            wide(4_000, r#""y":1,"y":0"#),
        ),
        (
            wide(20_000, r#""y":0,"y":1"#),
            wide(20_000, r#""y" :0,"y":1e0"#),
            wide(20_000, r#""y":1,"y":0"#),
        ),
        (
            long.clone(),
            long.replace('0', "-0"),
            long.replacen('0', "1", 1),
        ),
    ];
    for (one, same, other) in cases {
        let mut list = List::new();
        list.take(&[device(&one)], &[100_000]).unwrap();
        assert_eq!(
            list.take(&[device(&same)], &[100_000]),
            Ok(Delta::default())
        );
        let delta = list.take(&[device(&other)], &[100_000]).unwrap();
        assert_eq!(list.ids(&delta.changed), ["a"]);
    }
    // A page with a wrong bracket, however deep, is not JSON.
    for wrong in [
        deep(50_000, "1}"),
        deep(50_000, ""),
        deep(50_000, "1").replacen("}]", "]}", 1),
    ] {
        let result = List::new().take(&[device(&wrong)], &[100_000]);
        assert_eq!(result, Err(ListCacheError::NotJson));
    }
}

#[test]
fn one_byte_order_mark_before_a_body_is_left_out_however_it_is_cut() {
    let body = page(r#"{"device_id":"a"}"#);
    for size in [1, 2, 3, 4, 1_000] {
        let mut list = List::new();
        let marked = format!("\u{feff}{body}");
        list.take(&[marked.clone(), body.clone(), marked.clone()], &[size])
            .unwrap();
        assert_eq!(list.all_ids(), ["a"], "{size}");
        for wrong in [
            format!("\u{feff}{marked}"),
            format!(" {marked}"),
            format!("{body}\u{feff}"),
            body.replace(':', ":\u{feff}"),
            "\u{feff}".to_owned(),
        ] {
            let result = list.take(std::slice::from_ref(&wrong), &[size]);
            assert_eq!(result, Err(ListCacheError::NotJson), "{wrong}");
        }
    }
    let mut list = List::new();
    list.begin();
    list.feed(&b"\xef\xbb"[..], &[1]).unwrap();
    assert_eq!(list.end_page(), Err(ListCacheError::NotJson));
}

#[test]
fn a_next_page_whose_cursor_is_no_string_has_an_empty_one() {
    let cursor = |pagination: &str| {
        let mut list = List::new();
        list.begin();
        list.feed(
            format!(r#"{{"devices":[],"pagination":{pagination}}}"#),
            &[7],
        )?;
        let cursor = list.end_page()?;
        Ok(cursor.map(|it| String::from_utf8(it).unwrap()))
    };
    for (pagination, expected) in [
        (
            r#"{"has_next_page":true,"next_page_cursor":"c"}"#,
            Some("c"),
        ),
        (r#"{"has_next_page":true}"#, Some("")),
        (
            r#"{"has_next_page":true,"next_page_cursor":null}"#,
            Some(""),
        ),
        (r#"{"has_next_page":true,"next_page_cursor":5}"#, Some("")),
        (
            r#"{"has_next_page":true,"next_page_cursor":{"a":1}}"#,
            Some(""),
        ),
        (r#"{"has_next_page":true,"next_page_cursor":""}"#, Some("")),
        (r#"{"has_next_page":false,"next_page_cursor":"c"}"#, None),
        (r#"{"has_next_page":"true","next_page_cursor":"c"}"#, None),
        ("null", None),
    ] {
        let expected: Result<_, ListCacheError> = Ok(expected.map(str::to_owned));
        assert_eq!(cursor(pagination), expected, "{pagination}");
    }
}

#[test]
fn the_same_page_again_and_again_takes_no_more_memory() {
    let devices = (0..100).map(|nth| format!(r#"{{"device_id":"{nth}","name":"Door {nth}"}}"#));
    let page = page(&devices.collect::<Vec<_>>().join(","));
    let mut list = List::new();
    list.begin();
    let mut take = || {
        list.feed(&page, &[1_000]).unwrap();
        list.end_page().unwrap();
        let size = format!("{:?}", list.cache).len();
        // The size of the texts that the caller keeps.
        (size, list.arriving.len())
    };
    take();
    let (size, texts) = take();
    for _ in 0..20 {
        take();
    }
    let (after, texts_after) = take();
    assert_eq!((texts, texts_after), (100, 100));
    // The text in the cache has a few more digits.
    assert!(after < size + 100, "{size} became {after}");
    assert_eq!(list.commit().unwrap().added.len(), 100);
    assert_eq!(list.snapshot().len(), 100);
}

#[test]
fn only_texts_with_a_new_meaning_are_returned() {
    let mut list = List::new();
    list.take(
        &[page(
            r#"{"device_id":"a"},{"device_id":"b"},{"device_id":"c"}"#,
        )],
        &[9],
    )
    .unwrap();
    assert_eq!(list.arriving.len(), 3);

    let spelled = page(r#"{"device_id" : "a"},{"device_id":"\u0062"},{"device_id":"c"}"#);
    list.take(&[spelled], &[9]).unwrap();
    assert_eq!(list.arriving.len(), 0);

    let one = page(r#"{"device_id":"a"},{"device_id":"b","locked":true},{"device_id":"c"}"#);
    list.take(&[one], &[9]).unwrap();
    assert_eq!(list.arriving, [br#"{"device_id":"b","locked":true}"#]);
}

#[test]
fn a_fetch_in_progress_keeps_a_record_that_is_upserted() {
    let mut list = List::new();
    let whole = |locked: bool| {
        page(&format!(
            r#"{{"device_id":"a","locked":{locked}}},{{"device_id":"b"}}"#
        ))
    };
    list.take(&[whole(true)], &[9]).unwrap();
    list.begin();
    let text = whole(true).replace("true}", "true,\"fields\":1}");
    let (first, rest) = text.split_at(40);
    list.feed(first, &[9]).unwrap();

    let delta = list
        .take_one(r#"{"device_id":"a","locked":false}"#)
        .unwrap();
    assert_eq!(list.ids(&delta.changed), ["a"]);
    assert!(delta.removed.is_empty());

    list.feed(rest, &[9]).unwrap();
    list.end_page().unwrap();
    assert_eq!(list.commit().unwrap(), Delta::default());
    assert_eq!(list.snapshot()[0]["locked"], false);

    list.take(&[whole(true)], &[9]).unwrap();
    assert_eq!(list.snapshot()[0]["locked"], true);
}

#[test]
fn a_record_that_is_upserted_during_a_fetch_stays_if_the_fetch_does_not_have_it() {
    let mut list = List::new();
    let only = page(r#"{"device_id":"a"}"#);
    list.take(std::slice::from_ref(&only), &[9]).unwrap();
    list.begin();
    let delta = list.take_one(r#"{"device_id":"b","n":1}"#).unwrap();
    assert_eq!(list.ids(&delta.added), ["b"]);
    let slot = list.cache.slot_of(b"b");

    list.feed(&only, &[9]).unwrap();
    list.end_page().unwrap();
    assert_eq!(list.commit().unwrap(), Delta::default());
    assert_eq!(list.all_ids(), ["a", "b"]);
    assert_eq!(list.cache.slot_of(b"b"), slot);
    assert_eq!(list.snapshot()[1]["n"], 1.0);

    let delta = list.take(&[only], &[9]).unwrap();
    assert_eq!(list.ids(&delta.removed), ["b"]);
}

#[test]
fn a_record_that_is_upserted_and_removed_does_not_come_back() {
    let mut list = List::new();
    let only = page(r#"{"device_id":"a"}"#);
    list.begin();
    list.take_one(r#"{"device_id":"b"}"#).unwrap();
    list.cache.remove(b"b");
    assert!(list.all_ids().is_empty());
    list.take(&[only], &[9]).unwrap();
    assert_eq!(list.all_ids(), ["a"]);
}

#[test]
fn a_removal_ends_the_fetch_that_may_have_read_the_record() {
    let mut list = List::new();
    let page = page(r#"{"device_id":"a"},{"device_id":"b"}"#);
    list.take(&[page], &[9]).unwrap();
    list.begin();

    let delta = list.cache.remove(b"a").clone();
    assert_eq!(list.ids(&delta.removed), ["a"]);
    assert_eq!(list.all_ids(), ["b"]);
    assert_eq!(list.cache.slot_of(b"a"), None);
    assert_eq!(list.cache.feed(0), Err(ListCacheError::NoFetch));
    assert_eq!(list.cache.remove(b"a"), &Delta::default());
}

#[test]
fn a_slot_is_reused_only_after_the_next_change() {
    let mut list = List::new();
    list.take(&[page(r#"{"device_id":"a"}"#)], &[9]).unwrap();
    let delta = list.take(&[page(r#"{"device_id":"b"}"#)], &[9]).unwrap();
    assert_eq!(list.ids(&delta.removed), ["a"]);
    assert_ne!(delta.removed, delta.added);

    let again = list.take(&[page(r#"{"device_id":"c"}"#)], &[9]).unwrap();
    assert_eq!(again.added, delta.removed);
}

#[test]
fn an_invalid_text_upserts_no_record() {
    let cases = [
        ("", ListCacheError::NotJson),
        (r#"{"device_id":"a""#, ListCacheError::NotJson),
        (r#"{"device_id":"a"} x"#, ListCacheError::NotJson),
        (r#"{"device":{"device_id":"a"}}"#, ListCacheError::NoId),
    ];
    for (text, expected) in cases {
        let mut list = List::new();
        list.take(&[page(r#"{"device_id":"b"}"#)], &[9]).unwrap();
        assert_eq!(list.take_one(text), Err(expected), "{text}");
        assert_eq!(list.all_ids(), ["b"]);
    }
}

#[test]
fn records_of_another_type_have_another_id() {
    let mut list = List::identified_by(b"access_code_id");
    let code = r#"{"device_id":"a","access_code_id":"c"}"#;
    list.take(&[page(code)], &[9]).unwrap();
    assert_eq!(list.all_ids(), ["c"]);
}

#[test]
fn what_follows_an_unchanged_record_is_checked_too() {
    let mut list = List::new();
    let item = r#"{"device_id":"a"}"#;
    list.take(&[page(item)], &[9]).unwrap();
    for after in ["x", "{}", "1", "]", ":"] {
        let result = list.take(&[page(&format!("{item}{after}"))], &[9]);
        assert_eq!(result, Err(ListCacheError::NotJson), "{after}");
    }
    assert!(list.take(&[page(&format!("{item} "))], &[9]).is_ok());
}

#[test]
fn devices_are_found_by_their_fields() {
    let devices = r#"
        {"device_id":"a","device_type":"august_lock","display_name":"Haustür Süd","name":"x",
         "can_remotely_unlock":true,"can_simulate_removal":false,"errors":[],
         "properties":{"online":true,"battery_level":0.1,"battery":{"level":0.1,"status":"good"}}},
        {"device_id":"b","device_type":"ecobee_thermostat","display_name":"Ελλάδα ПРИВЕТ ŁÓDŹ",
         "can_remotely_unlock":true,"can_remotely_unlock":false,"errors":[{"error_code":"x"}],
         "properties":{"online":false,"battery":{"status":"critical"}}},
        {"device_id":"c","device_type":"august_lock","name":"Keller","can_remotely_unlock":1,
         "properties":{"online":true,"battery_level":0.2}},
        {"device_id":"d","errors":[1],"errors":null,"c\u0061n_\u0078":true,"c\u0061n_\u0078":[],
         "properties":{"online":true,"battery":{"status":"low"}},"properties":{"x":[{"online":true}]}}"#;
    let mut list = List::new();
    list.take(&[page(devices)], &[9]).unwrap();
    let find = |set: &dyn Fn(&mut Query)| {
        let mut query = Query::new();
        set(&mut query);
        list.ids(&list.cache.find(&query)).concat()
    };

    let ask = |query: &mut Query, bit: u64, is: bool| {
        query.mask |= bit;
        query.expected |= if is { bit } else { 0 };
    };

    assert_eq!(find(&|_| ()), "abcd");
    assert_eq!(find(&|query| query.device_type(b"august_lock")), "ac");
    assert_eq!(find(&|query| query.filters_type = true), "");
    assert_eq!(find(&|query| query.can(b"can_remotely_unlock")), "a");
    assert_eq!(find(&|query| query.can(b"can_simulate_removal")), "");
    assert_eq!(find(&|query| query.can(b"can_fly")), "");
    assert_eq!(find(&|query| query.can(b"can_x")), "");
    assert_eq!(find(&|query| ask(query, Query::ONLINE, true)), "ac");
    assert_eq!(find(&|query| ask(query, Query::ONLINE, false)), "bd");
    assert_eq!(find(&|query| ask(query, Query::LOW_BATTERY, true)), "bc");
    assert_eq!(find(&|query| ask(query, Query::HAS_ERRORS, true)), "b");
    for (text, found) in [
        ("HAUST", "a"),
        ("NOTHING", ""),
        ("TÜR SÜ", "a"),
        ("ell", "c"),
        ("ελλάδα", "b"),
        ("привет", "b"),
        ("łódź", "b"),
        ("x", ""),
    ] {
        assert_eq!(
            find(&|query| query.text(text.to_lowercase().as_bytes())),
            found,
            "{text}"
        );
    }
}

#[test]
fn a_name_is_found_by_its_lower_case() {
    let names = [
        "Έξοδος",
        "Άνω όροφος",
        "Țara",
        "PHÒNG NGỦ",
        "Қонақ үй",
        "Ґанок",
        "ΕΞΟΔΟΣ",
        "İstanbul",
        "Ⱥpple",
        "Kelvin K",
        "ẞ",
        "Haustür SÜD",
        "plain NAME",
        "東京",
        "ǅ",
        "😀 Ärger",
    ];
    let device =
        |(nth, name): (usize, &&str)| json!({ "device_id": nth.to_string(), "name": name });
    let devices: Vec<Value> = names.iter().enumerate().map(device).collect();
    let mut list = List::new();
    list.take(&write(&devices, 1, &[1, 0, 3]), &[9]).unwrap();
    let parts = names.iter().flat_map(|name| {
        let chars: Vec<char> = name.chars().collect();
        let part = |from: usize| chars[from..].iter().collect::<String>();
        (0..chars.len()).map(part).collect::<Vec<_>>()
    });
    for text in parts.chain(["οδος".to_owned(), "Σ".to_owned(), "missing".to_owned()]) {
        let text = text.to_lowercase();
        let mut query = Query::new();
        query.text(text.as_bytes());
        let found = list.ids(&list.cache.find(&query));
        let expected = names.iter().enumerate();
        let expected = expected.filter(|(_, name)| name.to_lowercase().contains(&text));
        let expected: Vec<String> = expected.map(|(nth, _)| nth.to_string()).collect();
        assert_eq!(found, expected, "{text}");
    }
}
