//! Tests that scope rejects what the routes or the schema have already rejected.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Caller, NewRecord, Scope};
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::state::resource_type::ResourceType;
use crate::state::session::ClientSession;
use crate::state::tests::start;
use crate::state::{Device, DeviceAction, SpaceMembers, State};

const NOW: u64 = 2_000_000;
const SPACE: &str = "33333333-3333-4333-8333-333333333333";

fn scope(state: &mut State, caller: Caller) -> Scope<'_> {
    Scope::new(state, caller, "/anything", NOW)
}

fn new(object: Value) -> NewRecord {
    NewRecord {
        object: json_object(object),
        ..NewRecord::default()
    }
}

/// A workspace, its only session, the device granted to it, and a device that is not.
fn world() -> (State, Id, Id, Id) {
    let (state, _) = start(None);
    let session = state.sessions.in_order().next().expect("a session").id();
    let is_seen = |it: &&Device| {
        let session = state.sessions.get(session).expect("it");
        state
            .visible_devices(session, NOW)
            .iter()
            .any(|seen| seen.id() == it.id())
    };
    let seen = state.devices.in_order().find(is_seen).expect("one").id();
    let unseen = state.devices.in_order().find(|it| !is_seen(it));
    let unseen = unseen.expect("another").id();
    (state, session, seen, unseen)
}

#[test]
fn a_publishable_key_sees_nothing() {
    let (mut state, session, seen, _) = world();
    state.sessions.change(session, |it| {
        it.user_identifier_key = Some("jane".to_owned());
    });
    let identity = state.identities.in_order().next().expect("one").id();
    let mut owner = scope(&mut state, Caller::Workspace);
    let code = new(json!({ "device_id": seen }));
    let code = owner
        .create(ResourceType::AccessCode, code)
        .expect("a code");
    let start_action = DeviceAction {
        device: seen,
        action: "LOCK_DOOR",
        needs: None,
        result: Value::Null,
        effects: Vec::new(),
    };
    let attempt = owner.start_action(start_action).expect("an attempt");
    let attempt = attempt["action_attempt_id"].as_str().and_then(Id::parse);
    let attempt = attempt.expect("its id");
    assert!(owner.attempt(attempt).is_ok());
    assert_eq!(owner.sessions_of_key("jane").len(), 1);

    let nobody = scope(&mut state, Caller::Publishable);

    assert!(nobody.any_device(seen).is_err());
    assert!(!nobody.has_account_of(seen));
    assert!(nobody.record(ResourceType::AccessCode, code).is_err());
    assert!(nobody.check_identity(identity).is_err());
    assert!(nobody.attempt(attempt).is_err());
    assert!(nobody.sessions_of_key("jane").is_empty());
}

#[test]
fn a_session_can_neither_create_nor_change_what_it_does_not_see() {
    let (mut state, session, seen, unseen) = world();
    let mut owner = scope(&mut state, Caller::Workspace);
    let code = new(json!({ "device_id": unseen }));
    let code = owner
        .create(ResourceType::AccessCode, code)
        .expect("a code");

    let mut guest = scope(&mut state, Caller::Session(session));

    let on_unseen = new(json!({ "device_id": unseen }));
    assert!(guest.create(ResourceType::AccessCode, on_unseen).is_err());
    assert!(
        guest
            .create(ResourceType::AccessGrant, new(json!({})))
            .is_err()
    );
    assert!(
        guest
            .change(ResourceType::AccessCode, code, |_| ())
            .is_err()
    );
    assert!(guest.remove(ResourceType::AccessCode, code).is_err());
    assert!(guest.change_device(unseen, |_| ()).is_err());
    assert!(guest.resolve_device(unseen).is_err());
    assert!(guest.create_on_device(code).is_err());
    assert!(guest.update_on_device(code, JsonObject::new()).is_err());
    assert!(guest.delete_on_device(code).is_err());
    assert!(guest.prefer_native_scheduling(code, true).is_err());
    assert!(guest.follow_access_code(code).is_err());
    assert!(guest.unmanage_access_codes(seen).is_err());
    assert!(guest.attempts().is_err());
}

#[test]
fn a_session_neither_sees_nor_changes_a_space() {
    let (mut state, session, seen, _) = world();
    let mut owner = scope(&mut state, Caller::Workspace);
    let space = owner
        .create(ResourceType::Space, new(json!({ "space_key": "floor" })))
        .expect("a space");
    let members = SpaceMembers {
        devices: BTreeSet::from([seen]),
        ..SpaceMembers::default()
    };
    assert!(owner.set_space_members(space, &members).is_ok());
    assert!(owner.resolve_space_key("floor").is_ok());

    let mut guest = scope(&mut state, Caller::Session(session));

    assert!(guest.resolve_space(space).is_err());
    assert!(guest.resolve_space_key("floor").is_err());
    assert!(guest.space_members(space).is_err());
    let none = SpaceMembers::default();
    assert!(guest.set_space_members(space, &none).is_err());
    assert!(guest.set_space_accounts(space, &[]).is_err());
    assert!(guest.remove_space(space).is_err());
    assert_eq!(state.space_members(space), members);
}

#[test]
fn a_session_does_not_see_records_of_others_or_without_a_subject() {
    let (mut state, session, seen, unseen) = world();
    let space = Id::parse(SPACE).expect("an id");
    state.devices.change(seen, |it| {
        it.change(|object| object.insert("space_ids".to_owned(), json!([SPACE])))
    });
    state.create_named_spaces(&[space], NOW);
    let own = state
        .sessions
        .get(session)
        .and_then(ClientSession::user_identity);
    let own = own.expect("an identity");
    let account = state.devices.get(seen).expect("it").account();
    let about = |identity: Id| json_object(json!({ "user_identity_id": identity }));
    state.record_event(NOW, "of.own", about(own), None);
    state.record_event(NOW, "of.another", about(space), None);
    let log = state.records.table(ResourceType::Event).in_order();
    let of_another = log.last().expect("it").id();
    let mut owner = scope(&mut state, Caller::Workspace);
    assert!(owner.resolve_space(space).is_ok());
    let on_nothing = owner
        .create(ResourceType::AccessCode, new(json!({})))
        .expect("a code");
    let on_unseen = new(json!({ "device_id": unseen }));
    let on_unseen = owner
        .create(ResourceType::AccessCode, on_unseen)
        .expect("a code");
    let grant = new(json!({ "user_identity_id": own }));
    let grant = owner
        .create(ResourceType::AccessGrant, grant)
        .expect("a grant");
    assert!(owner.devices_of_account(account).len() > 1);

    let guest = scope(&mut state, Caller::Session(session));

    assert!(guest.resolve_space(space).is_err());
    assert!(guest.record(ResourceType::AccessCode, on_nothing).is_err());
    assert!(guest.record(ResourceType::AccessGrant, grant).is_err());
    assert!(guest.record(ResourceType::Event, of_another).is_err());
    assert!(guest.entrances_of_user(space).is_err());
    let codes = BTreeSet::from([on_unseen]);
    assert!(
        guest
            .visible_records(ResourceType::AccessCode, codes)
            .is_empty()
    );
    assert_eq!(guest.devices_of_account(account), [seen]);
    let events = guest.records(ResourceType::Event).into_iter();
    let types: Vec<_> = events.filter_map(|it| it.text("event_type")).collect();
    assert!(
        types.contains(&"of.own") && !types.contains(&"of.another"),
        "{types:?}"
    );
}
