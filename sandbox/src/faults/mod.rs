//! Injected faults: which there are, and which apply to a request or an action attempt.

mod applied;
mod check;
mod fault;
mod injected;

pub(crate) use applied::{AppliedFaults, ResponseFault};
pub(crate) use injected::InjectedOutcome;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ApiError;
use crate::ids::Id;
use crate::json::JsonObject;
use fault::{Fault, FaultKind};

/// More faults would only slow down every request.
const MAX_FAULTS: usize = 100;

/// All faults, in the order in which they were added.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Faults {
    last_id: u64,
    list: Vec<Fault>,
}

impl Faults {
    /// Adds the fault that these parameters describe and returns its object.
    ///
    /// # Errors
    ///
    /// 400 if the parameters do not describe a fault, or there are too many.
    pub(crate) fn add(&mut self, params: JsonObject) -> Result<Value, ApiError> {
        if self.list.len() >= MAX_FAULTS {
            return Err(ApiError::invalid(format!(
                "There are {MAX_FAULTS} faults already: DELETE /_sandbox/faults removes them"
            )));
        }
        // A restored state may have any number.
        let id = self.last_id.wrapping_add(1);
        let fault = check::fault(id, params)?;
        self.last_id = id;
        let object = fault.to_json();
        self.list.push(fault);
        Ok(object)
    }

    /// Returns the objects of all faults.
    pub(crate) fn to_json(&self) -> Value {
        self.list.iter().map(Fault::to_json).collect()
    }

    /// Removes a fault.
    ///
    /// # Errors
    ///
    /// 404 if there is no fault with this id.
    pub(crate) fn remove(&mut self, id: u64) -> Result<(), ApiError> {
        let before = self.list.len();
        self.list.retain(|it| it.id() != id);
        if self.list.len() == before {
            return Err(ApiError::new(404, "fault_not_found", "Fault not found"));
        }
        Ok(())
    }

    /// Removes all faults.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }

    /// Returns the faults that apply to a request to this path: every latency, and the first other
    /// one. Removes those that have applied for the last time.
    pub(crate) fn apply(&mut self, path: &str, reused_connection: bool) -> AppliedFaults {
        let mut applied = AppliedFaults::default();
        for fault in &mut self.list {
            if fault.matches_request(path, reused_connection) && applied.add(fault.kind()) {
                fault.count_down();
            }
        }
        self.list.retain(|it| !it.is_exhausted());
        applied
    }

    /// Returns the outcome for an action attempt that a request to this path starts on this device;
    /// `None` if no fault applies.
    pub(crate) fn inject_outcome(&mut self, path: &str, device: Id) -> Option<InjectedOutcome> {
        let fault = self
            .list
            .iter_mut()
            .find(|it| it.matches_attempt(path, device))?;
        fault.count_down();
        let outcome = match fault.kind() {
            FaultKind::AttemptFails {
                error_type,
                error_message,
            } => Some(InjectedOutcome::Fail {
                kind: error_type.clone(),
                message: error_message.clone(),
            }),
            FaultKind::AttemptHangs {} => Some(InjectedOutcome::Hang),
            _ => None,
        };
        self.list.retain(|it| !it.is_exhausted());
        outcome
    }
}
