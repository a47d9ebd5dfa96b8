//! Compares the sandbox with the model.

use serde_json::{Value, json};

use crate::model::{Id, Ids, Kind, Model, Outcome, Session};
use crate::steps::Known;
use crate::world::World;

/// Returns the ids of a list, in order.
fn list_ids(world: &mut World, token: &str, path: &str, list: &str, id: &str) -> Vec<Id> {
    // A filter is required, and every id has a hyphen.
    let params = match path {
        "/access_codes/list" => json!({ "search": "-" }),
        _ => json!({}),
    };
    let (status, body) = world.as_session(token, path, params);
    assert_eq!(status, 200, "{path}: {body}");
    let items = body[list].as_array().expect("a list");
    let ids = items
        .iter()
        .map(|it| it[id].as_str().expect("an id").to_owned());
    let mut ids: Vec<Id> = ids.collect();
    ids.sort_unstable();
    ids
}

/// Checks the devices and codes that a session sees, and its own object.
pub(crate) fn check_main_lists(world: &mut World, model: &Model, id: &Id, session: &Session) {
    let devices = managed_devices(model, session);
    let count = devices.len();
    let codes = model.codes_of(id, session);
    for (path, list, name, expected) in [
        ("/devices/list", "devices", "device_id", devices),
        (
            "/access_codes/list",
            "access_codes",
            "access_code_id",
            codes,
        ),
    ] {
        compare(world, session, (path, list, name), expected);
    }
    let (_, body) = world.as_session(&session.token, "/client_sessions/get", json!({}));
    let shown = &body["client_session"];
    for (name, expected) in [
        ("client_session_id", json!(id)),
        ("user_identity_id", json!(session.identity)),
        ("connected_account_ids", json!(session.accounts)),
        ("connect_webview_ids", json!(session.webviews)),
        ("device_count", json!(count)),
    ] {
        assert_eq!(shown[name], expected, "{name} of session {id}");
    }
}

/// Checks the other lists of a session.
fn check_other_lists(world: &mut World, model: &Model, session: &Session) {
    let of = |kind: Kind| {
        let mut devices = managed_devices(model, session);
        devices.retain(|it| model.devices[it].kind == kind);
        devices
    };
    let identity = session.identity.iter().cloned().collect();
    for (path, list, name, expected) in [
        ("/locks/list", "devices", "device_id", of(Kind::Lock)),
        (
            "/thermostats/list",
            "devices",
            "device_id",
            of(Kind::Thermostat),
        ),
        (
            "/connect_webviews/list",
            "connect_webviews",
            "connect_webview_id",
            session.webviews.clone(),
        ),
        (
            "/user_identities/list",
            "user_identities",
            "user_identity_id",
            identity,
        ),
    ] {
        compare(world, session, (path, list, name), expected);
    }
}

fn managed_devices(model: &Model, session: &Session) -> Ids {
    let mut devices = model.devices_of(session);
    devices.retain(|it| model.devices[it].is_managed);
    devices
}

fn compare(
    world: &mut World,
    session: &Session,
    (path, list, id): (&str, &str, &str),
    expected: Ids,
) {
    let shown = list_ids(world, &session.token, path, list, id);
    let expected: Vec<Id> = expected.into_iter().collect();
    assert_eq!(shown, expected, "{path}");
}

/// Checks the response to a session for recent ids of every kind.
pub(crate) fn check_records(
    world: &mut World,
    model: &Model,
    known: &Known,
    id: &Id,
    session: &Session,
) {
    check_other_lists(world, model, session);
    let devices = model.devices_of(session);
    for device in recent(8, &known.devices) {
        let seen = devices.get(device).map(|it| model.devices[it].is_managed);
        for (path, expected) in [
            (
                "/devices/get",
                match seen {
                    None => (404, "device_not_found"),
                    Some(true) => (200, ""),
                    Some(false) => (400, "device_unmanaged"),
                },
            ),
            (
                "/devices/unmanaged/get",
                match seen {
                    None => (404, "device_not_found"),
                    Some(true) => (400, "device_managed"),
                    Some(false) => (200, ""),
                },
            ),
        ] {
            check_response(
                world,
                session,
                path,
                json!({ "device_id": device }),
                expected,
            );
        }
    }
    let codes = model.codes_of(id, session);
    let accounts = model.accounts_of(session);
    for (path, name, there, seen) in [
        ("/access_codes/get", "access_code_id", &known.codes, &codes),
        (
            "/connected_accounts/get",
            "connected_account_id",
            &known.accounts,
            &accounts,
        ),
        (
            "/connect_webviews/get",
            "connect_webview_id",
            &known.webviews,
            &session.webviews,
        ),
    ] {
        let missing: &str = match name {
            "access_code_id" => "access_code_not_found",
            "connected_account_id" => "connected_account_not_found",
            _ => "connect_webview_not_found",
        };
        for it in recent(2, there) {
            let expected = if seen.contains(it) {
                (200, "")
            } else {
                (404, missing)
            };
            check_response(world, session, path, json!({ name: it }), expected);
        }
    }
    for attempt in recent(2, &known.attempts) {
        let seen = model.attempts.get(attempt);
        let seen = seen.filter(|it| model.can_see_attempt(id, session, it));
        let expected = seen.map_or((404, "action_attempt_not_found"), |_| (200, ""));
        let params = json!({ "action_attempt_id": attempt });
        let body = check_response(world, session, "/action_attempts/get", params, expected);
        if let Some(attempt) = seen {
            let status = match attempt.outcome {
                Outcome::Pending => "pending",
                Outcome::Success => "success",
                Outcome::Offline => "error",
            };
            assert_eq!(body["action_attempt"]["status"], status, "of session {id}");
        }
    }
}

fn recent(many: usize, ids: &[Id]) -> &[Id] {
    &ids[ids.len().saturating_sub(many)..]
}

fn check_response(
    world: &mut World,
    session: &Session,
    path: &str,
    params: Value,
    (status, kind): (u16, &str),
) -> Value {
    let shown = params.to_string();
    let (answered, body) = world.as_session(&session.token, path, params);
    let error = body["error"]["type"].as_str().unwrap_or_default();
    assert_eq!((answered, error), (status, kind), "{path} {shown}");
    body
}
