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
    /// The last fetch failed; another one comes.
    Stale,
    /// The last fetch failed for good: no other comes before somebody asks for it.
    Stopped,
}

/// What a list's executor has to do, in the order of the constants; see
/// [`WatchedList::poll_outputs`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListOutputs(u8);

impl ListOutputs {
    /// Abort the fetch that is under way; it changes nothing any more.
    pub const ABORT_FETCH: Self = Self(1);
    /// Abort the lookups, which were begun with another token.
    pub const ABORT_LOOKUPS: Self = Self(2);
    /// Drop all records, and notify subscribers of what was removed.
    pub const EMPTY: Self = Self(4);
    /// Read [`WatchedList::status`] and notify subscribers.
    pub const STATUS: Self = Self(8);
    /// Notify subscribers: records are visible again.
    pub const NOTIFY: Self = Self(16);
    /// Resolve the requests for fetches up to the number [`WatchedList::settled`].
    pub const SETTLE: Self = Self(32);
    /// Call [`WatchedList::poll_fetch`].
    pub const POLL: Self = Self(64);

    /// Whether it has all of `other`.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The constants' bits.
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
    /// Put it into the list.
    Apply,
    /// Drop it: newer data is there, or another user.
    Discard,
    /// A fetch that was sent later is under way: handle it again when that has ended.
    AwaitFetch,
}

/// What a list does about a [`Mutation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MutationStep {
    /// Nothing.
    None,
    /// Look the device up.
    LookUp,
    /// Fetch the list, which is requested.
    Refetch,
}

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Devices: also those of `/locks/list` and others that are lists of devices.
    Devices,
    /// Access codes.
    AccessCodes,
}

/// A call that has changed something, or may have.
#[derive(Clone, Copy, Debug)]
pub struct Mutation<'a> {
    /// The route's path; empty for the end of an action attempt.
    pub path: &'a [u8],
    /// Whether it names another device than the list's parameters do.
    pub is_other_device: bool,
    /// Whether it names a device that is in the list.
    pub in_list: bool,
}

/// The life of a watched list: when it is fetched, which of overlapping fetches and lookups
/// counts, what a failure means for what is shown, and when its records are dropped.
///
/// `handle_*` methods take events, `poll_*` methods give what is to be done. The executor holds
/// the records. `now` is a reading of one monotonic clock, in milliseconds.
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
    /// The number of the last fetch, and whether it is under way.
    fetch: u32,
    fetching: bool,
    /// The last fetch that somebody waits for, and the last one that has ended.
    requested: u32,
    settled: u32,
    /// Numbers fetches and lookups in the order in which they are sent.
    sequence: u32,
    /// The number, in that order, of the last fetch, and of the last one that succeeded.
    sent: u32,
    succeeded: u32,
    /// Lookups before this one belong to another user, or to records that were dropped.
    valid_from: u32,
    /// The last lookup that counted of each device, by the hash of the device's id.
    lookups: Vec<(u64, u32)>,
    /// Whether it is known that the token is of the user whose records these are.
    visible: bool,
}

impl WatchedList {
    /// A list whose first fetch is due now, and others every `interval` milliseconds. `visible` is
    /// whether it is known whose the token is.
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

    /// How fresh it is.
    #[must_use]
    pub fn status(&self) -> ListStatus {
        self.status
    }

    /// The number of the last fetch that has ended, or will not end any more.
    #[must_use]
    pub fn settled(&self) -> u32 {
        self.settled
    }

    /// What is to be done; each output is given once.
    pub fn poll_outputs(&mut self) -> ListOutputs {
        core::mem::take(&mut self.outputs)
    }

    /// Whether to fetch now. After [`RefetchAction::Fetch`] come
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

    /// The shortest interval that a subscriber asked for, in milliseconds.
    pub fn handle_interval(&mut self, interval: u64, now: u64) {
        self.interval = interval;
        self.scheduler.set_interval(interval, now);
        self.apply_environment(now);
    }

    /// Whether no subscriber can see the list, and whether the platform says that it is offline.
    pub fn handle_environment(&mut self, hidden: bool, offline: bool, now: u64) {
        (self.hidden, self.offline) = (hidden, offline);
        self.apply_environment(now);
    }

    #[inline(never)]
    fn apply_environment(&mut self, now: u64) {
        // A list that is not polled has nobody to be hidden from.
        let hidden = self.hidden && self.interval < ON_DEMAND;
        self.scheduler.set_paused(hidden, self.offline, now);
        self.outputs.add(ListOutputs::POLL);
    }

    /// Somebody wants data that is fetched from now on. Gives the number of the fetch that they
    /// wait for; `None` if none comes, because the session has ended.
    pub fn handle_refetch(&mut self) -> Option<u32> {
        self.request().then(|| self.wait_for(self.fetch + 1))
    }

    /// Somebody wants data that is fetched now, or is being fetched. Followed by
    /// [`poll_fetch`](Self::poll_fetch) and [`current_fetch`](Self::current_fetch).
    pub fn handle_join(&mut self) {
        if !self.fetching {
            self.request();
        }
    }

