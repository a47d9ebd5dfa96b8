//! User identities within scope, and the devices granted to them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Caller, Scope};
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::record::Record;
use crate::state::resource_type::{DEVICE, ResourceType, USER_IDENTITY};
use crate::state::{Device, Profile, State, UserIdentity};
use crate::time::Millis;

impl Scope<'_> {
    /// Returns the managed user identities that the caller may see, in order.
    pub(crate) fn identities(&self) -> Vec<&UserIdentity> {
        let mut identities = self.all_identities();
        identities.retain(|it| it.is_managed());
        identities
    }

    /// Returns the user identities that the caller may see, managed or unmanaged, in order.
    pub(crate) fn all_identities(&self) -> Vec<&UserIdentity> {
        match self.caller {
            Caller::Workspace => self.state.identities.in_order().collect(),
            Caller::Session(_) => self
                .session()
                .and_then(|it| self.state.identities.get(it.user_identity()?))
                .into_iter()
                .collect(),
            Caller::Publishable => Vec::new(),
        }
    }

    /// Returns the object of a user identity.
    pub(crate) fn identity_json(&self, identity: &UserIdentity) -> Value {
        let users = self
            .state
            .records
            .table(ResourceType::AcsUser)
            .referencing(identity.id());
        let users: Vec<Id> = users.map(Record::id).collect();
        identity.to_json(self.state.workspace.id, &users)
    }

    /// Returns the first managed user identity that the caller may see and `matches` accepts.
    pub(crate) fn identity_where(
        &self,
        matches: impl Fn(&UserIdentity) -> bool,
    ) -> Result<&UserIdentity, ApiError> {
        self.identities()
            .into_iter()
            .find(|it| matches(it))
            .ok_or_else(|| USER_IDENTITY.not_found())
    }

    /// Returns the unmanaged user identities that the caller may see, in order.
    pub(crate) fn unmanaged_identities(&self) -> Vec<&UserIdentity> {
        let mut identities = self.all_identities();
        identities.retain(|it| !it.is_managed());
        identities
    }

    /// Converts an unmanaged user identity to a managed one, with this key. A session may not set
    /// the key: keys are unique in the workspace, and a conflict would reveal another user.
    pub(crate) fn manage_identity(&mut self, id: Id, key: Option<&str>) -> Result<(), ApiError> {
        let identity = self.check_identity(id)?;
        if identity.is_managed() {
            return Err(ApiError::new(
                400,
                "user_identity_managed",
                "The user identity is managed",
            ));
        }
        if key.is_some() && self.is_session() {
            return Err(ApiError::unauthorized(
                "Only an API key may set the user_identity_key of a user identity",
            ));
        }
        let mut profile = identity.profile().clone();
        if let Some(key) = key {
            profile.user_identity_key = Some(key.to_owned());
        }
        self.state.check_unique(&profile, Some(id))?;
        let changed = self.state.identities.change(id, |it| {
            it.profile = profile;
            it.managed = true;
        });
        changed.ok_or_else(|| USER_IDENTITY.not_found())
    }

    /// Returns a user identity that the caller may see, managed or unmanaged.
    pub(super) fn check_identity(&self, id: Id) -> Result<&UserIdentity, ApiError> {
        let identity = self.state.identities.get(id);
        let can_see = |it: &&UserIdentity| match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => self.view().is_some_and(|view| view.is_identity(it.id())),
            Caller::Publishable => false,
        };
        identity
            .filter(can_see)
            .ok_or_else(|| self.refusal(identity.is_some(), &USER_IDENTITY))
    }

    /// Creates a user identity.
    pub(crate) fn create_identity(&mut self, profile: Profile) -> Result<Id, ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        state.check_unique(&profile, None)?;
        Ok(state.add_identity(profile, BTreeMap::new(), true, now))
    }

    /// Changes the profile of a user identity.
    pub(crate) fn update_identity(
        &mut self,
        id: Id,
        change: impl FnOnce(&mut Profile),
    ) -> Result<(), ApiError> {
        let state = self.require_api_key()?;
        let mut profile = state.identity(id)?.profile.clone();
        change(&mut profile);
        state.check_unique(&profile, Some(id))?;
        state
            .identities
            .change(id, |it| it.profile = profile)
            .ok_or_else(|| USER_IDENTITY.not_found())
    }

    /// Deletes a user identity and everything that belongs to it.
    pub(crate) fn delete_identity(&mut self, id: Id) -> Result<(), ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        state.identity(id)?;
        state.remove_identity(id, now);
        Ok(())
    }

    /// Returns the user identity that a parameter refers to; 400 if the caller may not see it.
    pub(crate) fn resolve_identity(&self, id: Id) -> Result<Id, ApiError> {
        let identities = self.identities();
        let known = identities.into_iter().any(|it| it.id() == id);
        known
            .then_some(id)
            .ok_or_else(|| USER_IDENTITY.bad_reference())
    }

    /// Grants a device to a user identity. Granting it again changes nothing.
    pub(crate) fn grant(&mut self, identity: Id, device: Id) -> Result<(), ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        if !state.identities.contains(identity) {
            return Err(USER_IDENTITY.not_found());
        }
        if !state.devices.get(device).is_some_and(Device::is_managed) {
            return Err(DEVICE.not_found());
        }
        let granted = state.identities.change(identity, |it| {
            it.devices.entry(device).or_insert(now);
        });
        granted.ok_or_else(|| USER_IDENTITY.not_found())
    }

    /// Revokes the grant of a device. Without a grant it changes nothing (our choice).
    pub(crate) fn revoke_grant(&mut self, identity: Id, device: Id) -> Result<(), ApiError> {
        let state = self.require_api_key()?;
        let known_device = state.devices.contains(device);
        let revoked = state
            .identities
            .change(identity, |it| it.devices.remove(&device))
            .ok_or_else(|| USER_IDENTITY.not_found())?;
        if revoked.is_none() && !known_device {
            return Err(DEVICE.not_found());
        }
        Ok(())
    }

    /// Returns the managed devices granted to a user identity, directly or by an access grant in
    /// force, in order.
    pub(crate) fn granted_devices(&mut self, identity: Id) -> Result<Vec<&Device>, ApiError> {
        let now = self.now;
        let state = self.require_api_key()?;
        state.identity(identity)?;
        let mut devices = state.devices_of_identity(identity, now);
        devices.retain(|it| it.is_managed());
        Ok(devices)
    }
}

