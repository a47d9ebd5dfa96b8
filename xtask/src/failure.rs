//! Errors, as one message for the person at the terminal.

use std::path::PathBuf;

/// An error with a message that names the remedy, and the log with the details.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What is missing or broken, and how to fix it.
    pub(crate) message: String,
    /// The output of the command that failed; the relevant lines are printed.
    pub(crate) log: Option<PathBuf>,
}

impl Failure {
    /// Returns a failure without a log.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            log: None,
        }
    }

    /// Returns a failure with the log of the command that failed.
    pub(crate) fn with_log(message: impl Into<String>, log: PathBuf) -> Self {
        Self {
            message: message.into(),
            log: Some(log),
        }
    }

    /// For `map_err`: returns a function that puts `what` before the error's own message.
    pub(crate) fn from_io(what: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::new(format!("{what}: {error}."))
    }

    /// Returns the text to print: the message, the path of the log and its relevant lines.
    pub(crate) fn report(&self) -> String {
        let Some(log) = &self.log else {
            return format!("\n{}\n", self.message);
        };
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let shown = relevant_lines(&text).join("\n    ");
        format!(
            "\n{}\n\nFrom {}:\n    {shown}\n",
            self.message,
            log.display()
        )
    }
}

/// How many lines are printed from the end of a log without recognizable errors.
const TAIL_LINES: usize = 25;
/// How many lines are printed at most.
const MAX_LINES: usize = 200;

/// Returns the lines of a log from the first error of a compiler, or from the test runner's list
/// of failures; without either, the last lines.
fn relevant_lines(log: &str) -> Vec<&str> {
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    let tells = |line: &&str| {
        line.starts_with("error") || ["failures:", "✖ failing tests:"].contains(&line.trim())
    };
    let end = lines.len().saturating_sub(TAIL_LINES);
    // For a file that cannot be loaded, Node's list of failures has only this line; the reason is
    // above it.
    if lines.iter().any(|line| line.trim() == "'test failed'") {
        return lines.into_iter().take(MAX_LINES).collect();
    }
    let from = lines
        .iter()
        .position(tells)
        .map_or(end, |first| first.min(end));
    lines.into_iter().skip(from).take(MAX_LINES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_test_log_all_failures_are_shown() {
        let log = format!("ok 1\nfailures:\n{}end\n", "detail\n".repeat(100));
        let shown = relevant_lines(&log);
        assert_eq!(shown.first(), Some(&"failures:"));
        assert_eq!(shown.len(), 102);
    }

    #[test]
    fn of_a_compilers_log_the_first_error_is_shown() {
        let log = format!("Compiling\nerror[E0001]: this\n{}", "note\n".repeat(1000));
        let shown = relevant_lines(&log);
        assert_eq!(shown.first(), Some(&"error[E0001]: this"));
        assert_eq!(shown.len(), MAX_LINES);
    }

    #[test]
    fn of_a_test_file_that_broke_the_reason_is_shown() {
        let log = "Error: Cannot find module\n✖ a.mjs\n  'test failed'\n✖ failing tests:\n";
        assert_eq!(
            relevant_lines(log).first(),
            Some(&"Error: Cannot find module")
        );
    }

    #[test]
    fn of_another_log_the_end_is_shown() {
        let log = format!("{}the reason\n\n", "Compiling\n".repeat(100));
        let shown = relevant_lines(&log);
        assert_eq!(shown.last(), Some(&"the reason"));
        assert_eq!(shown.len(), TAIL_LINES);
    }
}
