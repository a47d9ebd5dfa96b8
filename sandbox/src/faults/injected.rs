//! The effect of a fault on an action attempt.

use serde::{Deserialize, Serialize};

/// The outcome that a fault gives an action attempt, whatever the state of the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InjectedOutcome {
    /// The attempt fails with this `error`.
    Fail { kind: String, message: String },
    /// The attempt stays pending.
    Hang,
}
