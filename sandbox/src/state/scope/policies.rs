//! The access policy of each resource type, as the table in [`scope`](super) has it.

use super::policy::{self, AccessPolicy};
use super::{access_codes, acs, events};
use crate::state::resource_type::ResourceType;

/// Returns the access policy of a resource type.
pub(super) fn of(resource_type: ResourceType) -> &'static AccessPolicy {
    match resource_type {
        ResourceType::AccessCode => &access_codes::POLICY,
        ResourceType::AccessGrant
        | ResourceType::AccessMethod
        | ResourceType::AcsEncoder
        | ResourceType::InstantKey
        | ResourceType::Space => &policy::NOBODY,
        ResourceType::AcsAccessGroup => &acs::ACCESS_GROUP,
        ResourceType::AcsCredential => &acs::CREDENTIAL,
        ResourceType::AcsEntrance => &acs::ENTRANCE,
        ResourceType::AcsSystem => &acs::SYSTEM,
        ResourceType::AcsUser => &acs::USER,
        ResourceType::ConnectWebview => &policy::WEBVIEW,
        ResourceType::ConnectedAccount => &policy::ACCOUNT,
        ResourceType::Event => &events::POLICY,
        ResourceType::NoiseThreshold
        | ResourceType::ThermostatDailyProgram
        | ResourceType::ThermostatSchedule => &policy::ON_DEVICE,
        ResourceType::Phone => &policy::OF_IDENTITY,
    }
}
