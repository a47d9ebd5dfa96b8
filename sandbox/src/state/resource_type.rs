//! The resource types that are kept as records, and how errors name each resource.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ApiError;
use crate::json::JsonObject;
use crate::seed::SeedError;

/// A resource type whose state is the API's own object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResourceType {
    AccessCode,
    AccessGrant,
    AccessMethod,
    AcsAccessGroup,
    AcsCredential,
    AcsEncoder,
    AcsEntrance,
    AcsSystem,
    AcsUser,
    ConnectWebview,
    ConnectedAccount,
    Event,
    InstantKey,
    NoiseThreshold,
    Phone,
    Space,
    ThermostatDailyProgram,
    ThermostatSchedule,
}

/// How the API names a resource.
#[derive(Debug)]
pub(crate) struct Resource {
    /// The name in a sentence.
    pub(crate) name: &'static str,
    /// The member of its object that is its id.
    pub(crate) id: &'static str,
    /// The `error.type` when it is not found. The types follow Seam's pattern; those of access
    /// codes, accounts, webviews and events are published.
    pub(crate) not_found: &'static str,
}

/// The names of a resource type, and what its records belong to.
struct Description {
    resource: Resource,
    /// The name of its defaults in `seed/records.json`.
    defaults: &'static str,
    belongs_to: BelongsTo,
}

/// What a record of a seed must name, because it decides who may see the record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BelongsTo {
    Device,
    UserIdentity,
    AcsSystem,
    /// Nothing that a seed must name.
    Nothing,
}

macro_rules! resource {
    ($name:literal, $snake_case:literal, $id:expr) => {
        Resource {
            name: $name,
            id: $id,
            not_found: concat!($snake_case, "_not_found"),
        }
    };
    ($name:literal, $snake_case:literal) => {
        resource!($name, $snake_case, concat!($snake_case, "_id"))
    };
}

macro_rules! description {
    ($belongs_to:ident, $name:literal, $snake_case:literal $(, $id:literal)?) => {
        &Description {
            resource: resource!($name, $snake_case $(, $id)?),
            defaults: $snake_case,
            belongs_to: BelongsTo::$belongs_to,
        }
    };
}

pub(crate) static DEVICE: Resource = resource!("device", "device");
pub(crate) static ACTION_ATTEMPT: Resource = resource!("action attempt", "action_attempt");
pub(crate) static CLIENT_SESSION: Resource = resource!("client session", "client_session");
pub(crate) static USER_IDENTITY: Resource = resource!("user identity", "user_identity");

impl ResourceType {
    fn description(self) -> &'static Description {
        match self {
            Self::AccessCode => description!(Device, "access code", "access_code"),
            Self::AccessGrant => description!(UserIdentity, "access grant", "access_grant"),
            Self::AccessMethod => description!(Nothing, "access method", "access_method"),
            Self::AcsAccessGroup => description!(AcsSystem, "access group", "acs_access_group"),
            Self::AcsCredential => description!(AcsSystem, "credential", "acs_credential"),
            Self::AcsEncoder => description!(AcsSystem, "encoder", "acs_encoder"),
            Self::AcsEntrance => description!(AcsSystem, "entrance", "acs_entrance"),
            Self::AcsSystem => description!(Nothing, "access system", "acs_system"),
            Self::AcsUser => description!(AcsSystem, "access system user", "acs_user"),
            Self::ConnectWebview => description!(Nothing, "connect webview", "connect_webview"),
            Self::ConnectedAccount => {
                description!(Nothing, "connected account", "connected_account")
            }
            Self::Event => description!(Nothing, "event", "event"),
            Self::InstantKey => description!(Nothing, "instant key", "instant_key"),
            Self::NoiseThreshold => description!(Device, "noise threshold", "noise_threshold"),
            Self::Phone => description!(UserIdentity, "phone", "phone", "device_id"),
            Self::Space => description!(Nothing, "space", "space"),
            Self::ThermostatDailyProgram => description!(
                Device,
                "thermostat daily program",
                "thermostat_daily_program"
            ),
            Self::ThermostatSchedule => {
                description!(Device, "thermostat schedule", "thermostat_schedule")
            }
        }
    }

    /// Returns how the API names the resource.
    pub(crate) fn resource(self) -> &'static Resource {
        &self.description().resource
    }

    /// Returns the name of the defaults for an object with these members.
    pub(super) fn defaults(self, members: &JsonObject) -> &'static str {
        let is_unmanaged = members.get("is_managed").and_then(Value::as_bool) == Some(false);
        match self {
            Self::AccessCode if is_unmanaged => "unmanaged_access_code",
            _ => self.description().defaults,
        }
    }

    /// Checks that a record of a seed names what it belongs to.
    pub(super) fn check_references(self, object: &JsonObject) -> Result<(), SeedError> {
        let (member, name_in_seed) = match self.description().belongs_to {
            BelongsTo::Device => ("device_id", "device"),
            BelongsTo::UserIdentity => ("user_identity_id", "user_identity_key"),
            BelongsTo::AcsSystem => ("acs_system_id", "acs_system"),
            BelongsTo::Nothing => return Ok(()),
        };
        if object.contains_key(member) {
            return Ok(());
        }
        let name = self.resource().name;
        Err(SeedError::new(format!("{name}: {name_in_seed} is missing")))
    }

    /// Returns whether the API's object has this member, `workspace_id` or `created_at`.
    pub(super) fn has(self, member: &str) -> bool {
        let without_workspace = matches!(self, Self::ConnectedAccount | Self::AcsEntrance);
        self != Self::NoiseThreshold && !(without_workspace && member == "workspace_id")
    }
}

impl Resource {
    /// 404, where the id is the resource that is asked for.
    pub(crate) fn not_found(&self) -> ApiError {
        ApiError::new(404, self.not_found, self.message())
    }

    /// 400, where the id is a reference in the parameters, as in the one published example.
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
