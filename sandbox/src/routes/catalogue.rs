//! `/internal/devicedb`: a catalogue of manufacturers and device models, for Seam's React components.
//! It has one model for each provider with devices. What it contains is ours: it is no copy of
//! Seam's catalogue.

use serde_json::{Value, json};

use super::Call;
use crate::device_class::DeviceClass;
use crate::error::ApiError;
use crate::fnv::fnv_1a;
use crate::http::Reply;
use crate::ids::Id;
use crate::input::Params;
use crate::json::{JsonObject, json_object};
use crate::picture;
use crate::provider::{self, Provider};
use crate::state::Scope;

#[expect(
    clippy::unnecessary_wraps,
    reason = "all handlers have the same signature"
)]
pub(super) fn list_models(_: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let models = providers().filter(|it| matches_model(it, call.params));
    let models = models.map(model).collect::<Value>();
    Ok(Reply::new().with("device_models", &models))
}

pub(super) fn get_model(_: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("device_model_id")?;
    let found = providers().find(|it| model_id(it) == id);
    let found = found.ok_or_else(|| not_found("device_model_not_found", "Device model"))?;
    Ok(Reply::new().with("device_model", &model(found)))
}

pub(super) fn list_manufacturers(_: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let query = call.params.text("liqe_query").map(Query::parse);
    let query = query.transpose()?;
    let found = providers().filter(|it| {
        has_support_level(it, call.params) && query.as_ref().is_none_or(|query| query.matches(it))
    });
    let manufacturers = found.map(manufacturer_with_count).collect::<Value>();
    Ok(Reply::new().with("manufacturers", &manufacturers))
}

pub(super) fn get_manufacturer(_: &mut Scope<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.required_id("manufacturer_id")?;
    let found = providers().find(|it| manufacturer_id(it) == id);
    let found = found.ok_or_else(|| not_found("manufacturer_not_found", "Manufacturer"))?;
    Ok(Reply::new().with("manufacturer", &manufacturer_with_count(found)))
}

fn not_found(kind: &'static str, what: &str) -> ApiError {
    ApiError::new(404, kind, format!("{what} not found"))
}

/// The providers with devices.
fn providers() -> impl Iterator<Item = &'static Provider> {
    provider::of_category(None).filter(|it| it.device_type.is_some())
}

fn class(provider: &Provider) -> DeviceClass {
    DeviceClass::of(provider.device_type.unwrap_or_default())
}

fn support_level(provider: &Provider) -> &'static str {
    if provider.categories.contains(&"stable") {
        "stable"
    } else {
        "beta"
    }
}

fn main_category(provider: &Provider) -> &'static str {
    match class(provider) {
        DeviceClass::Lock => "smartlock",
        DeviceClass::Thermostat => "thermostat",
        DeviceClass::NoiseSensor => "sensor",
        DeviceClass::Other => "accessory",
    }
}

fn manufacturer_id(provider: &Provider) -> Id {
    id("manufacturer", provider)
}

fn model_id(provider: &Provider) -> Id {
    id("device_model", provider)
}

/// Returns an id that is the same in every sandbox.
fn id(kind: &str, provider: &Provider) -> Id {
    let half = |salt: &str| fnv_1a(format!("{kind}/{}/{salt}", provider.key).into_bytes());
    Id::version_4(u128::from(half("high")) << 64 | u128::from(half("low")))
}

fn image(url: &str) -> Value {
    json!({ "url": url, "width": 24, "height": 24 })
}

fn manufacturer(provider: &Provider) -> JsonObject {
    json_object(json!({
        "manufacturer_id": manufacturer_id(provider),
        "display_name": provider.name,
        "logo": image(picture::LOGO),
        "integration": support_level(provider),
        "integration_support_level": support_level(provider),
        "is_connect_webview_supported": true,
        "requires_seam_support_to_add_account": false,
        "annotations": [],
    }))
}

fn manufacturer_with_count(provider: &Provider) -> Value {
    let mut object = manufacturer(provider);
    object.insert("device_model_count".to_owned(), 1.into());
    Value::Object(object)
}

