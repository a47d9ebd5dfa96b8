//! Who sees what, and who may change it. Every route goes through here before it reads or changes
//! anything.
//!
//! | resource | a client session sees | a client session changes | an API key | source |
//! | --- | --- | --- | --- | --- |
//! | devices, locks | those granted to its user identity, those of its connected accounts, those of accounts authorised through its webviews: the union | lock and unlock of those | all | identity, accounts and webviews are documented; that they add up is our choice |
//! | action attempts | those that its own identity's sessions asked for (a session without an identity: its own), while it sees the device | - | all | our choice |
//! | client sessions | itself | - | all | documented |
//! | user identities | its own | - | all | the route is documented; what it shows is our choice |
//! | connected accounts | as an id on its devices | - | all | our choice |
//! | webviews | as a filter, its own | - | all | our choice |
//! | workspace | it, without the publishable key | - | it | the route is documented; the omission is our choice |
//!
//! A publishable key sees nothing. It opens sessions that are empty, or is given back one that is
//! known by its key, unchanged: the first half is Seam's, the second our choice.
//!
//! What is outside is answered as if it did not exist, or with 401 if the sandbox is set so; a
//! list leaves it out; nothing changes. Names, filters and cursors are resolved within scope. Seam
//! publishes no rule for this: our choice.

mod attempts;
mod devices;
mod grounds;
mod identities;
mod resource;
mod sessions;

pub(crate) use grounds::SessionRef;
pub(crate) use sessions::{IfKnown, SessionChange, SessionFilter};

use serde_json::Value;

use resource::Resource;

use super::State;
use super::session::ClientSession;
use crate::error::ApiError;
use crate::ids::Id;
use crate::options::OutOfScope;
use crate::time::Millis;

/// Whose credential it was.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller {
    /// An API key: the whole workspace.
    Workspace,
    /// A client session that is alive.
    Session(Id),
    /// A publishable key: no more than opening sessions.
    Publishable,
}

/// The state, as far as one caller reaches.
#[derive(Debug)]
pub(crate) struct Scope<'s> {
    state: &'s mut State,
    caller: Caller,
    now: Millis,
}

impl<'s> Scope<'s> {
    pub(super) fn new(state: &'s mut State, caller: Caller, now: Millis) -> Self {
        Self { state, caller, now }
    }

    /// The workspace's object.
    pub(crate) fn workspace(&self) -> Result<Value, ApiError> {
        match self.caller {
            Caller::Workspace => Ok(self.state.workspace.to_json(true)),
            Caller::Session(_) => Ok(self.state.workspace.to_json(false)),
            Caller::Publishable => Err(only_an_api_key()),
        }
    }

    /// The whole state, for an API key. The schema has refused everyone else already; this does
    /// not rely on it.
    fn owner(&mut self) -> Result<&mut State, ApiError> {
        match self.caller {
            Caller::Workspace => Ok(self.state),
            Caller::Session(_) | Caller::Publishable => Err(only_an_api_key()),
        }
    }

    /// The session that calls, if it is one.
    fn session(&self) -> Option<&ClientSession> {
        match self.caller {
            Caller::Session(id) => self.state.sessions.get(id),
            Caller::Workspace | Caller::Publishable => None,
        }
    }

    /// What is answered about a thing that the caller does not see: the same whether it exists or
    /// not, unless the sandbox was told otherwise.
    fn refusal(&self, exists: bool, resource: &'static Resource) -> ApiError {
        if exists && self.state.out_of_scope == OutOfScope::Unauthorized {
            return ApiError::unauthorized(format!(
                "Not authorized to view this {}",
                resource.noun
            ));
        }
        resource.not_found()
    }
}

fn only_an_api_key() -> ApiError {
    ApiError::unauthorized("Only an API key may do this")
}
