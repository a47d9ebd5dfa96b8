//! Noise thresholds.

use serde_json::{Value, json};

use crate::world::{AFTER_ATTEMPT, Caller, World, text};

const ROUTES: &str = "/noise_sensors/noise_thresholds";

fn list(world: &mut World, caller: &Caller, device: &str) -> Vec<Value> {
    let path = format!("{ROUTES}/list");
    let listed = world.expect_ok(caller, &path, json!({ "device_id": device }));
    let thresholds = listed["noise_thresholds"].as_array().expect("a list");
    thresholds.clone()
}

#[test]
fn a_threshold_is_created_updated_and_deleted() {
    let mut world = World::new();
    let device = world.device("Living Room Sensor");
    let seeded = list(&mut world, &Caller::ApiKey, &device).len();
    let created = world.expect_ok(
        &Caller::ApiKey,
        &format!("{ROUTES}/create"),
        json!({
            "device_id": device,
            "name": "Quiet hours",
            "starts_daily_at": "22:00:00[UTC]",
            "ends_daily_at": "07:00:00[UTC]",
            "noise_threshold_decibels": 60,
        }),
    );
    let id = text(&created["noise_threshold"]["noise_threshold_id"]);
    let one = json!({ "device_id": device, "noise_threshold_id": id });
    assert_eq!(list(&mut world, &Caller::ApiKey, &device).len(), seeded + 1);

    let attempt = text(&created["action_attempt"]["action_attempt_id"]);
    world.now += AFTER_ATTEMPT;
    let attempt = json!({ "action_attempt_id": attempt });
    let done = world.expect_ok(&Caller::ApiKey, "/action_attempts/get", attempt);
    assert_eq!(done["action_attempt"]["status"], "success");

    let mut renamed = one.clone();
    renamed["name"] = "Night".into();
    world.expect_ok(&Caller::ApiKey, &format!("{ROUTES}/update"), renamed);
    let get = json!({ "noise_threshold_id": id });
    let shown = world.expect_ok(&Caller::ApiKey, &format!("{ROUTES}/get"), get.clone());
    assert_eq!(shown["noise_threshold"]["name"], "Night");
    assert_eq!(shown["noise_threshold"]["noise_threshold_decibels"], 60);

    world.expect_ok(&Caller::ApiKey, &format!("{ROUTES}/delete"), one);
    let gone = world.post(&Caller::ApiKey, &format!("{ROUTES}/get"), get);
    assert_eq!(gone.error(), (404, "noise_threshold_not_found"));
    assert_eq!(list(&mut world, &Caller::ApiKey, &device).len(), seeded);
}

#[test]
fn a_session_lists_only_the_thresholds_of_its_own_sensor() {
    let mut world = World::new();
    let device = world.device("Living Room Sensor");
    let (own, other) = (world.identity("user-1"), world.identity("user-2"));
    world.grant(&own, &device);
    let (user, stranger) = (world.token(&own), world.token(&other));

    assert_eq!(list(&mut world, &user, &device).len(), 2);
    let path = format!("{ROUTES}/list");
    let refused = world.post(&stranger, &path, json!({ "device_id": device }));
    assert_eq!(refused.error(), (404, "device_not_found"));
}

#[test]
fn a_threshold_is_not_found_with_another_sensor() {
    let mut world = World::new();
    let (sensor, lock) = (
        world.device("Living Room Sensor"),
        world.device("Front Door"),
    );
    let id = list(&mut world, &Caller::ApiKey, &sensor)[0]["noise_threshold_id"].clone();
    let before = world.sandbox.snapshot();
    for route in ["update", "delete"] {
        let params = json!({ "device_id": lock, "noise_threshold_id": id });
        let refused = world.post(&Caller::ApiKey, &format!("{ROUTES}/{route}"), params);
        assert_eq!(refused.error(), (404, "device_not_found"));
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn a_threshold_is_created_on_a_noise_sensor_with_one_level() {
    let mut world = World::new();
    let (sensor, lock) = (
        world.device("Living Room Sensor"),
        world.device("Front Door"),
    );
    let before = world.sandbox.snapshot();
    for (device, levels, expected) in [
        (
            &lock,
            json!({ "noise_threshold_decibels": 60 }),
            (404, "device_not_found"),
        ),
        (&sensor, json!({}), (400, "invalid_input")),
        (
            &sensor,
            json!({ "noise_threshold_decibels": 60, "noise_threshold_nrs": 40 }),
            (400, "invalid_input"),
        ),
    ] {
        let mut params = json!({
            "device_id": device,
            "starts_daily_at": "22:00:00[UTC]",
            "ends_daily_at": "07:00:00[UTC]",
        });
        params
            .as_object_mut()
            .expect("an object")
            .extend(levels.as_object().expect("an object").clone());
        let refused = world.post(&Caller::ApiKey, &format!("{ROUTES}/create"), params);
        assert_eq!(refused.error(), expected, "{levels}");
    }
    assert_eq!(world.sandbox.snapshot(), before);
}

#[test]
fn a_minut_sensor_comes_with_thresholds_unless_the_seed_has_some() {
    let mut world = World::with(json!({ "seed": {
        "devices": [
            { "device_type": "minut_sensor", "display_name": "Minut" },
            { "device_type": "minut_sensor", "display_name": "Minut of the seed" },
            { "device_type": "noiseaware_activity_zone", "display_name": "NoiseAware" },
        ],
        "noise_thresholds": [{ "device": "Minut of the seed", "name": "Night" }],
    } }));
    for (name, thresholds) in [
        (
            "Minut",
            &["builtin_normal_hours", "builtin_quiet_hours"] as &[&str],
        ),
        ("Minut of the seed", &["Night"]),
        ("NoiseAware", &[]),
    ] {
        let device = world.device(name);
        let listed = list(&mut world, &Caller::ApiKey, &device);
        let names: Vec<_> = listed.iter().map(|it| text(&it["name"])).collect();
        assert_eq!(names, thresholds, "{name}");
    }
}

#[test]
fn a_simulated_noise_triggers_a_threshold_for_a_minute() {
    let mut world = World::new();
    let sensor = world.device("Living Room Sensor");
    let threshold = list(&mut world, &Caller::ApiKey, &sensor)[0].clone();
    let path = "/noise_sensors/simulate/trigger_noise_threshold";
    let lock = world.device("Front Door");
    let refused = world.post(&Caller::ApiKey, path, json!({ "device_id": lock }));
    assert_eq!(refused.error(), (404, "device_not_found"));
    let one = json!({ "device_id": sensor });
    let properties = |world: &mut World| {
        let shown = world.expect_ok(&Caller::ApiKey, "/devices/get", one.clone());
        shown["device"]["properties"].clone()
    };
    let quiet = properties(&mut world);

    world.expect_ok(&Caller::ApiKey, path, one.clone());

    let ids = "currently_triggering_noise_threshold_ids";
    assert_eq!(
        properties(&mut world)[ids],
        json!([threshold["noise_threshold_id"]])
    );
    let event = json!({ "event_type": "noise_sensor.noise_threshold_triggered" });
    let event = world.expect_ok(&Caller::ApiKey, "/events/get", event)["event"].clone();
    assert_eq!(event["noise_threshold_id"], threshold["noise_threshold_id"]);
    assert_eq!(event["noise_threshold_name"], "builtin_normal_hours");
    assert_eq!(event["noise_level_decibels"].as_f64(), Some(80.0));
    world.now += 59_999;
    assert_ne!(properties(&mut world), quiet);
    world.now += 1;
    assert_eq!(properties(&mut world), quiet);
}
