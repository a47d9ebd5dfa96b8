//! Watched lists and scope.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use seam_session::client::{Capability, DeviceQuery, ListStatus, ListStream, ListUpdate, Scope};
use seam_session::resources::Device;
use seam_session::{ErrorKind, Seam};

use super::world::{Received, Reply, World, ok, status};

fn device(id: &str, name: &str, can_unlock: bool) -> String {
    format!(
        r#"{{"device_id":"{id}","device_type":"august_lock","display_name":"{name}",
        "capabilities_supported":["lock"],"can_remotely_unlock":{can_unlock},"is_managed":true,
        "properties":{{"online":true,"name":"{name}","appearance":{{"name":"{name}"}},
        "model":{{"display_name":"Lock","manufacturer_display_name":"August"}}}},
        "connected_account_id":"a-1","workspace_id":"w-1","space_ids":[],"custom_metadata":{{}},
        "created_at":"2026-01-01T00:00:00.000Z","errors":[],"warnings":[]}}"#
    )
}

/// The devices that the server has, and how it responds to a list.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<Workspace>>);

#[derive(Default)]
struct Workspace {
    devices: Vec<(String, String)>,
    reply: Option<Reply>,
}

const ATTEMPT: &str = r#"{"ok":true,"action_attempt":{"action_attempt_id":"a-1",
    "action_type":"UNLOCK_DOOR","status":"success","result":{},"error":null}}"#;

impl Server {
    fn set(&self, devices: &[(&str, &str)]) {
        let devices = devices.iter();
        let devices = devices.map(|(id, name)| ((*id).to_owned(), (*name).to_owned()));
        self.0.lock().unwrap().devices = devices.collect();
    }

    fn fail(&self, reply: Option<Reply>) {
        self.0.lock().unwrap().reply = reply;
    }

    /// Responds with pages of two devices.
    fn reply(&self, request: &Received) -> Reply {
        let workspace = self.0.lock().unwrap();
        if let Some(reply) = &workspace.reply {
            return reply.clone();
        }
        let shown: Vec<String> = workspace
            .devices
            .iter()
            .map(|(id, name)| device(id, name, id != "d-1"))
            .collect();
        match request.path.as_str() {
            "/client_sessions/get" => ok(&format!(
                r#"{{"client_session":{{"client_session_id":"{}","user_identity_id":"{}",
                "expires_at":"2026-12-01T01:00:00.000Z"}}}}"#,
                request.token,
                request.token.split('_').nth(1).unwrap()
            )),
            "/locks/unlock_door" => ok(ATTEMPT),
            "/devices/get" => {
                let mut known = workspace.devices.iter().zip(&shown);
                let found = known.find(|((id, _), _)| request.body.contains(id));
                found.map_or_else(
                    || {
                        status(
                            404,
                            r#"{"error":{"type":"device_not_found","message":"No"}}"#,
                        )
                    },
                    |(_, text)| ok(&format!(r#"{{"device":{text}}}"#)),
                )
            }
            _ => {
                let cursor = request.body.split("page_cursor\":\"").nth(1);
                let from: usize =
                    cursor.map_or(0, |it| it.split('"').next().unwrap().parse().unwrap());
                let page: Vec<String> = shown.into_iter().skip(from).take(2).collect();
                let next = from + page.len();
                let next = if next < workspace.devices.len() {
                    format!(r#"{{"has_next_page":true,"next_page_cursor":"{next}"}}"#)
                } else {
                    r#"{"has_next_page":false,"next_page_cursor":null}"#.to_owned()
                };
                ok(&format!(
                    r#"{{"devices":[{}],"pagination":{next}}}"#,
                    page.join(",")
                ))
            }
        }
    }

    fn world(&self) -> World {
        let server = self.clone();
        World::new(move |request| server.reply(request))
    }
}

const THREE: [(&str, &str); 3] = [("d-1", "Front"), ("d-2", "Back"), ("d-3", "Cellar")];

fn next(world: &World, list: &mut ListStream<Device>) -> ListUpdate {
    world.run(list.next()).unwrap()
}

