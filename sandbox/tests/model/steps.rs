//! The steps that may happen in a workspace, chosen at random.

use serde_json::{Value, json};

use crate::model::{Id, Kind, Model};
use crate::random::Random;
use crate::time::iso;

/// The two spaces of the first devices.
pub(crate) const SPACES: [&str; 2] = [
    "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
    "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
];
/// Only a few keys, so that sessions share them.
const KEYS: [&str; 3] = ["jane", "tom", "ann"];

/// How a session is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenMethod {
    Create,
    Put,
    GetOrCreate,
}

/// The associations of a session; `None` leaves a member out of the request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Associations {
    pub(crate) key: Option<String>,
    pub(crate) identity: Option<Id>,
    pub(crate) accounts: Option<Vec<Id>>,
    pub(crate) webviews: Option<Vec<Id>>,
    pub(crate) expires_at: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct NewDevice {
    pub(crate) id: Id,
    pub(crate) kind: Kind,
    pub(crate) is_managed: bool,
    pub(crate) space: Option<Id>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Revoke,
    Delete,
    Expire,
}

/// The access method that a grant requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Code,
    MobileKey,
}

/// The caller: a session, or the API key.
pub(crate) type Caller = Option<Id>;

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Wait(u64),
    CreateIdentity,
    DeleteIdentity(Id),
    Grant(Id, Id),
    Revoke(Id, Id),
    CreateAccessGrant {
        mode: Option<Mode>,
        identity: Id,
        devices: Vec<Id>,
        spaces: Vec<Id>,
        starts_at: Option<u64>,
        ends_at: Option<u64>,
    },
    ChangeTimes {
        grant: Id,
        starts_at: Option<u64>,
        #[expect(clippy::option_option, reason = "left out, null, or a time")]
        ends_at: Option<Option<u64>>,
    },
    DeleteAccessGrant(Id),
    CreateSpace(Vec<Id>),
    AddToSpace(Id, Id),
    RemoveFromSpace(Id, Id),
    DeleteSpace(Id),
    OpenSession(OpenMethod, Associations),
    GrantAccess(Id, Associations),
    EndSession(Id, End),
    CreateWebview(Caller),
    LogIn(Id, Option<Vec<NewDevice>>),
    DeleteWebview(Id),
    DeleteAccount(Id),
    Unmanage(Caller, Id),
    Manage(Id),
    Connect(Id, bool),
    Unlock(Caller, Id),
    CreateCode(Caller, Id),
    DeleteCode(Caller, Id),
}

/// All ids that ever existed, so that deleted records are requested too.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) devices: Vec<Id>,
    pub(crate) accounts: Vec<Id>,
    pub(crate) webviews: Vec<Id>,
    pub(crate) identities: Vec<Id>,
    pub(crate) grants: Vec<Id>,
    pub(crate) spaces: Vec<Id>,
    /// With their tokens.
    pub(crate) sessions: Vec<(Id, String)>,
    pub(crate) codes: Vec<Id>,
    pub(crate) attempts: Vec<Id>,
}

/// Returns the id of an existing record in most cases, otherwise of a recent one.
fn pick_id<'a>(random: &mut Random, there: impl Iterator<Item = &'a Id>, known: &[Id]) -> Id {
    let there: Vec<&Id> = there.collect();
    let last = &known[known.len().saturating_sub(8)..];
    match random.choose(&there) {
        Some(id) if !random.one_in(12) => (*id).clone(),
        _ => random
            .choose(last)
            .cloned()
            .unwrap_or_else(|| SPACES[0].to_owned()),
    }
}

