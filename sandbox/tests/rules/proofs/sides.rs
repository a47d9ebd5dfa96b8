//! A workspace of two users, each with one of everything.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::past;
use crate::world::{A_MOMENT, By, World, text};

/// One of the two users: the token, and the ids and names of what it alone sees.
pub(crate) struct Side {
    by: By,
    /// One whose user identity is an unmanaged one.
    by_unmanaged: By,
    pub(crate) own: BTreeMap<&'static str, String>,
}

impl Side {
    /// Who calls this route.
    pub(super) fn by(&self, path: &str) -> &By {
        if path.starts_with("/user_identities/unmanaged/") {
            &self.by_unmanaged
        } else {
            &self.by
        }
    }

    /// The token of its session.
    pub(crate) fn token(&self) -> &str {
        match &self.by {
            By::Token(token) => token,
            _ => "",
        }
    }
}

/// What a parameter may name by an id that the seed gives.
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

/// The number of an access code.
fn number(side: &str, first: &str) -> String {
    format!("{first}{}", if side == "a" { "48213" } else { "73506" })
}

fn phone_number(side: &str) -> String {
    format!("+1555010{}", if side == "a" { "1111" } else { "2222" })
}

fn id(side: &str, kind: &str) -> String {
    let index = KINDS.iter().position(|it| *it == kind).expect("a kind");
    format!("{side}{index:07}-0000-4000-8000-000000000000")
}

/// The things of one side, as parts of a seed.
#[expect(clippy::too_many_lines, reason = "one document")]
fn parts(side: &str) -> Value {
    let id = |kind| id(side, kind);
    let name = |what: &str| format!("{what} {side}-things");
    let acs_system = name("System");
    json!({
        "connected_accounts": [{
            "name": side,
            "connected_account_id": id("acs_account"),
            "user_identifier": { "email": format!("{side}@example.com") },
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
                "user_identity_key": side,
                "full_name": name("User"),
                "devices": [id("lock"), id("thermostat"), id("sensor"), id("unmanaged_device")],
            },
            {
                "user_identity_key": format!("walk-in-{side}"),
                "full_name": name("Walk-in"),
                "is_managed": false,
            },
        ],
        "access_grants": [{
            "user_identity_key": side,
            "access_grant_id": id("grant"),
            "access_grant_key": format!("grant-{side}"),
            "devices": [id("granted_lock")],
        }],
        "access_codes": [
            {
                "device": id("lock"),
                "access_code_id": id("access_code"),
                "name": name("Code"),
                "code": number(side, "1"),
                "common_code_key": format!("common-{side}"),
                "is_backup_access_code_available": true,
            },
            {
                "device": id("lock"),
                "access_code_id": id("unmanaged_code"),
                "name": name("Unmanaged code"),
                "code": number(side, "2"),
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
        "phones": [{ "user_identity_key": side, "device_id": id("phone") }],
        "acs_systems": [{
            "name": acs_system,
            "acs_system_id": id("system"),
            "connected_account": side,
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
            "user_identity_key": side,
            "user_identity_email_address": format!("{side}@example.com"),
            "user_identity_phone_number": phone_number(side),
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

/// A workspace of two users who share nothing but the account that their devices are of.
pub(super) fn world(out_of_scope: u16) -> (World, Side, Side) {
    world_with(out_of_scope, &json!({}))
}

/// The same with more parts of a seed.
pub(crate) fn world_with(out_of_scope: u16, more: &Value) -> (World, Side, Side) {
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
    let a = side(&mut world, "a");
    let b = side(&mut world, "b");
    past::put(&mut world, [&a, &b]);
    (world, a, b)
}

fn side(world: &mut World, name: &str) -> Side {
    let mut own: BTreeMap<_, _> = KINDS.iter().map(|it| (*it, id(name, it))).collect();
    let key = json!({ "user_identity_key": name });
    let identity = world.done(&By::Key, "/user_identities/get", key);
    own.insert(
        "identity",
        text(&identity["user_identity"]["user_identity_id"]),
    );
    let session = world.session(json!({
        "user_identity_id": own["identity"],
        "user_identifier_key": format!("key-{name}"),
        "connected_account_ids": [own["acs_account"]],
    }));
    let by = By::Token(text(&session["token"]));
    own.insert("session", text(&session["client_session_id"]));
    let walk_in = json!({ "search": format!("Walk-in {name}-things") });
    let walk_in = world.done(&By::Key, "/user_identities/unmanaged/list", walk_in);
    let walk_in = &walk_in["user_identities"][0]["user_identity_id"];
    own.insert("unmanaged_identity", text(walk_in));
    let by_unmanaged = world.token(&own["unmanaged_identity"]);
    let marked = json!({ "custom_metadata": { "of": format!("Guest {name}-things") } });
    let webview = world.done(&by, "/connect_webviews/create", marked);
    let webview = &webview["connect_webview"]["connect_webview_id"];
    own.insert("webview", text(webview));
    let device = |of_type: &str, what: &str| json!({ "device_type": of_type, "display_name": format!("{what} of {name}") });
    let login = json!({ "connect_webview_id": webview, "devices": [
        device("yale_lock", "Second lock"),
        device("nest_thermostat", "Second thermostat"),
        device("minut_sensor", "Second sensor"),
    ]});
    let login = world.done(&By::Key, "/_sandbox/complete_connect_webview", login);
    let account = &login["connected_account"]["connected_account_id"];
    own.insert("account", text(account));
    let renamed =
        json!({ "access_code_id": own["access_code"], "name": format!("Mine {name}-things") });
    world.done(&by, "/access_codes/update", renamed);
    let unlock = json!({ "device_id": own["lock"] });
    let attempt = world.done(&by, "/locks/unlock_door", unlock.clone());
    let attempt = &attempt["action_attempt"]["action_attempt_id"];
    own.insert("attempt", text(attempt));
    world.now += A_MOMENT;
    let event = world.done(&by, "/events/get", unlock);
    own.insert("event", text(&event["event"]["event_id"]));
    for (kind, value) in [
        ("device_name", format!("Lock {name}-things")),
        ("unmanaged_name", format!("Unmanaged {name}-things")),
        ("metadata", format!("Guest {name}-things")),
        ("search", format!("{name}-things")),
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
    Side {
        by,
        by_unmanaged,
        own,
    }
}
