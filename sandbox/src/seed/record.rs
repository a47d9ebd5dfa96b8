//! The objects of the API that the few members of a seed stand for, device objects aside.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::SeedError;
use super::device::merge;

/// An access code, an access system, an entrance, ...: members of the API's object, laid over what
/// such an object is like, and names of what it belongs to in place of ids. What a kind of thing
/// does not have is left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SeedRecord {
    /// The device that it is on, by display name or id.
    pub device: Option<String>,
    /// The account that it is of, by name or id.
    pub connected_account: Option<String>,
    /// The user identity that it is of.
    pub user_identity_key: Option<String>,
    /// The access system that it is in, by name or id.
    pub acs_system: Option<String>,
    /// The user of an access system that it is of, by display name or id.
    pub acs_user: Option<String>,
    /// The devices that it opens, by display name or id.
    pub devices: Vec<String>,
    /// The entrances that it opens, by display name or id.
    pub acs_entrances: Vec<String>,
    /// The users of an access group, by display name or id.
    pub acs_users: Vec<String>,
    /// Members of the API's object.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// These members over what a thing of this name is like; null takes a member away.
pub(crate) fn object(
    name: &str,
    rest: &Map<String, Value>,
) -> Result<Map<String, Value>, SeedError> {
    let models: Map<String, Value> = serde_json::from_str(include_str!("records.json"))
        .map_err(|it| SeedError::new(format!("the models of things: {it}")))?;
    let mut object = match models.get(name) {
        Some(Value::Object(model)) => model.clone(),
        _ => Map::new(),
    };
    merge(&mut object, rest);
    Ok(object)
}
