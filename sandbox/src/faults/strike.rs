//! What the faults do to one request.

use super::fault::Kind;

/// What strikes a request.
#[derive(Debug, Default)]
pub(crate) struct Strike {
    pub(crate) delay_ms: u64,
    pub(crate) breaks: Option<Break>,
}

/// How a request is kept from its usual answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    Outage,
    RateLimit {
        retry_after: u64,
    },
    DropBefore {
        reset: bool,
    },
    DropAfter {
        reset: bool,
    },
    Truncate {
        after_bytes: Option<usize>,
        reset: bool,
    },
}

impl Strike {
    /// Takes this fault in, if there is room for it: whether it strikes.
    pub(super) fn take(&mut self, kind: &Kind) -> bool {
        let breaks = match *kind {
            Kind::Latency { latency_ms } => {
                self.delay_ms = self.delay_ms.saturating_add(latency_ms);
                return true;
            }
            Kind::Outage {} => Break::Outage,
            Kind::RateLimit { retry_after } => Break::RateLimit { retry_after },
            Kind::DropBefore { reset } => Break::DropBefore { reset },
            Kind::DropAfter { reset } => Break::DropAfter { reset },
            Kind::Truncate { after_bytes, reset } => Break::Truncate { after_bytes, reset },
            Kind::AttemptFails { .. } | Kind::AttemptHangs {} => return false,
        };
        let first = self.breaks.is_none();
        self.breaks.get_or_insert(breaks);
        first
    }
}