/// Chooses the next step. Workspaces stay small: the more records there are, the more are deleted.
#[expect(clippy::too_many_lines, reason = "a few lines for each kind of step")]
pub(crate) fn choose(random: &mut Random, model: &Model, known: &Known) -> Step {
    let device = |random: &mut Random| pick_id(random, model.devices.keys(), &known.devices);
    let account = |random: &mut Random| pick_id(random, model.accounts.keys(), &known.accounts);
    let webview = |random: &mut Random| pick_id(random, model.webviews.keys(), &known.webviews);
    let identity =
        |random: &mut Random| pick_id(random, model.identities.keys(), &known.identities);
    let space = |random: &mut Random| pick_id(random, model.spaces.iter(), &known.spaces);
    let session = |random: &mut Random| {
        let ids: Vec<Id> = known.sessions.iter().map(|(id, _)| id.clone()).collect();
        let alive = model.sessions.keys().filter(|it| model.is_alive(it));
        pick_id(random, alive, &ids)
    };
    let caller = |random: &mut Random| (!random.one_in(5)).then(|| session(random));
    let times = |random: &mut Random| {
        let past = model.now - random.below(100_000);
        let soon = model.now + 1 + random.below(40_000);
        random.pick([None, Some(past), Some(soon)])
    };
    let associations = |random: &mut Random| Associations {
        key: random.one_in(3).then(|| random.pick(KEYS).to_owned()),
        identity: (!random.one_in(3)).then(|| identity(random)),
        accounts: random.one_in(4).then(|| vec![account(random)]),
        webviews: random.one_in(4).then(|| vec![webview(random)]),
        expires_at: random
            .one_in(3)
            .then(|| model.now + 1 + random.below(90_000)),
    };
    let alive = model
        .sessions
        .keys()
        .filter(|it| model.is_alive(it))
        .count();
    match random.below(68) {
        0 | 1 if !model.next_deadlines().is_empty() => {
            Step::Wait(random.choose(&model.next_deadlines()).expect("a time") - model.now)
        }
        0..=5 => Step::Wait(random.pick([1, 50, 200, 400, 1_000, 5_000, 20_000])),
        6 | 7 if model.identities.len() < 4 => Step::CreateIdentity,
        8 if random.one_in(2) => Step::DeleteIdentity(identity(random)),
        14..=16 => Step::Revoke(identity(random), device(random)),
        17..=19 if model.grants.len() < 6 => {
            let mode = random.pick([None, Some(Mode::Code), Some(Mode::MobileKey)]);
            Step::CreateAccessGrant {
                mode,
                identity: identity(random),
                devices: (0..random.below(3)).map(|_| device(random)).collect(),
                spaces: (0..random.below(2)).map(|_| space(random)).collect(),
                starts_at: times(random),
                ends_at: times(random).filter(|_| mode != Some(Mode::Code)),
            }
        }
        17..=20 => {
            let starts_at = times(random);
            let grant = pick_id(random, model.grants.keys(), &known.grants);
            if model.grants.get(&grant).is_some_and(|it| it.has_codes) {
                // The model has no time frames of codes.
                return Step::DeleteAccessGrant(grant);
            }
            let has_end = random.pick([true, false]);
            let ends_at = has_end.then(|| times(random));
            Step::ChangeTimes {
                grant,
                starts_at,
                ends_at,
            }
        }
        21 | 22 => Step::DeleteAccessGrant(pick_id(random, model.grants.keys(), &known.grants)),
        23..=27 if alive < 5 => {
            let open_method =
                random.pick([OpenMethod::Create, OpenMethod::Put, OpenMethod::GetOrCreate]);
            Step::OpenSession(open_method, associations(random))
        }
        23 | 24 => Step::GrantAccess(session(random), associations(random)),
        25..=28 => {
            let end = random.pick([End::Revoke, End::Delete, End::Expire]);
            Step::EndSession(session(random), end)
        }
        29 | 30 if model.webviews.len() < 5 => Step::CreateWebview(caller(random)),
        31 | 32 if model.devices.len() < 8 => {
            let new = |random: &mut Random| NewDevice {
                id: format!("{:08x}-0000-4000-8000-00000000d0d0", random.below(1 << 32)),
                kind: random.pick([Kind::Lock, Kind::Lock, Kind::Thermostat]),
                is_managed: !random.one_in(4),
                space: random.one_in(2).then(|| random.pick(SPACES).to_owned()),
            };
            let devices = (0..=random.below(2)).map(|_| new(random)).collect();
            Step::LogIn(webview(random), (!random.one_in(5)).then_some(devices))
        }
        33 => Step::DeleteWebview(webview(random)),
        34 if random.one_in(3) => Step::DeleteAccount(account(random)),
        35 | 36 => Step::Unmanage(caller(random), device(random)),
        37 | 38 => Step::Manage(device(random)),
        39 | 40 => Step::Connect(device(random), !random.one_in(3)),
        41..=49 => Step::Unlock(caller(random), device(random)),
        50..=54 if model.codes.values().filter(|it| it.is_managed).count() < 8 => {
            Step::CreateCode(caller(random), device(random))
        }
        50..=59 => {
            let code = pick_id(random, model.codes.keys(), &known.codes);
            Step::DeleteCode(caller(random), code)
        }
        60 | 61 if model.spaces.len() < 4 => {
            Step::CreateSpace((0..random.below(3)).map(|_| device(random)).collect())
        }
        60..=64 => Step::AddToSpace(space(random), device(random)),
        65 | 66 => Step::RemoveFromSpace(space(random), device(random)),
        67 if random.one_in(2) => Step::DeleteSpace(space(random)),
        _ => Step::Grant(identity(random), device(random)),
    }
}

