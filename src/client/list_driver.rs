//! Keeps one list up to date. The core decides (`src/lists/watched_list.rs`); this fetches, sets
//! timers and holds the records. It does so only while it is polled.

use std::collections::HashSet;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use serde_json::Value;

use super::error::SeamError;
use super::list_events::{Inbox, ListEvent};
use super::list_store::{Changes, ListStore, no_list};
use super::request::RequestParts;
use super::response::ApiResponse;
use super::transport::BoxFuture;
use crate::error::Reason;
use crate::lists::{
    ClientLists, ListKind, ListOutputs, ListStatus, LookupStep, Mutation, MutationStep,
    RefetchAction, RefetchError, SessionMatch, WatchedList,
};
use crate::route::Route;

/// A limit for a server that returns new cursors for ever.
const MAX_PAGES: usize = 10_000;

/// The longest timer. Timers may stop while the computer sleeps, so the clock is read again after
/// this time.
const LONGEST_SLEEP: u64 = 60_000;

/// The interval of a list that is fetched once, and then on request.
pub(crate) const ON_DEMAND: u64 = u64::MAX;

const LOOKUP_PATH: &str = "/devices/get";

pub(crate) struct ListDriver {
    pub(crate) request: RequestParts,
    pub(crate) response_key: &'static str,
    store: ListStore,
    /// The token generation of the user whose records these are.
    user: u32,
    inbox: Arc<Inbox>,
    /// The rules of this list, at index 0, and of the client's tokens.
    lists: ClientLists,
    fetch: Option<Fetch>,
    lookups: Vec<Lookup>,
    timer: Option<BoxFuture<()>>,
    /// What the next update tells.
    changes: Changes,
    is_changed: bool,
    pub(crate) error: Option<SeamError>,
}

type Response = BoxFuture<Result<ApiResponse, SeamError>>;

/// A fetch in progress.
struct Fetch {
    page: Response,
    /// The cursors so far.
    seen: HashSet<String>,
}

/// A lookup of one device.
struct Lookup {
    number: u32,
    id: String,
    state: LookupState,
}

enum LookupState {
    InProgress(Response),
    /// It has found this, and a fetch that was sent later is in progress.
    Found(Value),
}

impl ListDriver {
    pub(crate) fn new(request: RequestParts, interval: u64) -> Self {
        let response_key = Route::response_key(&request.path).unwrap_or_default();
        let (kind, id_member) = match response_key {
            "access_codes" => (ListKind::AccessCodes, "access_code_id"),
            _ => (ListKind::Devices, "device_id"),
        };
        let shared = &request.seam.0;
        let mut lists = ClientLists::new();
        lists.open(0, kind, interval, shared.transport.now().monotonic);
        Self {
            inbox: shared.inboxes.open(),
            user: shared.session.user_generation(),
            request,
            response_key,
            store: ListStore::new(id_member),
            lists,
            fetch: None,
            lookups: Vec::new(),
            timer: None,
            changes: Changes::default(),
            is_changed: false,
            error: None,
        }
    }

    fn now(&self) -> u64 {
        self.request.seam.0.transport.now().monotonic
    }

    fn jitter(&self) -> u32 {
        self.request.seam.0.transport.jitter()
    }

    /// Applies an event to the rules of the list. There is always a list, so the result is `Some`.
    fn with<R>(&mut self, apply: impl FnOnce(&mut WatchedList) -> R) -> Option<R> {
        self.lists.get_mut(0).map(apply)
    }

    /// Sets the time between two fetches, in milliseconds.
    pub(crate) fn set_interval(&mut self, interval: u64) {
        let now = self.now();
        self.with(|list| list.handle_interval(interval, now));
    }

    /// Requests a fetch. Returns its number; `None` if there will be none, because the session has
    /// ended.
    pub(crate) fn refetch(&mut self) -> Option<u32> {
        self.inbox.waker.wake();
        self.with(WatchedList::handle_refetch).flatten()
    }