impl State {
    pub(in crate::state) fn add_identity(
        &mut self,
        profile: Profile,
        devices: BTreeMap<Id, Millis>,
        managed: bool,
        created_at: Millis,
    ) -> Id {
        let id = self.entropy.id();
        let identity = UserIdentity {
            id,
            created_at,
            profile,
            devices,
            managed,
        };
        self.identities.insert(identity);
        id
    }

    fn identity(&self, id: Id) -> Result<&UserIdentity, ApiError> {
        self.identities
            .get(id)
            .ok_or_else(|| USER_IDENTITY.not_found())
    }

    /// Checks that no other identity has the same key, email address or phone number, as
    /// documented. The status is our choice, and so is the type for the key.
    pub(in crate::state) fn check_unique(
        &self,
        profile: &Profile,
        except: Option<Id>,
    ) -> Result<(), ApiError> {
        let same = |mine: &Option<String>, other: &Option<String>| mine.is_some() && mine == other;
        for other in self
            .identities
            .in_order()
            .filter(|it| Some(it.id) != except)
        {
            let other = &other.profile;
            if same(&profile.user_identity_key, &other.user_identity_key) {
                return Err(ApiError::new(
                    409,
                    "user_identity_key_conflict",
                    "A user identity with this user_identity_key exists already",
                ));
            }
            if same(&profile.email_address, &other.email_address)
                || same(&profile.phone_number, &other.phone_number)
            {
                return Err(ApiError::new(
                    409,
                    "user_identity_email_or_phone_conflict",
                    "A user identity with this email address or phone number exists already",
                ));
            }
        }
        Ok(())
    }
}
