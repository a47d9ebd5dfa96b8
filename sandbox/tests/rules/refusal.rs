//! For every route that a client session may call, and every parameter of it that names something:
//! what only another user identity was granted is refused, or absent, exactly as if it did not
//! exist, and nothing changes; the same request of that other one succeeds.

mod map;
mod sides;

use seam_session_sandbox::{SessionRoute, session_routes};
use serde_json::{Map, Value, json};

use crate::world::{Answer, By, World};
use map::{NOTHING, has_no_control, named, others};
use sides::{Side, world};

/// A request in which the parameter names this, and the rest is of this side.
fn request(side: &Side, path: &str, parameter: &str, value: &str) -> Value {
    let mut params = others(path, &side.own);
    match (path, parameter) {
        ("/access_codes/get", "device_id") => params["code"] = "4821".into(),
        ("/access_codes/unmanaged/get", "device_id") => params["code"] = "7350".into(),
        _ => {}
    }
    params[parameter] = if parameter.ends_with("_ids") {
        json!([value])
    } else {
        json!(value)
    };
    params
}

/// What the parameter names on this side.
fn value(side: &Side, path: &str, parameter: &str, kind: &str) -> String {
    match (path, parameter) {
        ("/devices/unmanaged/get", "name") => side.own["device_name"].replace("Lock", "Unmanaged"),
        _ => side.own[kind].clone(),
    }
}

/// In place of it, what does not exist.
fn nowhere(value: &str) -> String {
    let is_id = value.len() == 36 && value.matches('-').count() == 4;
    let nowhere = if is_id {
        "11111111-1111-4111-8111-111111111111"
    } else if value.contains('@') {
        "nobody@example.com"
    } else {
        "nothing-of-this-name"
    };
    nowhere.to_owned()
}

/// Whether it is simulated yet.
fn is_simulated(world: &mut World, path: &str) -> bool {
    world.post(&By::Key, path, json!({})).status != 501
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

fn named_parameters(route: &SessionRoute) -> Vec<(&'static str, &'static str)> {
    let parameters = route.parameters.iter();
    parameters
        .filter_map(|it| Some((*it, named(route.path, it)?)))
        .collect()
}

#[test]
fn every_parameter_of_every_route_is_known_for_what_it_names() {
    let unknown: Vec<_> = session_routes()
        .iter()
        .flat_map(|route| {
            let parameters = route.parameters.iter();
            let unknown = parameters.filter(|it| {
                // A new name, or a new shared key.
                let names_text = matches!(**it, "name" | "common_code_key");
                named(route.path, it).is_none() && !NOTHING.contains(it) && !names_text
            });
            unknown
                .map(|it| format!("{} {it}", route.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// What is wrong with how the first is refused what only the second was granted, if anything.
fn wrongly_refused(
    (world, a, b): &mut (World, Side, Side),
    route: &SessionRoute,
    (parameter, kind): (&str, &str),
    out_of_scope: u16,
) -> Option<String> {
    let path = route.path;
    let named = value(b, path, parameter, kind);
    let params = request(a, path, parameter, &named);
    let before = world.sandbox.snapshot();

    let refused = world.post(&a.by, path, params.clone());
    let told = format!("{path} {params}: {} {}", refused.status, refused.body);
    if !shows_nothing_of(b, &params, &refused) {
        return Some(format!("it is shown: {told}"));
    }
    if world.sandbox.snapshot() != before {
        return Some(format!("something changed: {told}"));
    }
    match refused.error() {
        (200, _) if route.reads || path == "/access_codes/update_multiple" => {}
        (404, kind) if kind.ends_with("_not_found") => {}
        (401, "unauthorized") if out_of_scope == 401 => {}
        _ => return Some(format!("it is not refused as it should: {told}")),
    }
    if out_of_scope == 401 {
        return None;
    }
    let nowhere = request(a, path, parameter, &nowhere(&named));
    let unknown = world.post(&a.by, path, nowhere);
    let other = unknown != refused;
    other.then(|| format!("it can be told to exist: {told}, else {}", unknown.body))
}

/// What is wrong with how the second gets it, if anything.
fn wrongly_granted(route: &SessionRoute, (parameter, kind): (&str, &str)) -> Option<String> {
    let path = route.path;
    if has_no_control(path, parameter) {
        return None;
    }
    let (mut world, a, b) = world(404);
    let named = value(&b, path, parameter, kind);
    let refused = world.post(&a.by, path, request(&a, path, parameter, &named));
    let before = world.sandbox.snapshot();

    let params = request(&b, path, parameter, &named);
    let granted = world.post(&b.by, path, params.clone());

    let did = if route.reads {
        granted.body != refused.body
    } else {
        world.sandbox.snapshot() != before
    };
    let told = format!("{path} {params}: {} {}", granted.status, granted.body);
    (granted.status != 200 || !did).then(|| format!("its owner does not get it: {told}"))
}

/// Asks for every parameter of every route that names something; whatever is wrong, in words.
fn asked(mut wrong: impl FnMut(&SessionRoute, (&str, &str)) -> Option<String>) -> Vec<String> {
    let (mut any, ..) = world(404);
    let mut wrongs = Vec::new();
    let mut asked = 0;
    for route in session_routes() {
        if is_simulated(&mut any, route.path) {
            for named in named_parameters(&route) {
                wrongs.extend(wrong(&route, named));
                asked += 1;
            }
        }
    }
    assert!(asked > 0);
    wrongs
}

#[test]
fn what_only_another_one_was_granted_is_refused_and_nothing_changes() {
    for out_of_scope in [404, 401] {
        let mut world = world(out_of_scope);
        let wrongs = asked(|route, named| wrongly_refused(&mut world, route, named, out_of_scope));
        assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
    }
}

#[test]
fn whoever_was_granted_it_gets_it_by_the_same_request() {
    let wrongs = asked(wrongly_granted);
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}

#[test]
fn what_a_session_asks_for_without_naming_anything_shows_only_its_own() {
    for route in session_routes().into_iter().filter(|it| it.reads) {
        let (mut world, a, b) = world(404);
        let params = others(route.path, &a.own);
        let before = world.sandbox.snapshot();
        let answer = world.post(&a.by, route.path, params.clone());
        assert!(
            shows_nothing_of(&b, &Value::Object(Map::new()), &answer),
            "{}",
            route.path
        );
        assert_eq!(world.sandbox.snapshot(), before, "{}", route.path);
    }
}

#[test]
fn an_event_is_got_by_whoever_it_is_listed_for_and_by_nobody_else() {
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
        let own = events(&mut world, &side.by);
        assert!(own.len() > 5 && own.len() * 2 < all.len());
        for id in &all {
            let got = world.post(&side.by, "/events/get", json!({ "event_id": id }));
            let expected = if own.contains(id) { 200 } else { 404 };
            assert_eq!(got.status, expected, "{id}: {}", got.body);
        }
    }
}
