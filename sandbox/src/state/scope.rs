//! Access control: who may see a record and who may change it. Every route goes through [`Scope`]
//! before it reads or changes anything.
//!
//! | resource | what a client session sees | what a client session changes | source |
//! | --- | --- | --- | --- |
//! | devices | the union of those granted to its user identity, those of its identity's access grants in force, those of its connected accounts, and those of accounts authorized through its webviews | actions and updates; making one unmanaged needs access to the account | identity, access grants, accounts and webviews are documented; the union and who may unmanage are our choice |
//! | unmanaged devices | the same, through their own routes | - | our choice |
//! | connected accounts | its own, and those authorized through its webviews; of other accounts only the id on a device | - | our choice |
//! | webviews | those that it is associated with, including those that it created | creates them | the association with a created webview is that of Seam's own fake server; the rest is our choice |
//! | access codes, managed or unmanaged | those on its devices, except those that a session or an access grant of another user identity created; with access to the account those too | what it sees | our choice: a code is a secret of the user it was created for |
//! | several access codes at once | `create_multiple` creates none if one device is out of scope; `update_multiple` updates the visible codes of its key, as if there were no others | | our choice |
//! | noise thresholds; thermostat schedules and programs | those of its devices | what it sees, where the API has routes for sessions | our choice |
//! | climate presets | with the device | with the device | they are members of the device |
//! | action attempts | those that its user identity's sessions requested (without a user identity: its own), as long as it sees the device | - | our choice |
//! | events | those of visible records; for a granted device those since the grant, and for a grant that was renewed after its end those since the renewal; none of another guest's records, and none of the workspace; metadata and errors of an account only with access to it, an action attempt only if it sees the attempt | - | our choice |
//! | client sessions | itself | - | documented |
//! | user identities, managed or unmanaged | its own | its own, where the API has a route for sessions; only an API key sets its key | the routes are documented; what they show is our choice, and so is the restriction of the key, because a conflict would reveal another user |
//! | phones | those of its user identity | deactivates them; with the last one its mobile keys are revoked | our choice |
//! | access systems | those of its accounts, and those in which its user identity is a user | - | our choice |
//! | users of access systems | those in its accounts' systems, and those of its user identity | - | our choice |
//! | entrances | those in its accounts' systems, and those that its users, their credentials and access groups, or its access grants in force give access to | - | our choice |
//! | credentials | those in its accounts' systems, and those of its users | - | our choice |
//! | access groups | those in its accounts' systems, and those of its users | deletes those in its accounts' systems, but not those that it is only a member of | our choice |
//! | access grants, access methods, instant keys, encoders | none: the API has no routes for sessions | - | documented |
//! | spaces | none: the API has no routes for sessions; `space_ids` of the devices and entrances that it sees | - | documented |
//! | workspace | it, without the publishable key | - | the route is documented; the omission is our choice |
//!
//! An API key sees and changes everything. [`policies`] has the access policy of each resource
//! type; [`session_view`] decides which devices a session sees and which records it owns.
//!
//! The session that an access grant of mode `mobile_key` opens has less than its user identity: the
//! devices, entrances and codes of this grant, and what the session itself has requested. Seam
//! documents that the grant opens the session, and not what it sees, so that is our choice.
//!
//! A publishable key sees nothing. It opens sessions that are associated with nothing (Seam's
//! rule), or returns the session of its user identifier key unchanged (our choice).
//!
//! What is out of scope is treated as if it did not exist, or with 401 if the sandbox is set so:
//! lists leave it out, and nothing changes. Names, filters and cursors are resolved within scope.
//! Seam publishes no rule for this, so all of it is our choice.

mod access_codes;
mod access_grants;
mod accounts;
mod acs;
mod attempts;
mod climate;
mod devices;
mod event_json;
mod events;
mod explain;
mod identities;
mod phones;
mod policies;
mod policy;
mod records;
mod session_view;
mod sessions;
mod spaces;
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
use crate::faults::{AppliedFaults, Faults};
use crate::ids::Id;
use crate::json::JsonObject;
use crate::limits::RateLimited;
use crate::options::OutOfScope;
use crate::time::Millis;