    /// Does what can be done now. Returns whether the fetch of this number has ended.
    pub(crate) fn poll_settled(&mut self, fetch: u32, cx: &mut Context<'_>) -> Poll<()> {
        while self.poll(cx).is_ready() {}
        match self.with(|list| list.settled()) {
            Some(settled) if settled >= fetch => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    /// Returns whether the records are of the user of the token in use. If not, they are dropped
    /// when the list is polled next.
    pub(crate) fn is_current(&self) -> bool {
        self.user == self.request.seam.0.session.user_generation()
    }

    /// Returns the records that may be shown.
    pub(crate) fn store(&self) -> Option<&ListStore> {
        self.is_current().then_some(&self.store)
    }

    /// Returns how fresh the list is.
    pub(crate) fn status(&mut self) -> ListStatus {
        let status = self.with(|list| list.status());
        status
            .filter(|_| self.is_current())
            .unwrap_or(ListStatus::Loading)
    }

    /// Does what can be done now. Returns the changes since the last update when there are some, or
    /// when the state has changed.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Changes> {
        self.inbox.waker.register(cx.waker());
        for event in self.inbox.take() {
            self.handle(event);
        }
        loop {
            let is_busy = self.take_outputs() | self.poll_fetch(cx) | self.poll_lookups(cx);
            if !is_busy && !self.poll_timer(cx) {
                break;
            }
        }
        if std::mem::take(&mut self.is_changed) || !self.changes.is_empty() {
            return Poll::Ready(std::mem::take(&mut self.changes));
        }
        Poll::Pending
    }

    fn handle(&mut self, event: ListEvent) {
        let now = self.now();
        match event {
            ListEvent::Token(session) => {
                self.lists.handle_token(session, now);
                // The user of the next token is known before it is used.
                let is_same = matches!(session, SessionMatch::Same | SessionMatch::SameUser);
                self.lists.handle_session(is_same);
                if !is_same {
                    self.user = self.request.seam.0.session.user_generation();
                }
            }
            ListEvent::SessionLost => self.lists.handle_session_lost(now),
            ListEvent::TokenRefused => {
                let is_refreshed = self.request.seam.0.session.provider.is_some();
                self.lists.handle_token_refused(is_refreshed);
            }
            ListEvent::Mutation(path, device) => self.handle_mutation(&path, device),
        }
    }

    fn handle_mutation(&mut self, path: &str, device: Option<String>) {
        let own = self.request.param("device_id").and_then(Value::as_str);
        let mutation = Mutation {
            path: path.as_bytes(),
            is_other_device: device.is_some() && own.is_some() && own != device.as_deref(),
            in_list: device.as_deref().is_some_and(|id| self.store.has(id)),
        };
        let step = self.with(|list| list.handle_mutation(mutation));
        let (Some(MutationStep::LookUp), Some(id)) = (step, device) else {
            return;
        };
        let number = self.with(WatchedList::handle_lookup).unwrap_or_default();
        let request = RequestParts::new(&self.request.seam, LOOKUP_PATH);
        let request = request.with("device_id", Some(Value::from(id.as_str())));
        let state = LookupState::InProgress(request.send(|response, _| Ok(response.clone())));
        self.lookups.push(Lookup { number, id, state });
    }

    /// Executes the outputs of the rules. Returns whether there were some.
    fn take_outputs(&mut self) -> bool {
        let outputs = self.with(WatchedList::poll_outputs).unwrap_or_default();
        if outputs.contains(ListOutputs::ABORT_FETCH) {
            self.fetch = None;
        }
        if outputs.contains(ListOutputs::ABORT_LOOKUPS) {
            self.lookups.clear();
        }
        if outputs.contains(ListOutputs::EMPTY) {
            let changes = self.store.clear();
            self.changes.add(changes);
        }
        let is_shown = ListOutputs::STATUS.bits() | ListOutputs::NOTIFY.bits();
        self.is_changed |= outputs.bits() & is_shown != 0;
        if outputs.contains(ListOutputs::POLL) {
            self.schedule();
        }
        outputs != ListOutputs::default()
    }

    /// Starts a fetch, or a timer until one is due.
    fn schedule(&mut self) {
        let now = self.now();
        self.timer = None;
        match self.with(|list| list.poll_fetch(now)) {
            Some(RefetchAction::Fetch) => {
                self.with(WatchedList::handle_fetch_sent);
                self.store.begin(self.response_key);
                self.fetch = Some(Fetch {
                    page: self.request.clone().send_page(),
                    seen: HashSet::new(),
                });
            }
            Some(RefetchAction::Wait(ms)) => {
                let pause = Duration::from_millis(ms.min(LONGEST_SLEEP));
                self.timer = Some(self.request.seam.0.transport.sleep(pause));
            }
            Some(RefetchAction::Idle) | None => {}
        }
    }

    /// Returns whether the timer has fired.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> bool {
        let is_ready = match &mut self.timer {
            Some(timer) => timer.as_mut().poll(cx).is_ready(),
            None => false,
        };
        if is_ready {
            self.schedule();
        }
        is_ready
    }

