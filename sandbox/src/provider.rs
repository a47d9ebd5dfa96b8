//! Device providers: their keys, names, categories, and what their devices can do.

/// A device provider.
#[derive(Debug)]
pub(crate) struct Provider {
    /// The key of the API, such as `august`.
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) categories: &'static [&'static str],
    /// The capability flags that at least one of its devices has, besides those of simulations.
    pub(crate) flags: &'static [&'static str],
    /// The type of its usual device; `None` for access systems and connectors, which have no
    /// devices in the sandbox.
    pub(crate) device_type: Option<&'static str>,
}

const LOCK: &[&str] = &[
    "can_remotely_lock",
    "can_remotely_unlock",
    "can_program_online_access_codes",
    "can_unlock_with_code",
];
const OFFLINE_LOCK: &[&str] = &["can_program_offline_access_codes", "can_unlock_with_code"];
const OPENER: &[&str] = &["can_remotely_unlock"];
const THERMOSTAT: &[&str] = &[
    "can_hvac_cool",
    "can_hvac_heat",
    "can_hvac_heat_cool",
    "can_turn_off_hvac",
];
const NONE: &[&str] = &[];

const CONSUMER_LOCK: &[&str] = &["stable", "consumer_smartlocks"];
const BETA_LOCK: &[&str] = &["beta", "consumer_smartlocks"];
const STABLE: &[&str] = &["stable"];
const BETA: &[&str] = &["beta"];
const CLIMATE: &[&str] = &["stable", "thermostats"];
const NOISE: &[&str] = &["stable", "noise_sensors"];
const CAMERA: &[&str] = &["beta", "cameras"];
const ACCESS_SYSTEM: &[&str] = &["stable", "access_control_systems"];
const BETA_ACCESS_SYSTEM: &[&str] = &["beta", "access_control_systems"];
const CONNECTOR: &[&str] = &["beta", "connectors"];

const fn devices(
    key: &'static str,
    name: &'static str,
    categories: &'static [&'static str],
    flags: &'static [&'static str],
    device_type: &'static str,
) -> Provider {
    Provider {
        key,
        name,
        categories,
        flags,
        device_type: Some(device_type),
    }
}

const fn system(
    key: &'static str,
    name: &'static str,
    categories: &'static [&'static str],
) -> Provider {
    Provider {
        key,
        name,
        categories,
        flags: NONE,
        device_type: None,
    }
}

