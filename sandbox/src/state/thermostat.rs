//! Thermostats: their climate settings, and what the room does.

use serde_json::{Value, json};

use super::State;
use super::task_queue::Timer;
use crate::device_class::DeviceClass;
use crate::ids::Id;
use crate::json::{JsonObject, json_object};
use crate::time::{self, Millis};

/// How long a room takes to reach its set point (our choice).
const ROOM_MS: Millis = 600_000;

/// The documented distance from a set point at which it counts as reached.
const REACHED_CELSIUS: f64 = 1.0;

const SETTING: &str = "current_climate_setting";
pub(super) const ACTIVE_ID: &str = "active_thermostat_schedule_id";
pub(super) const FALLBACK: &str = "fallback_climate_preset_key";
const THRESHOLD: &str = "temperature_threshold";
const EXCEEDED: &str = "temperature_threshold_exceeded";

impl State {
    /// Adjusts the climate setting: merges these members into it, where a null removes one. An
    /// active schedule is overridden by that.
    pub(super) fn adjust_climate(&mut self, device: Id, members: &JsonObject, at: Millis) {
        let Some(properties) = self.thermostat(device) else {
            return;
        };
        let mut setting = object_of(&properties, SETTING);
        setting.extend(members.clone());
        setting.retain(|_, it| !it.is_null());
        self.set_climate(device, setting, at);
        self.start_override(device, at);
    }

    /// Activates a climate preset on somebody's request. It overrides an active schedule, as
    /// documented.
    pub(super) fn activate_preset(&mut self, device: Id, key: &str, at: Millis) {
        if self.apply_preset(device, key, None, at) {
            self.start_override(device, at);
        }
    }

    /// Makes this the fallback preset. It is activated if no other preset and no schedule is.
    pub(super) fn set_fallback_preset(&mut self, device: Id, key: &str, at: Millis) {
        self.set_device_property(device, FALLBACK, key.into());
        let Some(properties) = self.thermostat(device) else {
            return;
        };
        let setting = object_of(&properties, SETTING);
        if active_schedule(&properties).is_none() && !setting.contains_key("climate_preset_key") {
            self.apply_preset(device, key, None, at);
        }
    }

    /// The room has had the time to reach the set point that it is heated or cooled to.
    pub(super) fn reach_set_point(&mut self, device: Id, at: Millis) {
        let Some(properties) = self.thermostat(device) else {
            return;
        };
        if !self.devices.get(device).is_some_and(super::Device::online) {
            return;
        }
        let setting = object_of(&properties, SETTING);
        let is = |name: &str| properties.get(name) == Some(&Value::Bool(true));
        let reached = if is("is_heating") {
            number(&setting, "heating_set_point_celsius")
        } else if is("is_cooling") {
            number(&setting, "cooling_set_point_celsius")
        } else {
            number(&properties, "temperature_celsius")
        };
        if let Some(celsius) = reached {
            self.report_temperature(device, celsius, at);
        }
    }

    /// The thermostat reports this temperature of its room.
    pub(super) fn report_temperature(&mut self, device: Id, celsius: f64, at: Millis) {
        let Some(properties) = self.thermostat(device) else {
            return;
        };
        let temperature = in_both_units("temperature", Some(celsius));
        for (name, value) in &temperature {
            self.set_device_property(device, name, value.clone());
        }
        let setting = object_of(&properties, SETTING);
        self.refresh_climate(device, &setting);
        if number(&properties, "temperature_celsius") != Some(celsius) {
            let event_type = "thermostat.temperature_changed";
            self.record_thermostat_event(device, event_type, temperature.clone(), at);
        }
        let points = set_points(&setting);
        let reached = points
            .iter()
            .find(|it| (**it - celsius).abs() <= REACHED_CELSIUS);
        if let Some(point) = reached {
            let mut fields = temperature;
            fields.extend(in_both_units("desired_temperature", Some(*point)));
            let event_type = "thermostat.temperature_reached_set_point";
            self.record_thermostat_event(device, event_type, fields, at);
        }
        self.check_threshold(device, at);
    }

