//! What an app can say about an error. The rules are one table, which TypeScript has too.

mod rules;

pub use rules::ErrorKind;

use crate::error::{Outcome, Reason};

/// What decides the kind of an error.
#[derive(Clone, Copy, Debug)]
pub struct ErrorSummary<'a> {
    /// The code of the error.
    pub code: &'a str,
    /// The server's `error.type`.
    pub error_type: Option<&'a str>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Why the server rejected the client session.
    pub reason: Option<Reason>,
    /// What became of the request.
    pub outcome: Outcome,
    /// Whether the route is a read.
    pub is_read: bool,
    /// Whether it is an action attempt that ended with an error.
    pub is_failed_attempt: bool,
}

impl ErrorKind {
    /// Returns the kind: that of the first rule that applies.
    #[must_use]
    pub fn of(summary: &ErrorSummary<'_>) -> Self {
        let rule = rules::RULES.iter().find(|rule| rule.applies(summary));
        rule.map_or(Self::Other, |rule| rule.kind)
    }
}

/// Conditions, all of which must hold. Those that are empty or `None` hold always.
struct Rule {
    kind: ErrorKind,
    codes: &'static [&'static str],
    code_end: &'static str,
    types: &'static [&'static str],
    /// The first and the last status of each range.
    statuses: &'static [(u16, u16)],
    reason: Option<Reason>,
    outcome: Option<Outcome>,
    is_read: Option<bool>,
    is_failed_attempt: Option<bool>,
}

impl Rule {
    /// A rule without conditions.
    const fn of(kind: ErrorKind) -> Self {
        Self {
            kind,
            codes: &[],
            code_end: "",
            types: &[],
            statuses: &[],
            reason: None,
            outcome: None,
            is_read: None,
            is_failed_attempt: None,
        }
    }

    fn applies(&self, summary: &ErrorSummary<'_>) -> bool {
        let has_status = |&(first, last): &(u16, u16)| {
            let status = summary.status.unwrap_or_default();
            (first..=last).contains(&status)
        };
        (self.codes.is_empty() || self.codes.contains(&summary.code))
            && summary.code.ends_with(self.code_end)
            && (self.types.is_empty()
                || summary
                    .error_type
                    .is_some_and(|it| self.types.contains(&it)))
            && (self.statuses.is_empty() || self.statuses.iter().any(has_status))
            && (self.reason.is_none() || self.reason == summary.reason)
            && self.outcome.is_none_or(|it| it == summary.outcome)
            && self.is_read.is_none_or(|it| it == summary.is_read)
            && self
                .is_failed_attempt
                .is_none_or(|it| it == summary.is_failed_attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_of_the_table_decides_its_own_example() {
        for (summary, kind) in rules::EXAMPLES {
            assert_eq!(ErrorKind::of(&summary), kind, "{summary:?}");
        }
    }

    #[test]
    fn a_read_that_got_no_response_is_offline_and_anything_else_may_have_happened() {
        let summary = |is_read| ErrorSummary {
            code: "network_error",
            error_type: None,
            status: None,
            reason: None,
            outcome: Outcome::Unknown,
            is_read,
            is_failed_attempt: false,
        };
        assert_eq!(ErrorKind::of(&summary(true)), ErrorKind::Offline);
        assert_eq!(ErrorKind::of(&summary(false)), ErrorKind::MayHaveHappened);
    }

    #[test]
    fn a_session_that_ends_while_an_action_is_awaited_hides_nothing_of_the_action() {
        let summary = |outcome| ErrorSummary {
            code: "unauthorized",
            error_type: Some("client_session_expired"),
            status: Some(401),
            reason: Some(Reason::TokenRefused),
            outcome,
            is_read: false,
            is_failed_attempt: false,
        };
        assert_eq!(
            ErrorKind::of(&summary(Outcome::Refused)),
            ErrorKind::Expired
        );
        assert_eq!(
            ErrorKind::of(&summary(Outcome::Unknown)),
            ErrorKind::MayHaveHappened
        );
    }
}
