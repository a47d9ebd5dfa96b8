//! The workspace that a sandbox starts with, as a document: the default one, one's own, or so
//! many devices.

mod device;
mod record;

pub(crate) use device::{capitalised, object as device_object};
pub use record::SeedRecord;
pub(crate) use record::object as record_object;

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A workspace of one's own. Every member may be left out; ids are made where none are given, and
/// keys and tokens always, from [`Options::random_seed`](crate::Options::random_seed).
///
/// ```json
/// {
///   "workspace": { "name": "My hotel" },
///   "connected_accounts": [{ "name": "locks" }],
///   "devices": [
///     {
///       "device_type": "august_lock",
///       "display_name": "Front Door",
///       "connected_account": "locks",
///       "can_remotely_unlock": null,
///       "properties": { "online": false }
///     }
///   ],
///   "user_identities": [{ "user_identity_key": "jane", "devices": ["Front Door"] }],
///   "client_sessions": [{ "user_identity_key": "jane" }]
/// }
/// ```
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seed {
    /// The workspace itself.
    pub workspace: SeedWorkspace,
    /// The accounts that devices are of. Without one there is one named `default`.
    pub connected_accounts: Vec<SeedAccount>,
    /// The devices, in the order in which lists show them.
    pub devices: Vec<SeedDevice>,
    /// The user identities with what is granted to them.
    pub user_identities: Vec<SeedIdentity>,
    /// The client sessions that are there from the beginning; without one there is one for a demo
    /// user, to whom the first lock is granted that is online and can be unlocked remotely.
    pub client_sessions: Vec<SeedSession>,
    /// Webviews that nobody has logged in through yet.
    pub connect_webviews: Vec<SeedRecord>,
    /// What opens devices to user identities for a time.
    pub access_grants: Vec<SeedRecord>,
    /// The access codes of locks; with `"is_managed": false` unmanaged ones.
    pub access_codes: Vec<SeedRecord>,
    /// The noise thresholds of noise sensors.
    pub noise_thresholds: Vec<SeedRecord>,
    /// The schedules of thermostats.
    pub thermostat_schedules: Vec<SeedRecord>,
    /// The daily programs of thermostats.
    pub thermostat_daily_programs: Vec<SeedRecord>,
    /// The phones of user identities.
    pub phones: Vec<SeedRecord>,
    /// Access systems.
    pub acs_systems: Vec<SeedRecord>,
    /// The entrances of access systems.
    pub acs_entrances: Vec<SeedRecord>,
    /// The users of access systems.
    pub acs_users: Vec<SeedRecord>,
    /// The access groups of access systems.
    pub acs_access_groups: Vec<SeedRecord>,
    /// The credentials of access systems.
    pub acs_credentials: Vec<SeedRecord>,
    /// The encoders of access systems.
    pub acs_encoders: Vec<SeedRecord>,
}

/// The workspace of a [`Seed`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeedWorkspace {
    /// Its name.
    pub name: Option<String>,
    /// Its id, a UUID.
    pub workspace_id: Option<String>,
}

/// A connected account of a [`Seed`].
#[derive(Debug, Deserialize)]
pub struct SeedAccount {
    /// What the rest of the document calls it.
    pub name: String,
    /// Its id, a UUID.
    #[serde(default)]
    pub connected_account_id: Option<String>,
    /// The webview through which it was authorised, a UUID. A session can be associated with the
    /// webviews of accounts, and with no others.
    #[serde(default)]
    pub connect_webview_id: Option<String>,
    /// Any other members of the API's object, laid over what an account is like.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A device of a [`Seed`].
#[derive(Debug, Deserialize)]
pub struct SeedDevice {
    /// The API's `device_type`; it decides whether the device is a lock, a thermostat, ...
    pub device_type: String,
    /// Its name.
    pub display_name: String,
    /// Its id, a UUID.
    #[serde(default)]
    pub device_id: Option<String>,
    /// The name of the account that it is of; the first one's if there is none.
    #[serde(default)]
    pub connected_account: Option<String>,
    /// Any other members of the API's device object. They are merged over what a device of this
    /// type is like; null takes a member away.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A user identity of a [`Seed`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeedIdentity {
    /// The key that your own system knows the user by.
    pub user_identity_key: Option<String>,
    /// The user's email address.
    pub email_address: Option<String>,
    /// The user's phone number.
    pub phone_number: Option<String>,
    /// The user's name.
    pub full_name: Option<String>,
    /// Whether it is managed, as it is if nothing is said. One that is not shows no key; the
    /// key only names it within the seed.
    pub is_managed: Option<bool>,
    /// The devices granted to it, by display name or id.
    pub devices: Vec<String>,
}

/// A client session of a [`Seed`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeedSession {
    /// The user identity that it is of.
    pub user_identity_key: Option<String>,
    /// The key by which the session itself can be found again.
    pub user_identifier_key: Option<String>,
    /// The accounts whose devices it sees, by name or id.
    pub connected_accounts: Vec<String>,
}

/// Why a sandbox could not be set up: a sentence that names what is wrong.
#[derive(Debug)]
pub struct SeedError(String);

impl SeedError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for SeedError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for SeedError {}

/// A bound on what a typing mistake can ask for: each device takes about 4 KB.
const MAX_DEVICES: usize = 100_000;

/// The document that these options ask for.
pub(crate) fn from_options(seed: Option<Seed>, devices: Option<usize>) -> Result<Seed, SeedError> {
    match (seed, devices) {
        (Some(_), Some(_)) => Err(SeedError::new(
            "a seed and a number of devices were given; only one of them can count",
        )),
        (Some(seed), None) => Ok(seed),
        (None, None) => default_seed(),
        (None, Some(count)) if count > MAX_DEVICES => Err(SeedError::new(format!(
            "at most {MAX_DEVICES} devices, not {count}"
        ))),
        (None, Some(count)) => repeated(count),
    }
}

fn default_seed() -> Result<Seed, SeedError> {
    serde_json::from_str(include_str!("default.json"))
        .map_err(|it| SeedError::new(format!("the default seed: {it}")))
}

/// The default devices over and over: `Front Door`, ..., `Front Door 2`, ...
fn repeated(count: usize) -> Result<Seed, SeedError> {
    let default = default_seed()?;
    let models = default.devices;
    let mut seed = Seed {
        workspace: default.workspace,
        connected_accounts: default.connected_accounts,
        ..Seed::default()
    };
    for (index, model) in models.iter().cycle().take(count).enumerate() {
        let round = index / models.len().max(1) + 1;
        let display_name = if round == 1 {
            model.display_name.clone()
        } else {
            format!("{} {round}", model.display_name)
        };
        seed.devices.push(SeedDevice {
            display_name,
            device_type: model.device_type.clone(),
            device_id: None,
            connected_account: model.connected_account.clone(),
            rest: model.rest.clone(),
        });
    }
    Ok(seed)
}
