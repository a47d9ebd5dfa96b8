use super::cache::hash_of;
use super::scheduler::ON_DEMAND;
use super::{RefetchAction, RefetchError, RefetchErrorKind, RefetchScheduler};

/// How fresh a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStatus {
    /// Nothing was fetched yet, or it is not known whose the token is.
    Loading,
    /// The last fetch succeeded.
    Live,
    /// The last fetch failed; the next one is scheduled.
    Stale,
    /// The last fetch failed permanently: the next one starts only on request.
    Stopped,
}

/// What the executor of a list has to do, in the order of the constants; see
/// [`WatchedList::poll_outputs`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListOutputs(u8);

impl ListOutputs {
    /// Abort the fetch in progress. Its result no longer counts.
    pub const ABORT_FETCH: Self = Self(1);
    /// Abort the lookups, which were sent with another token.
    pub const ABORT_LOOKUPS: Self = Self(2);
    /// Drop all records, and notify subscribers of what was removed.
    pub const EMPTY: Self = Self(4);
    /// Read [`WatchedList::status`] and notify subscribers.
    pub const STATUS: Self = Self(8);
    /// Notify subscribers: records are visible again.
    pub const NOTIFY: Self = Self(16);
    /// Resolve the requests that wait for a fetch up to the number [`WatchedList::settled`].
    pub const SETTLE: Self = Self(32);
    /// Call [`WatchedList::poll_fetch`].
    pub const POLL: Self = Self(64);

    /// Returns whether all of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns the bits of the constants.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    const fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What to do with a device that a lookup has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupStep {
    /// Put the device into the list.
    Apply,
    /// Discard the device: the list has newer data, or the user has changed.
    Discard,
    /// A fetch that was sent later is in progress: handle the lookup again when that has ended.
    AwaitFetch,
}

/// What a list does about a [`Mutation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MutationStep {
    /// Nothing.
    None,
    /// Look the device up.
    LookUp,
    /// Fetch the list. The fetch is already requested.
    Refetch,
}

/// The resource type of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Devices, in `/devices/list` and in lists of one class of device, such as `/locks/list`.
    Devices,
    /// Access codes.
    AccessCodes,
}

/// A call that has changed a record, or may have.
#[derive(Clone, Copy, Debug)]
pub struct Mutation<'a> {
    /// The route's path; empty for the end of an action attempt.
    pub path: &'a [u8],
    /// Whether the call names another device than the list's parameters do.
    pub is_other_device: bool,
    /// Whether the call names a device that is in the list.
    pub in_list: bool,
}

/// The state of a watched list. It decides when the list is fetched, which of several overlapping
/// fetches and lookups counts, what a failure means for the visible data, and when records are
/// dropped.
///
/// `handle_*` methods take events, `poll_*` methods return what to do. The executor holds the
/// records. `now` is a reading of one monotonic clock, in milliseconds.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is switched by an event of its own, in any order"
)]
pub struct WatchedList {
    kind: ListKind,
    scheduler: RefetchScheduler,
    interval: u64,
    hidden: bool,
    offline: bool,
    status: ListStatus,
    session_ended: bool,
    outputs: ListOutputs,
    /// The number of the last fetch, and whether it is in progress.
    fetch: u32,
    fetching: bool,
    /// The last fetch that a caller waits for, and the last one that has ended.
    requested: u32,
    settled: u32,
    /// Numbers fetches and lookups in the order in which they are sent.
    sequence: u32,
    /// The position in `sequence` of the last fetch, and of the last one that succeeded.
    sent: u32,
    succeeded: u32,
    /// The first position that counts: earlier lookups belong to another user, or to records that
    /// were dropped.
    valid_from: u32,
    /// The last lookup of each device that counted, by the hash of the device's id.
    lookups: Vec<(u64, u32)>,
    /// Whether the token is known to be of the user whose records these are.
    visible: bool,
}

