//! What only another one sees does not show: each answer to a user is byte for byte the answer in
//! the same workspace without anything that is the other user's alone.

use seam_session_sandbox::session_routes;
use serde_json::{Value, json};

use super::map;
use super::pair::{DOOR, ENTRANCE, GROUP, GUEST, Pair, SPACE, SYSTEM};
use super::request::{nowhere, others, request};
use super::sides::Side;
use super::values::values;
use crate::world::{A_MOMENT, By};

/// What a route may be asked: what its parameters name is the first one's, the other's, what both
/// see, and what does not exist; and its values are such and such, beside one's own and beside
/// what both see.
fn requests(path: &str, a: &Side, b: &Side) -> Vec<Value> {
    let mut requests = vec![json!({}), others(path, &a.own)];
    let mut bases = vec![others(path, &a.own)];
    for it in map::entries().iter().filter(|it| it.path == path) {
        let Some(names) = it.names else {
            for base in &bases {
                requests.extend(values(it.parameter).into_iter().map(|value| {
                    let mut params = base.clone();
                    params[it.parameter] = value;
                    params
                }));
            }
            continue;
        };
        let (own, other) = (&a.own[names.kind], &b.own[names.kind]);
        let shared = match names.kind {
            "access_code" => &a.own["door_code"],
            "acs_user" => GUEST,
            "lock" => DOOR,
            "system" => SYSTEM,
            "entrance" => ENTRANCE,
            "group" => GROUP,
            "space" => SPACE,
            "device_name" | "search" => "Shared Lock",
            _ => "things",
        };
        for value in [own, other, &nowhere(own), shared] {
            requests.push(request(a, path, it.parameter, value));
        }
        requests.push(request(b, path, it.parameter, other));
        bases.extend([own, shared].map(|value| request(a, path, it.parameter, value)));
    }
    requests
}

/// Whether this changes anything, and what differs in the answers to it and in all pages of it.
fn differences(pair: &mut Pair, path: &str, params: &Value) -> (bool, Vec<String>) {
    let by = pair.a.by(path).clone();
    let (mut changed, mut wrongs) = (false, Vec::new());
    let mut params = params.clone();
    for _ in 0..20 {
        let answer = match pair.ask(&by, path, &params) {
            Ok(answer) => answer,
            Err(wrong) => {
                wrongs.push(wrong);
                break;
            }
        };
        changed |= answer.changed;
        if answer.changed {
            for world in [&mut pair.full, &mut pair.without] {
                world.now += A_MOMENT;
            }
            wrongs.extend(pair.look_around());
            pair.start_over();
        }
        let body: Value = serde_json::from_str(&answer.body).expect("JSON");
        let cursor = &body["pagination"]["next_page_cursor"];
        if !cursor.is_string() {
            break;
        }
        params["page_cursor"] = cursor.clone();
    }
    (changed, wrongs)
}

#[test]
fn no_response_depends_on_what_only_another_user_sees() {
    let mut pair = Pair::new();
    let (mut asked, mut done, mut wrongs) = (0, 0, pair.look_around());
    for route in session_routes() {
        for params in requests(route.path, &pair.a, &pair.b) {
            let (changed, differs) = differences(&mut pair, route.path, &params);
            wrongs.extend(differs);
            asked += 1;
            done += usize::from(changed && !route.reads);
        }
    }
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
    assert!(asked > 1_000 && done > 200, "{asked}, {done} done");
}

#[test]
fn requests_about_another_users_devices_use_up_no_limit() {
    let mut pair = Pair::new();
    let (by, other) = (pair.a.by("").clone(), pair.b.by("").clone());
    let unlock = "/locks/unlock_door";
    let theirs = json!({ "device_id": pair.b.own["lock"] });
    let mut refused = 0;
    while pair.full.post(&other, unlock, theirs.clone()).status != 429 {
        refused += 1;
        assert!(refused < 20);
    }
    for door in [&pair.a.own["lock"].clone(), DOOR] {
        let mut statuses = Vec::new();
        for _ in 0..17 {
            let params = json!({ "device_id": door });
            for world in [&mut pair.full, &mut pair.without] {
                let answer = world.post(&by, unlock, params.clone());
                statuses.push(answer.status);
            }
        }
        let (full, without): (Vec<_>, Vec<_>) = statuses.chunks(2).map(|it| (it[0], it[1])).unzip();
        assert_eq!(full, without, "{door}");
        assert_eq!(full.last(), Some(&429), "{door}");
    }
}

#[test]
fn an_api_key_sees_that_the_two_workspaces_differ() {
    let mut pair = Pair::new();
    let mut same = Vec::new();
    for route in session_routes()
        .into_iter()
        .filter(|it| it.path.ends_with("/list"))
    {
        let params = others(route.path, &pair.a.own);
        if pair.ask(&By::Key, route.path, &params).is_ok() {
            same.push(route.path);
        }
    }
    // These name a device, which is the first one's, or list the workspace itself.
    let expected = [
        "/access_codes/unmanaged/list",
        "/noise_sensors/noise_thresholds/list",
        "/thermostats/schedules/list",
        "/workspaces/list",
    ];
    assert_eq!(same, expected);
}

#[test]
fn the_second_workspace_lacks_exactly_the_other_users_records() {
    let pair = Pair::new();
    let [full, rest] = &pair.states;
    let count = |state: &Value, table: &str| {
        let rows = state.pointer(&format!("/state/workspace/{table}"));
        rows.and_then(Value::as_array).map_or(0, Vec::len)
    };
    for table in ["devices", "identities", "sessions", "attempts"] {
        let (all, left) = (count(full, table), count(rest, table));
        assert!(left > 0 && left < all, "{table}: {left} of {all}");
    }
    let things = full
        .pointer("/state/workspace/things")
        .and_then(Value::as_object);
    for noun in things.expect("things").keys() {
        let table = format!("things/{noun}");
        let (all, left) = (count(full, &table), count(rest, &table));
        assert!(left > 0 && left < all, "{table}: {left} of {all}");
    }
}