    /// Returns whether the fetch has made progress.
    fn poll_fetch(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(mut fetch) = self.fetch.take() else {
            return false;
        };
        let Poll::Ready(result) = fetch.page.as_mut().poll(cx) else {
            self.fetch = Some(fetch);
            return false;
        };
        match result.and_then(|response| self.add_page(&response, &mut fetch.seen)) {
            Ok(Some(cursor)) => {
                let request = self.request.clone();
                let request = request.with("page_cursor", Some(Value::from(cursor)));
                fetch.page = request.send_page();
                self.fetch = Some(fetch);
            }
            Ok(None) => match self.store.commit() {
                Ok(changes) => {
                    self.changes.add(changes);
                    self.error = None;
                    let (now, jitter) = (self.now(), self.jitter());
                    self.with(|list| list.handle_fetch_done(now, jitter));
                }
                Err(error) => {
                    let path = self.request.path.clone();
                    self.fetch_failed(no_list(&path, &error.to_string()));
                }
            },
            Err(error) => self.fetch_failed(error),
        }
        true
    }

    /// Adds a page. Returns the cursor of the next one.
    fn add_page(
        &mut self,
        response: &ApiResponse,
        seen: &mut HashSet<String>,
    ) -> Result<Option<String>, SeamError> {
        let path = &self.request.path;
        let next = self
            .store
            .add_page(response.bytes())
            .map_err(|error| no_list(path, &error.to_string()))?;
        let Some(cursor) = next else { return Ok(None) };
        if cursor.is_empty() || seen.len() >= MAX_PAGES || !seen.insert(cursor.clone()) {
            return Err(no_list(path, "it has no new page_cursor"));
        }
        Ok(Some(cursor))
    }

    fn fetch_failed(&mut self, error: SeamError) {
        let retry_after = error.retry_after().unwrap_or_default().as_millis();
        let retry_after = u64::try_from(retry_after).unwrap_or(u64::MAX);
        let (now, jitter, meaning) = (self.now(), self.jitter(), self.meaning(&error));
        self.error = Some(error);
        self.with(|list| list.handle_fetch_failed(meaning, retry_after, now, jitter));
    }

    fn meaning(&self, error: &SeamError) -> RefetchError {
        let is_refreshed = self.request.seam.0.session.provider.is_some();
        let is_rejected = error.reason() == Some(Reason::TokenRefused) && !is_refreshed;
        RefetchError {
            status: error.status(),
            token_refused: is_rejected || error.code() == "signed_out",
            is_from_seam: error.error_type().is_some(),
        }
    }

    /// Returns whether a lookup has ended.
    fn poll_lookups(&mut self, cx: &mut Context<'_>) -> bool {
        let mut has_ended = false;
        let is_fetching = self.fetch.is_some();
        for mut lookup in std::mem::take(&mut self.lookups) {
            let result = match &mut lookup.state {
                LookupState::InProgress(response) => response.as_mut().poll(cx),
                LookupState::Found(_) if is_fetching => Poll::Pending,
                LookupState::Found(device) => {
                    let device = std::mem::take(device);
                    self.found(lookup.number, lookup.id, device);
                    continue;
                }
            };
            match result {
                Poll::Pending => self.lookups.push(lookup),
                Poll::Ready(Ok(response)) => {
                    has_ended = true;
                    let device = response.at("device").cloned().unwrap_or_default();
                    self.found(lookup.number, lookup.id, device);
                }
                Poll::Ready(Err(error)) => {
                    has_ended = true;
                    self.not_found(lookup.number, &lookup.id, &error);
                }
            }
        }
        has_ended
    }

    fn found(&mut self, number: u32, id: String, device: Value) {
        let in_list = self.store.has(&id);
        let step =
            self.with(|list| list.handle_lookup_found(number, id.as_bytes(), false, in_list));
        match step {
            // Another device, or no JSON with an id, changes nothing.
            Some(LookupStep::Apply)
                if device.get("device_id").and_then(Value::as_str) == Some(id.as_str()) =>
            {
                if let Ok(changes) = self.store.upsert(&device) {
                    self.changes.add(changes);
                }
            }
            Some(LookupStep::AwaitFetch) => {
                let state = LookupState::Found(device);
                self.lookups.push(Lookup { number, id, state });
            }
            _ => {}
        }
    }

    fn not_found(&mut self, number: u32, id: &str, error: &SeamError) {
        let meaning = self.meaning(error);
        let is_gone = self.with(|list| list.handle_lookup_failed(number, id.as_bytes(), meaning));
        if is_gone == Some(true) {
            let changes = self.store.remove(id);
            self.changes.add(changes);
            let now = self.now();
            self.with(|list| list.handle_removed(now));
        }
    }
}
