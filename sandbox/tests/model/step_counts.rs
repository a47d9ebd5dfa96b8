//! Counts how often each kind of step succeeded and failed. A run in which steps only fail, or
//! never fail, would prove little.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::steps::Step;

/// The steps that never fail.
const ALWAYS_DONE: [&str; 2] = ["Wait", "CreateIdentity"];
/// The number of kinds of steps.
const KINDS: usize = 25;

#[derive(Debug, Default)]
pub(crate) struct StepCounts(Mutex<BTreeMap<String, [u64; 2]>>);

impl StepCounts {
    pub(crate) fn count(&self, step: &Step, is_refused: bool) {
        let shown = format!("{step:?}");
        let kind = shown.split(|it: char| !it.is_alphanumeric()).next();
        let mut counts = self.0.lock().expect("no test has failed in here");
        let count = counts
            .entry(kind.unwrap_or_default().to_owned())
            .or_default();
        count[usize::from(is_refused)] += 1;
    }

    /// Checks that every kind of step succeeded, and failed if it can.
    pub(crate) fn check(&self) {
        let counts = self.0.lock().expect("no test has failed in here");
        println!("done and refused: {counts:?}");
        assert_eq!(counts.len(), KINDS);
        for (kind, [done, refused]) in counts.iter() {
            assert!(*done > 0, "{kind} was never done");
            let refusable = !ALWAYS_DONE.contains(&kind.as_str());
            assert_eq!(*refused > 0, refusable, "{kind} refused");
        }
    }
}
