//! Watched lists under random events, with an executor that only executes their outputs.

use proptest::prelude::*;

use super::{
    ClientLists, ListKind, ListOutputs, ListStatus, LookupStep, RefetchAction, RefetchError,
    SessionMatch,
};

const LISTS: usize = 2;
const INTERVAL: u64 = 600_000;

const OFFLINE: RefetchError = RefetchError {
    status: None,
    token_refused: false,
    is_from_seam: false,
};

#[derive(Clone, Copy, Debug)]
enum Event {
    Passes(u64),
    /// The server responds to the fetch of this list, as the user of the token that the fetch was
    /// sent with.
    Answers(usize),
    Fails(usize, RefetchError),
    Refetch(usize),
    Join(usize),
    Hidden(usize, bool),
    LooksUp(usize),
    LookupAnswers(usize),
    LookupFails(usize, RefetchError),
    InstanceLost(usize),
    SessionAnswers,
    TokenCheck,
    TokenRejected,
    /// Another token is accepted: of this user, whose session is known or not.
    Token {
        user: u8,
        is_known: bool,
    },
    TokenRefused {
        is_refreshed: bool,
    },
    SessionLost,
}

fn errors() -> impl Strategy<Value = RefetchError> {
    let status = prop_oneof![
        Just(None),
        Just(Some(400)),
        Just(Some(401)),
        Just(Some(404)),
        Just(Some(503)),
    ];
    (status, prop::bool::weighted(0.2), any::<bool>()).prop_map(
        |(status, token_refused, is_from_seam)| RefetchError {
            status,
            token_refused,
            is_from_seam,
        },
    )
}

fn events() -> impl Strategy<Value = Event> {
    let list = 0..LISTS;
    prop_oneof![
        3 => prop_oneof![0..3_000_u64, 0..1_200_000_u64].prop_map(Event::Passes),
        8 => list.clone().prop_map(Event::Answers),
        2 => (list.clone(), errors()).prop_map(|(list, error)| Event::Fails(list, error)),
        2 => list.clone().prop_map(Event::Refetch),
        1 => list.clone().prop_map(Event::Join),
        1 => (list.clone(), any::<bool>()).prop_map(|(list, hidden)| Event::Hidden(list, hidden)),
        3 => list.clone().prop_map(Event::LooksUp),
        3 => list.clone().prop_map(Event::LookupAnswers),
        1 => (list.clone(), errors()).prop_map(|(list, error)| Event::LookupFails(list, error)),
        1 => list.prop_map(Event::InstanceLost),
        6 => Just(Event::SessionAnswers),
        1 => Just(Event::TokenCheck),
        1 => Just(Event::TokenRejected),
        3 => (0..3_u8, any::<bool>()).prop_map(|(user, is_known)| Event::Token { user, is_known }),
        1 => any::<bool>().prop_map(|is_refreshed| Event::TokenRefused { is_refreshed }),
        1 => Just(Event::SessionLost),
    ]
}

/// A record: whose it is, and the version of the server's data that it was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    user: u8,
    version: u32,
}

/// The fetch in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fetch {
    /// It is not known whose the token is.
    Waiting,
    /// The data that the server will respond with.
    Sent(Record),
}

#[derive(Default)]
struct List {
    record: Option<Record>,
    fetch: Option<Fetch>,
    lookup: Option<(u32, Record)>,
    /// Requests that wait, by their number.
    waiting: Vec<u32>,
}

/// Executes the outputs of the lists, and nothing else.
struct Executor {
    lists: ClientLists,
    all: Vec<List>,
    now: u64,
    /// The user of the token in use, and the one whose the lists are.
    user: u8,
    owner: Option<u8>,
    version: u32,
}

