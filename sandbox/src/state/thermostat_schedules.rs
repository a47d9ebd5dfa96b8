//! Thermostat schedules: which one is active, and until when somebody may override it.

use serde_json::{Value, json};

use super::State;
use super::record::Record;
use super::resource_type::ResourceType;
use super::task_queue::Timer;
use super::thermostat::{ACTIVE_ID, FALLBACK, active_schedule, object_of};
use crate::ids::Id;
use crate::time::{self, Millis};

const MINUTE: Millis = 60_000;
const ACTIVE: &str = "active_thermostat_schedule";
/// The hidden member of a schedule with the time at which an override ends.
const OVERRIDE_ENDS: &str = "override_ends_at";

/// A schedule, with its times in milliseconds.
struct Schedule {
    id: Id,
    starts_at: Millis,
    ends_at: Millis,
    preset: String,
    override_ends_at: Option<Millis>,
    object: Value,
}

impl State {
    /// Brings the thermostat to what its schedules say at this time: starts the schedule that
    /// began last, ends one that is over, and ends an override whose time is over. It is called
    /// whenever one of these may have changed, and sets a timer for the next time.
    pub(super) fn run_schedules(&mut self, device: Id, at: Millis) {
        let Some(properties) = self.thermostat(device) else {
            return;
        };
        let schedules = self.schedules(device);
        let times = schedules.iter().flat_map(|it| {
            let times = [Some(it.starts_at), Some(it.ends_at), it.override_ends_at];
            times.into_iter().flatten()
        });
        match times.filter(|it| *it > at).min() {
            Some(next) => self.task_queue.set_timer(next, Timer::Schedules(device)),
            None => self.task_queue.clear_timer(Timer::Schedules(device)),
        }
        let device_state = self.devices.get(device);
        if !device_state.is_some_and(|it| it.online() && it.is_managed()) {
            return;
        }
        let active = schedules
            .into_iter()
            .filter(|it| it.starts_at <= at && at < it.ends_at)
            .max_by_key(|it| it.starts_at);
        let before = active_schedule(&properties);
        let preset_before = object_of(&properties, ACTIVE);
        let preset_before = preset_before.get("climate_preset_key");
        let Some(schedule) = active else {
            if before.is_some() {
                self.set_active(device, None);
                self.end_override(device);
                if let Some(key) = properties.get(FALLBACK).and_then(Value::as_str) {
                    self.apply_preset(device, key, None, at);
                }
            }
            return;
        };
        let is_other = before != Some(schedule.id)
            || preset_before.and_then(Value::as_str) != Some(schedule.preset.as_str());
        let is_override_over = schedule.override_ends_at.is_some_and(|it| it <= at);
        self.set_active(device, Some(&schedule));
        if is_other || is_override_over {
            let table = self.records.table_mut(ResourceType::ThermostatSchedule);
            table.change(schedule.id, |it| it.hidden.shift_remove(OVERRIDE_ENDS));
            self.apply_preset(device, &schedule.preset, Some(schedule.id), at);
        }
    }

    /// Sets the timers of all schedules, for a state in which they may be missing.
    pub(crate) fn start_schedules(&mut self, now: Millis) {
        let schedules = self.records.table(ResourceType::ThermostatSchedule);
        let devices = schedules.in_order().map(|it| it.linked_id("device_id"));
        let mut devices: Vec<Id> = devices.flatten().collect();
        devices.dedup();
        for device in devices {
            self.run_schedules(device, now);
        }
    }

    /// Records that somebody has changed what the active schedule has set, and until when.
    pub(super) fn start_override(&mut self, device: Id, at: Millis) {
        let properties = self.thermostat(device).unwrap_or_default();
        let Some(schedule) = active_schedule(&properties) else {
            return;
        };
        let manual = "is_temporary_manual_override_active";
        self.set_device_property(device, manual, true.into());
        let table = self.records.table_mut(ResourceType::ThermostatSchedule);
        table.change(schedule, |it| {
            let minutes = it.object.get("max_override_period_minutes");
            let ends_at = if it.flag("is_override_allowed") == Some(false) {
                Some(at)
            } else {
                let minutes = minutes.and_then(Value::as_u64);
                minutes.map(|it| at.saturating_add(it.saturating_mul(MINUTE)))
            };
            it.hidden.insert(OVERRIDE_ENDS.to_owned(), json!(ends_at));
        });
        self.run_schedules(device, at);
    }

    fn set_active(&mut self, device: Id, schedule: Option<&Schedule>) {
        let id = schedule.map(|it| it.id);
        self.set_device_property(device, ACTIVE_ID, json!(id));
        let object = schedule.map(|it| it.object.clone());
        self.set_device_property(device, ACTIVE, json!(object));
    }

    fn schedules(&self, device: Id) -> Vec<Schedule> {
        let schedules = self.records.table(ResourceType::ThermostatSchedule);
        let schedules = schedules.referencing(device).filter_map(schedule);
        schedules.collect()
    }
}

fn schedule(record: &Record) -> Option<Schedule> {
    let time = |name: &str| record.text(name).and_then(time::parse);
    let override_ends_at = record.hidden.get(OVERRIDE_ENDS).and_then(Value::as_u64);
    Some(Schedule {
        id: record.id(),
        starts_at: time("starts_at")?,
        ends_at: time("ends_at")?,
        preset: record.text("climate_preset_key")?.to_owned(),
        override_ends_at,
        object: record.to_json(),
    })
}
