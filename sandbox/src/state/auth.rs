//! Authentication: the only way to a [`Scope`] is a valid credential.

use super::State;
use super::scope::{Caller, Scope};
use crate::auth::Credential;
use crate::error::ApiError;
use crate::ids::Id;
use crate::schema::{self, Route};
use crate::time::Millis;

impl State {
    /// Returns the scope of the caller with this credential, for this route.
    ///
    /// # Errors
    ///
    /// 401 with the reason. The order of the checks and the types are those of Seam's own fake
    /// server; docs/sandbox-decisions.md compares them with other sources.
    pub(crate) fn authenticate(
        &mut self,
        credential: Credential<'_>,
        route: &Route,
        now: Millis,
    ) -> Result<Scope<'_>, ApiError> {
        let caller = self.caller(credential, now)?;
        let (taken, named) = match (caller, credential) {
            (Caller::Workspace, Credential::PersonalAccessToken(_, workspace)) => {
                self.check_workspace(workspace, route)?;
                let all =
                    schema::PERSONAL_ACCESS_TOKEN | schema::PERSONAL_ACCESS_TOKEN_NO_WORKSPACE;
                (all, "a personal access token")
            }
            (Caller::Workspace, _) => (schema::API_KEY, "an API key"),
            (Caller::Session(_), _) => (schema::CLIENT_SESSION, "a client session"),
            (Caller::Publishable, _) => (schema::PUBLISHABLE_KEY, "a publishable key"),
        };
        if route.credentials & taken == 0 {
            return Err(ApiError::unauthorized(format!(
                "{} does not accept {named}",
                route.path
            )));
        }
        self.acting_session = match caller {
            Caller::Session(id) => Some(id),
            Caller::Workspace | Caller::Publishable => None,
        };
        Ok(Scope::new(self, caller, route.path, now))
    }

    /// Checks the workspace that a personal access token comes with. A token belongs to a person,
    /// so it needs one on every route that works in a workspace.
    fn check_workspace(&self, workspace: Option<&str>, route: &Route) -> Result<(), ApiError> {
        match workspace.map(Id::parse) {
            Some(id) if id == Some(self.workspace.id) => Ok(()),
            // The fake responds with this, too: the user has no access to another workspace.
            Some(_) => Err(ApiError::unauthorized("Access token not found")),
            None if route.credentials & schema::PERSONAL_ACCESS_TOKEN_NO_WORKSPACE != 0 => Ok(()),
            None => Err(ApiError::unauthorized(format!(
                "{} needs the header seam-workspace beside a personal access token",
                route.path
            ))),
        }
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
            Credential::Bearer(_) => Err(ApiError::unauthorized("API Key not found")),
            Credential::PersonalAccessToken(token, _)
                if self.workspace.personal_access_token.as_deref() == Some(token) =>
            {
                Ok(Caller::Workspace)
            }
            Credential::PersonalAccessToken(..) => {
                Err(ApiError::unauthorized("Access token not found"))
            }
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
