//! Devices within scope.

use std::collections::BTreeSet;

use super::{Caller, Scope};
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::JsonObject;
use crate::state::Device;
use crate::state::resource_type::DEVICE;
use crate::state::session::ClientSession;

impl Scope<'_> {
    /// Returns the managed devices that the caller may see, in order.
    pub(crate) fn devices(&self) -> Vec<&Device> {
        let mut devices = self.all_devices();
        devices.retain(|it| it.is_managed());
        devices
    }

    /// Returns the unmanaged devices that the caller may see, in order.
    pub(crate) fn unmanaged_devices(&self) -> Vec<&Device> {
        let mut devices = self.all_devices();
        devices.retain(|it| !it.is_managed());
        devices
    }

    /// Returns a managed device that the caller may see.
    ///
    /// # Errors
    ///
    /// If the caller may not see it; 400 `device_unmanaged`, which is Seam's type, if it is
    /// unmanaged.
    pub(crate) fn device(&self, id: Id) -> Result<&Device, ApiError> {
        let device = self.any_device(id)?;
        if device.is_managed() {
            Ok(device)
        } else {
            Err(ApiError::new(
                400,
                "device_unmanaged",
                "The device is not managed; use the routes for unmanaged devices",
            ))
        }
    }

    /// Returns a device that the caller may see, managed or unmanaged.
    pub(crate) fn any_device(&self, id: Id) -> Result<&Device, ApiError> {
        let device = self.state.devices.get(id);
        device
            .filter(|it| self.can_see_device(it))
            .ok_or_else(|| self.refusal(device.is_some(), &DEVICE))
    }

    /// Returns the managed device that a parameter refers to; 400 if the caller may not see it.
    pub(crate) fn resolve_device(&self, id: Id) -> Result<&Device, ApiError> {
        let device = self.state.devices.get(id);
        device
            .filter(|it| it.is_managed() && self.can_see_device(it))
            .ok_or_else(|| DEVICE.bad_reference())
    }

    /// Returns the first managed (or unmanaged) device with this name that the caller may see.
    pub(crate) fn device_by_name(&self, name: &str, managed: bool) -> Result<&Device, ApiError> {
        self.all_devices()
            .into_iter()
            .filter(|it| it.is_managed() == managed)
            .find(|it| it.display_name() == name)
            .ok_or_else(|| DEVICE.not_found())
    }

    /// Changes the object of a device, managed or unmanaged, that the caller may see. When it comes
    /// online, what was due meanwhile is done.
    pub(crate) fn change_device<R>(
        &mut self,
        id: Id,
        change: impl FnOnce(&mut JsonObject) -> R,
    ) -> Result<R, ApiError> {
        let was_online = self.any_device(id)?.online();
        let changed = self.state.devices.change(id, |it| it.change(change));
        let changed = changed.ok_or_else(|| DEVICE.not_found())?;
        if !was_online {
            self.state.catch_up(id, self.now);
        }
        Ok(changed)
    }

    /// The error about a device that does not exist.
    pub(crate) fn device_not_found() -> ApiError {
        DEVICE.not_found()
    }

    /// Returns whether the caller has access to the device's account, not only to the device.
    pub(crate) fn has_account_of(&self, device: Id) -> bool {
        match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => self.view().is_some_and(|it| it.has_account_of(device)),
            Caller::Publishable => false,
        }
    }

    pub(super) fn can_see_device(&self, device: &Device) -> bool {
        match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => self.view().is_some_and(|it| it.can_see(device)),
            Caller::Publishable => false,
        }
    }

    /// Returns whether the device's account was authorized through this webview. A session sees only
    /// its own webviews.
    pub(crate) fn is_authorized_through(&self, device: &Device, webview: Id) -> bool {
        let sees_webview = match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => self
                .session()
                .is_some_and(|it| it.webviews().contains(&webview)),
            Caller::Publishable => false,
        };
        sees_webview && self.state.webviews_of(device.account()).contains(&webview)
    }

    /// Returns the devices that the sessions with this user identifier key see.
    pub(crate) fn devices_of_key(&self, key: &str) -> BTreeSet<Id> {
        let sessions = self.sessions_of_key(key).into_iter();
        sessions
            .flat_map(|it| self.visible_devices(it))
            .map(Device::id)
            .collect()
    }

    fn all_devices(&self) -> Vec<&Device> {
        match self.caller {
            Caller::Workspace => self.state.devices.in_order().collect(),
            Caller::Session(_) => self
                .session()
                .map(|it| self.visible_devices(it))
                .unwrap_or_default(),
            Caller::Publishable => Vec::new(),
        }
    }

    /// Returns the devices that this session sees, managed or unmanaged.
    fn visible_devices<'s>(&'s self, session: &'s ClientSession) -> Vec<&'s Device> {
        self.state.visible_devices(session, self.now)
    }
}
