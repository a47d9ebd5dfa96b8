//! The call of a route, which every handler receives.

use crate::error::ApiError;
use crate::ids::Id;
use crate::input::Params;
use crate::state::SessionRef;

/// A call of a route, with validated parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) params: &'a Params,
    pub(crate) method: u8,
    pub(crate) path: &'static str,
    pub(crate) endpoint: &'a str,
    /// The user identifier key from the header. It is used only when a publishable key opens a
    /// session.
    pub(crate) user_identifier_key: Option<&'a str>,
}

impl Call<'_> {
    /// Returns the client session that a request of the sandbox's own routes is about.
    pub(super) fn named_session(&self) -> Result<SessionRef<'_>, ApiError> {
        let token = self.params.text("client_session_token");
        let id = self.params.id("client_session_id");
        match (token, id) {
            (Some(token), None) => Ok(SessionRef::Token(token)),
            (None, Some(id)) => Ok(SessionRef::Id(id)),
            _ => Err(ApiError::invalid(
                "one of client_session_token and client_session_id is required",
            )),
        }
    }

    /// Returns an id that the schema requires.
    pub(super) fn required_id(&self, name: &str) -> Result<Id, ApiError> {
        self.params.id(name).ok_or_else(|| ApiError::required(name))
    }
}
