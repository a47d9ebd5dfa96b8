//! For every route that client sessions may call, and every parameter that names something: a
//! record of another user is refused or left out exactly as if it did not exist, and nothing
//! changes. The same request of the other user succeeds.

use std::collections::BTreeSet;

use seam_session_sandbox::session_routes;
use serde_json::{Value, json};

use super::map::{self, Names, Refusal};
use super::request::{base_params, nonexistent, request};
use super::users::{User, world};
use crate::world::{AFTER_ATTEMPT, ApiResponse, Caller, World};

/// A parameter that names something.
struct IdParameter {
    path: &'static str,
    reads: bool,
    parameter: &'static str,
    names: Names,
}

/// Returns these parameters of all routes.
fn id_parameters() -> Vec<IdParameter> {
    let reads: BTreeSet<_> = session_routes()
        .into_iter()
        .filter(|it| it.reads)
        .map(|it| it.path)
        .collect();
    let named = map::entries().into_iter().filter_map(|it| {
        Some(IdParameter {
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

/// Returns whether the response contains no record of the other user.
fn hides_records_of(other: &User, request: &Value, response: &ApiResponse) -> bool {
    let mut body = response.body.clone();
    if let Some(members) = body.as_object_mut() {
        // The URL of the next page repeats the request.
        members.remove("pagination");
    }
    let body = body.to_string();
    let requested = request.to_string();
    let mut own = other.own.values();
    own.all(|it| {
        requested.contains(it.as_str()) && response.status != 200 || !body.contains(it.as_str())
    })
}

/// Returns what is wrong with the error, if anything.
fn check_error(names: Names, refused: &ApiResponse, out_of_scope: u16) -> Option<&'static str> {
    let (status, kind) = refused.error();
    let (right, problem) = match names.refusal {
        Refusal::Absent => (status == 200, "it is not a success"),
        Refusal::Hidden(_) if out_of_scope == 401 => (
            (status, kind) == (401, "unauthorized"),
            "it is not refused with 401",
        ),
        Refusal::Hidden(resource) | Refusal::NotFound(resource) => (
            status == 404 && kind == format!("{resource}_not_found"),
            "it is not refused with 404",
        ),
    };
    (!right).then_some(problem)
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
        assert!(is_new, "duplicate: {} {}", it.path, it.parameter);
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
        let response = world.post(&Caller::ApiKey, path, json!({}));
        assert_ne!(response.status, 501, "{path}");
    }
}

/// Returns what is wrong with how a request of user a for user b's record is refused, if anything.
/// The state must stay `before`.
fn check_refused(
    (world, a, b): &mut (World, User, User),
    before: &str,
    it: &IdParameter,
    out_of_scope: u16,
) -> Option<String> {
    let (path, parameter) = (it.path, it.parameter);
    let caller = a.caller(path).clone();
    let named = &b.own[it.names.kind];
    // First with a's own ids in the other parameters, then exactly as user b makes the request.
    for (whose, is_mixed) in [(&*a, true), (&*b, false)] {
        let params = request(whose, path, parameter, named);
        let refused = world.post(&caller, path, params.clone());
        let details = format!("{path} {params}: {} {}", refused.status, refused.body);
        if !hides_records_of(b, &params, &refused) {
            return Some(format!("it shows the record: {details}"));
        }
        if world.sandbox.snapshot() != before {
            return Some(format!("something changed: {details}"));
        }
        if !is_mixed {
            let is_refused = matches!(refused.status, 401 | 404);
            let is_absent =
                refused.status == 200 && (it.reads || it.names.refusal == Refusal::Absent);
            if !is_refused && !is_absent {
                return Some(format!("it is not refused: {details}"));
            }
            continue;
        }
        if let Some(problem) = check_error(it.names, &refused, out_of_scope) {
            return Some(format!("{problem}: {details}"));
        }
        if out_of_scope == 404 {
            let unknown = request(whose, path, parameter, &nonexistent(named));
            let unknown = world.post(&caller, path, unknown);
            if unknown != refused {
                let other = unknown.body;
                return Some(format!(
                    "an unknown id gets another response: {details}, unknown: {other}"
                ));
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
        let named = id_parameters();
        let problems = named.iter();
        let problems =
            problems.filter_map(|it| check_refused(&mut world, &before, it, out_of_scope));
        let problems: Vec<_> = problems.collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}

#[test]
fn in_a_list_of_ids_anothers_id_is_treated_as_unknown() {
    let (mut world, a, b) = world(404);
    let mut requested = 0;
    for it in id_parameters()
        .iter()
        .filter(|it| it.parameter.ends_with("_ids"))
    {
        let own = &a.own[it.names.kind];
        let named = &b.own[it.names.kind];
        let mut ask = |list: Value| {
            let mut params = request(&a, it.path, it.parameter, own);
            params[it.parameter] = list;
            world.post(a.caller(it.path), it.path, params)
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
            let unknown = ask(list(&nonexistent(named)));
            assert_eq!(beside, unknown, "{} {}", it.path, it.parameter);
            if it.names.refusal != Refusal::Absent {
                assert_eq!(beside.status, 404, "{} {}", it.path, it.parameter);
            }
        }
        requested += 1;
    }
    assert!(requested > 15);
}

/// Returns what is wrong with the response to user b, if anything.
fn check_granted((world, a, b): &mut (World, User, User), it: &IdParameter) -> Option<String> {
    let (path, parameter) = (it.path, it.parameter);
    let (caller, named) = (b.caller(path), &b.own[it.names.kind]);
    let refused = world.post(a.caller(path), path, request(a, path, parameter, named));
    let before = world.sandbox.snapshot();

    let params = request(b, path, parameter, named);
    let granted = world.post(caller, path, params.clone());

    let details = format!("{path} {params}: {} {}", granted.status, granted.body);
    let did = if it.reads {
        (granted.body != refused.body) == it.names.is_shown
    } else {
        world.sandbox.snapshot() != before
    };
    if granted.status != 200 || !did {
        return Some(format!("its owner cannot use it: {details}"));
    }
    let attempt = granted.body.get("action_attempt")?;
    world.now += AFTER_ATTEMPT;
    let ended = json!({ "action_attempt_id": attempt["action_attempt_id"] });
    let ended = world.expect_ok(caller, "/action_attempts/get", ended);
    let ended = &ended["action_attempt"]["status"];
    (ended != "success").then(|| format!("it ends with {ended}: {details}"))
}

#[test]
fn the_same_request_of_the_granted_user_succeeds() {
    let mut world = world(404);
    let state = world.0.get(&Caller::ApiKey, "/_sandbox/state").body;
    let mut problems = Vec::new();
    for it in id_parameters() {
        problems.extend(check_granted(&mut world, &it));
        if !it.reads {
            world
                .0
                .expect_ok(&Caller::ApiKey, "/_sandbox/state", state.clone());
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_request_without_ids_shows_only_the_callers_records() {
    let (mut world, a, b) = world(404);
    let before = world.sandbox.snapshot();
    for route in session_routes().into_iter().filter(|it| it.reads) {
        let params = base_params(route.path, &a.own);
        let response = world.post(a.caller(route.path), route.path, params);
        assert!(
            hides_records_of(&b, &json!({}), &response),
            "{}",
            route.path
        );
        assert_eq!(world.sandbox.snapshot(), before, "{}", route.path);
    }
}

#[test]
fn another_users_cursor_shows_only_the_callers_records() {
    let (mut world, a, b) = world(404);
    let mut found = 0;
    let paged = map::entries().into_iter();
    for it in paged.filter(|it| it.parameter == "page_cursor") {
        let mut params = base_params(it.path, &a.own);
        params["limit"] = json!(1);
        // A cursor of the API key, after a record that is not the user's.
        let page = world.post(&Caller::ApiKey, it.path, params.clone());
        let cursor = page.body["pagination"]["next_page_cursor"].clone();
        found += u32::from(cursor.is_string());
        if cursor.is_string() {
            params["page_cursor"] = cursor;
            let response = world.post(a.caller(it.path), it.path, params);
            assert_eq!(response.status, 200, "{}", it.path);
            assert!(hides_records_of(&b, &json!({}), &response), "{}", it.path);
        }
    }
    assert!(found > 7, "{found}");
}

#[test]
fn an_event_can_be_fetched_by_exactly_those_who_can_list_it() {
    let (mut world, a, b) = world(404);
    let passing = world.session(json!({}));
    let session = json!({ "client_session_id": passing["client_session_id"] });
    world.expect_ok(&Caller::ApiKey, "/client_sessions/delete", session);
    for user in [&a, &b] {
        let account = json!({ "connected_account_id": user.own["account"] });
        world.expect_ok(
            &Caller::ApiKey,
            "/connected_accounts/simulate/disconnect",
            account,
        );
    }
    let events = |world: &mut World, caller: &Caller| {
        let listed = world.post(caller, "/events/list", json!({ "since": "2000-01-01" }));
        listed.ids("events", "event_id")
    };
    let all = events(&mut world, &Caller::ApiKey);
    for user in [&a, &b] {
        let own = events(&mut world, user.caller("/events/list"));
        assert!(own.len() > 5 && own.len() * 2 < all.len());
        for id in &all {
            let got = world.post(
                user.caller("/events/get"),
                "/events/get",
                json!({ "event_id": id }),
            );
            assert_eq!(got.status, 200, "{id}: {}", got.body);
            let is_shown = got.body.get("event").is_some();
            assert_eq!(is_shown, own.contains(id), "{id}: {}", got.body);
        }
    }
}

/// The names that a session of a mobile key shares with its user identity.
const OF_IDENTITY: [&str; 1] = ["identity"];

#[test]
fn the_session_of_a_mobile_key_is_refused_what_only_its_user_identity_was_granted() {
    let (mut world, a, b) = world(404);
    let grant = json!({
        "user_identity_id": a.own["identity"],
        "device_ids": [b.own["granted_lock"]],
        "requested_access_methods": [{ "mode": "mobile_key" }],
    });
    let grant = world.expect_ok(&Caller::ApiKey, "/access_grants/create", grant);
    let token = grant["access_grant"]["client_session_token"].as_str();
    let key = Caller::Token(token.expect("a token").to_owned());
    let seen = world.get(&key, "/devices/list").device_ids();
    assert_eq!(seen, [b.own["granted_lock"].clone()]);
    let before = world.sandbox.snapshot();
    let mut checked = 0;
    for it in id_parameters() {
        if OF_IDENTITY.contains(&it.names.kind) || it.path.starts_with("/user_identities/") {
            continue;
        }
        let named = &a.own[it.names.kind];
        let params = request(&a, it.path, it.parameter, named);
        let refused = world.post(&key, it.path, params.clone());
        let details = format!("{} {params}: {} {}", it.path, refused.status, refused.body);
        let is_refused = matches!(refused.status, 401 | 404);
        let is_absent = refused.status == 200 && it.reads;
        assert!(is_refused || is_absent, "it is not refused: {details}");
        let body = refused.body.to_string();
        let own = a.own.iter().filter(|(kind, _)| !OF_IDENTITY.contains(kind));
        for (kind, value) in own {
            let is_echo = params.to_string().contains(value.as_str());
            assert!(
                is_echo || !body.contains(value.as_str()),
                "{kind}: {details}"
            );
        }
        assert_eq!(
            world.sandbox.snapshot(),
            before,
            "something changed: {details}"
        );
        checked += 1;
    }
    assert!(checked > 140, "{checked}");
}
