//! A workspace of two users, each with one record of every type.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::acs_events;
use crate::world::{AFTER_ATTEMPT, Caller, World, text};

/// A user: its sessions, and the ids and names of the records that only it sees.
pub(crate) struct User {
    caller: Caller,
    /// The session of an unmanaged user identity.
    unmanaged_caller: Caller,
    pub(crate) own: BTreeMap<&'static str, String>,
}

impl User {
    /// Returns the caller for this route.
    pub(super) fn caller(&self, path: &str) -> &Caller {
        if path.starts_with("/user_identities/unmanaged/") {
            &self.unmanaged_caller
        } else {
            &self.caller
        }
    }

    /// Returns the token of its session.
    pub(crate) fn token(&self) -> &str {
        match &self.caller {
            Caller::Token(token) => token,
            _ => "",
        }
    }
}

/// The kinds of ids that the seed gives.
const KINDS: [&str; 19] = [
    "lock",
    "thermostat",
    "sensor",
    "unmanaged_device",
    "access_code",
    "unmanaged_code",
    "schedule",
    "program",
    "threshold",
    "system",
    "entrance",
    "acs_user",
    "group",
    "credential",
    "phone",
    "space",
    "acs_account",
    "granted_lock",
    "grant",
];

/// Returns the number of an access code.
fn number(user: &str, first: &str) -> String {
    format!("{first}{}", if user == "a" { "48213" } else { "73506" })
}

fn phone_number(user: &str) -> String {
    format!("+1555010{}", if user == "a" { "1111" } else { "2222" })
}

fn id(user: &str, kind: &str) -> String {
    let index = KINDS.iter().position(|it| *it == kind).expect("a kind");
    format!("{user}{index:07}-0000-4000-8000-000000000000")
}

/// Returns the user's records, as part of a seed.
#[expect(clippy::too_many_lines, reason = "one document")]
fn parts(user: &str) -> Value {
    let id = |kind| id(user, kind);
    let name = |what: &str| format!("{what} {user}-records");
    let acs_system = name("System");
    json!({
        "connected_accounts": [{
            "name": user,
            "connected_account_id": id("acs_account"),
            "user_identifier": { "email": format!("{user}@example.com") },
            "display_name": name("Account"),
        }],
        "devices": [
            {
                "device_type": "august_lock",
                "display_name": name("Lock"),
                "device_id": id("lock"),
                "space_ids": [id("space")],
                "custom_metadata": { "of": name("Guest") },
                "can_configure_auto_lock": true,
                "properties": { "supports_backup_access_code_pool": true },
            },
            {
                "device_type": "ecobee_thermostat",
                "display_name": name("Thermostat"),
                "device_id": id("thermostat"),
                "custom_metadata": { "of": name("Guest") },
                "space_ids": [id("space")],
            },
            {
                "device_type": "minut_sensor",
                "display_name": name("Sensor"),
                "device_id": id("sensor"),
                "custom_metadata": { "of": name("Guest") },
                "space_ids": [id("space")],
            },
            {
                "device_type": "yale_lock",
                "display_name": name("Unmanaged"),
                "device_id": id("unmanaged_device"),
                "is_managed": false,
            },
            {
                "device_type": "schlage_lock",
                "display_name": name("Granted"),
                "device_id": id("granted_lock"),
            },
        ],
        "user_identities": [
            {
                "user_identity_key": user,
                "full_name": name("User"),
                "devices": [id("lock"), id("thermostat"), id("sensor"), id("unmanaged_device")],
            },
            {
                "user_identity_key": format!("walk-in-{user}"),
                "full_name": name("Walk-in"),
                "is_managed": false,
            },
        ],
        "access_grants": [{
            "user_identity_key": user,
            "access_grant_id": id("grant"),
            "access_grant_key": format!("grant-{user}"),
            "devices": [id("granted_lock")],
        }],
        "access_codes": [
            {
                "device": id("lock"),
                "access_code_id": id("access_code"),
                "name": name("Code"),
                "code": number(user, "1"),
                "common_code_key": format!("common-{user}"),
                "type": "time_bound",
                "starts_at": "2026-11-22T00:00:00.000Z",
                "ends_at": "2027-11-22T00:00:00.000Z",
                "is_backup_access_code_available": true,
            },
            {
                "device": id("lock"),
                "access_code_id": id("unmanaged_code"),
                "name": name("Unmanaged code"),
                "code": number(user, "2"),
                "is_managed": false,
            },
        ],
        "noise_thresholds": [{ "device": id("sensor"), "noise_threshold_id": id("threshold") }],
        "thermostat_schedules": [{
            "device": id("thermostat"),
            "thermostat_schedule_id": id("schedule"),
            "name": name("Schedule"),
            "climate_preset_key": "home",
            "starts_at": "2026-11-24T00:00:00.000Z",
            "ends_at": "2026-11-25T00:00:00.000Z",
        }],
        "thermostat_daily_programs": [{
            "device": id("thermostat"),
            "thermostat_daily_program_id": id("program"),
            "name": name("Program"),
            "periods": [{ "starts_at_time": "07:00:00", "climate_preset_key": "home" }],
        }],
        "phones": [{ "user_identity_key": user, "device_id": id("phone") }],
        "acs_systems": [{
            "name": acs_system,
            "acs_system_id": id("system"),
            "connected_account": user,
        }],
        "acs_entrances": [{
            "display_name": name("Entrance"),
            "acs_entrance_id": id("entrance"),
            "acs_system": acs_system,
            "space_ids": [id("space")],
        }],
        "acs_users": [{
            "display_name": name("Member"),
            "acs_user_id": id("acs_user"),
            "acs_system": acs_system,
            "user_identity_key": user,
            "user_identity_email_address": format!("{user}@example.com"),
            "user_identity_phone_number": phone_number(user),
            "acs_entrances": [id("entrance")],
        }],
        "acs_access_groups": [{
            "name": name("Group"),
            "display_name": name("Group"),
            "acs_access_group_id": id("group"),
            "acs_system": acs_system,
            "acs_users": [id("acs_user")],
        }],
        "acs_credentials": [{
            "acs_user": id("acs_user"),
            "acs_credential_id": id("credential"),
            "display_name": name("Credential"),
            "acs_entrances": [id("entrance")],
        }],
    })
}

