//! Progress on the terminal: one line for each step, with the time it took.

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
    /// `total` is the number of steps.
    pub(crate) fn new(total: usize) -> Self {
        Self {
            total,
            begun: 0,
            started: Instant::now(),
        }
    }

    /// Runs one step. Prints its name before, and its result and time after.
    ///
    /// # Errors
    ///
    /// Those of `work`.
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

    /// Returns the time since the first step began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Prints, within a step, what takes long.
pub(crate) fn note(text: &str) {
    print(&format!("{text} … "));
}

/// Prints the text. A closed pipe (`cargo xtask test | head`) does not stop the program.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Returns a time for people: "0.4 s", "12 s", "2 min 5 s".
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
    fn a_time_is_formatted_for_people() {
        for (milliseconds, text) in [(412, "0.4 s"), (12_900, "12 s"), (125_000, "2 min 5 s")] {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), text);
        }
    }
}
