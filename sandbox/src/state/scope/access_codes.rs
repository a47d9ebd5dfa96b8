//! Who may see access codes, and how routes change them.

use serde_json::{Value, json};

use super::policy::{AccessPolicy, WritePolicy, referencing_devices};
use super::{Scope, api_key_required};
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::state::access_code::{PREFERS_JUST_IN_TIME, Programmer, has_mutation, is_on_device};
use crate::state::attempt::DeviceAction;
use crate::state::record::Record;
use crate::state::resource_type::ResourceType;
use crate::state::task_queue::Effect;

/// A code is visible with access to its device. If a session of a user identity owns it, it is
/// visible only to that identity and with access to the device's account, not to other guests of
/// the same door.
pub(super) static POLICY: AccessPolicy = AccessPolicy {
    can_see: |view, code| {
        let Some(device) = code.linked_id("device_id") else {
            return false;
        };
        let nobodys = code.owner.is_none();
        view.since(device).is_some()
            && (nobodys || view.is_owner(code.owner) || view.has_account_of(device))
    },
    candidates: referencing_devices,
    write: WritePolicy::Visible,
};

const CODE: ResourceType = ResourceType::AccessCode;

impl Scope<'_> {
    /// Returns the API's object of a code that the caller may see, with what it repeats of its
    /// device.
    pub(crate) fn access_code_json(&self, code: &Record) -> Value {
        self.state.access_code_json(code)
    }

    /// Returns whether a backup can be pulled for a code.
    pub(crate) fn has_backup_code(&self, code: &Record) -> bool {
        self.state.has_backup_code(code)
    }

    /// Sets whether a code is to be scheduled natively, where its lock can do that.
    pub(crate) fn prefer_native_scheduling(
        &mut self,
        id: Id,
        prefers: bool,
    ) -> Result<(), ApiError> {
        self.check_can_change(CODE, id)?;
        self.state.records.table_mut(CODE).change(id, |it| {
            if prefers {
                it.hidden.shift_remove(PREFERS_JUST_IN_TIME);
            } else {
                it.hidden
                    .insert(PREFERS_JUST_IN_TIME.to_owned(), true.into());
            }
        });
        Ok(())
    }

    /// Lets a code that is on its device already follow its time frame.
    pub(crate) fn follow_access_code(&mut self, id: Id) -> Result<(), ApiError> {
        self.check_can_change(CODE, id)?;
        self.state
            .advance_access_code(id, self.now, Programmer::Sandbox);
        Ok(())
    }

    /// Programs a new code on its device, now or closer to its start. Returns the action attempt.
    pub(crate) fn create_on_device(&mut self, id: Id) -> Result<Value, ApiError> {
        self.check_can_change(CODE, id)?;
        self.state
            .advance_access_code(id, self.now, Programmer::Attempt);
        self.program(id, "CREATE_ACCESS_CODE")
    }

    /// Gives a code this object, also on its device. Returns the action attempt.
    pub(crate) fn update_on_device(
        &mut self,
        id: Id,
        object: JsonObject,
    ) -> Result<Value, ApiError> {
        self.check_can_change(CODE, id)?;
        self.state.request_code_update(id, object, self.now);
        self.program(id, "UPDATE_ACCESS_CODE")
    }

    /// Removes a code from its device and then from the workspace. Returns the action attempt.
    pub(crate) fn delete_on_device(&mut self, id: Id) -> Result<Value, ApiError> {
        self.check_can_change(CODE, id)?;
        self.state.request_code_removal(id, self.now);
        let code = self.record(CODE, id)?;
        let (device, without_device) = (device_of(code)?, !is_on_device(code));
        let action = DeviceAction {
            device,
            action: "DELETE_ACCESS_CODE",
            needs: None,
            result: json!({}),
            effects: vec![Effect::RemoveAccessCode { id }],
        };
        self.start(action, without_device)
    }

    /// Makes the codes of a device unmanaged, because the device is no longer managed. The caller
    /// must have access to the device's account, so it may see all of them.
    pub(crate) fn unmanage_access_codes(&mut self, device: Id) -> Result<(), ApiError> {
        if !self.has_account_of(device) {
            return Err(api_key_required());
        }
        self.state.unmanage_access_codes(device, self.now);
        Ok(())
    }

    fn program(&mut self, id: Id, action: &'static str) -> Result<Value, ApiError> {
        let code = self.record(CODE, id)?;
        let is_offline = code.flag("is_offline_access_code") == Some(true);
        let is_deferred = has_mutation(code.object(), "deferring_creation");
        let action = DeviceAction {
            device: device_of(code)?,
            action,
            needs: None,
            result: json!({ "access_code": self.access_code_json(code) }),
            effects: vec![Effect::ProgramAccessCode { id }],
        };
        if is_offline {
            // An offline code needs no connection to the lock.
            self.state.finish_programming(id, self.now, Ok(()));
        }
        self.start(action, is_offline || is_deferred)
    }
}

fn device_of(code: &Record) -> Result<Id, ApiError> {
    code.linked_id("device_id")
        .ok_or_else(|| CODE.resource().not_found())
}