impl Executor {
    fn new() -> Self {
        let mut executor = Self {
            lists: ClientLists::new(),
            all: Vec::new(),
            now: 1_795_000_000_000,
            user: 0,
            owner: Some(0),
            version: 0,
        };
        for nth in 0..LISTS {
            let now = executor.now;
            executor.lists.open(nth, ListKind::Devices, INTERVAL, now);
            executor.all.push(List::default());
        }
        executor.run();
        executor
    }

    fn run(&mut self) {
        for index in 0..LISTS {
            let list = self.lists.get_mut(index).unwrap();
            let outputs = list.poll_outputs();
            let it = &mut self.all[index];
            if outputs.contains(ListOutputs::ABORT_FETCH) {
                it.fetch = None;
            }
            if outputs.contains(ListOutputs::ABORT_LOOKUPS) {
                it.lookup = None;
            }
            if outputs.contains(ListOutputs::EMPTY) {
                it.record = None;
            }
            if outputs.contains(ListOutputs::SETTLE) {
                let settled = list.settled();
                it.waiting.retain(|fetch| *fetch > settled);
            }
            if outputs.contains(ListOutputs::POLL)
                && list.poll_fetch(self.now) == RefetchAction::Fetch
            {
                assert!(it.fetch.is_none(), "two fetches at once");
                it.fetch = Some(Fetch::Waiting);
            }
            self.send(index);
        }
    }

    /// Sends a fetch once it is known whose the token is.
    fn send(&mut self, index: usize) {
        let record = Record {
            user: self.user,
            version: self.version,
        };
        if self.lists.is_visible() && self.all[index].fetch == Some(Fetch::Waiting) {
            self.lists.get_mut(index).unwrap().handle_fetch_sent();
            self.all[index].fetch = Some(Fetch::Sent(record));
        }
    }

    fn handle(&mut self, event: Event) {
        let now = self.now;
        self.version += 1;
        match event {
            Event::Passes(ms) => {
                self.now += ms;
                for index in 0..LISTS {
                    let list = self.lists.get_mut(index).unwrap();
                    if list.poll_fetch(self.now) == RefetchAction::Fetch {
                        assert!(self.all[index].fetch.is_none(), "two fetches at once");
                        self.all[index].fetch = Some(Fetch::Waiting);
                    }
                }
            }
            Event::Answers(index) => {
                if let Some(Fetch::Sent(record)) = self.all[index].fetch {
                    self.all[index].fetch = None;
                    self.all[index].record = Some(record);
                    self.lists.get_mut(index).unwrap().handle_fetch_done(now, 0);
                }
            }
            Event::Fails(index, error) => {
                if self.all[index].fetch.take().is_some() {
                    let list = self.lists.get_mut(index).unwrap();
                    list.handle_fetch_failed(error, 0, now, 0);
                }
            }
            Event::Refetch(index) => {
                let fetch = self.lists.get_mut(index).unwrap().handle_refetch();
                self.all[index].waiting.extend(fetch);
            }
            Event::Join(index) => {
                self.lists.get_mut(index).unwrap().handle_join();
                self.run();
                let fetch = self.lists.get_mut(index).unwrap().current_fetch();
                assert_eq!(fetch.is_some(), self.all[index].fetch.is_some());
                self.all[index].waiting.extend(fetch);
            }
            Event::Hidden(index, hidden) => {
                let list = self.lists.get_mut(index).unwrap();
                list.handle_environment(hidden, false, now);
            }
            Event::LooksUp(index) => {
                let record = Record {
                    user: self.user,
                    version: self.version,
                };
                let lookup = self.lists.get_mut(index).unwrap().handle_lookup();
                self.all[index].lookup = Some((lookup, record));
            }
            Event::LookupAnswers(index) => self.found(index),
            Event::LookupFails(index, error) => {
                if let Some((lookup, _)) = self.all[index].lookup.take() {
                    let list = self.lists.get_mut(index).unwrap();
                    if list.handle_lookup_failed(lookup, b"d", error) {
                        self.all[index].record = None;
                        list.handle_removed(now);
                    }
                }
            }
            Event::InstanceLost(index) => {
                // A fetch in progress fails by itself, later.
                self.lists
                    .get_mut(index)
                    .unwrap()
                    .handle_records_lost(now, 0);
            }
            Event::SessionAnswers => {
                let is_checking = self.lists.is_checking();
                self.lists.handle_session(self.owner == Some(self.user));
                if !is_checking {
                    self.owner = Some(self.user);
                }
            }
            Event::TokenCheck => self.lists.handle_token_check(now),
            Event::TokenRejected => {
                if self.lists.is_checking() {
                    self.lists.handle_token_rejected(now);
                }
            }
            Event::Token { user, is_known } => {
                let session = match self.owner {
                    _ if !is_known => SessionMatch::Unknown,
                    Some(owner) if owner == user => SessionMatch::SameUser,
                    _ => SessionMatch::OtherUser,
                };
                self.user = user;
                self.lists.handle_token(session, now);
            }
            Event::TokenRefused { is_refreshed } => {
                self.lists.handle_token_refused(is_refreshed);
            }
            Event::SessionLost => self.lists.handle_session_lost(now),
        }
        self.run();
    }

