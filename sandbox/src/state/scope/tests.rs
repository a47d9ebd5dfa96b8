//! The second lines: what the routes, or the schema, have refused already is refused here as well.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Caller, NewThing, Scope};
use crate::ids::Id;
use crate::state::noun::Noun;
use crate::state::session::ClientSession;
use crate::state::tests::start;
use crate::state::thing::members;
use crate::state::{Act, Device, State};

const NOW: u64 = 2_000_000;
const SPACE: &str = "33333333-3333-4333-8333-333333333333";

fn scope(state: &mut State, caller: Caller) -> Scope<'_> {
    Scope::new(state, caller, "/anything", NOW)
}

fn new(object: Value) -> NewThing {
    NewThing {
        object: members(object),
        ..NewThing::default()
    }
}

/// A workspace, its one session, the device that it was granted, and one that it was not.
fn world() -> (State, Id, Id, Id) {
    let (state, _) = start(None);
    let session = state.sessions.in_order().next().expect("a session").id();
    let is_seen = |it: &&Device| {
        let session = state.sessions.get(session).expect("it");
        state
            .visible(session, NOW)
            .iter()
            .any(|seen| seen.id() == it.id())
    };
    let seen = state.devices.in_order().find(is_seen).expect("one").id();
    let unseen = state.devices.in_order().find(|it| !is_seen(it));
    let unseen = unseen.expect("another").id();
    (state, session, seen, unseen)
}

#[test]
fn a_publishable_key_sees_nothing_at_all() {
    let (mut state, session, seen, _) = world();
    state.sessions.change(session, |it| {
        it.user_identifier_key = Some("jane".to_owned());
    });
    let identity = state.identities.in_order().next().expect("one").id();
    let mut owner = scope(&mut state, Caller::Workspace);
    let code = new(json!({ "device_id": seen }));
    let code = owner.make(Noun::AccessCode, code).expect("a code");
    let act = Act {
        device: seen,
        action: "LOCK_DOOR",
        needs: None,
        result: Value::Null,
        effects: Vec::new(),
    };
    let attempt = owner.act(act).expect("an attempt");
    let attempt = attempt["action_attempt_id"].as_str().and_then(Id::parse);
    let attempt = attempt.expect("its id");
    assert!(owner.attempt(attempt).is_ok());
    assert_eq!(owner.sessions_of_key("jane").len(), 1);

    let nobody = scope(&mut state, Caller::Publishable);

    assert!(nobody.any_device(seen).is_err());
    assert!(!nobody.holds(seen));
    assert!(nobody.thing(Noun::AccessCode, code).is_err());
    assert!(nobody.check_identity(identity).is_err());
    assert!(nobody.attempt(attempt).is_err());
    assert!(nobody.sessions_of_key("jane").is_empty());
}

#[test]
fn a_session_neither_makes_nor_changes_what_it_does_not_see() {
    let (mut state, session, _, unseen) = world();
    let mut owner = scope(&mut state, Caller::Workspace);
    let code = new(json!({ "device_id": unseen }));
    let code = owner.make(Noun::AccessCode, code).expect("a code");

    let mut guest = scope(&mut state, Caller::Session(session));

    let on_unseen = new(json!({ "device_id": unseen }));
    assert!(guest.make(Noun::AccessCode, on_unseen).is_err());
    assert!(guest.make(Noun::AccessGrant, new(json!({}))).is_err());
    assert!(guest.change(Noun::AccessCode, code, |_| ()).is_err());
    assert!(guest.remove(Noun::AccessCode, code).is_err());
    assert!(guest.change_device(unseen, |_| ()).is_err());
    assert!(guest.referred_device(unseen).is_err());
}

#[test]
fn a_session_is_not_told_of_what_is_about_others_or_about_nothing() {
    let (mut state, session, seen, unseen) = world();
    let space = Id::parse(SPACE).expect("an id");
    state.devices.change(seen, |it| {
        it.change(|object| object.insert("space_ids".to_owned(), json!([SPACE])))
    });
    let own = state
        .sessions
        .get(session)
        .and_then(ClientSession::user_identity);
    let own = own.expect("an identity");
    let account = state.devices.get(seen).expect("it").account();
    let about = |identity: Id| members(json!({ "user_identity_id": identity }));
    state.record(NOW, "of.own", about(own), None);
    state.record(NOW, "of.another", about(space), None);
    let log = state.things.of(Noun::Event).in_order();
    let of_another = log.last().expect("it").id();
    let mut owner = scope(&mut state, Caller::Workspace);
    assert!(owner.referred_space(space).is_ok());
    let on_nothing = owner
        .make(Noun::AccessCode, new(json!({})))
        .expect("a code");
    let on_unseen = new(json!({ "device_id": unseen }));
    let on_unseen = owner.make(Noun::AccessCode, on_unseen).expect("a code");
    let grant = new(json!({ "user_identity_id": own }));
    let grant = owner.make(Noun::AccessGrant, grant).expect("a grant");
    assert!(owner.devices_of_account(account).len() > 1);

    let guest = scope(&mut state, Caller::Session(session));

    assert!(guest.referred_space(space).is_err());
    assert!(guest.thing(Noun::AccessCode, on_nothing).is_err());
    assert!(guest.thing(Noun::AccessGrant, grant).is_err());
    assert!(guest.thing(Noun::Event, of_another).is_err());
    assert!(guest.entrances_of_user(space).is_err());
    let codes = BTreeSet::from([on_unseen]);
    assert!(guest.seen_of(Noun::AccessCode, codes).is_empty());
    assert_eq!(guest.devices_of_account(account), [seen]);
    let events = guest.things(Noun::Event).into_iter();
    let types: Vec<_> = events.filter_map(|it| it.text("event_type")).collect();
    assert!(
        types.contains(&"of.own") && !types.contains(&"of.another"),
        "{types:?}"
    );
}