impl WatchedList {
    /// A list whose first fetch is due now, and further ones every `interval` milliseconds.
    /// `visible` is whether it is known whose the token is.
    #[must_use]
    pub fn new(kind: ListKind, interval: u64, visible: bool, now: u64) -> Self {
        Self {
            kind,
            scheduler: RefetchScheduler::new(interval, now),
            interval,
            hidden: false,
            offline: false,
            status: ListStatus::Loading,
            session_ended: false,
            outputs: ListOutputs::POLL,
            fetch: 0,
            fetching: false,
            requested: 0,
            settled: 0,
            sequence: 0,
            sent: 0,
            succeeded: 0,
            valid_from: 0,
            lookups: Vec::new(),
            visible,
        }
    }

    /// Returns how fresh the list is.
    #[must_use]
    pub fn status(&self) -> ListStatus {
        self.status
    }

    /// Returns the number of the last fetch that has ended, or that no longer comes.
    #[must_use]
    pub fn settled(&self) -> u32 {
        self.settled
    }

    /// Returns what to do. Each output is returned once.
    pub fn poll_outputs(&mut self) -> ListOutputs {
        core::mem::take(&mut self.outputs)
    }

    /// Returns whether to fetch now. After [`RefetchAction::Fetch`] the executor calls
    /// [`handle_fetch_sent`](Self::handle_fetch_sent), then
    /// [`handle_fetch_done`](Self::handle_fetch_done) or
    /// [`handle_fetch_failed`](Self::handle_fetch_failed), unless the fetch is aborted.
    pub fn poll_fetch(&mut self, now: u64) -> RefetchAction {
        let action = self.scheduler.poll_action(now);
        if action == RefetchAction::Fetch {
            self.fetch += 1;
            self.fetching = true;
        }
        action
    }

    /// Sets the shortest interval that a subscriber asked for, in milliseconds.
    pub fn handle_interval(&mut self, interval: u64, now: u64) {
        self.interval = interval;
        self.scheduler.set_interval(interval, now);
        self.apply_environment(now);
    }

    /// Sets whether the list is hidden for all subscribers, and whether the platform reports that
    /// it is offline.
    pub fn handle_environment(&mut self, hidden: bool, offline: bool, now: u64) {
        (self.hidden, self.offline) = (hidden, offline);
        self.apply_environment(now);
    }

    #[inline(never)]
    fn apply_environment(&mut self, now: u64) {
        // A hidden page pauses polling. A list without polling is fetched on request all the same.
        let hidden = self.hidden && self.interval < ON_DEMAND;
        self.scheduler.set_paused(hidden, self.offline, now);
        self.outputs.add(ListOutputs::POLL);
    }

    /// Requests a fetch that starts from now on. Returns the number of the fetch to wait for;
    /// `None` if there will be none, because the session has ended.
    pub fn handle_refetch(&mut self) -> Option<u32> {
        self.request().then(|| self.wait_for(self.fetch + 1))
    }

    /// Requests a fetch, unless one is in progress. The executor then calls
    /// [`poll_fetch`](Self::poll_fetch) and [`current_fetch`](Self::current_fetch).
    pub fn handle_join(&mut self) {
        if !self.fetching {
            self.request();
        }
    }

    /// Returns the number of the fetch in progress, for a caller that waits for its end. Returns
    /// `None` if there is none, for example during the server's `Retry-After`.
    pub fn current_fetch(&mut self) -> Option<u32> {
        self.fetching.then(|| self.wait_for(self.fetch))
    }

    fn wait_for(&mut self, fetch: u32) -> u32 {
        self.requested = self.requested.max(fetch);
        fetch
    }

    /// Requests a fetch, also of a stopped list, because the cause may have passed. Returns false
    /// if the session has ended.
    #[inline(never)]
    fn request(&mut self) -> bool {
        if self.session_ended {
            return false;
        }
        if self.status == ListStatus::Stopped {
            self.show(ListStatus::Loading);
        }
        self.scheduler.handle_refetch_request();
        self.outputs.add(ListOutputs::POLL);
        true
    }

