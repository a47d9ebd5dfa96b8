//! Access systems, phones, and the routes of user identities that concern them.

use serde_json::{Value, json};

use crate::world::{Caller, World, text};

/// Two identities that are users of the clubhouse: jane has access to the gym through her group,
/// tom to the pool through his credential. A third session has the clubhouse's account; a fourth
/// belongs to an unmanaged identity.
struct Club {
    world: World,
    jane: Caller,
    tom: Caller,
    owner: Caller,
    walk_in: Caller,
}

fn club() -> Club {
    let seed = json!({
        "connected_accounts": [{ "name": "house" }, { "name": "annex" }],
        "user_identities": [
            { "user_identity_key": "jane" },
            { "user_identity_key": "tom" },
            { "user_identity_key": "walk-in", "full_name": "Walk In", "is_managed": false },
        ],
        "client_sessions": [
            { "user_identity_key": "jane", "user_identifier_key": "jane" },
            { "user_identity_key": "tom", "user_identifier_key": "tom" },
            { "connected_accounts": ["annex"], "user_identifier_key": "owner" },
            { "user_identity_key": "walk-in", "user_identifier_key": "walk-in" },
        ],
        "phones": [
            { "user_identity_key": "jane", "display_name": "Jane's phone" },
            { "user_identity_key": "tom", "display_name": "Tom's phone" },
        ],
        "acs_systems": [
            { "name": "Clubhouse", "connected_account": "annex" },
            { "name": "Office", "connected_account": "house" },
        ],
        "acs_entrances": [
            { "display_name": "Gym", "acs_system": "Clubhouse" },
            { "display_name": "Pool", "acs_system": "Clubhouse" },
            { "display_name": "Lobby", "acs_system": "Office" },
        ],
        "acs_users": [
            { "display_name": "Jane", "full_name": "Jane", "acs_system": "Clubhouse", "user_identity_key": "jane" },
            { "display_name": "Tom", "full_name": "Tom", "acs_system": "Clubhouse", "user_identity_key": "tom" },
            { "display_name": "Clerk", "full_name": "Clerk", "acs_system": "Office", "acs_entrances": ["Lobby"] },
        ],
        "acs_access_groups": [
            { "display_name": "Sport", "name": "Sport", "acs_system": "Clubhouse", "acs_users": ["Jane"], "acs_entrances": ["Gym"] },
        ],
        "acs_credentials": [
            { "display_name": "Jane's card", "acs_user": "Jane" },
            { "display_name": "Tom's card", "acs_user": "Tom", "acs_entrances": ["Pool"] },
        ],
    });
    let mut world = World::with(json!({ "seed": seed }));
    let listed = world.expect_ok(&Caller::ApiKey, "/client_sessions/list", json!({}));
    let token = |key: &str| {
        let sessions = listed["client_sessions"].as_array().expect("a list").iter();
        let mut own = sessions.filter(|it| it["user_identifier_key"] == key);
        Caller::Token(text(&own.next().expect("a session")["token"]))
    };
    let (jane, tom, owner, walk_in) = (
        token("jane"),
        token("tom"),
        token("owner"),
        token("walk-in"),
    );
    Club {
        world,
        jane,
        tom,
        owner,
        walk_in,
    }
}

/// Returns the names in a list.
fn names(world: &mut World, caller: &Caller, path: &str, params: Value) -> Vec<String> {
    let listed = world.expect_ok(caller, path, params);
    let mut lists = listed.as_object().expect("an object").values();
    let list = lists.find_map(Value::as_array).expect("a list");
    let name = |it: &Value| text(it.get("display_name").unwrap_or(&it["name"]));
    list.iter().map(name).collect()
}

/// Returns the id of the first record of this name that the API key lists.
fn id(world: &mut World, path: &str, member: &str, name: &str) -> String {
    let listed = world.expect_ok(&Caller::ApiKey, path, json!({}));
    let mut lists = listed.as_object().expect("an object").values();
    let list = lists.find_map(Value::as_array).expect("a list");
    let is_it = |it: &&Value| it["display_name"] == name || it["name"] == name;
    text(&list.iter().find(is_it).expect("it is there")[member])
}

