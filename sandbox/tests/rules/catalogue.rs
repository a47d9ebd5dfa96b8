//! The device catalogue of Seam's React components.

use serde_json::{Value, json};

use crate::world::{Caller, World, text};

const MODELS: &str = "/internal/devicedb/v1/device_models";
const MANUFACTURERS: &str = "/internal/devicedb/v1/manufacturers";

fn names(world: &mut World, caller: &Caller, target: &str, list: &str) -> Vec<String> {
    let response = world.get(caller, target);
    assert_eq!(response.status, 200, "{target}: {}", response.body);
    response.ids(list, "display_name")
}

#[test]
fn a_session_reads_the_catalogue() {
    let mut world = World::new();
    let identity = world.identity("user-1");
    let user = world.token(&identity);
    for caller in [&user, &Caller::ApiKey, &Caller::Publishable] {
        let all = names(
            &mut world,
            caller,
            &format!("{MODELS}/list"),
            "device_models",
        );
        assert!(all.contains(&"August Lock".to_owned()));
        let all = names(
            &mut world,
            caller,
            &format!("{MANUFACTURERS}/list"),
            "manufacturers",
        );
        assert!(all.contains(&"Ecobee".to_owned()));
    }
    let nobody = world.get(&Caller::Nobody, &format!("{MODELS}/list"));
    assert_eq!(nobody.status, 401);
    let posted = world.post(&user, &format!("{MODELS}/list"), json!({}));
    assert_eq!(posted.error(), (405, "method_not_allowed"));
}

#[test]
fn a_model_and_a_manufacturer_are_found_by_id() {
    let mut world = World::new();
    let listed = world.get(&Caller::ApiKey, &format!("{MODELS}/list?text_search=yale"));
    let model = listed.body["device_models"][0].clone();
    let id = text(&model["device_model_id"]);
    let found = world.get(
        &Caller::ApiKey,
        &format!("{MODELS}/get?device_model_id={id}"),
    );
    assert_eq!(found.body["device_model"], model);
    let id = text(&model["manufacturer"]["manufacturer_id"]);
    let found = world.get(
        &Caller::ApiKey,
        &format!("{MANUFACTURERS}/get?manufacturer_id={id}"),
    );
    assert_eq!(found.body["manufacturer"]["display_name"], "Yale");
    assert_eq!(found.body["manufacturer"]["device_model_count"], 1);
    let unknown = "11111111-1111-4111-8111-111111111111";
    for (target, kind) in [
        (
            format!("{MODELS}/get?device_model_id={unknown}"),
            "device_model_not_found",
        ),
        (
            format!("{MANUFACTURERS}/get?manufacturer_id={unknown}"),
            "manufacturer_not_found",
        ),
    ] {
        assert_eq!(world.get(&Caller::ApiKey, &target).error(), (404, kind));
    }
}

#[test]
fn each_filter_narrows_the_models() {
    let mut world = World::new();
    let listed = world.get(
        &Caller::ApiKey,
        &format!("{MODELS}/list?text_search=ecobee"),
    );
    let ecobee = text(&listed.body["device_models"][0]["manufacturer"]["manufacturer_id"]);
    for (filter, first) in [
        (
            "main_category=thermostat".to_owned(),
            "Google Nest Thermostat",
        ),
        ("main_category=sensor".to_owned(), "NoiseAware Noise sensor"),
        ("text_search=AUG".to_owned(), "August Lock"),
        ("integration_support_levels=beta".to_owned(), "Akuvox Lock"),
        (
            "include_if=can_program_offline_access_codes".to_owned(),
            "igloo Lock",
        ),
        (
            "exclude_if=can_remotely_unlock".to_owned(),
            "NoiseAware Noise sensor",
        ),
        (format!("manufacturer_id={ecobee}"), "Ecobee Thermostat"),
        (format!("manufacturer_ids={ecobee}"), "Ecobee Thermostat"),
    ] {
        let target = format!("{MODELS}/list?{filter}");
        let found = names(&mut world, &Caller::ApiKey, &target, "device_models");
        assert_eq!(found.first().map(String::as_str), Some(first), "{filter}");
    }
}

#[test]
fn the_queries_of_the_components_narrow_the_manufacturers() {
    let mut world = World::new();
    let listed = world.get(
        &Caller::ApiKey,
        &format!("{MODELS}/list?text_search=ecobee"),
    );
    let ecobee = text(&listed.body["device_models"][0]["manufacturer"]["manufacturer_id"]);
    let one = format!("(display_name:\"Yale\" OR manufacturer_id:\"{ecobee}\")");
    for (query, expected) in [
        (one.clone(), vec!["Yale", "Ecobee"]),
        (
            format!("{one} AND NOT (display_name:\"Yale\")"),
            vec!["Ecobee"],
        ),
        ("manufacturer_id:none".to_owned(), vec![]),
    ] {
        let encoded = query.replace(' ', "+").replace('"', "%22");
        let target = format!("{MANUFACTURERS}/list?liqe_query={encoded}");
        let found = names(&mut world, &Caller::ApiKey, &target, "manufacturers");
        assert_eq!(found, expected, "{query}");
    }
    let target = format!("{MANUFACTURERS}/list?liqe_query=NOT+(display_name:%22Yale%22)");
    let others = names(&mut world, &Caller::ApiKey, &target, "manufacturers");
    assert!(others.len() > 10 && !others.contains(&"Yale".to_owned()));
    let target = format!("{MANUFACTURERS}/list?liqe_query=founded:1900");
    assert_eq!(
        world.get(&Caller::ApiKey, &target).error(),
        (400, "invalid_input")
    );
}

#[test]
fn nothing_of_a_new_workspace_points_to_seams_servers_but_webviews() {
    let mut world = World::new();
    let mut found = 0;
    for target in [
        "/devices/list",
        "/devices/list_device_providers",
        "/acs/systems/list",
        "/connected_accounts/list",
        "/internal/devicedb/v1/device_models/list",
        "/internal/devicedb/v1/manufacturers/list",
    ] {
        let body = world.get(&Caller::ApiKey, target).body;
        assert!(!body.to_string().contains("getseam.com"), "{target}");
        found += body.to_string().matches("data:image/svg+xml,").count();
    }
    assert!(found > 100);
    let device = world.expect_ok(&Caller::ApiKey, "/devices/get", json!({ "name": "Garage" }));
    let properties: &Value = &device["device"]["properties"];
    assert_eq!(properties["image_alt_text"], "Lock");
}
