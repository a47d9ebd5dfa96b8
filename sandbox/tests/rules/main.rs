//! Tests of the sandbox's rules through its public interface: a request in, a response out.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "an unexpected value must fail the test; parameters are written as literals"
)]

mod access_codes;
mod access_grants;
mod access_methods;
mod acs;
mod action_attempts;
mod any_input;
mod any_route;
mod catalogue;
mod client_sessions;
mod connect_webviews;
mod connected_accounts;
mod control;
mod credentials;
mod device_simulate;
mod device_update;
mod devices;
mod events;
mod explain;
mod faults;
mod grant_access;
mod limits;
mod lock_simulate;
mod mobile_keys;
mod noise_thresholds;
mod pages;
mod phones;
mod proofs;
mod protocol;
#[path = "../model/random.rs"]
mod random;
mod random_seed;

mod responses;
mod scope;
mod scope_edges;
mod sdk_requests;
mod seed;
mod spaces;
mod thermostats;
mod user_identities;
mod validation;
mod walkthrough;
mod workspaces;
mod world;