impl Mode {
    fn to_json(self) -> Value {
        match self {
            Self::Code => json!({ "mode": "code" }),
            Self::MobileKey => json!({ "mode": "mobile_key" }),
        }
    }
}

impl NewDevice {
    /// Returns the device as in a seed.
    fn to_json(&self) -> Value {
        json!({
            "device_id": self.id,
            "device_type": match self.kind {
                Kind::Lock => "yale_lock",
                Kind::Thermostat => "ecobee_thermostat",
            },
            "display_name": "A device",
            "can_simulate_disconnection": true,
            "is_managed": self.is_managed,
            "space_ids": self.space.iter().collect::<Vec<_>>(),
        })
    }
}

impl Associations {
    fn to_json(&self) -> Value {
        let mut params = json!({});
        for (name, value) in [
            ("user_identifier_key", self.key.as_ref().map(|it| json!(it))),
            (
                "user_identity_id",
                self.identity.as_ref().map(|it| json!(it)),
            ),
            (
                "connected_account_ids",
                self.accounts.as_ref().map(|it| json!(it)),
            ),
            (
                "connect_webview_ids",
                self.webviews.as_ref().map(|it| json!(it)),
            ),
            ("expires_at", self.expires_at.map(|it| json!(iso(it)))),
        ] {
            if let Some(value) = value {
                params[name] = value;
            }
        }
        params
    }
}

impl Step {
    /// Returns the caller of the step.
    pub(crate) fn caller(&self) -> Caller {
        match self {
            Self::CreateWebview(caller)
            | Self::Unmanage(caller, _)
            | Self::Unlock(caller, _)
            | Self::CreateCode(caller, _)
            | Self::DeleteCode(caller, _) => caller.clone(),
            _ => None,
        }
    }