/// A workspace of two users who share only the account of their devices.
pub(super) fn world(out_of_scope: u16) -> (World, User, User) {
    world_with(out_of_scope, &json!({}))
}

/// The same with more records in the seed.
pub(crate) fn world_with(out_of_scope: u16, more: &Value) -> (World, User, User) {
    let mut seed = json!({ "connected_accounts": [{ "name": "devices" }] });
    for parts in [&parts("a"), &parts("b"), more] {
        for (name, part) in parts.as_object().expect("parts") {
            let whole = seed.as_object_mut().expect("a seed").entry(name.as_str());
            let whole = whole.or_insert_with(|| json!([]));
            let part = part.as_array().expect("a list").clone();
            whole.as_array_mut().expect("a list").extend(part);
        }
    }
    let mut world = World::with(json!({
        "seed": seed,
        "out_of_scope": out_of_scope,
        "random_seed": 7,
    }));
    let a = user(&mut world, "a");
    let b = user(&mut world, "b");
    acs_events::put(&mut world, [&a, &b]);
    (world, a, b)
}

fn user(world: &mut World, name: &str) -> User {
    let mut own: BTreeMap<_, _> = KINDS.iter().map(|it| (*it, id(name, it))).collect();
    let key = json!({ "user_identity_key": name });
    let identity = world.expect_ok(&Caller::ApiKey, "/user_identities/get", key);
    own.insert(
        "identity",
        text(&identity["user_identity"]["user_identity_id"]),
    );
    let session = world.session(json!({
        "user_identity_id": own["identity"],
        "user_identifier_key": format!("key-{name}"),
        "connected_account_ids": [own["acs_account"]],
    }));
    let caller = Caller::Token(text(&session["token"]));
    own.insert("session", text(&session["client_session_id"]));
    let walk_in = json!({ "search": format!("Walk-in {name}-records") });
    let walk_in = world.expect_ok(&Caller::ApiKey, "/user_identities/unmanaged/list", walk_in);
    let walk_in = &walk_in["user_identities"][0]["user_identity_id"];
    own.insert("unmanaged_identity", text(walk_in));
    let unmanaged_caller = world.token(&own["unmanaged_identity"]);
    let marked = json!({ "custom_metadata": { "of": format!("Guest {name}-records") } });
    let webview = world.expect_ok(&caller, "/connect_webviews/create", marked);
    let webview = &webview["connect_webview"]["connect_webview_id"];
    own.insert("webview", text(webview));
    let device = |of_type: &str, what: &str| json!({ "device_type": of_type, "display_name": format!("{what} of {name}") });
    let login = json!({ "connect_webview_id": webview, "devices": [
        device("yale_lock", "Second lock"),
        device("nest_thermostat", "Second thermostat"),
        device("minut_sensor", "Second sensor"),
    ]});
    let login = world.expect_ok(&Caller::ApiKey, "/_sandbox/complete_connect_webview", login);
    let account = &login["connected_account"]["connected_account_id"];
    own.insert("account", text(account));
    let renamed =
        json!({ "access_code_id": own["access_code"], "name": format!("Mine {name}-records") });
    world.expect_ok(&caller, "/access_codes/update", renamed);
    let unlock = json!({ "device_id": own["lock"] });
    let attempt = world.expect_ok(&caller, "/locks/unlock_door", unlock.clone());
    let attempt = &attempt["action_attempt"]["action_attempt_id"];
    own.insert("attempt", text(attempt));
    world.now += AFTER_ATTEMPT;
    let event = world.expect_ok(&caller, "/events/get", unlock);
    own.insert("event", text(&event["event"]["event_id"]));
    for (kind, value) in [
        ("device_name", format!("Lock {name}-records")),
        ("unmanaged_name", format!("Unmanaged {name}-records")),
        ("metadata", format!("Guest {name}-records")),
        ("search", format!("{name}-records")),
        ("email", format!("{name}@example.com")),
        ("phone_number", phone_number(name)),
        ("user_identifier_key", format!("key-{name}")),
        ("common_code_key", format!("common-{name}")),
        ("grant_key", format!("grant-{name}")),
        ("number", number(name, "1")),
        ("unmanaged_number", number(name, "2")),
    ] {
        own.insert(kind, value);
    }
    User {
        caller,
        unmanaged_caller,
        own,
    }
}
