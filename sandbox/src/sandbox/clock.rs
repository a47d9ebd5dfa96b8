//! The sandbox's clock: it goes on as the time of the requests does, and further when it is moved.

use serde::{Deserialize, Serialize};

use crate::time::{LATEST, Millis};

/// A clock that never goes back, and that goes on although the host's clock was set back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Clock {
    now: Millis,
    ahead_ms: Millis,
    /// The time of the last request. It means nothing in another process.
    #[serde(skip)]
    real: Millis,
}

impl Clock {
    pub(super) fn new(real: u64) -> Self {
        let real = real.min(LATEST);
        Self {
            now: real,
            ahead_ms: 0,
            real,
        }
    }

    pub(super) fn now(self) -> Millis {
        self.now
    }

    pub(super) fn ahead_ms(self) -> Millis {
        self.ahead_ms
    }

    /// It is this time outside. Where that is behind, as after a step back, what has passed since
    /// the last request counts, so that nobody waits for the time outside to catch up.
    pub(super) fn advance_to(&mut self, real: u64) {
        let real = real.min(LATEST);
        let passed = real.saturating_sub(self.real);
        self.real = real;
        let target = real.saturating_add(self.ahead_ms).min(LATEST);
        if target < self.now {
            self.move_forward(passed);
        } else {
            self.now = target;
        }
    }

    /// Moves it forward.
    pub(super) fn advance(&mut self, by: Millis) {
        self.ahead_ms = self.ahead_ms.saturating_add(by).min(LATEST);
        self.move_forward(by);
    }

    /// A saved clock goes on from the time that it had, or from this clock's time outside if that
    /// is later.
    pub(super) fn resume(&mut self, saved: Self) {
        let Self { now, ahead_ms, .. } = saved;
        let target = self.real.saturating_add(ahead_ms);
        self.now = now.max(target).min(LATEST);
        self.ahead_ms = ahead_ms;
    }

    fn move_forward(&mut self, by: Millis) {
        self.now = self.now.saturating_add(by).min(LATEST);
    }
}
