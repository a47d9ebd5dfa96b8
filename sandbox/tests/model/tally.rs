//! How often each kind of step was done and was refused: a model that only ever sees refusals, or
//! none, would prove little.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::steps::Step;

/// Those that nothing refuses.
const ALWAYS_DONE: [&str; 2] = ["Wait", "MakeIdentity"];
/// All kinds of steps.
const KINDS: usize = 21;

#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<String, [u64; 2]>>);

impl Tally {
    pub(crate) fn count(&self, step: &Step, is_refused: bool) {
        let shown = format!("{step:?}");
        let kind = shown.split(|it: char| !it.is_alphanumeric()).next();
        let mut counts = self.0.lock().expect("no test has failed in here");
        let count = counts
            .entry(kind.unwrap_or_default().to_owned())
            .or_default();
        count[usize::from(is_refused)] += 1;
    }

    /// Every kind of step was done, and refused if it can be.
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
