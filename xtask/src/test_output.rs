//! Counts tests in the output of cargo's, wasm-bindgen's and Node's test runners.

/// Numbers of tests. A test that was skipped counts as failed, because it has checked nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Adds up the summary lines in a log: cargo's and wasm-bindgen's
/// `test result: ok. 3 passed; 0 failed; …`, and Node's `ℹ pass 3`, `ℹ fail 0`, ….
pub(crate) fn count(log: &str) -> Count {
    let mut all = Count::default();
    for line in log.lines() {
        let line = strip_ansi_colors(line);
        if let Some(count) = cargo_result(&line).or_else(|| node_result(&line)) {
            all += count;
        }
    }
    all
}

/// Returns the first test file in Node's log that has no test; Node counts such a file as a test
/// that passed.
pub(crate) fn empty_file(log: &str) -> Option<String> {
    log.lines().find_map(|line| {
        let line = strip_ansi_colors(line);
        let (name, _) = line.strip_prefix("✔ ")?.rsplit_once(" (")?;
        name.ends_with(".test.mjs").then(|| name.to_owned())
    })
}

fn cargo_result(line: &str) -> Option<Count> {
    let (_, result) = line
        .trim()
        .strip_prefix("test result: ")?
        .split_once(". ")?;
    let mut count = Count::default();
    for part in result.split("; ") {
        let Some((number, what)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else {
            continue;
        };
        match what {
            "passed" => count.passed += number,
            "failed" | "ignored" => count.failed += number,
            _ => {}
        }
    }
    Some(count)
}

fn node_result(line: &str) -> Option<Count> {
    let line = line
        .strip_prefix("ℹ ")
        .or_else(|| line.strip_prefix("# "))?;
    let (what, number) = line.trim_end().split_once(' ')?;
    let number = number.parse().ok()?;
    let (passed, failed) = match what {
        "pass" => (number, 0),
        "fail" | "cancelled" | "skipped" | "todo" => (0, number),
        _ => return None,
    };
    Some(Count { passed, failed })
}

/// Removes `ESC [ … m`.
fn strip_ansi_colors(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_tests_is_found() {
        let log =
            "✔ a good test (1.2ms)\n\u{1b}[32m✔ /x/empty.test.mjs \u{1b}[90m(30.1ms)\u{1b}[39m\n";
        assert_eq!(empty_file(log).as_deref(), Some("/x/empty.test.mjs"));
        assert_eq!(empty_file("✔ a good test (1.2ms)\n"), None);
    }

    #[test]
    fn the_summary_lines_of_each_runner_are_counted() {
        for (log, passed, failed) in [
            (
                "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s",
                12,
                0,
            ),
            (
                "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 filtered out",
                2,
                1,
            ),
            (
                "\u{1b}[34mℹ tests 4\u{1b}[39m\n\u{1b}[34mℹ pass 4\u{1b}[39m\nℹ fail 0\nℹ duration_ms 12.5",
                4,
                0,
            ),
            ("# tests 3\n# suites 1\n# pass 2\n# fail 1", 2, 1),
        ] {
            assert_eq!(count(log), Count { passed, failed }, "{log}");
        }
    }

    #[test]
    fn several_programs_of_one_run_add_up() {
        let log = "test result: ok. 1 passed; 0 failed\nDoc-tests x\ntest result: ok. 2 passed; 0 failed\n";
        assert_eq!(
            count(log),
            Count {
                passed: 3,
                failed: 0
            }
        );
    }

    #[test]
    fn a_test_that_was_skipped_counts_as_failed() {
        assert_eq!(
            count("test result: ok. 1 passed; 0 failed; 2 ignored"),
            Count {
                passed: 1,
                failed: 2
            }
        );
        assert_eq!(
            count("ℹ pass 1\nℹ skipped 1\nℹ cancelled 1\nℹ todo 1"),
            Count {
                passed: 1,
                failed: 3
            }
        );
    }

    #[test]
    fn what_a_test_prints_is_not_a_summary_line() {
        assert_eq!(
            count("passed; 3\n# passing 3\nthe test result: ok\nℹ pass"),
            Count::default()
        );
    }
}
