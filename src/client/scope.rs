//! The scope of a client session: its devices, and what it may do with each.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join;

use super::capability::Capability;
use super::error::SeamError;
use super::list_driver::ON_DEMAND;
use super::list_stream::ListStream;
use super::request::RequestParts;
use super::seam::Seam;
use super::session_info::SessionInfo;
use crate::capabilities::allowed_actions;
use crate::credential::CredentialKind;
use crate::error::{Error, ErrorClass, Outcome};
use crate::resources::Device;

const SESSION_PATH: &str = "/client_sessions/get";
const DEVICES_PATH: &str = "/devices/list";

/// What a client session may do, as last fetched: a hint for what to show, while the server decides.
/// It shows nothing of its user from the moment on that the client has the token of another user.
#[derive(Debug)]
pub struct Scope {
    seam: Seam,
    session: SessionInfo,
    devices: ListStream<Device>,
    /// The token generation of the user whose session this is.
    user: u32,
}

impl Seam {
    /// Fetches the scope of the client session.
    ///
    /// # Errors
    /// `credential_not_accepted` if the client has another kind of credential, or as the calls that
    /// fetch the session and its devices.
    pub async fn scope(&self) -> Result<Scope, SeamError> {
        if let Some(kind) = self.0.session.fixed_kind()
            && kind != CredentialKind::ClientSessionToken
        {
            return Err(Error::new(
                ErrorClass::InvalidOptions,
                "credential_not_accepted",
                Outcome::NotSent,
                &[
                    "scope() needs a client session token: this client's ",
                    kind.option(),
                    " has the whole workspace",
                ],
            )
            .into());
        }
        let mut scope = Scope {
            seam: self.clone(),
            session: SessionInfo::default(),
            devices: ListStream::every(RequestParts::new(self, DEVICES_PATH), ON_DEMAND),
            user: self.0.session.user_generation(),
        };
        scope.fetch().await?;
        Ok(scope)
    }
}

impl Scope {
    /// Fetches the scope again.
    ///
    /// # Errors
    /// As [`Seam::scope`]. After an error the scope is as before, or empty if the session has ended.
    pub async fn refresh(&mut self) -> Result<(), SeamError> {
        let user = self.seam.0.session.user_generation();
        if user != self.user {
            self.session = SessionInfo::default();
            self.user = user;
        }
        self.fetch().await
    }

    async fn fetch(&mut self) -> Result<(), SeamError> {
        let request = RequestParts::new(&self.seam, SESSION_PATH);
        let session = request.send_as(Some(self.user), |it, _| Ok(SessionInfo::of(it)));
        let (session, devices) = join(session, self.devices.fetch()).await;
        self.session = session?;
        devices.map_or(Ok(()), Err)
    }

    /// Returns whether the scope is that of the token in use.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.user == self.seam.0.session.user_generation()
    }

    /// Returns the session, if it is of the user of the token in use.
    fn session(&self) -> Option<&SessionInfo> {
        self.is_current().then_some(&self.session)
    }

    /// Returns the id of the client session.
    #[must_use]
    pub fn client_session_id(&self) -> Option<&str> {
        self.session()?.client_session_id.as_deref()
    }

    /// Returns the id of the session's user identity.
    #[must_use]
    pub fn user_identity_id(&self) -> Option<&str> {
        self.session()?.user_identity_id.as_deref()
    }

    /// Returns when the session ends, by the server's clock; `None` if the server does not say.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(Duration::from_millis(self.session()?.expires_at?))
    }

    /// Returns the ids of the devices.
    #[must_use]
    pub fn device_ids(&self) -> Vec<String> {
        self.devices.ids()
    }

    /// Returns a device as it was last fetched; `None` if it is not in scope.
    ///
    /// # Errors
    /// `invalid_response` if the device is not of the documented type.
    pub fn device(&self, device_id: &str) -> Result<Option<Device>, SeamError> {
        self.devices.get(device_id)
    }

    /// Returns whether a device is in scope.
    #[must_use]
    pub fn has(&self, device_id: &str) -> bool {
        self.devices.has(device_id)
    }

    /// Returns whether a device is in scope, and its capability flags allow this.
    #[must_use]
    pub fn can(&self, device_id: &str, capability: Capability) -> bool {
        self.capability_bits(device_id) & capability.bit() != 0
    }

    /// Returns the capabilities of a device; none if it is not in scope.
    #[must_use]
    pub fn capabilities(&self, device_id: &str) -> Vec<Capability> {
        let bits = self.capability_bits(device_id);
        let all = Capability::ALL.into_iter();
        all.filter(|it| bits & it.bit() != 0).collect()
    }

    fn capability_bits(&self, device_id: &str) -> u32 {
        if self.has(device_id) {
            allowed_actions(|flag| self.devices.has_flag(device_id, flag))
        } else {
            0
        }
    }
}
