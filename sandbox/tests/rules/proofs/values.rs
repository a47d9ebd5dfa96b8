//! Values for parameters that name nothing.

use serde_json::{Value, json};

/// Returns valid and invalid values.
pub(super) fn values(parameter: &str) -> Vec<Value> {
    match parameter {
        "access_method_id" => vec![json!("11111111-1111-4111-8111-111111111111")],
        "between" => vec![
            json!(["2000-01-01T00:00:00Z", "2026-11-23T08:30:01Z"]),
            json!(["2026-11-23T08:30:01Z", "2027-01-01T00:00:00Z"]),
            json!(["never", "ever"]),
        ],
        "code" => vec![
            json!("135790"),
            json!("148213"),
            json!("1"),
            json!("987654"),
        ],
        "common_code_key" => vec![json!("common-a"), json!("common-b"), json!("common-new")],
        "created_before" => vec![
            json!("2026-11-23T08:30:00.500Z"),
            json!("2026-11-23T08:30:01.500Z"),
            json!("2027-01-01T00:00:00Z"),
            json!("soon"),
        ],
        "customer_key" => vec![json!("anyone")],
        "device_type" => [
            "august_lock",
            "schlage_lock",
            "yale_lock",
            "nest_thermostat",
        ]
        .map(Value::from)
        .to_vec(),
        "device_types" => vec![json!(["yale_lock", "schlage_lock"]), json!([])],
        "event_type" => [
            "lock.unlocked",
            "access_code.created",
            "acs_user.created",
            "connected_account.connected",
            "client_session.deleted",
            "nothing.happened",
        ]
        .map(Value::from)
        .to_vec(),
        "event_types" => vec![json!(["lock.unlocked", "access_code.changed"])],
        "exclude_if" | "include_if" => vec![
            json!(["can_remotely_unlock"]),
            json!(["can_hvac_heat"]),
            json!(["visionline_metadata.is_valid"]),
        ],
        "is_programmed" | "sync" | "force" => vec![json!(true), json!(false)],
        "limit" => vec![json!(1), json!(2), json!(3), json!(0), json!(1.5)],
        "manufacturer" => ["yale", "schlage", "minut"].map(Value::from).to_vec(),
        "page_cursor" => vec![json!("0".repeat(64)), json!("none")],
        "preferred_code_length" => vec![json!(5), json!(6)],
        "provider_category" => vec![json!("stable")],
        "unstable_offset" => vec![json!(0), json!(2), json!(1000)],
        "user_identity_key" => ["a", "b", "walk-in-b", "new"].map(Value::from).to_vec(),
        "name" => [
            "New",
            "Lock a-records",
            "Lock b-records",
            "Secret b-records",
        ]
        .map(Value::from)
        .to_vec(),
        _ => Vec::new(),
    }
}
