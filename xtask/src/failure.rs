//! What went wrong, in one message for the person at the terminal.

use std::path::PathBuf;

/// A failed step: one message with the remedy, and the log that holds the rest.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What is missing or broken, and how to mend it.
    pub(crate) message: String,
    /// The output of the command that failed; its last lines are shown.
    pub(crate) log: Option<PathBuf>,
}

impl Failure {
    /// A failure whose message says everything.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            log: None,
        }
    }

    /// A failure whose details stand in a log.
    pub(crate) fn with_log(message: impl Into<String>, log: PathBuf) -> Self {
        Self {
            message: message.into(),
            log: Some(log),
        }
    }

    /// For `map_err`: what was being done, then what the system said.
    pub(crate) fn from_io(what: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::new(format!("{what}: {error}."))
    }

    /// The message, and of the log its name and what tells most.
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

/// What is shown of a log that tells no failure of its own: its end.
const TAIL_LINES: usize = 25;
/// What is shown at most: the rest is in the file.
const MAX_LINES: usize = 200;

/// Of a log: what follows where a test runner or a compiler begins to tell what failed, else
/// the end.
fn relevant_lines(log: &str) -> Vec<&str> {
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    let tells = |line: &&str| {
        line.starts_with("error") || ["failures:", "✖ failing tests:"].contains(&line.trim())
    };
    let end = lines.len().saturating_sub(TAIL_LINES);
    // Of a file that broke while it loaded, Node's list says only this; the reason stands above.
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
