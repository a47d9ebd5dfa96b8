//! `/devices/list_device_providers`: some of Seam's providers, at least one of each category.

use serde_json::{Value, json};

use super::Call;
use crate::error::ApiError;
use crate::http::Reply;
use crate::json::JsonObject;
use crate::state::Scope;

const LOCK: &[&str] = &[
    "can_remotely_lock",
    "can_remotely_unlock",
    "can_program_online_access_codes",
    "can_unlock_with_code",
];
const OFFLINE_LOCK: &[&str] = &["can_program_offline_access_codes", "can_unlock_with_code"];
const THERMOSTAT: &[&str] = &[
    "can_hvac_cool",
    "can_hvac_heat",
    "can_hvac_heat_cool",
    "can_turn_off_hvac",
];

/// A provider's key, its name, its categories, and the capabilities that at least one of its
/// devices has.
type Provider = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const PROVIDERS: [Provider; 14] = [
    ("akiles", "Akiles", &["beta"], LOCK),
    ("august", "August", &["stable", "consumer_smartlocks"], LOCK),
    ("ecobee", "Ecobee", &["stable", "thermostats"], THERMOSTAT),
    ("igloohome", "igloohome", &["stable"], OFFLINE_LOCK),
    (
        "kwikset",
        "Kwikset",
        &["stable", "consumer_smartlocks"],
        LOCK,
    ),
    ("minut", "Minut", &["stable", "noise_sensors"], &[]),
    (
        "nest",
        "Google Nest",
        &["stable", "thermostats"],
        THERMOSTAT,
    ),
    (
        "noiseaware",
        "NoiseAware",
        &["stable", "noise_sensors"],
        &[],
    ),
    ("nuki", "Nuki", &["stable", "consumer_smartlocks"], LOCK),
    ("ring", "Ring", &["beta", "cameras"], &[]),
    (
        "salto_space",
        "Salto Space",
        &["stable", "access_control_systems"],
        &[],
    ),
    (
        "schlage",
        "Schlage",
        &["stable", "consumer_smartlocks"],
        LOCK,
    ),
    ("ttlock", "TTLock", &["stable", "consumer_smartlocks"], LOCK),
    ("yale", "Yale", &["stable", "consumer_smartlocks"], LOCK),
];

#[expect(
    clippy::unnecessary_wraps,
    reason = "all handlers have the same signature"
)]
pub(super) fn list(_: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let providers = of_category(call.params.text("provider_category"));
    let objects = providers.map(object).collect::<Value>();
    Ok(Reply::new().with("device_providers", &objects))
}

/// Returns the keys of the providers in a category, or of all.
pub(super) fn names(category: Option<&str>) -> Vec<String> {
    of_category(category).map(|it| it.0.to_owned()).collect()
}

fn of_category(category: Option<&str>) -> impl Iterator<Item = &Provider> {
    let is_of = move |it: &&Provider| category.is_none_or(|name| it.2.contains(&name));
    PROVIDERS.iter().filter(is_of)
}

fn object((key, name, categories, flags): &Provider) -> Value {
    let mut object = JsonObject::new();
    object.insert("device_provider_name".to_owned(), json!(key));
    object.insert("display_name".to_owned(), json!(name));
    let image = format!("https://connect.getseam.com/assets/images/device_providers/{key}.png");
    object.insert("image_url".to_owned(), json!(image));
    object.insert("provider_categories".to_owned(), json!(categories));
    for flag in *flags {
        object.insert((*flag).to_owned(), true.into());
    }
    Value::Object(object)
}
