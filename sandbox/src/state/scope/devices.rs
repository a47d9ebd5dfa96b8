//! Devices within scope.

use std::collections::BTreeSet;

use super::resource::DEVICE;
use super::{Caller, Scope};
use crate::error::ApiError;
use crate::ids::Id;
use crate::state::Device;

impl Scope<'_> {
    /// The devices that the caller sees, in order.
    pub(crate) fn devices(&self) -> Vec<&Device> {
        match self.caller {
            Caller::Workspace => self.state.devices.in_order().collect(),
            Caller::Session(_) => self
                .session()
                .map(|it| self.state.visible(it))
                .unwrap_or_default(),
            Caller::Publishable => Vec::new(),
        }
    }

    /// The device of this id, if the caller sees it.
    pub(crate) fn device(&self, id: Id) -> Result<&Device, ApiError> {
        let device = self.state.devices.get(id);
        device
            .filter(|it| self.sees_device(it))
            .ok_or_else(|| self.refusal(device.is_some(), &DEVICE))
    }

    /// The first device of this name among those that the caller sees.
    pub(crate) fn device_named(&self, name: &str) -> Result<&Device, ApiError> {
        self.devices()
            .into_iter()
            .find(|it| it.display_name() == name)
            .ok_or_else(|| DEVICE.not_found())
    }

    /// What is answered about a device that does not exist.
    pub(crate) fn no_such_device() -> ApiError {
        DEVICE.not_found()
    }

    pub(super) fn sees_device(&self, device: &Device) -> bool {
        match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => self.session().is_some_and(|it| self.state.sees(it, device)),
            Caller::Publishable => false,
        }
    }

    /// The webview through which the device's account was authorised; to a session only if it is
    /// one of its own.
    pub(crate) fn webview_of(&self, device: &Device) -> Option<Id> {
        let webview = self.state.accounts.get(&device.account())?.webview();
        match self.caller {
            Caller::Workspace => Some(webview),
            Caller::Session(_) => self
                .session()
                .filter(|it| it.webviews().contains(&webview))
                .map(|_| webview),
            Caller::Publishable => None,
        }
    }

    /// The devices that the sessions of this user identifier key see. A session may ask for its
    /// own key; of another it learns nothing.
    pub(crate) fn devices_of_key(&self, key: &str) -> BTreeSet<Id> {
        let may_ask = match self.caller {
            Caller::Workspace => true,
            Caller::Session(_) => self
                .session()
                .is_some_and(|it| it.user_identifier_key() == Some(key)),
            Caller::Publishable => false,
        };
        let sessions = self.state.sessions.in_order();
        sessions
            .filter(|it| may_ask && it.user_identifier_key() == Some(key))
            .filter(|it| it.check_alive(self.now).is_ok())
            .flat_map(|it| self.state.visible(it))
            .map(Device::id)
            .collect()
    }
}