/// The providers that the OpenAPI's `device_provider` has, in its order. Names follow Seam's
/// guides; the categories are our choice, because Seam publishes them per workspace only.
#[rustfmt::skip]
static PROVIDERS: [Provider; 62] = [
    system("hotek", "Hotek", BETA_ACCESS_SYSTEM),
    system("dormakaba_community", "dormakaba Community", ACCESS_SYSTEM),
    system("legic_connect", "LEGIC Connect", BETA_ACCESS_SYSTEM),
    devices("akuvox", "Akuvox", BETA, OPENER, "akuvox_lock"),
    devices("august", "August", CONSUMER_LOCK, LOCK, "august_lock"),
    system("avigilon_alta", "Avigilon Alta", ACCESS_SYSTEM),
    system("brivo", "Brivo", ACCESS_SYSTEM),
    devices("butterflymx", "ButterflyMX", BETA, OPENER, "butterflymx_panel"),
    devices("schlage", "Schlage", CONSUMER_LOCK, LOCK, "schlage_lock"),
    devices("smartthings", "SmartThings", CONSUMER_LOCK, LOCK, "smartthings_lock"),
    devices("yale", "Yale", CONSUMER_LOCK, LOCK, "yale_lock"),
    devices("genie", "Genie Aladdin Connect", STABLE, OPENER, "genie_door"),
    devices("doorking", "DoorKing", BETA, OPENER, "doorking_lock"),
    devices("salto", "Salto", BETA, LOCK, "salto_lock"),
    devices("salto_ks", "Salto KS", STABLE, LOCK, "salto_lock"),
    devices("salto_ks_accept", "Salto KS (accept)", BETA, LOCK, "salto_lock"),
    devices("lockly", "Lockly", CONSUMER_LOCK, LOCK, "lockly_lock"),
    devices("ttlock", "TTLock", CONSUMER_LOCK, LOCK, "ttlock_lock"),
    devices("linear", "Linear", BETA, OPENER, "linear_lock"),
    devices("noiseaware", "NoiseAware", NOISE, NONE, "noiseaware_activity_zone"),
    devices("nuki", "Nuki", CONSUMER_LOCK, LOCK, "nuki_lock"),
    devices("igloo", "igloo", BETA, OFFLINE_LOCK, "igloo_lock"),
    devices("kwikset", "Kwikset", CONSUMER_LOCK, LOCK, "kwikset_lock"),
    devices("minut", "Minut", NOISE, NONE, "minut_sensor"),
    devices("my_2n", "2N", STABLE, OPENER, "two_n_intercom"),
    devices("controlbyweb", "ControlByWeb", STABLE, OPENER, "controlbyweb_device"),
    devices("nest", "Google Nest", CLIMATE, THERMOSTAT, "nest_thermostat"),
    devices("igloohome", "igloohome", STABLE, OFFLINE_LOCK, "igloohome_lock"),
    devices("ecobee", "Ecobee", CLIMATE, THERMOSTAT, "ecobee_thermostat"),
    devices("four_suites", "4SUITES", STABLE, LOCK, "four_suites_door"),
    devices("dormakaba_oracode", "dormakaba Oracode", STABLE, OFFLINE_LOCK, "dormakaba_oracode_door"),
    system("pti", "PTI Storlogix Cloud", ACCESS_SYSTEM),
    devices("wyze", "Wyze", CONSUMER_LOCK, LOCK, "wyze_lock"),
    system("seam_passport", "Seam Passport", BETA_ACCESS_SYSTEM),
    system("visionline", "ASSA ABLOY Visionline", ACCESS_SYSTEM),
    system("assa_abloy_credential_service", "ASSA ABLOY Credential Service", ACCESS_SYSTEM),
    devices("tedee", "Tedee", CONSUMER_LOCK, LOCK, "tedee_lock"),
    devices("honeywell_resideo", "Honeywell Resideo", CLIMATE, THERMOSTAT, "honeywell_resideo_thermostat"),
    devices("first_alert", "First Alert", CLIMATE, THERMOSTAT, "honeywell_resideo_thermostat"),
    system("latch", "Latch", ACCESS_SYSTEM),
    devices("akiles", "Akiles", BETA, LOCK, "akiles_lock"),
    system("assa_abloy_vostio", "ASSA ABLOY Vostio", BETA_ACCESS_SYSTEM),
    system("assa_abloy_vostio_credential_service", "ASSA ABLOY Vostio Credential Service", BETA_ACCESS_SYSTEM),
    devices("tado", "Tado", CLIMATE, THERMOSTAT, "tado_thermostat"),
    system("salto_space", "Salto ProAccess Space", ACCESS_SYSTEM),
    devices("sensi", "Sensi", CLIMATE, THERMOSTAT, "sensi_thermostat"),
    devices("keynest", "KeyNest", BETA, NONE, "keynest_key"),
    devices("korelock", "Korelock", BETA_LOCK, LOCK, "ultraloq_lock"),
    devices("keyincode", "KeyInCode", STABLE, LOCK, "keyincode_lock"),
    system("dormakaba_ambiance", "dormakaba Ambiance", BETA_ACCESS_SYSTEM),
    devices("ultraloq", "Ultraloq", CONSUMER_LOCK, LOCK, "ultraloq_lock"),
    devices("dusaw", "Dusaw", BETA_LOCK, LOCK, "ttlock_lock"),
    devices("sifely", "Sifely", BETA_LOCK, LOCK, "ttlock_lock"),
    devices("thirty_three_lock", "33 Lock", BETA_LOCK, LOCK, "ttlock_lock"),
    devices("ring", "Ring", CAMERA, NONE, "ring_camera"),
    system("ical", "iCal", CONNECTOR),
    system("lodgify", "Lodgify", CONNECTOR),
    system("hostaway", "Hostaway", CONNECTOR),
    system("guesty", "Guesty", CONNECTOR),
    system("acuity_scheduling", "Acuity Scheduling", CONNECTOR),
    devices("omnitec", "Omnitec", STABLE, LOCK, "omnitec_lock"),
    devices("kisi", "Kisi", BETA, LOCK, "kisi_lock"),
];

