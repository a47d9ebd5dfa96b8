//! The generated types against the schemas that they were generated from: whatever JSON the
//! schemas allow, and whatever Seam may add to it, goes through a type unchanged.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not as expected is to fail the test"
)]

mod check;
mod examples;
mod sample;
mod types;

use proptest::prelude::*;
use serde_json::{Value, json};

use check::{Check, unknowns};
use sample::{Cover, Random, Schemas};
use types::TYPES;

/// More samples than any resource needs until each of its choices was made.
const ENOUGH: usize = 2_000;

fn assert_unchanged(name: &str, check: Check, sample: &Value) -> String {
    let (back, debug) = check(sample).unwrap_or_else(|error| panic!("{name}: {error}\n{sample}"));
    assert_eq!(&back, sample, "{name}");
    debug
}

#[test]
fn every_choice_that_a_schema_leaves_goes_through_its_type_unchanged() {
    let schemas = Schemas::read();
    for (name, check) in TYPES {
        let mut cover = Cover::default();
        let mut samples = 0;
        while samples == 0 || cover.has_news("") {
            let sample = schemas.sample(name, &mut cover);
            let debug = assert_unchanged(name, *check, &sample);
            assert_eq!(unknowns(&debug), 0, "{name} does not know all of {sample}");
            samples += 1;
            assert!(samples < ENOUGH, "{name} has choices that are never made");
        }
    }
}

#[test]
fn a_required_member_that_is_missing_or_of_another_kind_is_named_and_refused() {
    let schemas = Schemas::read();
    let mut refused = 0;
    for (name, check) in TYPES {
        let sample = schemas.sample(name, &mut Cover::default());
        for member in schemas.required(name) {
            let mut missing = sample.clone();
            missing.as_object_mut().unwrap().remove(member);
            let error = check(&missing).unwrap_err();
            assert_eq!(error, format!("{member}: expected a value, found nothing"));

            let mut other = sample.clone();
            // Every member is a list, an object or a scalar; a list of lists of null is none of ours.
            other[member] = json!([[null]]);
            let error = check(&other).unwrap_err();
            assert!(error.starts_with(member), "{name}: {error}");
            assert!(error.contains(": expected "), "{name}: {error}");
            refused += 1;
        }
    }
    assert!(refused > 100, "only {refused} members were tried");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_value_of_a_schema_goes_through_its_type_unchanged(seed: u64) {
        let schemas = Schemas::read();
        let mut random = Random::new(seed);
        for (name, check) in TYPES {
            let sample = schemas.sample(name, &mut random);
            let debug = assert_unchanged(name, *check, &sample);
            prop_assert_eq!(unknowns(&debug), 0, "{} does not know all of {}", name, sample);
        }
    }

    #[test]
    fn what_seam_may_add_tomorrow_goes_through_unchanged(seed: u64) {
        let schemas = Schemas::read();
        let mut random = Random::new(seed).with_news();
        for (name, check) in TYPES {
            let sample = schemas.sample(name, &mut random);
            assert_unchanged(name, *check, &sample);
        }
        prop_assert!(random.news() > 0, "nothing was added");
    }
}
