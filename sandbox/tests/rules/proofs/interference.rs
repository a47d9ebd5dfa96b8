//! Non-interference: every response to user a is, byte for byte, the response in the same workspace
//! without user b's own records.

use seam_session_sandbox::session_routes;
use serde_json::{Value, json};

use super::map;
use super::pair::{DOOR, ENTRANCE, GROUP, GUEST, Pair, SPACE, SYSTEM};
use super::request::{base_params, nonexistent, request};
use super::users::User;
use super::values::values;
use crate::world::{AFTER_ATTEMPT, Caller};

/// Returns requests of a route. An id parameter names a's record, b's record, a shared one or an
/// unknown one; every other parameter takes several values, together with a's and with shared ids.
fn requests(path: &str, a: &User, b: &User) -> Vec<Value> {
    let mut requests = vec![json!({}), base_params(path, &a.own)];
    let mut bases = vec![base_params(path, &a.own)];
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
            _ => "records",
        };
        for value in [own, other, &nonexistent(own), shared] {
            requests.push(request(a, path, it.parameter, value));
        }
        requests.push(request(b, path, it.parameter, other));
        bases.extend([own, shared].map(|value| request(a, path, it.parameter, value)));
    }
    requests
}

/// Makes a request in both workspaces and follows its pages. Returns whether it changed anything,
/// and the differences.
fn differences(pair: &mut Pair, path: &str, params: &Value) -> (bool, Vec<String>) {
    let caller = pair.a.caller(path).clone();
    let (mut changed, mut problems) = (false, Vec::new());
    let mut params = params.clone();
    for _ in 0..20 {
        let response = match pair.send(&caller, path, &params) {
            Ok(response) => response,
            Err(problem) => {
                problems.push(problem);
                break;
            }
        };
        changed |= response.changed;
        if response.changed {
            for world in [&mut pair.full, &mut pair.pruned] {
                world.now += AFTER_ATTEMPT;
            }
            problems.extend(pair.compare_reads());
            pair.restore();
        }
        let body: Value = serde_json::from_str(&response.body).expect("JSON");
        let cursor = &body["pagination"]["next_page_cursor"];
        if !cursor.is_string() {
            break;
        }
        params["page_cursor"] = cursor.clone();
    }
    (changed, problems)
}

#[test]
fn no_response_depends_on_what_only_another_user_sees() {
    let mut pair = Pair::new();
    let (mut requested, mut done, mut problems) = (0, 0, pair.compare_reads());
    for route in session_routes() {
        for params in requests(route.path, &pair.a, &pair.b) {
            let (changed, differs) = differences(&mut pair, route.path, &params);
            problems.extend(differs);
            requested += 1;
            done += usize::from(changed && !route.reads);
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(requested > 1_000 && done > 200, "{requested}, {done} done");
}

#[test]
fn requests_about_another_users_devices_use_up_no_limit() {
    let mut pair = Pair::new();
    let (caller, other) = (pair.a.caller("").clone(), pair.b.caller("").clone());
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
            for world in [&mut pair.full, &mut pair.pruned] {
                let response = world.post(&caller, unlock, params.clone());
                statuses.push(response.status);
            }
        }
        let (full, without): (Vec<_>, Vec<_>) = statuses.chunks(2).map(|it| (it[0], it[1])).unzip();
        assert_eq!(full, without, "{door}");
        assert_eq!(full.last(), Some(&429), "{door}");
    }
}

#[test]
fn nothing_that_another_user_does_removes_what_belongs_to_a_user() {
    let mut pair = Pair::new();
    let a = pair.a.caller("").clone();
    let door = json!({ "device_id": pair.a.own["lock"] });
    let started = pair
        .send(&a, "/locks/unlock_door", &door)
        .expect("the same");
    for world in [&mut pair.full, &mut pair.pruned] {
        world.now += AFTER_ATTEMPT;
    }
    let started: Value = serde_json::from_str(&started.body).expect("JSON");
    let attempt = json!({ "action_attempt_id": started["action_attempt"]["action_attempt_id"] });
    let finished = pair
        .send(&a, "/action_attempts/get", &attempt)
        .expect("the same");
    assert!(finished.body.contains("success"), "{}", finished.body);

    // More than are kept of one session. There is no limit for calls of a thermostat.
    let b = pair.b.caller("").clone();
    let heat = json!({
        "device_id": pair.b.own["thermostat"],
        "heating_set_point_celsius": 21,
    });
    let mut first = None;
    for _ in 0..1_100 {
        let heated = pair.full.expect_ok(&b, "/thermostats/heat", heat.clone());
        let id = heated["action_attempt"]["action_attempt_id"].clone();
        first.get_or_insert(id);
        pair.full.now += 1;
        pair.pruned.now += 1;
    }
    for world in [&mut pair.full, &mut pair.pruned] {
        world.now += AFTER_ATTEMPT;
    }

    let oldest = json!({ "action_attempt_id": first });
    let gone = pair.full.post(&b, "/action_attempts/get", oldest);
    assert_eq!(gone.error(), (404, "action_attempt_not_found"));
    assert!(pair.send(&a, "/action_attempts/get", &attempt).is_ok());
    let problems = pair.compare_reads();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn an_api_key_sees_that_the_two_workspaces_differ() {
    let mut pair = Pair::new();
    let mut same = Vec::new();
    for route in session_routes()
        .into_iter()
        .filter(|it| it.path.ends_with("/list"))
    {
        let params = base_params(route.path, &pair.a.own);
        if pair.send(&Caller::ApiKey, route.path, &params).is_ok() {
            same.push(route.path);
        }
    }
    // These name a device of user a, or list the workspace itself.
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
    let tables = full
        .pointer("/state/workspace/things")
        .and_then(Value::as_object);
    for resource_type in tables.expect("records").keys() {
        let table = format!("things/{resource_type}");
        let (all, left) = (count(full, &table), count(rest, &table));
        assert!(left > 0 && left < all, "{table}: {left} of {all}");
    }
}
