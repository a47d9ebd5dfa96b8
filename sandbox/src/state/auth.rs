//! Authentication: the only way to a [`Scope`] is a valid credential.

use super::State;
use super::scope::{Caller, Scope};
use crate::auth::Credential;
use crate::error::ApiError;
use crate::schema::{self, Route};
use crate::time::Millis;

impl State {
    /// Returns the scope of the caller with this credential, for this route.
    ///
    /// # Errors
    ///
    /// 401 with the reason. The order of the checks and the types are those of Seam's own fake
    /// server.
    pub(crate) fn authenticate(
        &mut self,
        credential: Credential<'_>,
        route: &Route,
        now: Millis,
    ) -> Result<Scope<'_>, ApiError> {
        let caller = self.caller(credential, now)?;
        let (taken, named) = match caller {
            Caller::Workspace => (schema::API_KEY, "an API key"),
            Caller::Session(_) => (schema::CLIENT_SESSION, "a client session"),
            Caller::Publishable => (schema::PUBLISHABLE_KEY, "a publishable key"),
        };
        if route.credentials & taken == 0 {
            return Err(ApiError::unauthorized(format!(
                "{} does not accept {named}",
                route.path
            )));
        }
        Ok(Scope::new(self, caller, route.path, now))
    }

    fn caller(&self, credential: Credential<'_>, now: Millis) -> Result<Caller, ApiError> {
        match credential {
            Credential::SessionToken(token) => {
                let session = self.sessions.get_by_name(token).ok_or_else(|| {
                    ApiError::new(
                        401,
                        "client_session_not_found",
                        "Unauthorized (client session not found)",
                    )
                })?;
                session.check_alive(now)?;
                Ok(Caller::Session(session.id))
            }
            Credential::Bearer(token) if token == self.workspace.api_key => Ok(Caller::Workspace),
            Credential::Bearer(token) if token.starts_with("seam_at") => Err(
                ApiError::unauthorized("The sandbox does not support personal access tokens"),
            ),
            Credential::Bearer(_) => Err(ApiError::unauthorized(
                "No authentication methods succeeded",
            )),
            Credential::PublishableKey(key, _) if key == self.workspace.publishable_key => {
                if self.workspace.accepts_publishable_key() {
                    Ok(Caller::Publishable)
                } else {
                    // The type is our choice.
                    Err(ApiError::unauthorized(
                        "The workspace does not accept its publishable key",
                    ))
                }
            }
            Credential::PublishableKey(..) => Err(ApiError::new(
                401,
                "workspace_not_found",
                "No workspace has this publishable key",
            )),
        }
    }
}
