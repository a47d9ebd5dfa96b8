//! For every route that a client session may call, and every parameter of it that names something:
//! what only another user identity was granted is refused, or absent, exactly as if it did not
//! exist, and nothing changes; the same request of that other one succeeds.

use std::collections::BTreeSet;

use seam_session_sandbox::session_routes;
use serde_json::{Value, json};

use super::map::{self, Names, Refusal};
use super::request::{nowhere, others, request};
use super::sides::{Side, world};
use crate::world::{A_MOMENT, Answer, By, World};

/// A parameter that names something.
struct Named {
    path: &'static str,
    reads: bool,
    parameter: &'static str,
    names: Names,
}

/// All of them, of all routes.
fn all_named() -> Vec<Named> {
    let reads: BTreeSet<_> = session_routes()
        .into_iter()
        .filter(|it| it.reads)
        .map(|it| it.path)
        .collect();
    let named = map::entries().into_iter().filter_map(|it| {
        Some(Named {
            path: it.path,
            reads: reads.contains(it.path),
            parameter: it.parameter,
            names: it.names?,
        })
    });
    let named: Vec<_> = named.collect();
    assert!(named.len() > 150);
    named
}

/// Whether the other one's own things are nowhere in the answer.
fn shows_nothing_of(other: &Side, request: &Value, answer: &Answer) -> bool {
    let mut body = answer.body.clone();
    if let Some(members) = body.as_object_mut() {
        // The address of the next page repeats the request.
        members.remove("pagination");
    }
    let body = body.to_string();
    let asked = request.to_string();
    let mut own = other.own.values();
    own.all(|it| asked.contains(it.as_str()) && answer.status != 200 || !body.contains(it.as_str()))
}

/// What is wrong with how it was refused, if anything.
fn wrongly_answered(names: Names, refused: &Answer, out_of_scope: u16) -> Option<&'static str> {
    let (status, kind) = refused.error();
    let (right, wrong) = match names.refusal {
        Refusal::Absent => (status == 200, "it is no success"),
        Refusal::Hidden(_) if out_of_scope == 401 => (
            (status, kind) == (401, "unauthorized"),
            "it is not refused with 401",
        ),
        Refusal::Hidden(resource) | Refusal::NotFound(resource) => (
            status == 404 && kind == format!("{resource}_not_found"),
            "it is not refused as what is not found",
        ),
    };
    (!right).then_some(wrong)
}

#[test]
fn the_map_has_exactly_the_routes_and_parameters_of_the_schema() {
    let routes = session_routes();
    assert_eq!(routes.len(), 71);
    let paths: Vec<_> = routes.iter().map(|it| it.path).collect();
    assert_eq!(map::paths(), paths);
    let documented: BTreeSet<_> = routes
        .iter()
        .flat_map(|route| route.parameters.iter().map(|it| (route.path, *it)))
        .collect();
    let mut known = BTreeSet::new();
    for it in map::entries() {
        let is_new = known.insert((it.path, it.parameter));
        assert!(is_new, "twice: {} {}", it.path, it.parameter);
    }
    let without_entry: Vec<_> = documented.difference(&known).collect();
    assert!(without_entry.is_empty(), "{without_entry:#?}");
    let not_documented: Vec<_> = known.difference(&documented).collect();
    assert!(not_documented.is_empty(), "{not_documented:#?}");
}

#[test]
fn every_route_is_simulated() {
    let (mut world, ..) = world(404);
    for path in map::paths() {
        let answer = world.post(&By::Key, path, json!({}));
        assert_ne!(answer.status, 501, "{path}");
    }
}

/// What is wrong with how the first is refused what only the second was granted, if anything;
/// `before` is the whole state, which is to stay.
fn wrongly_refused(
    (world, a, b): &mut (World, Side, Side),
    before: &str,
    it: &Named,
    out_of_scope: u16,
) -> Option<String> {
    let (path, parameter) = (it.path, it.parameter);
    let by = a.by(path).clone();
    let named = &b.own[it.names.kind];
    // With all else one's own; and the very request that its owner makes.
    for (whose, is_mixed) in [(&*a, true), (&*b, false)] {
        let params = request(whose, path, parameter, named);
        let refused = world.post(&by, path, params.clone());
        let told = format!("{path} {params}: {} {}", refused.status, refused.body);
        if !shows_nothing_of(b, &params, &refused) {
            return Some(format!("it is shown: {told}"));
        }
        if world.sandbox.snapshot() != before {
            return Some(format!("something changed: {told}"));
        }
        if !is_mixed {
            let is_refused = matches!(refused.status, 401 | 404);
            let is_absent =
                refused.status == 200 && (it.reads || it.names.refusal == Refusal::Absent);
            if !is_refused && !is_absent {
                return Some(format!("it is not refused: {told}"));
            }
            continue;
        }
        if let Some(wrong) = wrongly_answered(it.names, &refused, out_of_scope) {
            return Some(format!("{wrong}: {told}"));
        }
        if out_of_scope == 404 {
            let unknown = request(whose, path, parameter, &nowhere(named));
            let unknown = world.post(&by, path, unknown);
            if unknown != refused {
                let else_ = unknown.body;
                return Some(format!("it can be told to exist: {told}, else {else_}"));
            }
        }
    }
    None
}

