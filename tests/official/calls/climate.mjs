// Thermostats, and the noise that sensors hear.
import { LOCK, SCHEDULE, SENSOR, THERMOSTAT, THRESHOLD } from "../seed.mjs";

const device_id = THERMOSTAT;
const climate_preset_key = "reading";
const schedule = {
  climate_preset_key: "home",
  starts_at: "2099-01-01T10:00:00.000Z",
  ends_at: "2099-01-02T10:00:00.000Z",
};
const set = { status: "success", action_type: "SET_HVAC_MODE" };
const pushed = { status: "success", action_type: "PUSH_THERMOSTAT_PROGRAMS" };

/** What the thermostat is set to now. */
const shows = (current_climate_setting) => ({
  call: "/devices/get",
  params: { device_id },
  is: { properties: { current_climate_setting } },
});

export const thermostats = [
  {
    call: "/thermostats/list",
    params: {},
    is: [{ device_id }],
  },
  {
    call: "/thermostats/heat",
    params: { device_id, heating_set_point_celsius: 20.5 },
    is: set,
  },
  shows({ hvac_mode_setting: "heat", heating_set_point_celsius: 20.5 }),
  {
    call: "/thermostats/cool",
    params: { device_id, cooling_set_point_fahrenheit: 77 },
    is: set,
  },
  shows({
    hvac_mode_setting: "cool",
    cooling_set_point_fahrenheit: 77,
    cooling_set_point_celsius: 25,
  }),
  {
    call: "/thermostats/heat_cool",
    params: {
      device_id,
      heating_set_point_celsius: 18,
      cooling_set_point_celsius: 26,
    },
    is: set,
  },
  shows({
    hvac_mode_setting: "heat_cool",
    heating_set_point_celsius: 18,
    cooling_set_point_celsius: 26,
  }),
  { call: "/thermostats/off", params: { device_id }, is: set },
  shows({ hvac_mode_setting: "off" }),
  {
    call: "/thermostats/set_hvac_mode",
    params: {
      device_id,
      hvac_mode_setting: "heat",
      heating_set_point_celsius: 21,
    },
    is: set,
  },
  shows({ hvac_mode_setting: "heat", heating_set_point_celsius: 21 }),
  {
    call: "/thermostats/set_fan_mode",
    params: { device_id, fan_mode_setting: "on" },
    is: { status: "success", action_type: "SET_FAN_MODE" },
  },
  shows({ fan_mode_setting: "on" }),
  {
    call: "/thermostats/heat",
    params: { device_id: LOCK, heating_set_point_celsius: 20 },
    fails: [400, "capability_not_supported"],
  },
  {
    call: "/thermostats/create_climate_preset",
    params: {
      device_id,
      climate_preset_key,
      name: "Reading",
      hvac_mode_setting: "heat",
      heating_set_point_celsius: 23,
      manual_override_allowed: true,
    },
  },
  {
    call: "/thermostats/update_climate_preset",
    params: { device_id, climate_preset_key, heating_set_point_celsius: 24 },
  },
  {
    call: "/devices/get",
    params: { device_id },
    hasAt: "properties.available_climate_presets",
    has: {
      climate_preset_key,
      name: "Reading",
      heating_set_point_celsius: 24,
    },
  },
  {
    call: "/thermostats/delete_climate_preset",
    params: { device_id, climate_preset_key },
  },
  {
    call: "/devices/get",
    params: { device_id },
    hasAt: "properties.available_climate_presets",
    lacks: { climate_preset_key },
  },
  {
    call: "/thermostats/schedules/create",
    params: { device_id, name: "New Year", ...schedule },
    is: { device_id, name: "New Year", ...schedule },
    keep: { schedule: "thermostat_schedule_id" },
  },
  {
    call: "/thermostats/schedules/update",
    params: {
      thermostat_schedule_id: "$schedule",
      name: "Holiday",
      is_override_allowed: true,
      max_override_period_minutes: 90,
    },
  },
  {
    call: "/thermostats/schedules/get",
    params: { thermostat_schedule_id: "$schedule" },
    is: { name: "Holiday", max_override_period_minutes: 90 },
  },
  {
    call: "/thermostats/schedules/list",
    params: { device_id },
    is: [
      { thermostat_schedule_id: SCHEDULE },
      { thermostat_schedule_id: "$schedule" },
    ],
  },
  {
    call: "/thermostats/schedules/delete",
    params: { thermostat_schedule_id: "$schedule" },
  },
  {
    call: "/thermostats/schedules/list",
    params: { device_id },
    is: [{ thermostat_schedule_id: SCHEDULE }],
  },
  {
    call: "/thermostats/daily_programs/create",
    params: {
      device_id,
      name: "Workday",
      periods: [
        { starts_at_time: "07:00:00", climate_preset_key: "home" },
        { starts_at_time: "09:00:00", climate_preset_key: "away" },
      ],
    },
    is: { name: "Workday", periods: [{}, { climate_preset_key: "away" }] },
    keep: { program: "thermostat_daily_program_id" },
  },
  {
    call: "/thermostats/daily_programs/update",
    params: {
      thermostat_daily_program_id: "$program",
      name: "Every day",
      periods: [{ starts_at_time: "08:00:00", climate_preset_key: "home" }],
    },
    is: pushed,
  },
  {
    call: "/thermostats/update_weekly_program",
    params: { device_id, monday_program_id: "$program" },
    is: pushed,
  },
  {
    call: "/devices/get",
    params: { device_id },
    is: {
      properties: {
        thermostat_weekly_program: { monday_program_id: "$program" },
        thermostat_daily_programs: [{ name: "Every day", periods: [{}] }],
      },
    },
  },
  {
    call: "/thermostats/daily_programs/delete",
    params: { thermostat_daily_program_id: "$program" },
    fails: [409, "thermostat_daily_program_in_use"],
  },
  {
    call: "/thermostats/update_weekly_program",
    params: { device_id, monday_program_id: null },
    is: pushed,
  },
  {
    call: "/thermostats/daily_programs/delete",
    params: { thermostat_daily_program_id: "$program" },
  },
  {
    call: "/devices/get",
    params: { device_id },
    is: { properties: { thermostat_daily_programs: [] } },
  },
];

