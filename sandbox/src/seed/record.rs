//! Builds the objects of the API from a seed, for everything but devices.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::SeedError;
use super::device::merge;

/// An access code, an access system, an entrance, ...: the members of the API's object that differ
/// from the defaults, and names instead of ids for the records that it belongs to. Each resource
/// type uses some of the names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SeedRecord {
    /// The device, by display name or id.
    pub device: Option<String>,
    /// The account, by name or id.
    pub connected_account: Option<String>,
    /// The key of the user identity.
    pub user_identity_key: Option<String>,
    /// The access system, by name or id.
    pub acs_system: Option<String>,
    /// The user of an access system, by display name or id.
    pub acs_user: Option<String>,
    /// The devices that it gives access to, by display name or id.
    pub devices: Vec<String>,
    /// The entrances that it gives access to, by display name or id.
    pub acs_entrances: Vec<String>,
    /// The users in an access group, by display name or id.
    pub acs_users: Vec<String>,
    /// Members of the API's object.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Merges members over the defaults with this name. A null removes a member.
pub(crate) fn object(
    name: &str,
    rest: &Map<String, Value>,
) -> Result<Map<String, Value>, SeedError> {
    let models: Map<String, Value> = serde_json::from_str(include_str!("records.json"))
        .map_err(|it| SeedError::new(format!("the defaults of records: {it}")))?;
    let mut object = match models.get(name) {
        Some(Value::Object(model)) => model.clone(),
        _ => Map::new(),
    };
    merge(&mut object, rest);
    Ok(object)
}