    /// The number of the fetch under way, for those who wait for its end; `None` if there is none:
    /// the server's `Retry-After` is not waited for.
    pub fn current_fetch(&mut self) -> Option<u32> {
        self.fetching.then(|| self.wait_for(self.fetch))
    }

    fn wait_for(&mut self, fetch: u32) -> u32 {
        self.requested = self.requested.max(fetch);
        fetch
    }

    /// Requests a fetch. What stopped the list may have passed, but for the end of the session.
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

    /// The first request of a fetch is sent now: lookups that were sent before are older.
    pub fn handle_fetch_sent(&mut self) {
        self.sequence += 1;
        self.sent = self.sequence;
    }

    /// All pages are there, and in the list. `jitter` is from 0 to 1000, as below.
    pub fn handle_fetch_done(&mut self, now: u64, jitter: u32) {
        self.succeeded = self.sent;
        self.scheduler.handle_fetch_done(now, jitter);
        if self.status != ListStatus::Live {
            self.show(ListStatus::Live);
        }
        self.end_fetch(self.fetch);
    }

    /// A fetch failed; the server asked for a pause of `retry_after` milliseconds, or 0. What is
    /// out of scope, or of a session that has ended, is dropped.
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
            // Nobody waits for a fetch that does not come.
            self.end_fetch(ended + 1);
        } else {
            self.show(ListStatus::Stale);
            self.end_fetch(ended);
        }
    }

    /// The instance that held the records was lost. A fetch under way fails by itself.
    pub fn handle_records_lost(&mut self, now: u64, jitter: u32) {
        self.empty();
        if !self.fetching && self.status != ListStatus::Stopped {
            self.scheduler.handle_fetch_failed(now, 0, jitter);
            self.show(ListStatus::Stale);
            self.outputs.add(ListOutputs::POLL);
        }
    }

    /// A device is looked up now: the number of the lookup.
    pub fn handle_lookup(&mut self) -> u32 {
        self.sequence += 1;
        self.sequence
    }

    /// A lookup has found its device; `in_list` is whether the list has it. `is_check` is for a device that an action needs to know about now: it also adds the device,
    /// and waits for nothing.
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

    /// A lookup failed: whether the device is out of scope, and to be taken out of the list.
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

    /// A device was taken out of the list. A fetch under way may have read it already, so another
    /// one begins.
    pub fn handle_removed(&mut self, now: u64) {
        if self.fetching {
            self.restart(now);
        }
    }

    /// A call has changed something, here or in another page.
    pub fn handle_mutation(&mut self, mutation: Mutation) -> MutationStep {
        match self.kind {
            ListKind::AccessCodes
                if mutation.path.starts_with(b"/access_codes/") && !mutation.is_other_device =>
            {
                self.request();
                MutationStep::Refetch
            }
            ListKind::Devices if mutation.in_list && self.interval < ON_DEMAND => {
                MutationStep::LookUp
            }
            _ => MutationStep::None,
        }
    }

    /// The server rejected the token of a call. Lists find out by a fetch of their own; where the
    /// token is refreshed, only once each.
    pub(super) fn handle_token_refused(&mut self, is_refreshed: bool) {
        if self.status == ListStatus::Live || !is_refreshed {
            self.handle_join();
        }
    }

    /// A token is being checked: the list shows nothing until it is known whose it is.
    #[inline(never)]
    pub(super) fn handle_hidden(&mut self, now: u64) {
        self.visible = false;
        self.restart(now);
        self.show(ListStatus::Loading);
    }

    /// The token was rejected: what was visible is so again, and is fetched anew.
    pub(super) fn handle_token_rejected(&mut self, visible: bool, now: u64) {
        self.visible = visible;
        self.restart(now);
        self.show(ListStatus::Stale);
    }

    /// There is another token, perhaps another user's.
    pub(super) fn handle_token_replaced(&mut self, now: u64) {
        self.valid_from = self.sequence + 1;
        self.outputs.add(ListOutputs::ABORT_LOOKUPS);
        // Backoff and `Retry-After` were of the last session.
        self.scheduler = RefetchScheduler::new(self.interval, now);
        self.handle_hidden(now);
    }

    /// It is known that the token is of the user whose list this is.
    pub(super) fn handle_visible(&mut self) {
        self.visible = true;
        self.outputs.add(ListOutputs::NOTIFY);
    }

    /// Drops all records: they are of another user, or of a session that has ended.
    #[inline(never)]
    pub(super) fn empty(&mut self) {
        self.valid_from = self.sequence + 1;
        self.lookups.clear();
        self.outputs.add(ListOutputs::EMPTY);
    }

    /// Gives up the fetch under way, and begins another one.
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
        self.settled = fetch;
        self.outputs.add(ListOutputs::SETTLE);
        self.outputs.add(ListOutputs::POLL);
    }
}
