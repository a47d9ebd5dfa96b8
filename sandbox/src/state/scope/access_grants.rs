//! Access grants and access methods within scope. Only an API key reaches them.

use serde_json::{Value, json};

use super::{Scope, SessionChange};
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::state::Device;
use crate::state::access_grant;
use crate::state::record::{Record, Requester};
use crate::state::resource_type::ResourceType;
use crate::time;

impl Scope<'_> {
    /// Changes an access grant. It then shows nothing of a time in which it was not in force.
    pub(crate) fn change_grant(
        &mut self,
        id: Id,
        change: impl FnOnce(&mut JsonObject),
    ) -> Result<(), ApiError> {
        let now = self.now;
        self.record(ResourceType::AccessGrant, id)?;
        let state = self.require_api_key()?;
        let grants = state.records.table_mut(ResourceType::AccessGrant);
        let changed = grants.change(id, |it| {
            access_grant::save_in_force_since(it, now);
            change(&mut it.object);
        });
        changed.ok_or_else(|| ResourceType::AccessGrant.resource().not_found())
    }

    /// Removes an access grant with its access methods and their access codes.
    pub(crate) fn remove_grant(&mut self, id: Id) -> Result<(), ApiError> {
        let now = self.now;
        self.record(ResourceType::AccessGrant, id)?;
        self.require_api_key()?.remove_access_grant(id, now);
        Ok(())
    }

    /// Returns the managed devices that an access grant covers, in order.
    pub(crate) fn devices_of_grant(&self, grant: &Record) -> Vec<&Device> {
        let ids = self.state.devices_of_grant(grant);
        let mut devices = self.state.devices.get_all(ids);
        devices.retain(|it| it.is_managed() && self.can_see_device(it));
        devices
    }

    /// Returns the entrances that an access grant covers, in order.
    pub(crate) fn entrances_of_grant(&self, grant: &Record) -> Vec<&Record> {
        let entrances = self.state.entrances_of_grant(grant);
        self.visible_records(ResourceType::AcsEntrance, entrances)
    }

    /// Returns whether an access grant is in force now.
    pub(crate) fn is_in_force(&self, grant: &Record) -> bool {
        access_grant::in_force_since(grant, self.now).is_some()
    }

    /// Issues an access method now if it is on no device, or else when its devices have its codes.
    pub(crate) fn schedule_issue(&mut self, method: Id) -> Result<(), ApiError> {
        let now = self.now;
        self.require_api_key()?.schedule_issue(method, now);
        Ok(())
    }

    /// Gives an access method of mode `mobile_key` an instant key, and the session of its grant.
    pub(crate) fn add_mobile_key(&mut self, method: Id, grant: Id) -> Result<(), ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        state.add_mobile_key(method, grant, now);
        state.update_mobile_keys_of(grant, now);
        Ok(())
    }

    /// Opens a session for a user identity, and returns the id of the instant key that leads to it.
    pub(crate) fn generate_instant_key(&mut self, identity: Id) -> Result<Id, ApiError> {
        let identity = self.check_identity(identity)?.id();
        let now = self.now;
        let state = self.require_api_key()?;
        let session = state.add_session(
            SessionChange {
                user_identity: Some(identity),
                ..SessionChange::default()
            },
            now,
        );
        let key = state.add_instant_key(session, JsonObject::new(), now);
        key.ok_or_else(|| ResourceType::InstantKey.resource().not_found())
    }

    /// Removes an instant key, and the session that only it leads to.
    pub(crate) fn delete_instant_key(&mut self, id: Id) -> Result<(), ApiError> {
        let now = self.now;
        self.record(ResourceType::InstantKey, id)?;
        self.require_api_key()?.remove_instant_key(id, now);
        Ok(())
    }

    /// Revokes the methods of a grant until their devices have its new times.
    pub(crate) fn reissue_access_methods(
        &mut self,
        grant: Id,
        from: &Value,
        to: &Value,
    ) -> Result<(), ApiError> {
        let now = self.now;
        let mutation = json!({
            "mutation_code": "updating_access_times",
            "message": "The times of the access grant are to be changed on its devices",
            "created_at": time::to_iso(now),
            "from": from,
            "to": to,
        });
        let state = self.require_api_key()?;
        state.reissue_access_methods(grant, &mutation, now);
        state.update_mobile_keys_of(grant, now);
        Ok(())
    }

    /// Removes an access method with its access codes.
    pub(crate) fn remove_method(&mut self, id: Id) -> Result<(), ApiError> {
        let now = self.now;
        self.record(ResourceType::AccessMethod, id)?;
        self.require_api_key()?.remove_access_method(id, now);
        Ok(())
    }

    /// Records an event of an access method.
    pub(crate) fn record_method_event(
        &mut self,
        event_type: &str,
        method: Id,
        grant: Id,
    ) -> Result<(), ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        state.record_method_event(event_type, method, grant, JsonObject::new(), now);
        Ok(())
    }

    /// Returns the owner of what is created for a user identity, so that other guests of the same
    /// door do not see it.
    pub(crate) fn owner_of(grant: &Record) -> Option<Requester> {
        let identity = grant.linked_id("user_identity_id")?;
        Some(Requester {
            // Sessions of the identity are owners by the identity; those of the grant's mobile keys
            // by the grant.
            session: grant.id(),
            user_identity: Some(identity),
        })
    }
}
