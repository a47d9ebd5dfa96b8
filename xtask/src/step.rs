//! The progress that a person reads: one line a step, with how long it took.

use crate::failure::Failure;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Numbers the steps of one command.
#[derive(Debug)]
pub(crate) struct Progress {
    total: usize,
    begun: usize,
    started: Instant,
}

impl Progress {
    /// `total` is the number of steps to come.
    pub(crate) fn new(total: usize) -> Self {
        Self {
            total,
            begun: 0,
            started: Instant::now(),
        }
    }

    /// Runs one step: its name before, what it did and how long it took after.
    ///
    /// # Errors
    ///
    /// Those of the work itself.
    pub(crate) fn step(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        self.begun += 1;
        let width = self.total.to_string().len();
        print(&format!(
            "[{:>width$}/{}] {name} … ",
            self.begun, self.total
        ));
        let started = Instant::now();
        let done = work();
        let outcome = done.as_ref().map_or("FAILED", String::as_str);
        print(&format!("{outcome} ({})\n", seconds(started.elapsed())));
        done.map(drop)
    }

    /// Since the first step began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Tells inside a step what takes long.
pub(crate) fn note(text: &str) {
    print(&format!("{text} … "));
}

/// Prints. A closed pipe (`cargo xtask test | head`) is no reason to stop building.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// "0.4 s", "12 s", "2 min 5 s".
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        whole @ 10..60 => format!("{whole} s"),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_as_a_person_would() {
        for (milliseconds, told) in [(412, "0.4 s"), (12_900, "12 s"), (125_000, "2 min 5 s")] {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), told);
        }
    }
}