    /// Handles the sending of a fetch's first request. Lookups that were sent earlier are older
    /// than the fetch.
    pub fn handle_fetch_sent(&mut self) {
        self.sequence += 1;
        self.sent = self.sequence;
    }

    /// Handles a successful fetch, after its pages were put into the list. `jitter` is from 0 to
    /// 1000.
    pub fn handle_fetch_done(&mut self, now: u64, jitter: u32) {
        self.succeeded = self.sent;
        self.scheduler.handle_fetch_done(now, jitter);
        if self.status != ListStatus::Live {
            self.show(ListStatus::Live);
        }
        self.end_fetch(self.fetch);
    }

    /// Handles a failed fetch. `retry_after` is the server's `Retry-After` in milliseconds, or 0.
    /// The records are dropped if the list is out of scope or the session has ended.
    pub fn handle_fetch_failed(
        &mut self,
        error: RefetchError,
        retry_after: u64,
        now: u64,
        jitter: u32,
    ) {
        let kind = error.kind();
        self.scheduler.handle_fetch_failed(now, retry_after, jitter);
        if matches!(
            kind,
            RefetchErrorKind::OutOfScope | RefetchErrorKind::SessionEnded
        ) {
            self.empty();
        }
        let stops = matches!(
            kind,
            RefetchErrorKind::SessionEnded | RefetchErrorKind::Permanent
        );
        let ended = self.fetch;
        if stops {
            self.session_ended = kind == RefetchErrorKind::SessionEnded;
            self.scheduler.stop();
            self.show(ListStatus::Stopped);
            // The requests for the next fetch are settled too, because it will not start.
            self.end_fetch(ended + 1);
        } else {
            self.show(ListStatus::Stale);
            self.end_fetch(ended);
        }
    }

    /// Handles the loss of the instance that held the records. A fetch in progress fails by itself.
    pub fn handle_records_lost(&mut self, now: u64, jitter: u32) {
        self.empty();
        if !self.fetching && self.status != ListStatus::Stopped {
            self.scheduler.handle_fetch_failed(now, 0, jitter);
            self.show(ListStatus::Stale);
            self.outputs.add(ListOutputs::POLL);
        }
    }

    /// Handles the start of a lookup of one device. Returns the number of the lookup.
    pub fn handle_lookup(&mut self) -> u32 {
        self.sequence += 1;
        self.sequence
    }

    /// Handles a lookup that has found its device. `in_list` is whether the list has the device.
    /// `is_check` is for a lookup before an action: it also adds the device to the list, and does
    /// not wait for a fetch.
    pub fn handle_lookup_found(
        &mut self,
        lookup: u32,
        device: &[u8],
        is_check: bool,
        in_list: bool,
    ) -> LookupStep {
        if !is_check && self.fetching && lookup < self.sent {
            return LookupStep::AwaitFetch;
        }
        if !self.counts(lookup, device) || !(is_check || in_list) {
            return LookupStep::Discard;
        }
        self.record(lookup, device);
        LookupStep::Apply
    }

    /// Handles a failed lookup. Returns whether the device is out of scope and must be removed from
    /// the list.
    pub fn handle_lookup_failed(
        &mut self,
        lookup: u32,
        device: &[u8],
        error: RefetchError,
    ) -> bool {
        let gone = error.kind() == RefetchErrorKind::OutOfScope && self.counts(lookup, device);
        if gone {
            self.record(lookup, device);
        }
        gone
    }

    #[inline(never)]
    fn counts(&self, lookup: u32, device: &[u8]) -> bool {
        let device = hash_of(device);
        let last = self.lookups.iter().find(|known| known.0 == device);
        let newest = last.map_or(0, |known| known.1).max(self.succeeded);
        self.visible && lookup >= self.valid_from.max(newest)
    }

