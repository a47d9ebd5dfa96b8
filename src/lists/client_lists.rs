use super::{ListKind, WatchedList};

/// How the session of a token relates to the one whose lists are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionMatch {
    /// It is not known yet whose the token is.
    Unknown,
    /// It is of another user.
    OtherUser,
    /// Another session of the same user, which may see less.
    SameUser,
    /// The same session.
    Same,
}

/// All watched lists of one client, and whether they may be shown: what was fetched for one user
/// is never visible to another.
///
/// Lists are known by their index. `now` is a reading of one monotonic clock, in milliseconds.
/// After each event the executor takes the outputs of each list.
#[derive(Clone, Debug)]
pub struct ClientLists {
    lists: Vec<Option<Box<WatchedList>>>,
    visible: bool,
    /// While another token is checked: whether the lists were visible before.
    checking: Option<bool>,
    session_ended: bool,
}

impl Default for ClientLists {
    fn default() -> Self {
        Self::new()
    }
}

impl ClientLists {
    /// No list is watched yet; the token is the client's first.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            lists: Vec::new(),
            visible: true,
            checking: None,
            session_ended: false,
        }
    }

    /// Whether records may be shown.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.visible
    }

    /// Whether the session that the lists were fetched for is known to be in use.
    #[must_use]
    pub fn is_session_live(&self) -> bool {
        self.visible && !self.session_ended
    }

    /// Whether another token is being checked.
    #[must_use]
    pub fn is_checking(&self) -> bool {
        self.checking.is_some()
    }

    /// Watches a list under an index that is free; the caller chooses it, so that lists keep theirs
    /// when they move to another instance.
    pub fn open(&mut self, index: usize, kind: ListKind, interval: u64, now: u64) {
        while self.lists.len() <= index {
            self.lists.push(None);
        }
        if let Some(list) = self.lists.get_mut(index) {
            let opened = WatchedList::new(kind, interval, self.visible, now);
            *list = Some(Box::new(opened));
        }
    }

    /// Forgets a list.
    pub fn close(&mut self, index: usize) {
        if let Some(list) = self.lists.get_mut(index) {
            *list = None;
        }
    }

    /// A list that is watched.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut WatchedList> {
        self.lists.get_mut(index)?.as_deref_mut()
    }

    fn each(&mut self, mut apply: impl FnMut(&mut WatchedList)) {
        for list in self.lists.iter_mut().flatten() {
            apply(list);
        }
    }

    /// The server is asked about another token, which may be another user's.
    pub fn handle_token_check(&mut self, now: u64) {
        self.checking.get_or_insert(self.visible);
        self.visible = false;
        self.each(|list| list.handle_hidden(now));
    }

    /// The server rejected that token: the last one is still in use.
    pub fn handle_token_rejected(&mut self, now: u64) {
        self.visible = self.checking.take() == Some(true);
        let visible = self.visible;
        self.each(|list| list.handle_token_rejected(visible, now));
    }

    /// Another token is in use.
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

    /// The first token of a client that is given them by a function.
    pub fn handle_first_token(&mut self) {
        self.checking = None;
    }

    /// It is known whose the token in use is: the same user's as the lists, or another's, whose
    /// lists are empty before anything is shown.
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

    /// The server rejected a call of the token in use. `is_refreshed` is whether a token function
    /// gives the next one.
    pub fn handle_token_refused(&mut self, is_refreshed: bool) {
        self.each(|list| list.handle_token_refused(is_refreshed));
    }

    /// The token is dead, and there is no other: nothing of its session is shown. Whether it comes
    /// back, the next fetches show.
    pub fn handle_session_lost(&mut self, now: u64) {
        self.session_ended = true;
        self.each(|list| {
            list.empty();
            list.handle_token_replaced(now);
        });
    }
}
