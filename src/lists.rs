//! Watched lists: when one is fetched, what a failed fetch means, and what a fetch has changed.

mod cache;
mod refetch_error;
mod scheduler;

#[cfg(test)]
mod properties;

pub(crate) use cache::flag;
pub use cache::{Delta, ListCache, ListCacheError, Query};
pub use refetch_error::{
    RefetchError, RefetchErrorKind, RequestTargets, lookup_timeout, recheck_delay,
};
pub use scheduler::{RefetchAction, RefetchScheduler};