export const noise = [
  { call: "/noise_sensors/list", params: {}, is: [{ device_id: SENSOR }] },
  {
    call: "/noise_sensors/noise_thresholds/list",
    params: { device_id: SENSOR },
    is: [{ noise_threshold_id: THRESHOLD, name: "Night" }],
  },
];

/** What only the back end may do with them. */
export const noiseOfBackEnd = [
  {
    call: "/noise_sensors/noise_thresholds/create",
    params: {
      device_id: SENSOR,
      name: "Party",
      starts_daily_at: "22:00:00[UTC]",
      ends_daily_at: "06:00:00[UTC]",
      noise_threshold_decibels: 60,
    },
    is: { name: "Party", noise_threshold_decibels: 60 },
    keep: { threshold: "noise_threshold_id" },
  },
  {
    call: "/noise_sensors/noise_thresholds/update",
    params: {
      device_id: SENSOR,
      noise_threshold_id: "$threshold",
      noise_threshold_decibels: 65,
    },
  },
  {
    call: "/noise_sensors/noise_thresholds/get",
    params: { noise_threshold_id: "$threshold" },
    is: { name: "Party", noise_threshold_decibels: 65 },
  },
  {
    call: "/noise_sensors/noise_thresholds/delete",
    params: { device_id: SENSOR, noise_threshold_id: "$threshold" },
  },
  {
    call: "/noise_sensors/noise_thresholds/list",
    params: { device_id: SENSOR },
    is: [{ noise_threshold_id: THRESHOLD }],
  },
  {
    call: "/noise_sensors/simulate/trigger_noise_threshold",
    params: { device_id: SENSOR },
  },
  {
    after: "/noise_sensors/simulate/trigger_noise_threshold",
    call: "/devices/get",
    params: { device_id: SENSOR },
    is: {
      properties: { currently_triggering_noise_threshold_ids: [THRESHOLD] },
    },
  },
];

/** What only the back end may do with thermostats. */
export const thermostatsOfBackEnd = [
  {
    call: "/thermostats/activate_climate_preset",
    params: { device_id, climate_preset_key: "away" },
    is: { status: "success", action_type: "ACTIVATE_CLIMATE_PRESET" },
  },
  {
    ...shows({ climate_preset_key: "away" }),
    after: "/thermostats/activate_climate_preset",
  },
  {
    call: "/thermostats/set_fallback_climate_preset",
    params: { device_id, climate_preset_key: "sleep" },
  },
  {
    after: "/thermostats/set_fallback_climate_preset",
    call: "/devices/get",
    params: { device_id },
    is: { properties: { fallback_climate_preset_key: "sleep" } },
  },
  {
    call: "/thermostats/set_temperature_threshold",
    params: { device_id, lower_limit_celsius: 15, upper_limit_celsius: 25 },
  },
  {
    call: "/thermostats/simulate/temperature_reached",
    params: { device_id, temperature_celsius: 26 },
  },
  {
    after: "/thermostats/simulate/temperature_reached",
    call: "/devices/get",
    params: { device_id },
    is: {
      properties: { temperature_celsius: 26 },
      warnings: [{ warning_code: "temperature_threshold_exceeded" }],
    },
  },
  {
    call: "/thermostats/simulate/hvac_mode_adjusted",
    params: { device_id, hvac_mode: "off" },
  },
  {
    ...shows({ hvac_mode_setting: "off" }),
    after: "/thermostats/simulate/hvac_mode_adjusted",
  },
];