/// Who is calling.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller {
    /// An API key or a personal access token, with access to the whole workspace.
    Workspace,
    /// A client session that is neither expired nor revoked.
    Session(Id),
    /// A publishable key, which can only open sessions.
    Publishable,
}

/// The state as one caller may see and change it.
#[derive(Debug)]
pub(crate) struct Scope<'s> {
    state: &'s mut State,
    caller: Caller,
    /// The path of the route that is called.
    path: &'static str,
    now: Millis,
    /// Whether an action attempt ends before its request does.
    waits_for_attempts: bool,
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
            waits_for_attempts: false,
        }
    }

    /// Lets action attempts end before their request does, for `sync: true`. Seam then responds
    /// when the device has done it; the sandbox does not delay the response (our choice).
    pub(crate) fn wait_for_attempts(&mut self) {
        self.waits_for_attempts = true;
    }

    /// Returns a description of the calling session for the log; `None` if the caller is none.
    pub(crate) fn session_description(&self) -> Option<String> {
        let session = self.session()?;
        let id = session.id();
        Some(session.user_identity().map_or_else(
            || format!("client session {id}"),
            |it| format!("client session {id} of user identity {it}"),
        ))
    }

    pub(crate) fn is_session(&self) -> bool {
        matches!(self.caller, Caller::Session(_))
    }

    /// Returns the injected faults that apply to this request, and counts them down.
    pub(crate) fn apply_faults(&mut self, reused_connection: bool) -> AppliedFaults {
        self.state.faults.apply(self.path, reused_connection)
    }

    /// Returns the injected faults.
    pub(crate) fn faults(&mut self) -> Result<&mut Faults, ApiError> {
        Ok(&mut self.require_api_key()?.faults)
    }

    /// Counts a request for each of these devices, which the caller must be able to see. It is
    /// called after all other checks, because failed requests do not count.
    pub(crate) fn count_against_limit(
        &mut self,
        devices: &[Id],
        kind: RateLimited,
    ) -> Result<(), ApiError> {
        self.state.limits.count(devices, kind, self.now)
    }

    /// Returns the workspace's object.
    pub(crate) fn workspace(&self) -> Result<Value, ApiError> {
        match self.caller {
            Caller::Workspace => Ok(self.state.workspace.to_json(true)),
            Caller::Session(_) => Ok(self.state.workspace.to_json(false)),
            Caller::Publishable => Err(api_key_required()),
        }
    }

    /// Sets these members of the workspace's object.
    pub(crate) fn update_workspace(&mut self, given: JsonObject) -> Result<(), ApiError> {
        let workspace = &mut self.require_api_key()?.workspace;
        let shown = workspace.to_json(true);
        for (name, value) in given {
            let before = shown.get(&name).and_then(Value::as_object);
            let value = match (before, value) {
                // Objects are merged; a null removes a member.
                (Some(before), Value::Object(over)) => {
                    let mut merged = before.clone();
                    merged.extend(over);
                    merged.retain(|_, it| !it.is_null());
                    Value::Object(merged)
                }
                (_, value) => value,
            };
            workspace.settings.insert(name, value);
        }
        Ok(())
    }

    /// Returns the whole state if the caller has an API key. The schema has rejected other
    /// credentials already; this does not rely on it.
    fn require_api_key(&mut self) -> Result<&mut State, ApiError> {
        match self.caller {
            Caller::Workspace => Ok(self.state),
            Caller::Session(_) | Caller::Publishable => Err(api_key_required()),
        }
    }

    /// Returns the calling session, if the caller is one.
    fn session(&self) -> Option<&ClientSession> {
        match self.caller {
            Caller::Session(id) => self.state.sessions.get(id),
            Caller::Workspace | Caller::Publishable => None,
        }
    }

    /// Returns the error for a record that the caller may not see. It does not depend on whether
    /// the record exists, unless the sandbox is set to 401.
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

/// Seam documents no limit, but without one a session could fill the memory. The number and the
/// type are our choice.
pub(crate) fn limit_reached(what: &str) -> ApiError {
    ApiError::new(400, "limit_reached", format!("There are {what} already"))
}

fn api_key_required() -> ApiError {
    ApiError::unauthorized("Only an API key may do this")
}
