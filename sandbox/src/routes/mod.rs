//! The handlers of the routes. They reach the state only through a [`Scope`](crate::state::Scope). To
//! simulate another route, write a handler and add a line to [`handler`].

mod access_codes;
mod access_grants;
mod access_methods;
mod acs;
mod action_attempts;
mod batch;
mod call;
mod catalogue;
mod client_sessions;
mod connect_webviews;
mod connected_accounts;
mod device_filter;
mod device_object;
mod device_providers;
mod device_simulate;
mod device_update;
mod devices;
mod dispatch;
mod end_session;
mod events;
mod explain;
mod faults;
mod instant_keys;
mod lock_simulate;
mod locks;
mod metadata;
mod named_members;
mod noise_sensors;
mod noise_thresholds;
mod open_session;
mod page;
mod phones;
mod spaces;
mod thermostats;
mod time_frame;
mod unmanaged_devices;
mod user_identities;
mod workspaces;

pub(crate) use call::Call;
pub(crate) use dispatch::handler;