fn identity(world: &mut World, key: &str) -> String {
    let params = json!({ "user_identity_key": key });
    let got = world.expect_ok(&Caller::ApiKey, "/user_identities/get", params);
    text(&got["user_identity"]["user_identity_id"])
}

#[test]
fn a_session_sees_what_its_users_have_and_with_the_account_the_whole_access_system() {
    let Club {
        mut world,
        jane,
        tom,
        owner,
        walk_in,
    } = club();
    let nobody: [&str; 0] = [];
    for (path, of_jane, of_tom, of_owner) in [
        (
            "/acs/systems/list",
            vec!["Clubhouse"],
            vec!["Clubhouse"],
            vec!["Clubhouse"],
        ),
        (
            "/acs/users/list",
            vec!["Jane"],
            vec!["Tom"],
            vec!["Jane", "Tom"],
        ),
        (
            "/acs/entrances/list",
            vec!["Gym"],
            vec!["Pool"],
            vec!["Gym", "Pool"],
        ),
        (
            "/acs/credentials/list",
            vec!["Jane's card"],
            vec!["Tom's card"],
            vec!["Jane's card", "Tom's card"],
        ),
    ] {
        for (caller, expected) in [(&jane, of_jane), (&tom, of_tom), (&owner, of_owner)] {
            let mut found = names(&mut world, caller, path, json!({}));
            found.sort_unstable();
            assert_eq!(found, expected, "{path} {caller:?}");
        }
        assert_eq!(
            names(&mut world, &walk_in, path, json!({})),
            nobody,
            "{path}"
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table with a line for each filter")]
fn each_filter_narrows_its_list() {
    let mut world = club().world;
    let systems = "/acs/systems/list";
    let system = id(&mut world, systems, "acs_system_id", "Clubhouse");
    let office = world.expect_ok(&Caller::ApiKey, systems, json!({ "search": "off" }));
    let account = office["acs_systems"][0]["connected_account_id"].clone();
    let user = id(&mut world, "/acs/users/list", "acs_user_id", "Tom");
    let card = id(
        &mut world,
        "/acs/credentials/list",
        "acs_credential_id",
        "Tom's card",
    );
    let gym = id(&mut world, "/acs/entrances/list", "acs_entrance_id", "Gym");
    let tom = identity(&mut world, "tom");
    let cases = [
        (
            systems,
            json!({ "connected_account_id": account }),
            vec!["Office"],
        ),
        (
            "/acs/users/list",
            json!({ "acs_system_id": system }),
            vec!["Jane", "Tom"],
        ),
        (
            "/acs/users/list",
            json!({ "user_identity_id": tom }),
            vec!["Tom"],
        ),
        (
            "/acs/users/list",
            json!({ "search": "cler" }),
            vec!["Clerk"],
        ),
        (
            "/acs/users/list",
            json!({ "created_before": "2000-01-01T00:00:00Z" }),
            vec![],
        ),
        (
            "/acs/entrances/list",
            json!({ "acs_system_id": system }),
            vec!["Gym", "Pool"],
        ),
        (
            "/acs/entrances/list",
            json!({ "acs_entrance_ids": [gym] }),
            vec!["Gym"],
        ),
        (
            "/acs/entrances/list",
            json!({ "connected_account_id": account }),
            vec!["Lobby"],
        ),
        (
            "/acs/entrances/list",
            json!({ "acs_credential_id": card }),
            vec!["Pool"],
        ),
        (
            "/acs/entrances/list",
            json!({ "search": "poo" }),
            vec!["Pool"],
        ),
        (
            "/acs/credentials/list",
            json!({ "acs_user_id": user }),
            vec!["Tom's card"],
        ),
        (
            "/acs/credentials/list",
            json!({ "user_identity_id": tom }),
            vec!["Tom's card"],
        ),
        (
            "/acs/credentials/list",
            json!({ "is_multi_phone_sync_credential": true }),
            vec![],
        ),
        (
            "/acs/users/list_accessible_entrances",
            json!({ "acs_user_id": user }),
            vec!["Pool"],
        ),
        (
            "/acs/users/list_accessible_entrances",
            json!({ "acs_system_id": system, "user_identity_id": tom }),
            vec!["Pool"],
        ),
        (
            "/acs/entrances/list_credentials_with_access",
            json!({ "acs_entrance_id": gym }),
            vec![],
        ),
        (
            "/user_identities/list_accessible_entrances",
            json!({ "user_identity_id": tom }),
            vec!["Pool"],
        ),
        (
            "/user_identities/list_acs_systems",
            json!({ "user_identity_id": tom }),
            vec!["Clubhouse"],
        ),
    ];
    for (path, params, expected) in cases {
        let mut found = names(&mut world, &Caller::ApiKey, path, params.clone());
        found.sort_unstable();
        assert_eq!(found, expected, "{path} {params}");
    }
    let refused = world.post(
        &Caller::ApiKey,
        "/acs/users/list_accessible_entrances",
        json!({}),
    );
    assert_eq!(refused.error(), (400, "invalid_input"));
}

#[test]
fn records_of_another_user_are_not_found_and_nothing_changes() {
    let Club {
        mut world,
        jane,
        tom,
        ..
    } = club();
    let pool = id(&mut world, "/acs/entrances/list", "acs_entrance_id", "Pool");
    let user = id(&mut world, "/acs/users/list", "acs_user_id", "Tom");
    let system = id(
        &mut world,
        "/acs/systems/list",
        "acs_system_id",
        "Clubhouse",
    );
    let card = id(
        &mut world,
        "/acs/credentials/list",
        "acs_credential_id",
        "Tom's card",
    );
    let of_tom = identity(&mut world, "tom");
    let before = world.sandbox.snapshot();
    for (path, params, expected) in [
        (
            "/acs/entrances/get",
            json!({ "acs_entrance_id": pool }),
            "acs_entrance_not_found",
        ),
        (
            "/acs/entrances/list_credentials_with_access",
            json!({ "acs_entrance_id": pool }),
            "acs_entrance_not_found",
        ),
        (
            "/acs/users/list_accessible_entrances",
            json!({ "acs_user_id": user }),
            "acs_user_not_found",
        ),
        (
            "/acs/users/list_accessible_entrances",
            json!({ "acs_system_id": system, "user_identity_id": of_tom }),
            "acs_user_not_found",
        ),
        (
            "/user_identities/list_accessible_entrances",
            json!({ "user_identity_id": of_tom }),
            "user_identity_not_found",
        ),
        (
            "/user_identities/list_acs_systems",
            json!({ "user_identity_id": of_tom }),
            "user_identity_not_found",
        ),
    ] {
        let refused = world.post(&jane, path, params.clone());
        assert_eq!(refused.error(), (404, expected), "{path}");
        assert_eq!(world.post(&tom, path, params).status, 200, "{path}");
    }
    for (path, params) in [
        ("/acs/users/list", json!({ "user_identity_id": of_tom })),
        ("/acs/credentials/list", json!({ "acs_user_id": user })),
        (
            "/acs/credentials/list",
            json!({ "user_identity_id": of_tom }),
        ),
        ("/acs/entrances/list", json!({ "acs_credential_id": card })),
        ("/acs/entrances/list", json!({ "acs_entrance_ids": [pool] })),
    ] {
        let found = names(&mut world, &jane, path, params.clone());
        assert_eq!(found, Vec::<String>::new(), "{path}");
        assert_eq!(names(&mut world, &tom, path, params).len(), 1, "{path}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn deleting_a_group_needs_access_to_its_account() {
    let Club {
        mut world,
        jane,
        tom,
        owner,
        ..
    } = club();
    let state: Value = serde_json::from_str(&world.sandbox.snapshot()).expect("JSON");
    let groups = &state["things"]["acs_access_group"];
    let group = find(groups, "acs_access_group_id").expect("a group");
    let params = json!({ "acs_access_group_id": group });
    let path = "/acs/access_groups/delete";
    let before = world.sandbox.snapshot();
    assert_eq!(
        world.post(&jane, path, params.clone()).error(),
        (401, "unauthorized")
    );
    let refused = world.post(&tom, path, params.clone());
    assert_eq!(refused.error(), (404, "acs_access_group_not_found"));
    assert_eq!(world.sandbox.snapshot(), before);
    world.expect_ok(&owner, path, params.clone());
    let gone = world.post(&owner, path, params);
    assert_eq!(gone.error(), (404, "acs_access_group_not_found"));
    let opened = names(&mut world, &jane, "/acs/entrances/list", json!({}));
    assert_eq!(opened, Vec::<String>::new());
}

/// Returns the first value of this member, at any depth.
fn find(value: &Value, name: &str) -> Option<String> {
    match value {
        Value::Object(members) => members
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| members.values().find_map(|it| find(it, name))),
        Value::Array(items) => items.iter().find_map(|it| find(it, name)),
        _ => None,
    }
}

#[test]
fn a_phone_can_be_deactivated_only_by_its_user() {
    let Club {
        mut world,
        jane,
        tom,
        ..
    } = club();
    let state: Value = serde_json::from_str(&world.sandbox.snapshot()).expect("JSON");
    let phone = find(&state["things"]["phone"], "device_id").expect("a phone");
    let path = "/phones/deactivate";
    let params = json!({ "device_id": phone });
    let before = world.sandbox.snapshot();
    let (first, second) = (world.post(&tom, path, params.clone()), before.clone());
    let (owner, other) = if first.status == 200 {
        (&tom, &jane)
    } else {
        (&jane, &tom)
    };
    if first.status != 200 {
        assert_eq!(first.error(), (404, "phone_not_found"));
        assert_eq!(world.sandbox.snapshot(), second);
        world.expect_ok(owner, path, params.clone());
    }
    for caller in [owner, other] {
        let gone = world.post(caller, path, params.clone());
        assert_eq!(gone.error(), (404, "phone_not_found"));
    }
    let bad = world.post(&jane, path, json!({ "device_id": "no id" }));
    assert_eq!(bad.error(), (400, "invalid_input"));
}

#[test]
fn an_unmanaged_identity_is_listed_separately_and_can_be_converted() {
    let Club {
        mut world,
        jane,
        walk_in,
        ..
    } = club();
    let list = "/user_identities/unmanaged/list";
    let listed = world.expect_ok(&walk_in, list, json!({}));
    let identity = &listed["user_identities"][0];
    assert_eq!(identity["display_name"], "Walk In");
    assert!(identity.get("user_identity_key").is_none());
    let id = identity["user_identity_id"].clone();
    assert_eq!(
        names(&mut world, &Caller::ApiKey, list, json!({})),
        ["Walk In"]
    );
    assert_eq!(
        names(&mut world, &jane, list, json!({})),
        Vec::<String>::new()
    );

    let path = "/user_identities/unmanaged/update";
    let manage = json!({ "user_identity_id": id, "is_managed": true });
    let with_key = |key: &str| {
        let mut params = manage.clone();
        params["user_identity_key"] = key.into();
        params
    };
    let before = world.sandbox.snapshot();
    let refused = world.post(&jane, path, manage.clone());
    assert_eq!(refused.error(), (404, "user_identity_not_found"));
    // For a session a key that is taken is like any other.
    let taken = world.post(&walk_in, path, with_key("jane"));
    assert_eq!(taken.error(), (401, "unauthorized"));
    assert_eq!(taken, world.post(&walk_in, path, with_key("guest")));
    let taken = world.post(&Caller::ApiKey, path, with_key("jane"));
    assert_eq!(taken.error(), (409, "user_identity_key_conflict"));
    assert_eq!(world.sandbox.snapshot(), before);

    world.expect_ok(&walk_in, path, manage.clone());
    let listed = world.expect_ok(&walk_in, "/user_identities/list", json!({}));
    assert_eq!(listed["user_identities"][0]["user_identity_id"], id);
    let again = world.post(&walk_in, path, manage);
    assert_eq!(again.error(), (400, "user_identity_managed"));
}