    fn record(&mut self, lookup: u32, device: &[u8]) {
        let device = hash_of(device);
        match self.lookups.iter_mut().find(|known| known.0 == device) {
            Some(known) => known.1 = lookup,
            None => self.lookups.push((device, lookup)),
        }
    }

    /// Handles the removal of a device from the list. A fetch in progress is restarted, because it
    /// may have read the device already.
    pub fn handle_removed(&mut self, now: u64) {
        if self.fetching {
            self.restart(now);
        }
    }

    /// Handles a call that has changed something, in this page or another.
    pub fn handle_mutation(&mut self, mutation: Mutation) -> MutationStep {
        match self.kind {
            ListKind::AccessCodes
                if mutation.path.starts_with(b"/access_codes/") && !mutation.is_other_device =>
            {
                // What was changed is fetched also if the fetch is given up meanwhile.
                self.handle_refetch();
                MutationStep::Refetch
            }
            ListKind::Devices if mutation.in_list && self.interval < ON_DEMAND => {
                MutationStep::LookUp
            }
            _ => MutationStep::None,
        }
    }

    /// Handles a call that the server rejected because of its token. The list is fetched, which
    /// shows whether its session has ended. With a token function only a live list is, so that
    /// further rejections cause no further fetch.
    pub(super) fn handle_token_refused(&mut self, is_refreshed: bool) {
        if self.status == ListStatus::Live || !is_refreshed {
            self.handle_join();
        }
    }

    /// Handles the start of a token check. The list shows nothing until it is known whose the token
    /// is.
    #[inline(never)]
    pub(super) fn handle_hidden(&mut self, now: u64) {
        self.visible = false;
        self.restart(now);
        self.show(ListStatus::Loading);
    }

    /// Handles the rejection of the token that was checked. What was visible before is visible
    /// again, and is fetched again.
    pub(super) fn handle_token_rejected(&mut self, visible: bool, now: u64) {
        self.visible = visible;
        self.restart(now);
        self.show(ListStatus::Stale);
    }

    /// Handles another token, which may be another user's.
    pub(super) fn handle_token_replaced(&mut self, now: u64) {
        self.valid_from = self.sequence + 1;
        self.outputs.add(ListOutputs::ABORT_LOOKUPS);
        // Backoff and `Retry-After` were of the last session.
        self.scheduler = RefetchScheduler::new(self.interval, now);
        self.handle_hidden(now);
    }

    /// Handles the loss of the session, whose records are dropped; the user stays as known as before.
    pub(super) fn handle_session_lost(&mut self, visible: bool) {
        self.visible = visible;
    }

    /// Handles the confirmation that the token is of the user whose list this is.
    pub(super) fn handle_visible(&mut self) {
        self.visible = true;
        self.outputs.add(ListOutputs::NOTIFY);
    }

    /// Drops all records: they are another user's, or of a session that has ended.
    #[inline(never)]
    pub(super) fn empty(&mut self) {
        self.valid_from = self.sequence + 1;
        self.lookups.clear();
        self.outputs.add(ListOutputs::EMPTY);
    }

    /// Abandons the fetch in progress, and schedules the next one.
    #[inline(never)]
    pub(super) fn restart(&mut self, now: u64) {
        if core::mem::replace(&mut self.fetching, false) {
            self.outputs.add(ListOutputs::ABORT_FETCH);
        }
        self.session_ended = false;
        self.scheduler.restart(now);
        if self.requested > self.settled {
            self.scheduler.handle_refetch_request();
        }
        self.apply_environment(now);
    }

    fn show(&mut self, status: ListStatus) {
        self.status = status;
        self.outputs.add(ListOutputs::STATUS);
    }

    #[inline(never)]
    fn end_fetch(&mut self, fetch: u32) {
        self.fetching = false;
        // The next fetch gets a number that nobody was told has ended.
        self.fetch = fetch;
        self.settled = fetch;
        self.outputs.add(ListOutputs::SETTLE);
        self.outputs.add(ListOutputs::POLL);
    }
}