/// Providers that a webview accepts, but that the OpenAPI has no `device_provider` for.
static UNLISTED: [Provider; 4] = [
    devices("yale_access", "Yale Access", NONE, LOCK, "yale_lock"),
    system("hid_cm", "HID Credential Manager", NONE),
    devices(
        "google_nest",
        "Google Nest",
        NONE,
        THERMOSTAT,
        "nest_thermostat",
    ),
    system("slack", "Slack", NONE),
];

/// The flags of simulations, and the providers whose devices Seam documents them for:
/// disconnection and removal in its guide, hubs and subscriptions in the OpenAPI.
const SIMULATIONS: [(&str, &[&str]); 6] = [
    ("can_simulate_connection", &["august", "yale"]),
    ("can_simulate_disconnection", &["august", "yale"]),
    ("can_simulate_removal", &["august", "yale"]),
    ("can_simulate_hub_connection", &["august", "ttlock"]),
    (
        "can_simulate_hub_disconnection",
        &["august", "ttlock", "igloohome"],
    ),
    ("can_simulate_paid_subscription", &["nuki"]),
];

/// Returns the listed providers of a category, or all of them.
pub(crate) fn of_category(category: Option<&str>) -> impl Iterator<Item = &'static Provider> {
    let is_of = move |it: &&Provider| category.is_none_or(|name| it.categories.contains(&name));
    PROVIDERS.iter().filter(is_of)
}

/// Returns the provider with this key, listed or not.
pub(crate) fn by_key(key: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().chain(&UNLISTED).find(|it| it.key == key)
}

/// Returns the key of the manufacturer of a device type: `august` of `august_lock`.
pub(crate) fn manufacturer(device_type: &str) -> &str {
    match device_type {
        "noiseaware_activity_zone" => "noiseaware",
        "avigilon_alta_entry" => "avigilon_alta",
        "brivo_access_point" => "brivo",
        it => it.rsplit_once('_').map_or(it, |(maker, _)| maker),
    }
}

/// Returns the flags of the simulations that Seam documents for this manufacturer's devices.
pub(crate) fn simulations(manufacturer: &str) -> impl Iterator<Item = &'static str> {
    SIMULATIONS
        .iter()
        .filter(move |(_, of)| of.contains(&manufacturer))
        .map(|(flag, _)| *flag)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{PROVIDERS, UNLISTED, by_key, manufacturer, simulations};
    use crate::device_class::DeviceClass;
    use crate::schema::{POST, Schema, route};

    /// Returns the values that the OpenAPI has for `accepted_providers`.
    fn accepted_providers() -> BTreeSet<&'static str> {
        let create = route("/connect_webviews/create", POST).expect("a documented route");
        let Schema::Object { fields, .. } = &create.input else {
            return BTreeSet::new();
        };
        let field = fields.iter().find(|it| it.name == "accepted_providers");
        match field.map(|it| &it.schema) {
            Some(Schema::Array {
                items: Schema::Enum(keys),
                ..
            }) => keys.iter().copied().collect(),
            _ => BTreeSet::new(),
        }
    }

    #[test]
    fn every_provider_that_a_webview_accepts_is_known() {
        let known: BTreeSet<_> = PROVIDERS.iter().chain(&UNLISTED).map(|it| it.key).collect();

        assert_eq!(known, accepted_providers());
        assert_eq!(known.len(), PROVIDERS.len() + UNLISTED.len());
    }

    #[test]
    fn a_usual_device_has_the_class_of_its_category() {
        for (key, class) in [
            ("ecobee", DeviceClass::Thermostat),
            ("google_nest", DeviceClass::Thermostat),
            ("minut", DeviceClass::NoiseSensor),
            ("noiseaware", DeviceClass::NoiseSensor),
            ("yale", DeviceClass::Lock),
            ("ring", DeviceClass::Other),
        ] {
            let device_type = by_key(key).and_then(|it| it.device_type);
            assert_eq!(device_type.map(DeviceClass::of), Some(class), "{key}");
        }
    }

    #[test]
    fn a_device_can_simulate_what_seam_documents_for_its_manufacturer() {
        for (device_type, flags) in [
            ("august_lock", 5),
            ("yale_lock", 3),
            ("ttlock_lock", 2),
            ("igloohome_lock", 1),
            ("nuki_lock", 1),
            ("ecobee_thermostat", 0),
            ("noiseaware_activity_zone", 0),
        ] {
            let flags_of = simulations(manufacturer(device_type));
            assert_eq!(flags_of.count(), flags, "{device_type}");
        }
    }
}