#[test]
fn what_only_another_user_was_granted_is_refused_and_nothing_changes() {
    for out_of_scope in [404, 401] {
        let mut world = world(out_of_scope);
        let before = world.0.sandbox.snapshot();
        let named = all_named();
        let wrongs = named.iter();
        let wrongs = wrongs.filter_map(|it| wrongly_refused(&mut world, &before, it, out_of_scope));
        let wrongs: Vec<_> = wrongs.collect();
        assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
    }
}

#[test]
fn in_a_list_of_ids_anothers_id_is_treated_as_unknown() {
    let (mut world, a, b) = world(404);
    let mut asked = 0;
    for it in all_named()
        .iter()
        .filter(|it| it.parameter.ends_with("_ids"))
    {
        let own = &a.own[it.names.kind];
        let named = &b.own[it.names.kind];
        let mut ask = |list: Value| {
            let mut params = request(&a, it.path, it.parameter, own);
            params[it.parameter] = list;
            world.post(a.by(it.path), it.path, params)
        };
        for turned in [false, true] {
            let list = |other: &str| {
                if turned {
                    json!([other, own])
                } else {
                    json!([own, other])
                }
            };
            let beside = ask(list(named));
            let unknown = ask(list(&nowhere(named)));
            assert_eq!(beside, unknown, "{} {}", it.path, it.parameter);
            if it.names.refusal != Refusal::Absent {
                assert_eq!(beside.status, 404, "{} {}", it.path, it.parameter);
            }
        }
        asked += 1;
    }
    assert!(asked > 15);
}

/// What is wrong with how the second gets it, if anything.
fn wrongly_granted((world, a, b): &mut (World, Side, Side), it: &Named) -> Option<String> {
    let (path, parameter) = (it.path, it.parameter);
    let (by, named) = (b.by(path), &b.own[it.names.kind]);
    let refused = world.post(a.by(path), path, request(a, path, parameter, named));
    let before = world.sandbox.snapshot();

    let params = request(b, path, parameter, named);
    let granted = world.post(by, path, params.clone());

    let told = format!("{path} {params}: {} {}", granted.status, granted.body);
    let did = if it.reads {
        (granted.body != refused.body) == it.names.is_shown
    } else {
        world.sandbox.snapshot() != before
    };
    if granted.status != 200 || !did {
        return Some(format!("its owner does not get it: {told}"));
    }
    let attempt = granted.body.get("action_attempt")?;
    world.now += A_MOMENT;
    let ended = json!({ "action_attempt_id": attempt["action_attempt_id"] });
    let ended = world.done(by, "/action_attempts/get", ended);
    let ended = &ended["action_attempt"]["status"];
    (ended != "success").then(|| format!("it ends with {ended}: {told}"))
}

#[test]
fn the_same_request_of_the_granted_user_succeeds() {
    let mut world = world(404);
    let state = world.0.get(&By::Key, "/_sandbox/state").body;
    let mut wrongs = Vec::new();
    for it in all_named() {
        wrongs.extend(wrongly_granted(&mut world, &it));
        if !it.reads {
            world.0.done(&By::Key, "/_sandbox/state", state.clone());
        }
    }
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}

#[test]
fn a_request_without_ids_shows_only_the_callers_records() {
    let (mut world, a, b) = world(404);
    let before = world.sandbox.snapshot();
    for route in session_routes().into_iter().filter(|it| it.reads) {
        let params = others(route.path, &a.own);
        let answer = world.post(a.by(route.path), route.path, params);
        assert!(shows_nothing_of(&b, &json!({}), &answer), "{}", route.path);
        assert_eq!(world.sandbox.snapshot(), before, "{}", route.path);
    }
}

#[test]
fn another_users_cursor_shows_only_the_callers_records() {
    let (mut world, a, b) = world(404);
    let mut found = 0;
    let paged = map::entries().into_iter();
    for it in paged.filter(|it| it.parameter == "page_cursor") {
        let mut params = others(it.path, &a.own);
        params["limit"] = json!(1);
        // The whole workspace's, in which pages end with what is not its own.
        let page = world.post(&By::Key, it.path, params.clone());
        let cursor = page.body["pagination"]["next_page_cursor"].clone();
        found += u32::from(cursor.is_string());
        if cursor.is_string() {
            params["page_cursor"] = cursor;
            let answer = world.post(a.by(it.path), it.path, params);
            assert_eq!(answer.status, 200, "{}", it.path);
            assert!(shows_nothing_of(&b, &json!({}), &answer), "{}", it.path);
        }
    }
    assert!(found > 7, "{found}");
}

#[test]
fn an_event_can_be_fetched_by_exactly_those_who_can_list_it() {
    let (mut world, a, b) = world(404);
    let passing = world.session(json!({}));
    let session = json!({ "client_session_id": passing["client_session_id"] });
    world.done(&By::Key, "/client_sessions/delete", session);
    for side in [&a, &b] {
        let account = json!({ "connected_account_id": side.own["account"] });
        world.done(&By::Key, "/connected_accounts/simulate/disconnect", account);
    }
    let events = |world: &mut World, by: &By| {
        let listed = world.post(by, "/events/list", json!({ "since": "2000-01-01" }));
        listed.ids("events", "event_id")
    };
    let all = events(&mut world, &By::Key);
    for side in [&a, &b] {
        let own = events(&mut world, side.by("/events/list"));
        assert!(own.len() > 5 && own.len() * 2 < all.len());
        for id in &all {
            let got = world.post(
                side.by("/events/get"),
                "/events/get",
                json!({ "event_id": id }),
            );
            let expected = if own.contains(id) { 200 } else { 404 };
            assert_eq!(got.status, expected, "{id}: {}", got.body);
        }
    }
}
