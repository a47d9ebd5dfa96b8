//! The faults that apply to one request.

use super::fault::FaultKind;

/// The faults that apply to a request.
#[derive(Debug, Default)]
pub(crate) struct AppliedFaults {
    pub(crate) delay_ms: u64,
    pub(crate) response_fault: Option<ResponseFault>,
}

/// A fault that replaces the usual response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseFault {
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

impl AppliedFaults {
    /// Adds a fault and returns whether it applies: all latencies do, and the first other one.
    pub(super) fn add(&mut self, kind: &FaultKind) -> bool {
        let response_fault = match *kind {
            FaultKind::Latency { latency_ms } => {
                self.delay_ms = self.delay_ms.saturating_add(latency_ms);
                return true;
            }
            FaultKind::Outage {} => ResponseFault::Outage,
            FaultKind::RateLimit { retry_after } => ResponseFault::RateLimit { retry_after },
            FaultKind::DropBefore { reset } => ResponseFault::DropBefore { reset },
            FaultKind::DropAfter { reset } => ResponseFault::DropAfter { reset },
            FaultKind::Truncate { after_bytes, reset } => {
                ResponseFault::Truncate { after_bytes, reset }
            }
            FaultKind::AttemptFails { .. } | FaultKind::AttemptHangs {} => return false,
        };
        let first = self.response_fault.is_none();
        self.response_fault.get_or_insert(response_fault);
        first
    }
}