    /// Sets the temperature threshold, in Celsius; `None` removes a limit.
    pub(super) fn set_threshold(
        &mut self,
        device: Id,
        (lower, upper): (Option<f64>, Option<f64>),
        at: Millis,
    ) {
        let mut threshold = in_both_units("lower_limit", lower);
        threshold.extend(in_both_units("upper_limit", upper));
        self.set_device_property(device, THRESHOLD, threshold.into());
        self.check_threshold(device, at);
    }

    /// Adds or removes the warning about the threshold, with the documented events.
    fn check_threshold(&mut self, device: Id, at: Millis) {
        let Some(properties) = self.thermostat(device) else {
            return;
        };
        let threshold = object_of(&properties, THRESHOLD);
        let Some(celsius) = number(&properties, "temperature_celsius") else {
            return;
        };
        let (lower, upper) = (
            number(&threshold, "lower_limit_celsius"),
            number(&threshold, "upper_limit_celsius"),
        );
        let is_outside =
            lower.is_some_and(|it| celsius < it) || upper.is_some_and(|it| celsius > it);
        let warning = json!({
            "warning_code": EXCEEDED,
            "message": "The temperature is outside of the threshold",
            "created_at": time::to_iso(at),
        });
        let changed = self.devices.change(device, |it| {
            it.change(|object| set_warning(object, warning, is_outside))
        });
        // A threshold that is removed ends the warning without an event (our choice).
        if changed != Some(true) || (lower.is_none() && upper.is_none()) {
            return;
        }
        let mut fields = in_both_units("temperature", Some(celsius));
        fields.extend(threshold);
        let event_type = if is_outside {
            "thermostat.temperature_threshold_exceeded"
        } else {
            "thermostat.temperature_threshold_no_longer_exceeded"
        };
        self.record_thermostat_event(device, event_type, fields, at);
    }

    /// Makes the preset the climate setting. Returns false if there is no such preset.
    pub(super) fn apply_preset(
        &mut self,
        device: Id,
        key: &str,
        schedule: Option<Id>,
        at: Millis,
    ) -> bool {
        let Some(properties) = self.thermostat(device) else {
            return false;
        };
        let presets = properties.get("available_climate_presets");
        let mut presets = presets.and_then(Value::as_array).into_iter().flatten();
        let is_named =
            |it: &&Value| it.get("climate_preset_key").and_then(Value::as_str) == Some(key);
        let Some(preset) = presets.find(is_named).cloned() else {
            return false;
        };
        let mut setting = json_object(preset);
        // A preset without a fan mode leaves the fan as it is.
        if let Some(fan) = object_of(&properties, SETTING).get("fan_mode_setting") {
            let fan = fan.clone();
            setting.entry("fan_mode_setting").or_insert(fan);
        }
        self.set_climate(device, setting, at);
        self.end_override(device);
        let is_fallback = properties.get(FALLBACK).and_then(Value::as_str) == Some(key);
        let fields = json_object(json!({
            "climate_preset_key": key,
            "is_fallback_climate_preset": is_fallback,
            "thermostat_schedule_id": schedule,
        }));
        let event_type = "thermostat.climate_preset_activated";
        self.record_thermostat_event(device, event_type, fields, at);
        true
    }

    fn set_climate(&mut self, device: Id, setting: JsonObject, at: Millis) {
        self.refresh_climate(device, &setting);
        if set_points(&setting).is_empty() {
            self.task_queue.clear_timer(Timer::Room(device));
        } else {
            let due = at.saturating_add(ROOM_MS);
            self.task_queue.set_timer(due, Timer::Room(device));
        }
        self.set_device_property(device, SETTING, setting.into());
    }

    /// The thermostat no longer overrides its schedule.
    pub(super) fn end_override(&mut self, device: Id) {
        self.set_device_property(device, "is_temporary_manual_override_active", false.into());
    }

