//! The handlers of the routes. They reach the state only through a [`Scope`]. To simulate another
//! route, write a handler and add a line to [`handler`].

mod access_codes;
mod access_grants;
mod acs;
mod action_attempts;
mod client_sessions;
mod connect_webviews;
mod connected_accounts;
mod device_filter;
mod device_object;
mod device_providers;
mod device_simulate;
mod device_update;
mod devices;
mod end_session;
mod events;
mod explain;
mod faults;
mod locks;
mod metadata;
mod noise_sensors;
mod noise_thresholds;
mod page;
mod phones;
mod thermostats;
mod time_frame;
mod unmanaged_devices;
mod user_identities;
mod workspaces;

use crate::error::ApiError;
use crate::http::Reply;
use crate::input::Params;
use crate::state::{Scope, SessionRef};

/// A call of a route, with validated parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) params: &'a Params,
    pub(crate) method: u8,
    pub(crate) path: &'static str,
    pub(crate) endpoint: &'a str,
    /// The user identifier key from the header. It is used only when a publishable key opens a
    /// session.
    pub(crate) user_identifier_key: Option<&'a str>,
}

/// The handler of a route.
pub(crate) type Handler = fn(&mut Scope<'_>, &Call<'_>) -> Result<Reply, ApiError>;

/// Returns the handler of a path; `None` if the route is not simulated.
#[expect(clippy::too_many_lines, reason = "a table with a line for each route")]
pub(crate) fn handler(path: &str) -> Option<Handler> {
    Some(match path {
        "/_sandbox/complete_connect_webview" => connect_webviews::complete,
        "/_sandbox/end_session" => end_session::end_session,
        "/_sandbox/explain" => explain::explain,
        "/_sandbox/faults" => faults::faults,
        "/access_codes/create" => access_codes::create,
        "/access_codes/create_multiple" => access_codes::create_multiple,
        "/access_codes/delete" => access_codes::delete,
        "/access_codes/generate_code" => access_codes::generate_code,
        "/access_codes/get" => access_codes::get,
        "/access_codes/list" => access_codes::list,
        "/access_codes/pull_backup_access_code" => access_codes::pull_backup_access_code,
        "/access_codes/report_device_constraints" => access_codes::report_device_constraints,
        "/access_codes/simulate/create_unmanaged_access_code" => access_codes::create_unmanaged,
        "/access_codes/unmanaged/convert_to_managed" => access_codes::convert_to_managed,
        "/access_codes/unmanaged/delete" => access_codes::delete_unmanaged,
        "/access_codes/unmanaged/get" => access_codes::get_unmanaged,
        "/access_codes/unmanaged/list" => access_codes::list_unmanaged,
        "/access_codes/unmanaged/update" => access_codes::update_unmanaged,
        "/access_codes/update" => access_codes::update,
        "/access_codes/update_multiple" => access_codes::update_multiple,
        "/access_grants/create" => access_grants::create,
        "/access_grants/delete" => access_grants::delete,
        "/access_grants/get" => access_grants::get,
        "/access_grants/list" => access_grants::list,
        "/access_grants/update" => access_grants::update,
        "/acs/access_groups/delete" => acs::delete_access_group,
        "/acs/credentials/list" => acs::list_credentials,
        "/acs/entrances/get" => acs::get_entrance,
        "/acs/entrances/list" => acs::list_entrances,
        "/acs/entrances/list_credentials_with_access" => acs::list_entrance_credentials,
        "/acs/systems/list" => acs::list_systems,
        "/acs/users/list" => acs::list_users,
        "/acs/users/list_accessible_entrances" => acs::list_user_entrances,
        "/action_attempts/get" => action_attempts::get,
        "/client_sessions/create" => client_sessions::create,
        "/client_sessions/delete" => client_sessions::delete,
        "/client_sessions/get" => client_sessions::get,
        "/client_sessions/get_or_create" => client_sessions::get_or_create,
        "/client_sessions/grant_access" => client_sessions::grant_access,
        "/client_sessions/list" => client_sessions::list,
        "/client_sessions/revoke" => client_sessions::revoke,
        "/connect_webviews/create" => connect_webviews::create,
        "/connect_webviews/delete" => connect_webviews::delete,
        "/connect_webviews/get" => connect_webviews::get,
        "/connect_webviews/list" => connect_webviews::list,
        "/connected_accounts/delete" => connected_accounts::delete,
        "/connected_accounts/get" => connected_accounts::get,
        "/connected_accounts/list" => connected_accounts::list,
        "/connected_accounts/simulate/disconnect" => connected_accounts::simulate_disconnect,
        "/connected_accounts/update" => connected_accounts::update,
        "/devices/get" => devices::get,
        "/devices/list" => devices::list,
        "/devices/list_device_providers" => device_providers::list,
        "/devices/simulate/connect" => device_simulate::connect,
        "/devices/simulate/connect_to_hub" => device_simulate::connect_to_hub,
        "/devices/simulate/disconnect" => device_simulate::disconnect,
        "/devices/simulate/disconnect_from_hub" => device_simulate::disconnect_from_hub,
        "/devices/simulate/paid_subscription" => device_simulate::paid_subscription,
        "/devices/simulate/remove" => device_simulate::remove,
        "/devices/unmanaged/get" => unmanaged_devices::get,
        "/devices/unmanaged/list" => unmanaged_devices::list,
        "/devices/unmanaged/update" => device_update::update_unmanaged,
        "/devices/update" => device_update::update,
        "/events/get" => events::get,
        "/events/list" => events::list,
        "/locks/configure_auto_lock" => locks::configure_auto_lock,
        "/locks/get" => locks::get,
        "/locks/list" => locks::list,
        "/locks/lock_door" => locks::lock_door,
        "/locks/unlock_door" => locks::unlock_door,
        "/noise_sensors/list" => noise_sensors::list,
        "/noise_sensors/noise_thresholds/create" => noise_thresholds::create,
        "/noise_sensors/noise_thresholds/delete" => noise_thresholds::delete,
        "/noise_sensors/noise_thresholds/get" => noise_thresholds::get,
        "/noise_sensors/noise_thresholds/list" => noise_thresholds::list,
        "/noise_sensors/noise_thresholds/update" => noise_thresholds::update,
        "/phones/deactivate" => phones::deactivate,
        "/thermostats/cool" => thermostats::cool,
        "/thermostats/create_climate_preset" => thermostats::create_climate_preset,
        "/thermostats/daily_programs/create" => thermostats::create_daily_program,
        "/thermostats/daily_programs/delete" => thermostats::delete_daily_program,
        "/thermostats/daily_programs/update" => thermostats::update_daily_program,
        "/thermostats/delete_climate_preset" => thermostats::delete_climate_preset,
        "/thermostats/heat" => thermostats::heat,
        "/thermostats/heat_cool" => thermostats::heat_cool,
        "/thermostats/list" => thermostats::list,
        "/thermostats/off" => thermostats::off,
        "/thermostats/schedules/create" => thermostats::create_schedule,
        "/thermostats/schedules/delete" => thermostats::delete_schedule,
        "/thermostats/schedules/get" => thermostats::get_schedule,
        "/thermostats/schedules/list" => thermostats::list_schedules,
        "/thermostats/schedules/update" => thermostats::update_schedule,
        "/thermostats/set_fan_mode" => thermostats::set_fan_mode,
        "/thermostats/set_hvac_mode" => thermostats::set_hvac_mode,
        "/thermostats/update_climate_preset" => thermostats::update_climate_preset,
        "/thermostats/update_weekly_program" => thermostats::update_weekly_program,
        "/user_identities/create" => user_identities::create,
        "/user_identities/delete" => user_identities::delete,
        "/user_identities/get" => user_identities::get,
        "/user_identities/grant_access_to_device" => user_identities::grant_access_to_device,
        "/user_identities/list" => user_identities::list,
        "/user_identities/list_accessible_devices" => user_identities::list_accessible_devices,
        "/user_identities/list_accessible_entrances" => user_identities::list_accessible_entrances,
        "/user_identities/list_acs_systems" => user_identities::list_acs_systems,
        "/user_identities/revoke_access_to_device" => user_identities::revoke_access_to_device,
        "/user_identities/unmanaged/list" => user_identities::list_unmanaged,
        "/user_identities/unmanaged/update" => user_identities::update_unmanaged,
        "/user_identities/update" => user_identities::update,
        "/workspaces/get" => workspaces::get,
        "/workspaces/list" => workspaces::list,
        "/workspaces/update" => workspaces::update,
        _ => return None,
    })
}

impl Call<'_> {
    /// Returns the client session that a request of the sandbox's own routes is about.
    fn named_session(&self) -> Result<SessionRef<'_>, ApiError> {
        let token = self.params.text("client_session_token");
        let id = self.params.id("client_session_id");
        match (token, id) {
            (Some(token), None) => Ok(SessionRef::Token(token)),
            (None, Some(id)) => Ok(SessionRef::Id(id)),
            _ => Err(ApiError::invalid(
                "one of client_session_token and client_session_id is required",
            )),
        }
    }

    /// Returns an id that the schema requires.
    fn required_id(&self, name: &str) -> Result<crate::ids::Id, ApiError> {
        self.params.id(name).ok_or_else(|| ApiError::required(name))
    }
}
