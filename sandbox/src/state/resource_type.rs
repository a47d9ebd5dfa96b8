//! What kinds of things there are, and how refusals name them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ApiError;
use crate::json::JsonObject;
use crate::seed::SeedError;

/// A kind of thing whose state is the API's own object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResourceType {
    AccessCode,
    AccessGrant,
    AcsAccessGroup,
    AcsCredential,
    AcsEncoder,
    AcsEntrance,
    AcsSystem,
    AcsUser,
    ConnectWebview,
    ConnectedAccount,
    Event,
    NoiseThreshold,
    Phone,
    ThermostatDailyProgram,
    ThermostatSchedule,
}

/// How the API names a resource.
#[derive(Debug)]
pub(crate) struct Resource {
    /// In a sentence.
    pub(crate) name: &'static str,
    /// The member of its object that is its id.
    pub(crate) id: &'static str,
    /// The `error.type` when it is not there.
    pub(crate) not_found: &'static str,
}

macro_rules! resource {
    ($name:literal, $id:literal, $not_found:literal) => {
        Resource {
            name: $name,
            id: $id,
            not_found: $not_found,
        }
    };
}

pub(crate) static DEVICE: Resource = resource!("device", "device_id", "device_not_found");
pub(crate) static ACTION_ATTEMPT: Resource = resource!(
    "action attempt",
    "action_attempt_id",
    "action_attempt_not_found"
);
pub(crate) static CLIENT_SESSION: Resource = resource!(
    "client session",
    "client_session_id",
    "client_session_not_found"
);
pub(crate) static USER_IDENTITY: Resource = resource!(
    "user identity",
    "user_identity_id",
    "user_identity_not_found"
);

impl ResourceType {
    /// What an object of this noun is like, by its name among the models of the seed.
    pub(super) fn model(self, members: &JsonObject) -> &'static str {
        let unmanaged = members.get("is_managed").and_then(Value::as_bool) == Some(false);
        match self {
            Self::AccessCode if unmanaged => "unmanaged_access_code",
            Self::AccessCode => "access_code",
            Self::AccessGrant => "access_grant",
            Self::AcsAccessGroup => "acs_access_group",
            Self::AcsCredential => "acs_credential",
            Self::AcsEncoder => "acs_encoder",
            Self::AcsEntrance => "acs_entrance",
            Self::AcsSystem => "acs_system",
            Self::AcsUser => "acs_user",
            Self::ConnectWebview => "connect_webview",
            Self::ConnectedAccount => "connected_account",
            Self::Event => "event",
            Self::NoiseThreshold => "noise_threshold",
            Self::Phone => "phone",
            Self::ThermostatDailyProgram => "thermostat_daily_program",
            Self::ThermostatSchedule => "thermostat_schedule",
        }
    }

    /// What a thing of a seed must name, so that it can be fields whose it is.
    pub(super) fn check_references(self, object: &JsonObject) -> Result<(), SeedError> {
        let wanted = match self {
            Self::AccessCode
            | Self::NoiseThreshold
            | Self::ThermostatDailyProgram
            | Self::ThermostatSchedule => ("device_id", "device"),
            Self::AccessGrant | Self::Phone => ("user_identity_id", "user_identity_key"),
            Self::AcsAccessGroup
            | Self::AcsCredential
            | Self::AcsEncoder
            | Self::AcsEntrance
            | Self::AcsUser => ("acs_system_id", "acs_system"),
            Self::AcsSystem | Self::ConnectWebview | Self::ConnectedAccount | Self::Event => {
                return Ok(());
            }
        };
        if object.contains_key(wanted.0) {
            return Ok(());
        }
        let name = self.resource().name;
        Err(SeedError::new(format!("{name}: {} is missing", wanted.1)))
    }

    /// Whether the API's object has the workspace's id and a time of creation.
    pub(super) fn has(self, member: &str) -> bool {
        let without_workspace = matches!(self, Self::ConnectedAccount | Self::AcsEntrance);
        self != Self::NoiseThreshold && !(without_workspace && member == "workspace_id")
    }

    /// How the API names it. The types of the errors follow Seam's custom; those of access codes,
    /// accounts, webviews and events are published.
    pub(crate) fn resource(self) -> &'static Resource {
        match self {
            Self::AccessCode => {
                &resource!("access code", "access_code_id", "access_code_not_found")
            }
            Self::AccessGrant => {
                &resource!("access grant", "access_grant_id", "access_grant_not_found")
            }
            Self::AcsAccessGroup => &resource!(
                "access group",
                "acs_access_group_id",
                "acs_access_group_not_found"
            ),
            Self::AcsCredential => &resource!(
                "credential",
                "acs_credential_id",
                "acs_credential_not_found"
            ),
            Self::AcsEncoder => &resource!("encoder", "acs_encoder_id", "acs_encoder_not_found"),
            Self::AcsEntrance => {
                &resource!("entrance", "acs_entrance_id", "acs_entrance_not_found")
            }
            Self::AcsSystem => &resource!("access system", "acs_system_id", "acs_system_not_found"),
            Self::AcsUser => &resource!("access system user", "acs_user_id", "acs_user_not_found"),
            Self::ConnectWebview => &resource!(
                "connect webview",
                "connect_webview_id",
                "connect_webview_not_found"
            ),
            Self::ConnectedAccount => &resource!(
                "connected account",
                "connected_account_id",
                "connected_account_not_found"
            ),
            Self::Event => &resource!("event", "event_id", "event_not_found"),
            Self::NoiseThreshold => &resource!(
                "noise threshold",
                "noise_threshold_id",
                "noise_threshold_not_found"
            ),
            Self::Phone => &resource!("phone", "device_id", "phone_not_found"),
            Self::ThermostatDailyProgram => &resource!(
                "thermostat daily program",
                "thermostat_daily_program_id",
                "thermostat_daily_program_not_found"
            ),
            Self::ThermostatSchedule => &resource!(
                "thermostat schedule",
                "thermostat_schedule_id",
                "thermostat_schedule_not_found"
            ),
        }
    }
}

impl Resource {
    pub(crate) fn not_found(&self) -> ApiError {
        ApiError::new(404, self.not_found, self.message())
    }

    /// 400, where the id is a reference in the input and not the thing asked for: so the one
    /// published example has it.
    pub(crate) fn bad_reference(&self) -> ApiError {
        ApiError::new(400, self.not_found, self.message())
    }

    fn message(&self) -> String {
        let mut name = self.name.to_owned();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        format!("{name} not found")
    }
}
