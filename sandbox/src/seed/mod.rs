//! Seeds: the workspace that a sandbox starts with. It is the default one, one that the user has
//! written, or a number of devices.

mod device;
mod record;

pub(crate) use device::{capitalized, object as device_object};
pub use record::SeedRecord;
pub(crate) use record::object as record_object;

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A workspace to start with. All members are optional. Ids that are not given, and all keys and
/// tokens, are made from [`Options::random_seed`](crate::Options::random_seed).
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
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seed {
    /// The workspace itself.
    pub workspace: SeedWorkspace,
    /// The accounts of the devices. By default there is one, named `default`.
    pub connected_accounts: Vec<SeedAccount>,
    /// The devices, in the order of the lists.
    pub devices: Vec<SeedDevice>,
    /// The user identities and the devices granted to them.
    pub user_identities: Vec<SeedIdentity>,
    /// The client sessions. By default there is one for a demo user with access to the first lock
    /// that is online and can be unlocked remotely.
    pub client_sessions: Vec<SeedSession>,
    /// Webviews in which nobody has logged in yet.
    pub connect_webviews: Vec<SeedRecord>,
    /// Access grants.
    pub access_grants: Vec<SeedRecord>,
    /// Access codes; unmanaged ones have `"is_managed": false`.
    pub access_codes: Vec<SeedRecord>,
    /// Noise thresholds of noise sensors.
    pub noise_thresholds: Vec<SeedRecord>,
    /// Schedules of thermostats.
    pub thermostat_schedules: Vec<SeedRecord>,
    /// Daily programs of thermostats.
    pub thermostat_daily_programs: Vec<SeedRecord>,
    /// Phones of user identities.
    pub phones: Vec<SeedRecord>,
    /// Spaces.
    pub spaces: Vec<SeedRecord>,
    /// Access systems.
    pub acs_systems: Vec<SeedRecord>,
    /// Entrances of access systems.
    pub acs_entrances: Vec<SeedRecord>,
    /// Users of access systems.
    pub acs_users: Vec<SeedRecord>,
    /// Access groups of access systems.
    pub acs_access_groups: Vec<SeedRecord>,
    /// Credentials of access systems.
    pub acs_credentials: Vec<SeedRecord>,
    /// Encoders of access systems.
    pub acs_encoders: Vec<SeedRecord>,
}

/// The workspace of a [`Seed`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeedWorkspace {
    /// The name.
    pub name: Option<String>,
    /// The id, a UUID.
    pub workspace_id: Option<String>,
}

/// A connected account of a [`Seed`].
#[derive(Clone, Debug, Deserialize)]
pub struct SeedAccount {
    /// The name by which the rest of the seed refers to it.
    pub name: String,
    /// The id, a UUID.
    #[serde(default)]
    pub connected_account_id: Option<String>,
    /// The webview through which the account was authorized, a UUID. A client session can be
    /// associated with the webviews of accounts only.
    #[serde(default)]
    pub connect_webview_id: Option<String>,
    /// Other members of the API's object, which override the defaults.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A device of a [`Seed`].
#[derive(Clone, Debug, Deserialize)]
pub struct SeedDevice {
    /// The API's `device_type`, which decides whether the device is a lock, a thermostat, ...
    pub device_type: String,
    /// The name.
    pub display_name: String,
    /// The id, a UUID.
    #[serde(default)]
    pub device_id: Option<String>,
    /// The name of its account; by default the first account.
    #[serde(default)]
    pub connected_account: Option<String>,
    /// Other members of the API's object, merged over the defaults for this type. A null removes a
    /// member.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A user identity of a [`Seed`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeedIdentity {
    /// Your own key for the user.
    pub user_identity_key: Option<String>,
    /// The email address.
    pub email_address: Option<String>,
    /// The phone number.
    pub phone_number: Option<String>,
    /// The full name.
    pub full_name: Option<String>,
    /// Whether it is managed; by default it is. An unmanaged identity does not show its key, which
    /// then is only a name within the seed.
    pub is_managed: Option<bool>,
    /// The devices granted to it, by display name or id.
    pub devices: Vec<String>,
}

/// A client session of a [`Seed`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeedSession {
    /// The key of its user identity.
    pub user_identity_key: Option<String>,
    /// The key by which the session can be found.
    pub user_identifier_key: Option<String>,
    /// The accounts that it is associated with, by name or id.
    pub connected_accounts: Vec<String>,
}

/// The reason why a sandbox could not be created, as a sentence.
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

/// A limit for typing mistakes: each device takes about 4 KB.
const MAX_DEVICES: usize = 100_000;

/// Returns the seed for these options.
///
/// # Errors
///
/// If both options are given, or the number is too large.
pub(crate) fn from_options(seed: Option<Seed>, devices: Option<usize>) -> Result<Seed, SeedError> {
    match (seed, devices) {
        (Some(_), Some(_)) => Err(SeedError::new(
            "a seed and a number of devices exclude each other",
        )),
        (Some(seed), None) => Ok(seed),
        (None, None) => default_seed(),
        (None, Some(count)) if count > MAX_DEVICES => Err(SeedError::new(format!(
            "at most {MAX_DEVICES} devices, not {count}"
        ))),
        (None, Some(count)) => with_repeated_devices(count),
    }
}

fn default_seed() -> Result<Seed, SeedError> {
    serde_json::from_str(include_str!("default.json"))
        .map_err(|it| SeedError::new(format!("the default seed: {it}")))
}

/// Returns a seed that repeats the default devices: `Front Door`, ..., `Front Door 2`, ...
fn with_repeated_devices(count: usize) -> Result<Seed, SeedError> {
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
