//! Requests that name one record, with the other parameters that they need.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::users::User;

/// Returns a request in which the parameter has this value and the others name the user's own
/// records.
pub(super) fn request(user: &User, path: &str, parameter: &str, value: &str) -> Value {
    let mut params = base_params(path, &user.own);
    match (path, parameter) {
        ("/access_codes/get", "device_id") => params["code"] = user.own["number"].as_str().into(),
        ("/access_codes/get", "code") => params["device_id"] = user.own["lock"].as_str().into(),
        ("/access_codes/unmanaged/get", "device_id") => {
            params["code"] = user.own["unmanaged_number"].as_str().into();
        }
        ("/access_codes/unmanaged/get", "code") => {
            params["device_id"] = user.own["lock"].as_str().into();
        }
        ("/acs/users/list_accessible_entrances", "acs_system_id") => {
            params["user_identity_id"] = user.own["identity"].as_str().into();
        }
        ("/acs/users/list_accessible_entrances", "user_identity_id") => {
            params["acs_system_id"] = user.own["system"].as_str().into();
        }
        _ => {}
    }
    params[parameter] = match parameter {
        "custom_metadata_has" => json!({ "of": value }),
        _ if parameter.ends_with("_ids") => json!([value]),
        _ => json!(value),
    };
    params
}

/// Returns an unknown value of the same kind.
pub(super) fn nonexistent(value: &str) -> String {
    let is_id = value.len() == 36 && value.matches('-').count() == 4;
    let nonexistent = if is_id {
        "11111111-1111-4111-8111-111111111111"
    } else if value.contains('@') {
        "nobody@example.com"
    } else if value.bytes().all(|it| it.is_ascii_digit()) {
        "999999"
    } else {
        "nothing-of-this-name"
    };
    nonexistent.to_owned()
}

/// Returns the other parameters that a request needs to succeed. They name the user's own records.
pub(super) fn base_params(path: &str, own: &BTreeMap<&'static str, String>) -> Value {
    let periods = json!([{ "starts_at_time": "07:00:00", "climate_preset_key": "home" }]);
    match path {
        "/access_codes/list" => json!({ "search": "-" }),
        "/access_codes/delete" => json!({ "access_code_id": own["access_code"] }),
        "/access_codes/simulate/create_unmanaged_access_code" => {
            json!({ "code": "9753", "name": "New" })
        }
        "/access_codes/update" => json!({ "access_code_id": own["access_code"], "name": "New" }),
        "/access_codes/report_device_constraints" => {
            json!({ "min_code_length": 4, "max_code_length": 6 })
        }
        "/access_codes/update_multiple" | "/devices/update" | "/thermostats/schedules/update" => {
            json!({ "name": "New" })
        }
        "/acs/users/list_accessible_entrances" => {
            json!({ "acs_system_id": own["system"], "user_identity_id": own["identity"] })
        }
        "/events/list" => json!({ "since": "2000-01-01" }),
        "/locks/configure_auto_lock" => {
            json!({ "auto_lock_enabled": true, "auto_lock_delay_seconds": 9 })
        }
        "/thermostats/cool" => json!({ "cooling_set_point_celsius": 24 }),
        "/thermostats/create_climate_preset" => {
            json!({ "climate_preset_key": "new", "heating_set_point_celsius": 20 })
        }
        "/thermostats/daily_programs/create" | "/thermostats/daily_programs/update" => {
            json!({ "name": "New", "periods": periods })
        }
        "/thermostats/delete_climate_preset" => json!({ "climate_preset_key": "away" }),
        "/thermostats/heat" => json!({ "heating_set_point_celsius": 20 }),
        "/thermostats/heat_cool" => {
            json!({ "heating_set_point_celsius": 20, "cooling_set_point_celsius": 24 })
        }
        "/thermostats/schedules/create" => json!({
            "climate_preset_key": "home",
            "starts_at": "2026-12-01T00:00:00Z",
            "ends_at": "2026-12-02T00:00:00Z",
        }),
        "/thermostats/set_fan_mode" => json!({ "fan_mode_setting": "on" }),
        "/thermostats/set_hvac_mode" => json!({ "hvac_mode_setting": "off" }),
        "/thermostats/update_climate_preset" => {
            json!({ "climate_preset_key": "home", "heating_set_point_celsius": 19 })
        }
        "/thermostats/schedules/list" | "/thermostats/update_weekly_program" => {
            json!({ "device_id": own["thermostat"] })
        }
        "/access_codes/unmanaged/update" | "/user_identities/unmanaged/update" => {
            json!({ "is_managed": true })
        }
        "/access_codes/unmanaged/list" => json!({ "device_id": own["lock"] }),
        _ => json!({}),
    }
}
