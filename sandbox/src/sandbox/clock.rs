//! The sandbox's clock: the time of the requests, and so much ahead of it as it was moved.

use serde::{Deserialize, Serialize};

use crate::time::{LATEST, Millis};

/// A clock that never goes back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Clock {
    now: Millis,
    ahead_ms: Millis,
}

impl Clock {
    pub(super) fn new(real: u64) -> Self {
        Self {
            now: real.min(LATEST),
            ahead_ms: 0,
        }
    }

    pub(super) fn now(self) -> Millis {
        self.now
    }

    pub(super) fn ahead_ms(self) -> Millis {
        self.ahead_ms
    }

    /// It is this time outside.
    pub(super) fn reach(&mut self, real: u64) {
        let told = real.min(LATEST).saturating_add(self.ahead_ms);
        self.now = self.now.max(told.min(LATEST));
    }

    /// Moves it forward.
    pub(super) fn advance(&mut self, by: Millis) {
        self.ahead_ms = self.ahead_ms.saturating_add(by).min(LATEST);
        self.now = self.now.saturating_add(by).min(LATEST);
    }
}
