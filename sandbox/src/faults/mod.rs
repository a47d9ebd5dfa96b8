//! What happens to requests and attempts on demand: the faults that are there, and which of them
//! applied.

mod applied;
mod check;
mod fault;
mod injected;

pub(crate) use applied::{AppliedFaults, ResponseFault};
pub(crate) use injected::InjectedOutcome;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::ids::Id;
use fault::{Fault, FaultKind};

/// More would only slow every request down.
const MOST: usize = 100;

/// All faults, in the order in which they came.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Faults {
    last_id: u64,
    list: Vec<Fault>,
}

impl Faults {
    /// Adds the fault that these parameters describe; gives its object.
    ///
    /// # Errors
    ///
    /// If they describe none.
    pub(crate) fn add(&mut self, params: Map<String, Value>) -> Result<Value, ApiError> {
        if self.list.len() >= MOST {
            return Err(ApiError::invalid(format!(
                "There are {MOST} faults already: DELETE /_sandbox/faults takes them away"
            )));
        }
        // A state that was put back may hold any number.
        let id = self.last_id.wrapping_add(1);
        let fault = check::fault(id, params)?;
        self.last_id = id;
        let object = fault.to_json();
        self.list.push(fault);
        Ok(object)
    }

    /// Their objects.
    pub(crate) fn to_json(&self) -> Value {
        self.list.iter().map(Fault::to_json).collect()
    }

    /// Takes one away.
    ///
    /// # Errors
    ///
    /// 404 if there is none of this id.
    pub(crate) fn remove(&mut self, id: u64) -> Result<(), ApiError> {
        let before = self.list.len();
        self.list.retain(|it| it.id() != id);
        if self.list.len() == before {
            return Err(ApiError::new(404, "fault_not_found", "Fault not found"));
        }
        Ok(())
    }

    /// Takes all away.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }

    /// What strikes a request to this path: every latency, and of all else the first that fits.
    /// What has struck for the last time is gone.
    pub(crate) fn apply(&mut self, path: &str, reused_connection: bool) -> AppliedFaults {
        let mut applied = AppliedFaults::default();
        for fault in &mut self.list {
            if fault.fits_request(path, reused_connection) && applied.take(fault.kind()) {
                fault.count_down();
            }
        }
        self.list.retain(|it| !it.is_over());
        applied
    }

    /// What is to become of an attempt that a request to this path starts on this device.
    pub(crate) fn inject_outcome(&mut self, path: &str, device: Id) -> Option<InjectedOutcome> {
        let fault = self
            .list
            .iter_mut()
            .find(|it| it.fits_attempt(path, device))?;
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
        self.list.retain(|it| !it.is_over());
        outcome
    }
}
