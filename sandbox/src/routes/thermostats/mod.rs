//! `/thermostats`.

mod activate;
mod climate;
mod list;
mod presets;
mod programs;
mod schedules;
mod set_points;
mod simulate;
mod thermostat;

pub(super) use activate::{
    activate_preset as activate_climate_preset, set_fallback_preset as set_fallback_climate_preset,
    set_threshold as set_temperature_threshold,
};
pub(super) use climate::{cool, heat, heat_cool, off, set_fan_mode, set_hvac_mode};
pub(super) use list::list;
pub(super) use presets::{
    create as create_climate_preset, delete as delete_climate_preset,
    update as update_climate_preset,
};
pub(super) use programs::{
    create as create_daily_program, delete as delete_daily_program, update as update_daily_program,
    update_weekly as update_weekly_program,
};
pub(super) use schedules::{
    create as create_schedule, delete as delete_schedule, get as get_schedule,
    list as list_schedules, update as update_schedule,
};
pub(super) use simulate::{hvac_mode_adjusted, temperature_reached};
