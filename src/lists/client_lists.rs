use super::{ListKind, WatchedList};

/// Whose session the new token has, compared with the session that the lists were fetched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionMatch {
    /// It is not known whose session it is.
    Unknown,
    /// Another user's.
    OtherUser,
    /// Another session of the same user, which may see less.
    SameUser,
    /// The same session.
    Same,
}

/// All watched lists of one client, and whether they may be shown: what was fetched for one user is
/// never visible to another.
///
/// A list is identified by its index. `now` is a reading of one monotonic clock, in milliseconds.
/// After each event the executor must take the outputs of each list.
#[derive(Clone, Debug)]
pub struct ClientLists {
    lists: Vec<Option<Box<WatchedList>>>,
    visible: bool,
    /// Set while another token is checked: whether the lists were visible before.
    checking: Option<bool>,
    session_ended: bool,
}

impl Default for ClientLists {
    fn default() -> Self {
        Self::new()
    }
}

impl ClientLists {
    /// The lists of a client that has its first token. No list is watched yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            lists: Vec::new(),
            visible: true,
            checking: None,
            session_ended: false,
        }
    }

    /// Returns whether records may be shown.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.visible
    }

    /// Returns whether the session that the lists were fetched for is known to be in use.
    #[must_use]
    pub fn is_session_live(&self) -> bool {
        self.visible && !self.session_ended
    }

    /// Returns whether another token is being checked.
    #[must_use]
    pub fn is_checking(&self) -> bool {
        self.checking.is_some()
    }

    /// Watches a list at an unused index. The caller chooses the index, so that a list keeps it
    /// when the lists move to another instance.
    pub fn open(&mut self, index: usize, kind: ListKind, interval: u64, now: u64) {
        while self.lists.len() <= index {
            self.lists.push(None);
        }
        if let Some(list) = self.lists.get_mut(index) {
            let opened = WatchedList::new(kind, interval, self.visible, now);
            *list = Some(Box::new(opened));
        }
    }

    /// Removes a list.
    pub fn close(&mut self, index: usize) {
        if let Some(list) = self.lists.get_mut(index) {
            *list = None;
        }
    }

    /// Returns a watched list; `None` if there is none at this index.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut WatchedList> {
        self.lists.get_mut(index)?.as_deref_mut()
    }

    fn each(&mut self, mut apply: impl FnMut(&mut WatchedList)) {
        for list in self.lists.iter_mut().flatten() {
            apply(list);
        }
    }

    /// Handles the start of a check of another token, which may be another user's.
    pub fn handle_token_check(&mut self, now: u64) {
        self.checking.get_or_insert(self.visible);
        self.visible = false;
        self.each(|list| list.handle_hidden(now));
    }

    /// Handles the server's rejection of the token that was checked. The last token stays in use.
    pub fn handle_token_rejected(&mut self, now: u64) {
        self.visible = self.checking.take() == Some(true);
        let visible = self.visible;
        self.each(|list| list.handle_token_rejected(visible, now));
    }

    /// Handles another token that is in use now.
    pub fn handle_token(&mut self, session: SessionMatch, now: u64) {
        self.checking = None;
        match session {
            SessionMatch::Same if self.is_session_live() => {}
            SessionMatch::SameUser if self.is_session_live() => {
                self.each(|list| list.restart(now));
            }
            _ => {
                self.visible = false;
                self.each(|list| list.handle_token_replaced(now));
            }
        }
    }

    /// Handles the first token of a client with a token function.
    pub fn handle_first_token(&mut self) {
        self.checking = None;
    }

    /// Handles the confirmed user of the token in use. If it is another user than that of the
    /// lists, they are emptied before anything is shown.
    pub fn handle_session(&mut self, is_same_user: bool) {
        if self.visible || self.checking.is_some() {
            return;
        }
        if !is_same_user {
            self.each(WatchedList::empty);
        }
        self.visible = true;
        self.session_ended = false;
        self.each(WatchedList::handle_visible);
    }

    /// Handles a call that the server rejected because of the token in use. `is_refreshed` is
    /// whether the client has a token function.
    pub fn handle_token_refused(&mut self, is_refreshed: bool) {
        self.each(|list| list.handle_token_refused(is_refreshed));
    }

    /// Handles the loss of the session: the token was rejected and there is no other. Nothing of
    /// the session is shown until a later fetch succeeds.
    pub fn handle_session_lost(&mut self, now: u64) {
        self.session_ended = true;
        let visible = self.visible;
        self.each(|list| {
            list.empty();
            list.handle_token_replaced(now);
            list.handle_session_lost(visible);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::scheduler::ON_DEMAND;
    use crate::lists::{ListOutputs, LookupStep, Mutation, RefetchAction, RefetchError};

    /// One list, which is fetched on demand, and whose first fetch has begun.
    fn fetching(kind: ListKind) -> ClientLists {
        let mut lists = ClientLists::new();
        lists.open(0, kind, ON_DEMAND, 0);
        assert_eq!(list(&mut lists).poll_fetch(0), RefetchAction::Fetch);
        lists
    }

    fn list(lists: &mut ClientLists) -> &mut WatchedList {
        lists.get_mut(0).expect("it is open")
    }

    #[test]
    fn a_fetch_that_is_given_up_is_followed_by_another_though_nobody_waits() {
        let mut lists = fetching(ListKind::Devices);
        lists.handle_token(SessionMatch::SameUser, 1);
        let list = list(&mut lists);
        assert!(list.poll_outputs().contains(ListOutputs::ABORT_FETCH));
        assert_eq!(list.poll_fetch(1), RefetchAction::Fetch);
        list.handle_fetch_done(2, 0);
        assert_eq!(list.poll_fetch(3), RefetchAction::Idle);
    }

    #[test]
    fn a_request_after_a_list_has_stopped_is_met_though_its_fetch_is_given_up() {
        let mut lists = fetching(ListKind::Devices);
        let error = RefetchError {
            status: Some(400),
            token_refused: false,
            is_from_seam: true,
        };
        list(&mut lists).handle_environment(true, false, 0);
        list(&mut lists).handle_interval(600_000, 0);
        list(&mut lists).handle_fetch_failed(error, 0, 0, 0);
        let requested = list(&mut lists).handle_refetch().expect("a fetch comes");
        assert!(requested > list(&mut lists).settled());
        assert_eq!(list(&mut lists).poll_fetch(1), RefetchAction::Fetch);
        lists.handle_token(SessionMatch::SameUser, 2);
        assert_eq!(list(&mut lists).poll_fetch(2), RefetchAction::Fetch);
        list(&mut lists).handle_fetch_done(3, 0);
        assert!(requested <= list(&mut lists).settled());
    }

    #[test]
    fn access_codes_that_changed_are_fetched_though_their_fetch_is_given_up() {
        let mut lists = fetching(ListKind::AccessCodes);
        list(&mut lists).handle_fetch_done(0, 0);
        list(&mut lists).handle_interval(600_000, 0);
        list(&mut lists).handle_environment(true, false, 0);
        list(&mut lists).handle_mutation(Mutation {
            path: b"/access_codes/create",
            is_other_device: false,
            in_list: false,
        });
        assert_eq!(list(&mut lists).poll_fetch(1), RefetchAction::Fetch);
        lists.handle_token(SessionMatch::SameUser, 2);
        assert_eq!(list(&mut lists).poll_fetch(2), RefetchAction::Fetch);
    }

    #[test]
    fn lookups_count_after_a_session_that_was_lost_has_come_back() {
        let mut lists = fetching(ListKind::Devices);
        lists.handle_session_lost(1);
        assert!(lists.is_visible());
        let list = list(&mut lists);
        let lookup = list.handle_lookup();
        let step = list.handle_lookup_found(lookup, b"d", true, false);
        assert_eq!(step, LookupStep::Apply);
    }
}