/// A list that has been fetched.
fn watched(server: &Server, seam: &Seam, world: &World) -> ListStream<Device> {
    server.set(&THREE);
    let mut list = seam
        .devices()
        .list()
        .watch()
        .interval(Duration::from_secs(60));
    let update = next(world, &mut list);
    assert_eq!(update.status, ListStatus::Live);
    assert_eq!(update.added, ["d-1", "d-2", "d-3"]);
    list
}

/// A client whose second token comes when a tenth of the first one's hour is left.
fn provided(world: &World, second: &'static str) -> Seam {
    let tokens = Mutex::new(vec![second, "seam_cst1u1_a"]);
    let provider = move || {
        let token = tokens.lock().unwrap().pop().unwrap_or("seam_cst1u3_c");
        async move { Ok::<_, std::io::Error>(token.to_owned()) }
    };
    let builder = Seam::builder().token_provider(provider);
    world.client(builder).unwrap()
}

/// Makes calls until the second token is in use.
fn replace_token(world: &World, seam: &Seam) {
    world.pass(3_400_000 - world.now());
    for _ in 0..2 {
        world.run(seam.devices().get().device_id("d-1")).unwrap();
        world.pass(100);
    }
}

#[test]
fn each_update_has_what_the_fetch_has_changed() {
    let server = Server::default();
    let world = server.world();
    let mut list = watched(&server, &world.app(), &world);
    assert_eq!(
        world.paths(),
        ["/devices/list", "/devices/list"],
        "two pages"
    );

    server.set(&[("d-2", "Garden"), ("d-3", "Cellar"), ("d-4", "Attic")]);
    let before = world.now();
    let update = next(&world, &mut list);
    assert!(
        (60_000..80_000).contains(&(world.now() - before)),
        "{}",
        world.now()
    );
    assert_eq!(update.added, ["d-4"]);
    assert_eq!(update.changed, ["d-2"]);
    assert_eq!(update.removed, ["d-1"]);
    assert_eq!(list.ids(), ["d-2", "d-3", "d-4"]);
    let garden = list.get("d-2").unwrap().unwrap();
    assert_eq!(garden.display_name, "Garden");
    assert!(list.get("d-1").unwrap().is_none());
}

#[test]
fn devices_are_found_by_capability_and_name() {
    let server = Server::default();
    let world = server.world();
    let list = watched(&server, &world.app(), &world);
    let cases = [
        (DeviceQuery::new(), vec!["d-1", "d-2", "d-3"]),
        (
            DeviceQuery::new().can("can_remotely_unlock"),
            vec!["d-2", "d-3"],
        ),
        (DeviceQuery::new().text("CELL"), vec!["d-3"]),
        (DeviceQuery::new().online(false), vec![]),
        (
            DeviceQuery::new().device_type("august_lock").text("o"),
            vec!["d-1"],
        ),
        (DeviceQuery::new().device_type("yale_lock"), vec![]),
    ];
    for (query, expected) in cases {
        assert_eq!(list.find(&query), expected, "{query:?}");
    }
}

#[test]
fn a_device_that_the_client_acts_on_is_looked_up_at_once() {
    let server = Server::default();
    let world = server.world();
    let seam = world.app();
    let mut list = watched(&server, &seam, &world);
    server.set(&[("d-1", "Front"), ("d-2", "Open"), ("d-3", "Cellar")]);
    world.run(seam.locks().unlock_door("d-2")).unwrap();
    let before = world.now();
    assert_eq!(next(&world, &mut list).changed, ["d-2"]);
    assert!(world.now() - before < 100);

    server.set(&[("d-1", "Front"), ("d-3", "Cellar")]);
    world.run(seam.locks().unlock_door("d-2")).unwrap();
    assert_eq!(next(&world, &mut list).removed, ["d-2"]);
    assert_eq!(list.len(), 2);
}

