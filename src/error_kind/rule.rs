use super::kind::ErrorKind;
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

/// Conditions, all of which must hold. Those that are empty or `None` hold always.
pub(super) struct Rule {
    pub(super) kind: ErrorKind,
    pub(super) codes: &'static [&'static str],
    pub(super) code_end: &'static str,
    pub(super) types: &'static [&'static str],
    /// The first and the last status of each range.
    pub(super) statuses: &'static [(u16, u16)],
    pub(super) reason: Option<Reason>,
    pub(super) outcome: Option<Outcome>,
    pub(super) is_read: Option<bool>,
    pub(super) is_failed_attempt: Option<bool>,
}

impl Rule {
    /// A rule without conditions.
    pub(super) const fn of(kind: ErrorKind) -> Self {
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

    pub(super) fn applies(&self, summary: &ErrorSummary<'_>) -> bool {
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
