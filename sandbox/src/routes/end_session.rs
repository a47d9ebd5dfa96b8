//! `/_sandbox/end_session`: expires or revokes a client session.

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::state::Scope;

pub(super) fn end_session(scope: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let session = scope.session_id(call.named_session()?)?;
    if call.params.text("how") == Some("revoked") {
        scope.revoke_session(session)?;
    } else {
        scope.expire_session(session)?;
    }
    Ok(Reply::new())
}