    /// Returns the method, path and parameters of the request; `None` for a step that only moves
    /// the time.
    #[expect(clippy::too_many_lines, reason = "a few lines for each kind of step")]
    pub(crate) fn request(&self) -> Option<(&'static str, &'static str, Value)> {
        let id = |name: &str, id: &Id| json!({ name: id });
        let pair = |identity: &Id, device: &Id| json!({ "user_identity_id": identity, "device_id": device });
        let (path, params) = match self {
            Self::Wait(_) => return None,
            Self::CreateIdentity => ("/user_identities/create", json!({})),
            Self::DeleteIdentity(it) => ("/user_identities/delete", id("user_identity_id", it)),
            Self::Grant(identity, device) => (
                "/user_identities/grant_access_to_device",
                pair(identity, device),
            ),
            Self::Revoke(identity, device) => (
                "/user_identities/revoke_access_to_device",
                pair(identity, device),
            ),
            Self::CreateAccessGrant {
                mode,
                identity,
                devices,
                spaces,
                starts_at,
                ends_at,
            } => {
                let mut params = json!({
                    "user_identity_id": identity,
                    "device_ids": devices,
                    "space_ids": spaces,
                    "requested_access_methods": mode.iter().map(|it| it.to_json()).collect::<Value>(),
                });
                if let Some(it) = starts_at {
                    params["starts_at"] = iso(*it).into();
                }
                if let Some(it) = ends_at {
                    params["ends_at"] = iso(*it).into();
                }
                ("/access_grants/create", params)
            }
            Self::ChangeTimes {
                grant,
                starts_at,
                ends_at,
            } => {
                let mut params = id("access_grant_id", grant);
                if let Some(it) = starts_at {
                    params["starts_at"] = iso(*it).into();
                }
                if let Some(it) = ends_at {
                    params["ends_at"] = json!(it.map(iso));
                }
                ("/access_grants/update", params)
            }
            Self::DeleteAccessGrant(it) => ("/access_grants/delete", id("access_grant_id", it)),
            Self::CreateSpace(devices) => (
                "/spaces/create",
                json!({ "name": "A space", "device_ids": devices }),
            ),
            Self::AddToSpace(space, device) => (
                "/spaces/add_devices",
                json!({ "space_id": space, "device_ids": [device] }),
            ),
            Self::RemoveFromSpace(space, device) => (
                "/spaces/remove_devices",
                json!({ "space_id": space, "device_ids": [device] }),
            ),
            Self::DeleteSpace(it) => ("/spaces/delete", id("space_id", it)),
            Self::OpenSession(OpenMethod::GetOrCreate, associations) => {
                ("/client_sessions/get_or_create", associations.to_json())
            }
            Self::OpenSession(OpenMethod::Put, associations) => {
                return Some(("PUT", "/client_sessions/create", associations.to_json()));
            }
            Self::OpenSession(OpenMethod::Create, associations) => {
                ("/client_sessions/create", associations.to_json())
            }
            Self::GrantAccess(session, associations) => {
                let mut params = associations.to_json();
                params["client_session_id"] = json!(session);
                ("/client_sessions/grant_access", params)
            }
            Self::EndSession(it, End::Revoke) => {
                ("/client_sessions/revoke", id("client_session_id", it))
            }
            Self::EndSession(it, End::Delete) => {
                ("/client_sessions/delete", id("client_session_id", it))
            }
            Self::EndSession(it, End::Expire) => (
                "/_sandbox/end_session",
                json!({ "client_session_id": it, "how": "expired" }),
            ),
            Self::CreateWebview(_) => ("/connect_webviews/create", json!({})),
            Self::LogIn(webview, devices) => {
                let mut params = id("connect_webview_id", webview);
                match devices {
                    None => params["login_successful"] = false.into(),
                    Some(it) => {
                        let devices = it.iter().map(NewDevice::to_json);
                        params["devices"] = devices.collect();
                    }
                }
                ("/_sandbox/complete_connect_webview", params)
            }
            Self::DeleteWebview(it) => ("/connect_webviews/delete", id("connect_webview_id", it)),
            Self::DeleteAccount(it) => {
                ("/connected_accounts/delete", id("connected_account_id", it))
            }
            Self::Unmanage(_, it) => (
                "/devices/update",
                json!({ "device_id": it, "is_managed": false }),
            ),
            Self::Manage(it) => (
                "/devices/unmanaged/update",
                json!({ "device_id": it, "is_managed": true }),
            ),
            Self::Connect(it, true) => ("/devices/simulate/connect", id("device_id", it)),
            Self::Connect(it, false) => ("/devices/simulate/disconnect", id("device_id", it)),
            Self::Unlock(_, it) => ("/locks/unlock_door", id("device_id", it)),
            Self::CreateCode(_, it) => ("/access_codes/create", id("device_id", it)),
            Self::DeleteCode(_, it) => ("/access_codes/delete", id("access_code_id", it)),
        };
        Some(("POST", path, params))
    }
}