#[test]
fn a_failed_fetch_leaves_the_items_as_stale_until_one_succeeds() {
    let server = Server::default();
    let world = server.world();
    let mut list = watched(&server, &world.app(), &world);
    server.fail(Some(status(503, "")));
    let update = next(&world, &mut list);
    assert_eq!(update.status, ListStatus::Stale);
    assert_eq!(update.error.unwrap().status(), Some(503));
    assert_eq!(list.len(), 3);
    server.fail(None);
    let update = next(&world, &mut list);
    assert_eq!((update.status, list.len()), (ListStatus::Live, 3));
    assert!(update.error.is_none() && update.added.is_empty());
}

#[test]
fn a_session_that_has_ended_empties_the_list_and_stops_it() {
    let server = Server::default();
    let world = server.world();
    let mut list = watched(&server, &world.app(), &world);
    server.fail(Some(status(
        401,
        r#"{"error":{"type":"client_session_revoked"}}"#,
    )));
    let update = next(&world, &mut list);
    assert_eq!(update.status, ListStatus::Stopped);
    assert_eq!(update.removed.len(), 3);
    assert!(list.is_empty());
    let sent = world.paths().len();
    assert!(world.run_for(10_000_000, list.next()).is_none());
    assert_eq!(world.paths().len(), sent);
}

#[test]
fn the_token_of_another_user_empties_the_list_and_that_of_the_same_user_does_not() {
    for (second, removed) in [("seam_cst1u2_b", 3), ("seam_cst1u1_b", 0)] {
        let server = Server::default();
        let world = server.world();
        let seam = provided(&world, second);
        let mut list = watched(&server, &seam, &world);
        // The refresh is due when a tenth of the session's hour is left, and not again.
        let mut updates = Vec::new();
        while world.now() < 3_400_000 {
            let until = 3_400_000 - world.now();
            updates.extend(world.run_for(until, list.next()).flatten());
        }
        let mut tokens = world.received().into_iter().map(|request| request.token);
        assert!(tokens.next_back().unwrap().ends_with(second), "{second}");
        let found: usize = updates.iter().map(|update| update.removed.len()).sum();
        assert_eq!(found, removed, "{second} {updates:?}");
        let found: usize = updates.iter().map(|update| update.added.len()).sum();
        assert_eq!(found, removed, "{second} {updates:?}");
        assert_eq!(list.len(), 3, "{second}");
    }
}

#[test]
fn a_list_shows_nothing_of_the_last_user_though_it_is_not_polled() {
    for (second, is_shown) in [("seam_cst1u2_b", false), ("seam_cst1u1_b", true)] {
        let server = Server::default();
        let world = server.world();
        let seam = provided(&world, second);
        let mut list = watched(&server, &seam, &world);
        replace_token(&world, &seam);
        let expected = if is_shown { 3 } else { 0 };
        assert_eq!(
            (list.len(), list.ids().len()),
            (expected, expected),
            "{second}"
        );
        assert_eq!(list.find(&DeviceQuery::new()).len(), expected, "{second}");
        assert_eq!(list.has("d-1"), is_shown, "{second}");
        assert_eq!(list.get("d-1").unwrap().is_some(), is_shown, "{second}");
        assert_eq!(list.status() == ListStatus::Live, is_shown, "{second}");
        assert!(format!("{list:?}").contains(&format!("length: {expected}")));
        server.set(&THREE[1..]);
        while list.ids() != ["d-2", "d-3"] || list.status() != ListStatus::Live {
            next(&world, &mut list);
        }
    }
}

#[test]
fn a_list_that_is_not_polled_sends_nothing() {
    let server = Server::default();
    let world = server.world();
    let list = watched(&server, &world.app(), &world);
    let sent = world.paths().len();
    world.pass(10_000_000);
    assert_eq!(world.paths().len(), sent);
    drop(list);
    assert_eq!((world.tasks(), world.timers()), (0, 0));
}

