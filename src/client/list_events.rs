//! What lists must know of the calls and tokens of their client.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::task::AtomicWaker;

use crate::lists::SessionMatch;

/// An event that a list handles when it is polled next.
#[derive(Clone, Debug)]
pub(crate) enum ListEvent {
    /// Another token is in use.
    Token(SessionMatch),
    /// The token was rejected and there is no other.
    SessionLost,
    /// A call was rejected because of the token.
    TokenRefused,
    /// A call has changed something, or may have: its path, and the device that it names.
    Mutation(String, Option<String>),
}

/// The events of one list.
#[derive(Default)]
pub(crate) struct Inbox {
    events: Mutex<Vec<ListEvent>>,
    pub(crate) waker: AtomicWaker,
}

impl Inbox {
    pub(crate) fn take(&self) -> Vec<ListEvent> {
        std::mem::take(&mut lock(&self.events))
    }
}

/// The inboxes of all lists of a client.
#[derive(Default)]
pub(crate) struct Inboxes(Mutex<Vec<Weak<Inbox>>>);

impl Inboxes {
    /// Creates the inbox of a list; it is closed when it is dropped.
    pub(crate) fn open(&self) -> Arc<Inbox> {
        let inbox = Arc::new(Inbox::default());
        let mut all = lock(&self.0);
        all.retain(|inbox| inbox.strong_count() > 0);
        all.push(Arc::downgrade(&inbox));
        inbox
    }

    /// Returns whether there is no list.
    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.0).iter().all(|inbox| inbox.strong_count() == 0)
    }

    /// Sends an event to each list.
    pub(crate) fn send(&self, event: &ListEvent) {
        let all: Vec<Arc<Inbox>> = lock(&self.0).iter().filter_map(Weak::upgrade).collect();
        for inbox in all {
            lock(&inbox.events).push(event.clone());
            inbox.waker.wake();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code panics while it holds the lock.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
