//! Watched lists: when a list is fetched, what a failed fetch means, what a fetch has changed, and
//! which records remain after a token change.

mod cache;
mod client_lists;
mod refetch_error;
mod scheduler;
mod watched_list;

#[cfg(test)]
mod life_properties;
#[cfg(test)]
mod properties;

pub(crate) use cache::flag;
pub use cache::{Delta, ListCache, ListCacheError, Query};
pub use client_lists::{ClientLists, SessionMatch};
pub use refetch_error::{
    RefetchError, RefetchErrorKind, RequestTargets, lookup_timeout, recheck_delay,
};
pub use scheduler::{RefetchAction, RefetchScheduler};
pub use watched_list::{
    ListKind, ListOutputs, ListStatus, LookupStep, Mutation, MutationStep, WatchedList,
};