fn model(provider: &Provider) -> Value {
    let class = class(provider);
    let (url, kind) = picture::of_device(class);
    let mut object = json_object(json!({
        "device_model_id": model_id(provider),
        "manufacturer": manufacturer(provider),
        "is_device_supported": true,
        "display_name": format!("{} {kind}", provider.name),
        "description": format!("{kind} of the sandbox"),
        "main_connection_type": "wifi",
        "main_category": main_category(provider),
        "hardware": {},
        "aesthetic_variants": [{
            "slug": "default",
            "display_name": "Default",
            "images": [image(url)],
        }],
        "power_sources": ["battery"],
    }));
    let has = |flag: &&str| provider.flags.contains(flag);
    object.extend(json_object(match class {
        DeviceClass::Lock => json!({
            "physical_properties": {
                "lock_type": "unknown",
                "has_physical_key": false,
                "has_camera": false,
            },
            "software_features": {
                "can_remotely_unlock": has(&"can_remotely_unlock"),
                "can_program_access_codes": has(&"can_program_online_access_codes"),
                "can_program_access_schedules": has(&"can_program_online_access_codes"),
                "can_program_access_codes_offline": has(&"can_program_offline_access_codes"),
            },
        }),
        DeviceClass::Thermostat => json!({
            "physical_properties": {
                "available_modes": ["heat", "cool", "fan"],
                "is_heat_pump_compatible": false,
                "has_occupancy_detection": false,
                "supports_demand_response": false,
                "has_humidity_sensor": true,
                "has_temperature_sensor": true,
                "supports_emergency_heating_mode": false,
            },
            "software_features": { "can_program_climate_schedules": true },
        }),
        DeviceClass::NoiseSensor => json!({
            "physical_properties": {
                "has_noise_sensor": true,
                "has_humidity_sensor": false,
                "has_temperature_sensor": false,
                "has_occupancy_detection": false,
            },
        }),
        DeviceClass::Other => json!({}),
    }));
    for flag in provider.flags {
        object.insert((*flag).to_owned(), true.into());
    }
    Value::Object(object)
}

fn has_support_level(provider: &Provider, params: &Params) -> bool {
    let level = support_level(provider);
    let levels = params.texts("integration_support_levels");
    params
        .text("integration_status")
        .is_none_or(|it| it == level)
        && levels.is_none_or(|it| it.contains(&level))
}

fn matches_model(provider: &Provider, params: &Params) -> bool {
    let manufacturer = manufacturer_id(provider);
    let category = params.text("main_category");
    let ids = params.ids("manufacturer_ids");
    let search = params.text("text_search").map(str::to_lowercase);
    let has = |flag: &&str| provider.flags.contains(flag);
    has_support_level(provider, params)
        && category.is_none_or(|it| it == main_category(provider))
        && params
            .id("manufacturer_id")
            .is_none_or(|it| it == manufacturer)
        && ids.is_none_or(|it| it.contains(&manufacturer))
        && search.is_none_or(|it| provider.name.to_lowercase().contains(&it))
        && params
            .texts("include_if")
            .is_none_or(|it| it.iter().all(has))
        && params
            .texts("exclude_if")
            .is_none_or(|it| !it.iter().any(has))
}

/// A query as Seam's components write it: `(term OR term) AND NOT (term OR term)`, of which either
/// part may be missing. A term is `display_name:"..."` or `manufacturer_id:"..."`.
struct Query {
    included: Option<Vec<Term>>,
    excluded: Vec<Term>,
}

struct Term {
    is_name: bool,
    value: String,
}

impl Query {
    fn parse(text: &str) -> Result<Self, ApiError> {
        let (included, excluded) = match text.split_once("NOT ") {
            Some((before, after)) => (before.trim().strip_suffix("AND"), after),
            None => (Some(text), ""),
        };
        let included = included.map(terms).transpose()?;
        let excluded = terms(excluded)?;
        Ok(Self { included, excluded })
    }

    fn matches(&self, provider: &Provider) -> bool {
        let is_any = |terms: &[Term]| terms.iter().any(|it| it.matches(provider));
        self.included.as_deref().is_none_or(is_any) && !is_any(&self.excluded)
    }
}

impl Term {
    fn matches(&self, provider: &Provider) -> bool {
        if self.is_name {
            provider.name.eq_ignore_ascii_case(&self.value)
        } else {
            manufacturer_id(provider).to_string() == self.value
        }
    }
}

fn terms(text: &str) -> Result<Vec<Term>, ApiError> {
    let text = text.trim().trim_start_matches('(').trim_end_matches(')');
    let terms = text
        .split(" OR ")
        .map(str::trim)
        .filter(|it| !it.is_empty());
    terms.map(term).collect()
}

fn term(text: &str) -> Result<Term, ApiError> {
    let (name, value) = text.split_once(':').unwrap_or((text, ""));
    if !["display_name", "manufacturer_id"].contains(&name) {
        let message = "The sandbox reads only queries for display_name and manufacturer_id";
        return Err(ApiError::invalid_parameter("liqe_query", message));
    }
    Ok(Term {
        is_name: name == "display_name",
        value: value.trim_matches('"').to_owned(),
    })
}
