//! Spaces within scope. Only a back end sees and changes them; what a session sees of a space is
//! `space_ids` of the devices and entrances that it sees.

use super::Scope;
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;
use crate::state::space::SpaceMembers;

const SPACE: ResourceType = ResourceType::Space;

impl Scope<'_> {
    /// Returns the space that a parameter refers to.
    ///
    /// # Errors
    ///
    /// 400 if there is none that the caller may see.
    pub(crate) fn resolve_space(&self, id: Id) -> Result<Id, ApiError> {
        let space = self.record(SPACE, id);
        space
            .map(|_| id)
            .map_err(|_| SPACE.resource().bad_reference())
    }

    /// Returns the space with this key that a parameter refers to; 400 if there is none that the
    /// caller may see.
    pub(crate) fn resolve_space_key(&self, key: &str) -> Result<Id, ApiError> {
        self.space_with_key(key)
            .map(Record::id)
            .ok_or_else(|| SPACE.resource().bad_reference())
    }

    /// Returns the space with this key that the caller may see.
    pub(crate) fn space_with_key(&self, key: &str) -> Option<&Record> {
        let mut spaces = self.records(SPACE).into_iter();
        spaces.find(|it| it.text("space_key") == Some(key))
    }

    /// Returns the devices, managed or unmanaged, and the entrances in a space that the caller may
    /// see.
    pub(crate) fn space_members(&self, space: Id) -> Result<SpaceMembers, ApiError> {
        self.record(SPACE, space)?;
        Ok(self.state.space_members(space))
    }

    /// Gives a space these members, which the caller must be able to see. Returns whether that
    /// changed anything.
    pub(crate) fn set_space_members(
        &mut self,
        space: Id,
        members: &SpaceMembers,
    ) -> Result<bool, ApiError> {
        self.check_can_change(SPACE, space)?;
        Ok(self.state.set_space_members(space, members, self.now))
    }

    /// Associates a space with these accounts.
    pub(crate) fn set_space_accounts(
        &mut self,
        space: Id,
        accounts: &[Id],
    ) -> Result<(), ApiError> {
        self.check_can_change(SPACE, space)?;
        self.state.records.table_mut(SPACE).change(space, |it| {
            let accounts = serde_json::json!(accounts);
            it.hidden
                .insert("connected_account_ids".to_owned(), accounts);
        });
        Ok(())
    }

    /// Removes a space, and returns the members that it had.
    pub(crate) fn remove_space(&mut self, space: Id) -> Result<SpaceMembers, ApiError> {
        self.check_can_change(SPACE, space)?;
        let members = self.state.space_members(space);
        self.state.remove_space(space, self.now);
        Ok(members)
    }
}
