//! Who sees what, and who may change it. Every route goes through here before it reads or changes
//! anything.
//!
//! | resource | a client session sees | a client session changes | source |
//! | --- | --- | --- | --- |
//! | devices | those granted to its user identity, those of its access grants in force, those of its connected accounts, those of accounts authorised through its webviews: the union | acts on them, updates them; but only who holds the account makes one unmanaged | identity, access grants, accounts and webviews are documented; that they add up, and who unmanages, is our choice |
//! | unmanaged devices | the same, by their own routes | - | our choice |
//! | connected accounts | its own, and those authorised through its webviews; of others no more than the id on a device: a grant of a device shows nothing of its account | - | our choice |
//! | webviews | those it is associated with, among them those it made | makes them | Seam's own fake server associates it so; the rest is our choice |
//! | access codes, unmanaged ones too | those on its devices, but for those that another user identity's session made; who holds the account sees these too | what it sees | our choice: a code is the secret of whoever it was made for |
//! | several at once | `create_multiple` with one device outside is refused whole; `update_multiple` reaches, of the codes of its key, those that it sees, as if there were no others | | our choice |
//! | noise thresholds; thermostat schedules, programs | those on its devices | what it sees, as far as the API has routes for sessions | our choice |
//! | climate presets | in the device | with the device | they are members of the device |
//! | action attempts | those that its own identity's sessions asked for (a session without an identity: its own), while it sees the device | - | our choice |
//! | events | those of what it sees; of a device that was granted, those since the grant, and of one that lapsed and was taken up again, those since then; of what belongs to another guest, and of the workspace, none | - | our choice |
//! | client sessions | itself | - | documented |
//! | user identities, unmanaged ones too | its own | its own, where the API has a route for sessions; its key only an API key gives | the routes are documented; what they show is our choice, and so is the key: one that is taken would tell of another user |
//! | phones | those of its user identity | deactivates them | our choice |
//! | access systems | those of its accounts, and those in which its user identity is a user | - | our choice |
//! | users of access systems | those of its accounts' systems, and those that are its user identity | - | our choice |
//! | entrances | those of its accounts' systems, and those that its own users, their credentials, their access groups and its access grants in force open | - | our choice |
//! | credentials | those of its accounts' systems, and those of its own users | - | our choice |
//! | access groups | those of its accounts' systems, and those that its own users are in | deletes those of its accounts' systems; one that it is only a member of is not its to delete | our choice |
//! | access grants, encoders | none: the API has no routes for sessions | - | documented |
//! | workspace | it, without the publishable key | - | the route is documented; the omission is our choice |
//!
//! An API key sees and changes everything. In code each noun has its row in [`rule`], and
//! [`view`] says by what a session sees a device and what is its own.
//!
//! A publishable key sees nothing. It opens sessions that are empty, or is given back one that is
//! known by its key, unchanged: the first half is Seam's, the second our choice.
//!
//! What is outside is answered as if it did not exist, or with 401 if the sandbox is set so; a
//! list leaves it out; nothing changes. Names, filters and cursors are resolved within scope. Seam
//! publishes no rule for this: our choice.

mod access_codes;
mod accounts;
mod acs;
mod attempts;
mod devices;
mod events;
mod explain;
mod identities;
mod policies;
mod policy;
mod records;
mod session_view;
mod sessions;
#[cfg(test)]
mod tests;

pub(crate) use explain::SessionRef;
pub(crate) use records::NewRecord;
pub(crate) use sessions::{IfKnown, SessionChange, SessionFilter};

use serde_json::Value;

use super::State;
use super::resource_type::Resource;
use super::session::ClientSession;
use crate::error::ApiError;
use crate::faults::Faults;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::limits::RateLimited;
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
    /// The path of the route that was called.
    path: &'static str,
    now: Millis,
}

impl<'s> Scope<'s> {
    pub(super) fn new(
        state: &'s mut State,
        caller: Caller,
        path: &'static str,
        now: Millis,
    ) -> Self {
        Self {
            state,
            caller,
            path,
            now,
        }
    }

    /// Who calls, for a log.
    pub(crate) fn caller_description(&self) -> String {
        match self.caller {
            Caller::Workspace => "API key".to_owned(),
            Caller::Publishable => "publishable key".to_owned(),
            Caller::Session(id) => {
                let identity = self.session().and_then(ClientSession::user_identity);
                identity.map_or_else(
                    || format!("client session {id}"),
                    |it| format!("client session {id} of user identity {it}"),
                )
            }
        }
    }

    pub(crate) fn is_of_session(&self) -> bool {
        matches!(self.caller, Caller::Session(_))
    }

    /// The faults on demand.
    pub(crate) fn faults(&mut self) -> Result<&mut Faults, ApiError> {
        Ok(&mut self.require_api_key()?.faults)
    }

    /// Counts that these devices, which the caller sees, are asked for this; a call counts once
    /// for each. To be the last thing that may refuse.
    pub(crate) fn limit(&mut self, devices: &[Id], what: RateLimited) -> Result<(), ApiError> {
        self.state.limits.count(devices, what, self.now)
    }

    /// The workspace's object.
    pub(crate) fn workspace(&self) -> Result<Value, ApiError> {
        match self.caller {
            Caller::Workspace => Ok(self.state.workspace.to_json(true)),
            Caller::Session(_) => Ok(self.state.workspace.to_json(false)),
            Caller::Publishable => Err(only_an_api_key()),
        }
    }

    /// Gives the workspace's object these members.
    pub(crate) fn update_workspace(&mut self, given: JsonObject) -> Result<(), ApiError> {
        let workspace = &mut self.require_api_key()?.workspace;
        let shown = workspace.to_json(true);
        for (name, value) in given {
            let before = shown.get(&name).and_then(Value::as_object);
            let value = match (before, value) {
                // An object is laid over the one before; null takes a member away.
                (Some(before), Value::Object(over)) => {
                    let mut whole = before.clone();
                    whole.extend(over);
                    whole.retain(|_, it| !it.is_null());
                    Value::Object(whole)
                }
                (_, value) => value,
            };
            workspace.settings.insert(name, value);
        }
        Ok(())
    }

    /// The whole state, for an API key. The schema has refused everyone else already; this does
    /// not rely on it.
    fn require_api_key(&mut self) -> Result<&mut State, ApiError> {
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
    /// not, unless the sandbox was fields otherwise.
    fn refusal(&self, exists: bool, resource: &'static Resource) -> ApiError {
        if !exists {
            return resource.not_found();
        }
        match self.state.out_of_scope {
            OutOfScope::NotFound => resource.not_found(),
            OutOfScope::Unauthorized => {
                let name = resource.name;
                ApiError::unauthorized(format!("Not authorized to view this {name}"))
            }
        }
        .out_of_scope()
    }
}

/// The documentation has no limit, and with none a session could fill the memory; the number and
/// the type are our choice.
pub(crate) fn limit_reached(what: &str) -> ApiError {
    ApiError::new(400, "limit_reached", format!("There are {what} already"))
}

fn only_an_api_key() -> ApiError {
    ApiError::unauthorized("Only an API key may do this")
}