    /// Sets the properties that follow from the climate setting and the temperature. In fan mode
    /// `auto` the fan runs while the thermostat heats or cools, as documented.
    fn refresh_climate(&mut self, device: Id, setting: &JsonObject) {
        let properties = self.thermostat(device).unwrap_or_default();
        let room = number(&properties, "temperature_celsius");
        let mode = setting.get("hvac_mode_setting").and_then(Value::as_str);
        let mode = mode.unwrap_or_default();
        let heating = number(setting, "heating_set_point_celsius");
        let cooling = number(setting, "cooling_set_point_celsius");
        let heats =
            mode.starts_with("heat") && room.zip(heating).is_some_and(|(room, it)| room < it);
        let cools = mode.ends_with("cool") && cooling.is_some_and(|it| room > Some(it));
        let fan = setting.get("fan_mode_setting").cloned();
        let fan_runs = fan == Some("on".into()) || heats || cools;
        for (name, value) in [
            ("is_heating", heats.into()),
            ("is_cooling", cools.into()),
            ("is_fan_running", fan_runs.into()),
        ] {
            self.set_device_property(device, name, value);
        }
        if let Some(fan) = fan {
            self.set_device_property(device, "fan_mode_setting", fan);
        }
    }

    /// Returns the properties of a thermostat; `None` for any other device.
    pub(super) fn thermostat(&self, device: Id) -> Option<JsonObject> {
        let device = self.devices.get(device)?;
        let is_thermostat = device.class() == DeviceClass::Thermostat;
        let properties = is_thermostat.then(|| device.object())?;
        let properties = properties.get("properties").cloned();
        properties.map(json_object)
    }

    pub(super) fn set_device_property(&mut self, device: Id, name: &str, value: Value) {
        self.devices.change(device, |it| {
            it.change(|object| {
                if let Some(Value::Object(properties)) = object.get_mut("properties") {
                    properties.insert(name.to_owned(), value);
                }
            });
        });
    }

    fn record_thermostat_event(
        &mut self,
        device: Id,
        event_type: &str,
        mut fields: JsonObject,
        at: Millis,
    ) {
        fields.insert("device_id".to_owned(), json!(device));
        self.record_event(at, event_type, fields, None);
    }
}

/// Returns the id of the active schedule.
pub(super) fn active_schedule(properties: &JsonObject) -> Option<Id> {
    Id::parse(properties.get(ACTIVE_ID)?.as_str()?)
}

/// Returns the set points that apply in the mode of this setting, in Celsius.
fn set_points(setting: &JsonObject) -> Vec<f64> {
    let mode = setting.get("hvac_mode_setting").and_then(Value::as_str);
    let mode = mode.unwrap_or_default();
    let heating = number(setting, "heating_set_point_celsius");
    let cooling = number(setting, "cooling_set_point_celsius");
    let heating = heating.filter(|_| mode.starts_with("heat"));
    let cooling = cooling.filter(|_| mode.ends_with("cool"));
    heating.into_iter().chain(cooling).collect()
}

/// Adds or removes a warning. Returns whether that changed anything.
fn set_warning(object: &mut JsonObject, warning: Value, is_there: bool) -> bool {
    let warnings = object.entry("warnings").or_insert_with(|| json!([]));
    let Some(warnings) = warnings.as_array_mut() else {
        return false;
    };
    let code = warning.get("warning_code").cloned();
    let is_same = |it: &Value| it.get("warning_code") == code.as_ref();
    let was_there = warnings.iter().any(is_same);
    match (was_there, is_there) {
        (false, true) => warnings.push(warning),
        (true, false) => warnings.retain(|it| !is_same(it)),
        _ => return false,
    }
    true
}

/// Returns the members `<name>_celsius` and `<name>_fahrenheit`, which are null for `None`.
fn in_both_units(name: &str, celsius: Option<f64>) -> JsonObject {
    let rounded = |degrees: f64| (degrees * 100.0).round() / 100.0;
    let mut members = JsonObject::new();
    let fahrenheit = celsius.map(|it| rounded(it * 1.8 + 32.0));
    members.insert(format!("{name}_celsius"), json!(celsius.map(rounded)));
    members.insert(format!("{name}_fahrenheit"), json!(fahrenheit));
    members
}

fn number(object: &JsonObject, name: &str) -> Option<f64> {
    object.get(name)?.as_f64()
}

pub(super) fn object_of(properties: &JsonObject, name: &str) -> JsonObject {
    let object = properties.get(name).and_then(Value::as_object);
    object.cloned().unwrap_or_default()
}
