//! A list that is kept up to date, as a stream of its changes.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;

use super::device_query::DeviceQuery;
use super::error::SeamError;
use super::list_driver::ListDriver;
use super::list_store::ListStore;
use super::request::{RequestParts, unexpected_type};
use crate::lists::ListStatus;
use crate::resources::wire::Wire;

/// The time between two fetches, by default.
const INTERVAL: Duration = Duration::from_secs(600);

/// The shortest time between two fetches.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// A change of a list: the ids of the items that were added, changed or removed since the last one,
/// and the state of the list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ListUpdate {
    /// The ids of new items.
    pub added: Vec<String>,
    /// The ids of items that have changed.
    pub changed: Vec<String>,
    /// The ids of items that are gone.
    pub removed: Vec<String>,
    /// How fresh the list is.
    pub status: ListStatus,
    /// Why the list is stale or stopped.
    pub error: Option<SeamError>,
}

/// A list that is kept up to date while it is polled as a [`Stream`]. It is fetched at an interval,
/// and a device that the client has acted on is looked up at once. It is emptied when the session
/// ends, and when the token of another user comes; then it shows nothing also before it is polled.
///
/// The stream never ends. It fetches only while it is polled, and sends nothing more when it is
/// dropped.
#[must_use = "a list is fetched while it is polled"]
pub struct ListStream<T> {
    driver: ListDriver,
    item: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for ListStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListStream")
            .field("request", &self.driver.request)
            .field("length", &self.len())
            .finish_non_exhaustive()
    }
}

// No field is pinned by its place.
impl<T> Unpin for ListStream<T> {}

impl<T> ListStream<T> {
    pub(crate) fn new(request: RequestParts) -> Self {
        Self::every(request, millis(INTERVAL))
    }

    /// A list that is fetched at this interval in milliseconds.
    pub(crate) fn every(request: RequestParts, interval: u64) -> Self {
        Self {
            driver: ListDriver::new(request, interval),
            item: PhantomData,
        }
    }

    /// Returns whether there is an item with this id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.driver.store().is_some_and(|store| store.has(id))
    }

    /// Returns whether a device has the capability flag with this hash, present and true.
    pub(crate) fn has_flag(&self, id: &str, flag: u64) -> bool {
        let store = self.driver.store();
        store.is_some_and(|store| store.can(id, flag))
    }

    /// Sets the time between two fetches, at least a second; by default ten minutes.
    pub fn interval(mut self, interval: Duration) -> Self {
        let interval = interval.max(SHORTEST_INTERVAL);
        self.driver.set_interval(millis(interval));
        self
    }

    /// Requests a fetch, also of a list that has stopped. It starts when the stream is polled.
    pub fn refetch(&mut self) {
        self.driver.refetch();
    }

    /// Fetches the list. Returns the error of the fetch, if it has failed.
    pub(crate) async fn fetch(&mut self) -> Option<SeamError> {
        if let Some(fetch) = self.driver.refetch() {
            poll_fn(|cx| self.driver.poll_settled(fetch, cx)).await;
        }
        self.driver.error.clone()
    }

    /// Returns how fresh the list is.
    pub fn status(&mut self) -> ListStatus {
        self.driver.status()
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.driver.store().map_or(0, ListStore::len)
    }

    /// Returns whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the ids of all items, in the order of the list.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.driver.store().map(ListStore::ids).unwrap_or_default()
    }

    /// Returns the ids of the devices that match, in the order of the list.
    #[must_use]
    pub fn find(&self, query: &DeviceQuery) -> Vec<String> {
        let store = self.driver.store();
        store
            .map(|store| store.find(&query.to_core()))
            .unwrap_or_default()
    }

    /// Returns an item; `None` if it is not in the list.
    ///
    /// # Errors
    /// `invalid_response` if the item is not of the documented type.
    #[expect(private_bounds, reason = "all items are of generated types")]
    pub fn get(&self, id: &str) -> Result<Option<T>, SeamError>
    where
        T: Wire,
    {
        let ListDriver {
            request,
            response_key,
            ..
        } = &self.driver;
        let Some(text) = self.driver.store().and_then(|store| store.text(id)) else {
            return Ok(None);
        };
        let mismatch = |what: String| unexpected_type(&request.path, response_key, &what);
        let value = serde_json::from_str(text).map_err(|error| mismatch(error.to_string()))?;
        let item = T::read(&value).map_err(|error| mismatch(error.to_string()))?;
        Ok(Some(item))
    }
}

impl<T> Stream for ListStream<T> {
    type Item = ListUpdate;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ListUpdate>> {
        let Poll::Ready(changes) = self.driver.poll(cx) else {
            return Poll::Pending;
        };
        let status = self.driver.status();
        let is_failed = matches!(status, ListStatus::Stale | ListStatus::Stopped);
        Poll::Ready(Some(ListUpdate {
            added: changes.added,
            changed: changes.changed,
            removed: changes.removed,
            status,
            error: self.driver.error.clone().filter(|_| is_failed),
        }))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
