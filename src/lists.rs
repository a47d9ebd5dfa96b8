//! Watched lists: when one is fetched, what a failed fetch means, and what a fetch has changed.

mod cache;
mod refetch_error;
mod scheduler;

#[cfg(test)]
mod properties;

pub(crate) use cache::flag;
pub use cache::{Delta, Query, Store, StoreError};
pub use refetch_error::{Named, Trouble, Verdict, look_again, look_within};
pub use scheduler::{Next, Poll};
