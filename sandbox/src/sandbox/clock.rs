//! The sandbox's clock. It follows the time of the requests, and can be moved forward.

use serde::{Deserialize, Serialize};

use crate::time::{LATEST, Millis};

/// A monotonic clock. It continues when the host's clock is set back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Clock {
    now: Millis,
    ahead_ms: Millis,
    /// The time of the last request on the host's clock. It is not saved, because another process
    /// has another clock.
    #[serde(skip)]
    host_time: Millis,
}

impl Clock {
    pub(super) fn new(host_time: u64) -> Self {
        let host_time = host_time.min(LATEST);
        Self {
            now: host_time,
            ahead_ms: 0,
            host_time,
        }
    }

    pub(super) fn now(self) -> Millis {
        self.now
    }

    pub(super) fn ahead_ms(self) -> Millis {
        self.ahead_ms
    }

    /// Sets the clock to the host's time plus the offset. If that is earlier than the clock,
    /// because the host's clock was set back, the clock moves forward by the time since the last
    /// request.
    pub(super) fn advance_to(&mut self, host_time: u64) {
        let host_time = host_time.min(LATEST);
        let passed = host_time.saturating_sub(self.host_time);
        self.host_time = host_time;
        let target = host_time.saturating_add(self.ahead_ms).min(LATEST);
        if target < self.now {
            self.move_forward(passed);
        } else {
            self.now = target;
        }
    }

    /// Moves the clock forward.
    pub(super) fn advance(&mut self, by: Millis) {
        self.ahead_ms = self.ahead_ms.saturating_add(by).min(LATEST);
        self.move_forward(by);
    }

    /// Goes back to the host's time.
    pub(super) fn restart(&mut self) {
        self.now = self.host_time;
        self.ahead_ms = 0;
    }

    /// Continues from a saved clock: from its time, or from the host's time plus the saved offset
    /// if that is later.
    pub(super) fn resume(&mut self, saved: Self) {
        let Self { now, ahead_ms, .. } = saved;
        let target = self.host_time.saturating_add(ahead_ms);
        self.now = now.max(target).min(LATEST);
        self.ahead_ms = ahead_ms;
    }

    fn move_forward(&mut self, by: Millis) {
        self.now = self.now.saturating_add(by).min(LATEST);
    }
}
