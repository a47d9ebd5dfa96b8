//! Properties of every route that client sessions may call. Each is checked for all routes and all
//! of their parameters.

mod acs_events;
mod fake;
mod interference;
mod map;
mod pair;
mod prune;
mod refusal;
mod request;
pub(crate) mod users;
mod values;
