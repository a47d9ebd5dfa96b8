//! `/_sandbox/faults`.

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::schema::{DELETE, POST};
use crate::state::Scope;

/// POST adds a fault, DELETE removes one or all, GET lists them.
pub(super) fn faults(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let faults = scope.faults()?;
    match call.method {
        POST => {
            let fault = faults.add(call.params.members().clone())?;
            Ok(Reply::new().with("fault", &fault))
        }
        DELETE => {
            match call.params.integer("fault_id") {
                Some(id) => faults.remove(id)?,
                None => faults.clear(),
            }
            Ok(Reply::new())
        }
        _ => Ok(Reply::new().with("faults", &faults.to_json())),
    }
}
