//! Noise sensors.

use serde_json::{Value, json};

use super::State;
use super::record::Record;
use super::resource_type::ResourceType;
use super::task_queue::Timer;
use crate::ids::Id;
use crate::json::json_object;
use crate::seed;
use crate::seed::SeedError;
use crate::time::Millis;

/// How long a simulated noise lasts, and the level after it (our choice).
const NOISE_MS: Millis = 60_000;
const QUIET_DECIBELS: f64 = 38.5;

/// How much louder than the threshold a simulated noise is (our choice).
const ABOVE_THRESHOLD: f64 = 5.0;

const TRIGGERING: &str = "currently_triggering_noise_threshold_ids";
const LEVEL: &str = "noise_level_decibels";

/// The thresholds that a Minut sensor comes with: one for quiet hours and one for the rest of the
/// day. Seam's guide has the names, and the times and the level of the quiet hours.
const BUILT_IN: [(&str, &str, &str, u64); 2] = [
    ("builtin_normal_hours", "06:00:00[UTC]", "20:00:00[UTC]", 75),
    ("builtin_quiet_hours", "20:00:00[UTC]", "06:00:00[UTC]", 70),
];

impl State {
    /// A noise above the first threshold of the sensor begins. Which threshold the simulation
    /// triggers is our choice.
    pub(super) fn start_noise(&mut self, device: Id, at: Millis) {
        let thresholds = self.records.table(ResourceType::NoiseThreshold);
        let threshold = thresholds.referencing(device).next();
        let number = |name: &str| threshold.and_then(|it| it.object().get(name)?.as_f64());
        let level = |name: &str| number(name).map(|it| it + ABOVE_THRESHOLD);
        let decibels = level("noise_threshold_decibels").unwrap_or(75.0 + ABOVE_THRESHOLD);
        let mut fields = json_object(json!({ "device_id": device, LEVEL: decibels }));
        if let Some(nrs) = level("noise_threshold_nrs") {
            fields.insert("noise_level_nrs".to_owned(), nrs.into());
        }
        if let Some(threshold) = threshold {
            let id = threshold.id().to_string();
            fields.insert("noise_threshold_id".to_owned(), id.into());
            let name = threshold.text("name").unwrap_or_default();
            fields.insert("noise_threshold_name".to_owned(), name.into());
        }
        let triggering: Vec<Id> = threshold.map(Record::id).into_iter().collect();
        self.set_device_property(device, TRIGGERING, json!(triggering));
        self.set_device_property(device, LEVEL, decibels.into());
        self.record_event(at, "noise_sensor.noise_threshold_triggered", fields, None);
        let due = at.saturating_add(NOISE_MS);
        self.task_queue.set_timer(due, Timer::Noise(device));
    }

    pub(super) fn end_noise(&mut self, device: Id) {
        self.set_device_property(device, TRIGGERING, json!([]));
        self.set_device_property(device, LEVEL, QUIET_DECIBELS.into());
    }

    /// A threshold that is deleted no longer triggers.
    pub(super) fn forget_threshold(&mut self, device: Id, threshold: Id) {
        let triggering = self.devices.get(device).map(super::Device::object);
        let triggering = triggering.as_ref().and_then(|it| it.get("properties"));
        let triggering = triggering.and_then(|it| it.get(TRIGGERING));
        if let Some(mut ids) = triggering.and_then(Value::as_array).cloned() {
            ids.retain(|it| *it != json!(threshold));
            self.set_device_property(device, TRIGGERING, ids.into());
        }
    }

    /// Adds the thresholds that a Minut sensor comes with, unless the sensor has thresholds.
    pub(super) fn add_built_in_thresholds(
        &mut self,
        device: Id,
        now: Millis,
    ) -> Result<(), SeedError> {
        let is_minut = self
            .devices
            .get(device)
            .is_some_and(|it| it.device_type() == "minut_sensor");
        let thresholds = self.records.table(ResourceType::NoiseThreshold);
        if !is_minut || thresholds.referencing(device).next().is_some() {
            return Ok(());
        }
        for (position, (name, starts, ends, decibels)) in BUILT_IN.into_iter().enumerate() {
            let members = json_object(json!({
                "device_id": device,
                "name": name,
                "starts_daily_at": starts,
                "ends_daily_at": ends,
                "noise_threshold_decibels": decibels,
            }));
            let object = seed::record_object("noise_threshold", &members)?;
            let created_at = now.saturating_add(position as u64);
            let hidden = crate::json::JsonObject::new();
            self.create(
                ResourceType::NoiseThreshold,
                object,
                hidden,
                None,
                created_at,
            );
        }
        Ok(())
    }
}
