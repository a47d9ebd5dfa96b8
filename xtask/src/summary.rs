//! The table at the end of `cargo xtask test`: how many tests passed and failed in each suite.

use crate::failure::Failure;
use crate::step::{self, Progress};
use crate::test_output::Count;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// The result of a suite: how many tests ran, and the failure to print if not all passed.
pub(crate) type Outcome = (Count, Option<Failure>);

/// One line of the table.
#[derive(Debug)]
struct Row {
    label: String,
    count: Count,
    time: Duration,
}

/// Collects the suites' results.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    rows: Vec<Row>,
}

impl Summary {
    /// Runs a suite as one step and prints its failures. A suite that cannot run counts as one
    /// failed test.
    pub(crate) fn suite(
        &mut self,
        progress: &mut Progress,
        label: &str,
        work: impl FnOnce() -> Result<Outcome, Failure>,
    ) {
        let mut count = Count {
            passed: 0,
            failed: 1,
        };
        let started = Instant::now();
        let done = progress.step(label, || {
            let (counted, failure) = work()?;
            count = counted;
            match failure {
                Some(failure) => Err(failure),
                None => Ok(format!("{} passed", count.passed)),
            }
        });
        if let Err(failure) = done {
            step::print(
                &(failure.report()
                    + "
"),
            );
            count.failed = count.failed.max(1);
        }
        self.add(label, count, started.elapsed());
    }

    /// Runs a check as one step; it counts as one test.
    pub(crate) fn check(
        &mut self,
        progress: &mut Progress,
        name: &str,
        label: &str,
        work: impl FnOnce() -> Result<String, Failure>,
    ) {
        let started = Instant::now();
        let done = progress.step(name, work);
        let passed = usize::from(done.is_ok());
        if let Err(failure) = done {
            step::print(
                &(failure.report()
                    + "
"),
            );
        }
        let count = Count {
            passed,
            failed: 1 - passed,
        };
        self.add(label, count, started.elapsed());
    }

    /// Prints a failure that kept suites from running, and counts it as one failed test.
    pub(crate) fn record_failure(&mut self, label: &str, failure: &Failure) {
        step::print(
            &(failure.report()
                + "
"),
        );
        self.add(
            label,
            Count {
                passed: 0,
                failed: 1,
            },
            Duration::ZERO,
        );
    }

    /// Prints the table and returns whether every test passed and there was at least one.
    pub(crate) fn print(&self, time: Duration) -> bool {
        step::print(&format!("\n{}\n", self.table(time)));
        let total = self.total();
        total.failed == 0 && total.passed > 0
    }

    /// Adds a result to the row with this label.
    fn add(&mut self, label: &str, count: Count, time: Duration) {
        match self.rows.iter_mut().find(|row| row.label == label) {
            Some(row) => {
                row.count += count;
                row.time += time;
            }
            None => self.rows.push(Row {
                label: label.to_owned(),
                count,
                time,
            }),
        }
    }

    fn total(&self) -> Count {
        let mut total = Count::default();
        for row in &self.rows {
            total += row.count;
        }
        total
    }

    fn table(&self, time: Duration) -> String {
        let width = self
            .rows
            .iter()
            .map(|row| row.label.len())
            .max()
            .unwrap_or(0)
            .max("where".len());
        let mut table = format!(
            "{:width$}  {:>6}  {:>6}  {:>12}\n",
            "where", "passed", "failed", "time"
        );
        for row in &self.rows {
            let Count { passed, failed } = row.count;
            let time = step::seconds(row.time);
            // Writing to a String cannot fail.
            let _ = writeln!(
                table,
                "{:width$}  {passed:>6}  {failed:>6}  {time:>12}",
                row.label
            );
        }
        let Count { passed, failed } = self.total();
        let _ = write!(
            table,
            "\nAll of it took {}.\n{passed} passed, {failed} failed",
            step::seconds(time)
        );
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(results: &[(&str, usize, usize)]) -> Summary {
        let mut summary = Summary::default();
        for (label, passed, failed) in results {
            let count = Count {
                passed: *passed,
                failed: *failed,
            };
            summary.add(label, count, Duration::from_secs(1));
        }
        summary
    }

    #[test]
    fn the_last_line_tells_the_sum_and_nothing_else() {
        let table = summary(&[("core", 3, 0), ("lint", 1, 1), ("lint", 1, 0)])
            .table(Duration::from_secs(61));
        assert_eq!(table.lines().last(), Some("5 passed, 1 failed"));
        assert!(table.contains("lint        2       1"), "{table}");
    }

    #[test]
    fn one_failed_test_fails_the_whole() {
        assert!(summary(&[("core", 3, 0)]).print(Duration::ZERO));
        assert!(!summary(&[("core", 3, 0), ("page", 9, 1)]).print(Duration::ZERO));
    }

    #[test]
    fn no_test_at_all_is_a_failure() {
        assert!(!summary(&[]).print(Duration::ZERO));
    }

    #[test]
    fn a_suite_that_cannot_run_counts_as_one_failed_test() {
        let mut summary = Summary::default();
        summary.suite(&mut Progress::new(1), "page", || {
            Err(Failure::new("No browser."))
        });
        assert_eq!(
            summary.total(),
            Count {
                passed: 0,
                failed: 1
            }
        );
    }
}
