//! What each parameter of each route names, and what else a request needs to be a good one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Parameters that name nothing a session could be shown, or nothing that the sandbox has.
pub(super) const NOTHING: [&str; 76] = [
    "accepted_capabilities",
    "accepted_providers",
    "access_grant_id",
    "access_grant_ids",
    "access_grant_key",
    "access_method_id",
    "access_method_ids",
    "acs_encoder_id",
    "allow_external_modification",
    "attempt_for_offline_device",
    "auto_lock_delay_seconds",
    "auto_lock_enabled",
    "automatically_manage_new_devices",
    "backup_access_code_pool_enabled",
    "behavior_when_code_cannot_be_shared",
    "between",
    "climate_preset_key",
    "climate_preset_mode",
    "code",
    "cooling_set_point_celsius",
    "cooling_set_point_fahrenheit",
    "created_before",
    "credential_manager_acs_system_id",
    "custom_metadata",
    "custom_metadata_has",
    "custom_redirect_failure_url",
    "custom_redirect_url",
    "customer_key",
    "device_selection_mode",
    "device_type",
    "device_types",
    "ecobee_metadata",
    "ends_at",
    "event_type",
    "event_types",
    "exclude_if",
    "excluded_providers",
    "fan_mode",
    "fan_mode_setting",
    "force",
    "heating_set_point_celsius",
    "heating_set_point_fahrenheit",
    "hvac_mode_setting",
    "include_if",
    "is_external_modification_allowed",
    "is_managed",
    "is_multi_phone_sync_credential",
    "is_offline_access_code",
    "is_one_time_use",
    "is_override_allowed",
    "is_programmed",
    "limit",
    "manual_override_allowed",
    "manufacturer",
    "max_code_length",
    "max_override_period_minutes",
    "max_time_rounding",
    "min_code_length",
    "page_cursor",
    "periods",
    "prefer_native_scheduling",
    "preferred_code_length",
    "properties",
    "provider_category",
    "since",
    "starts_at",
    "supported_code_lengths",
    "sync",
    "type",
    "unstable_offset",
    "use_backup_access_code_pool",
    "use_offline_access_code",
    "user_identity_email_address",
    "user_identity_key",
    "user_identity_phone_number",
    "wait_for_device_creation",
];

/// What this parameter of this route names, as one of the things that a side has; with an `s` at
/// the end it is a list.
pub(super) fn named(path: &str, parameter: &str) -> Option<&'static str> {
    Some(
        match parameter.trim_end_matches("_ids").trim_end_matches("_id") {
            "device" => device_of(path),
            "access_code" if path.contains("/unmanaged/") => "unmanaged_code",
            "access_code" => "access_code",
            "acs_access_group" => "group",
            "acs_credential" => "credential",
            "acs_entrance" => "entrance",
            "acs_system" => "system",
            "acs_user" => "acs_user",
            "action_attempt" => "attempt",
            "client_session" => "session",
            "common_code_key" if path.ends_with("/update_multiple") => "common_code_key",
            "connect_webview" => "webview",
            "connected_account" if path.starts_with("/acs/") => "acs_account",
            "connected_account" => "account",
            "email" => "email",
            "event" => "event",
            "location" | "space" | "unstable_location" => "space",
            "name" if path.ends_with("/get") => "device_name",
            "search" => "search",
            "thermostat_daily_program" => "program",
            "thermostat_schedule" => "schedule",
            "user_identifier_key" => "user_identifier_key",
            "user_identity" => "identity",
            day if day.ends_with("day_program") => "program",
            _ => return None,
        },
    )
}

fn device_of(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("thermostats") => "thermostat",
        Some("noise_sensors") => "sensor",
        Some("phones") => "phone",
        Some("devices") if path.contains("/unmanaged/") => "unmanaged_device",
        _ => "lock",
    }
}

/// What else a request needs to be a good one, naming the caller's own where it names anything.
pub(super) fn others(path: &str, own: &BTreeMap<&'static str, String>) -> Value {
    let periods = json!([{ "starts_at_time": "07:00:00", "climate_preset_key": "home" }]);
    match path {
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
        "/locks/configure_auto_lock" => json!({ "auto_lock_enabled": true }),
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

/// Parameters that a request of one's own cannot show to succeed: nobody has what they name.
pub(super) fn has_no_control(path: &str, parameter: &str) -> bool {
    match path {
        // The session's own user identity is a managed one.
        "/user_identities/unmanaged/update" | "/user_identities/unmanaged/list" => true,
        // A webview has no name.
        "/connect_webviews/list" => parameter == "search",
        // The entrances are in no space.
        "/acs/entrances/list" => matches!(parameter, "space_id" | "location_id"),
        // Nothing that is recorded is about these.
        "/events/list" => {
            matches!(parameter, "space_id" | "space_ids" | "user_identity_id")
                || parameter.starts_with("acs_")
        }
        _ => false,
    }
}