#[test]
fn the_scope_of_a_session_has_its_devices_and_their_capabilities() {
    let server = Server::default();
    server.set(&THREE);
    let world = server.world();
    let seam = Seam::builder().client_session_token("seam_cst1u1_a");
    let seam = world.client(seam).unwrap();
    let mut scope = world.run(seam.scope()).unwrap();
    assert_eq!(scope.device_ids(), ["d-1", "d-2", "d-3"]);
    assert_eq!(scope.user_identity_id(), Some("cst1u1"));
    let cases = [
        ("d-1", false, vec![Capability::UpdateDevice]),
        (
            "d-2",
            true,
            vec![Capability::UpdateDevice, Capability::UnlockDoor],
        ),
        ("d-9", false, vec![]),
    ];
    for (id, can_unlock, expected) in cases {
        assert_eq!(scope.can(id, Capability::UnlockDoor), can_unlock, "{id}");
        assert_eq!(scope.capabilities(id), expected, "{id}");
    }
    server.set(&[("d-3", "Cellar")]);
    assert!(scope.has("d-1"), "it is as last fetched");
    world.run(scope.refresh()).unwrap();
    assert!(!scope.has("d-1") && scope.has("d-3"));
    assert!(scope.device("d-3").unwrap().is_some());

    server.fail(Some(status(
        401,
        r#"{"error":{"type":"client_session_revoked"}}"#,
    )));
    let error = world.run(scope.refresh()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Revoked);
    assert!(scope.device_ids().is_empty());
}

#[test]
fn a_scope_shows_nothing_of_the_last_user_though_it_cannot_be_fetched_again() {
    let server = Server::default();
    server.set(&THREE);
    let world = server.world();
    let seam = provided(&world, "seam_cst1u2_b");
    let mut scope = world.run(seam.scope()).unwrap();
    assert_eq!(scope.user_identity_id(), Some("cst1u1"));
    assert!(scope.client_session_id().is_some() && scope.expires_at().is_some());
    replace_token(&world, &seam);
    let assert_empty = |scope: &Scope| {
        assert_eq!(
            (scope.client_session_id(), scope.user_identity_id()),
            (None, None)
        );
        assert_eq!((scope.expires_at(), scope.device_ids()), (None, vec![]));
    };
    assert!(!scope.is_current());
    assert_empty(&scope);
    server.fail(Some(status(503, "")));
    let error = world.run(scope.refresh()).unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert_empty(&scope);
    server.fail(None);
    world.run(scope.refresh()).unwrap();
    assert!(scope.is_current());
    assert_eq!(scope.user_identity_id(), Some("cst1u2"));
    assert_eq!(scope.device_ids().len(), 3);
}

#[test]
fn a_refresh_of_a_scope_ends_also_when_nothing_has_changed() {
    let server = Server::default();
    server.set(&THREE);
    let world = server.world();
    let seam = world.app();
    let mut scope = world.run(seam.scope()).unwrap();
    for fetches in 2..4 {
        let refreshed = world.run_for(60_000, scope.refresh());
        assert!(refreshed.expect("it ends").is_ok());
        // Each fetch has two pages.
        let paths = world.paths().into_iter();
        let pages = paths.filter(|path| path == "/devices/list").count();
        assert_eq!(pages, 2 * fetches);
        assert_eq!(scope.device_ids().len(), 3);
    }
}

#[test]
fn a_refresh_of_the_scope_of_a_session_that_has_ended_ends_with_its_error() {
    let server = Server::default();
    server.set(&THREE);
    let world = server.world();
    let mut scope = world.run(world.app().scope()).unwrap();
    let revoked = r#"{"error":{"type":"client_session_revoked"}}"#;
    server.fail(Some(status(401, revoked)));
    for _ in 0..3 {
        let refreshed = world.run_for(60_000, scope.refresh());
        let error = refreshed.expect("it ends").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Revoked);
        assert!(scope.device_ids().is_empty());
    }
}

#[test]
fn only_a_client_session_has_a_scope() {
    let world = Server::default().world();
    let seam = world.client(Seam::builder().api_key("seam_key_1")).unwrap();
    let error = world.run(seam.scope()).unwrap_err();
    assert_eq!(error.code(), "credential_not_accepted");
    assert_eq!(world.paths().len(), 0);
}