    fn found(&mut self, index: usize) {
        let Some((lookup, record)) = self.all[index].lookup else {
            return;
        };
        let in_list = self.all[index].record.is_some();
        let list = self.lists.get_mut(index).unwrap();
        match list.handle_lookup_found(lookup, b"d", false, in_list) {
            LookupStep::Apply => {
                let replaced = self.all[index].record.replace(record).unwrap();
                assert!(replaced.version <= record.version, "older data counted");
                assert_eq!(replaced.user, record.user);
                self.all[index].lookup = None;
            }
            LookupStep::Discard => self.all[index].lookup = None,
            LookupStep::AwaitFetch => assert!(self.all[index].fetch.is_some()),
        }
    }

    fn check(&self) {
        if !self.lists.is_visible() {
            return;
        }
        for list in &self.all {
            if let Some(record) = list.record {
                assert_eq!(record.user, self.user, "another user's data is visible");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_of_one_user_is_visible_to_another_whatever_happens(
        events in prop::collection::vec(events(), 1..80),
    ) {
        let mut executor = Executor::new();
        for event in events {
            executor.handle(event);
            executor.check();
        }
    }

    #[test]
    fn everybody_who_waits_is_answered_once_the_server_answers(
        events in prop::collection::vec(events(), 1..80),
    ) {
        let mut executor = Executor::new();
        for event in events {
            executor.handle(event);
        }
        if executor.lists.is_checking() {
            executor.handle(Event::TokenRejected);
        }
        for _ in 0..4 {
            executor.handle(Event::SessionAnswers);
            for index in 0..LISTS {
                executor.handle(Event::Hidden(index, false));
                executor.handle(Event::Answers(index));
            }
            executor.handle(Event::Passes(2 * INTERVAL));
        }
        executor.check();
        for (index, list) in executor.all.iter().enumerate() {
            prop_assert!(list.waiting.is_empty());
            let status = executor.lists.get_mut(index).unwrap().status();
            let has_record = list.record.is_some();
            prop_assert!(
                (status == ListStatus::Live && has_record) || status == ListStatus::Stopped,
                "{status:?}"
            );
        }
    }

    #[test]
    fn a_list_that_fails_fetches_no_more_often_than_its_backoff_whoever_loses_its_instance(
        lost in prop::collection::vec(any::<bool>(), 10..40),
    ) {
        let mut executor = Executor::new();
        let mut fetches = 0;
        for lost in lost {
            executor.handle(if lost { Event::InstanceLost(0) } else { Event::Passes(1) });
            if executor.all[0].fetch.is_some() {
                fetches += 1;
                executor.handle(Event::Fails(0, OFFLINE));
            }
        }
        prop_assert!(fetches <= 1);
    }
}
