//! What an app can say about an error. The rules are one table, which TypeScript has too.

mod kind;
mod rule;
mod rules;

pub use kind::ErrorKind;
pub use rule::ErrorSummary;

impl ErrorKind {
    /// Returns the kind: that of the first rule that applies.
    #[must_use]
    pub fn of(summary: &ErrorSummary<'_>) -> Self {
        let rule = rules::RULES.iter().find(|rule| rule.applies(summary));
        rule.map_or(Self::Other, |rule| rule.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Outcome, Reason};

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
