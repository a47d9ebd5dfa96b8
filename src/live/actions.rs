//! What a session can do to a device, by the device's capability flags.
//!
//! Seam documents for most actions the flag that must be present and true. No
//! flag is documented for the fan, presets, and schedules: there, whatever says
//! that the device is a thermostat counts. Phones have no flags; what can be
//! done to them only the server knows.

/// The capability flags of a device, in the order of their bits.
pub const FLAGS: [&str; 20] = [
    "can_configure_auto_lock",
    "can_hvac_cool",
    "can_hvac_heat",
    "can_hvac_heat_cool",
    "can_program_offline_access_codes",
    "can_program_online_access_codes",
    "can_program_thermostat_programs_as_different_each_day",
    "can_program_thermostat_programs_as_same_each_day",
    "can_program_thermostat_programs_as_weekday_weekend",
    "can_remotely_lock",
    "can_remotely_unlock",
    "can_run_thermostat_programs",
    "can_simulate_connection",
    "can_simulate_disconnection",
    "can_simulate_hub_connection",
    "can_simulate_hub_disconnection",
    "can_simulate_paid_subscription",
    "can_simulate_removal",
    "can_turn_off_hvac",
    "can_unlock_with_code",
];

const AUTO_LOCK: u32 = 1;
const COOL: u32 = 1 << 1;
const HEAT: u32 = 1 << 2;
const HEAT_COOL: u32 = 1 << 3;
const CODES: u32 = 1 << 4 | 1 << 5;
const PROGRAMS: u32 = 1 << 6 | 1 << 7 | 1 << 8 | 1 << 11;
const LOCK: u32 = 1 << 9;
const UNLOCK: u32 = 1 << 10;
const OFF: u32 = 1 << 18;
const HVAC: u32 = COOL | HEAT | HEAT_COOL | OFF;
/// No flag is needed.
const ANY: u32 = 0;

/// The routes that do something to one device, and the flags of which it must
/// have one.
const ACTIONS: [(&str, u32); 18] = [
    ("/access_codes/create", CODES),
    ("/access_codes/report_device_constraints", CODES),
    ("/devices/update", ANY),
    ("/locks/configure_auto_lock", AUTO_LOCK),
    ("/locks/lock_door", LOCK),
    ("/locks/unlock_door", UNLOCK),
    ("/thermostats/cool", COOL),
    ("/thermostats/create_climate_preset", HVAC),
    ("/thermostats/daily_programs/create", PROGRAMS),
    ("/thermostats/delete_climate_preset", HVAC),
    ("/thermostats/heat", HEAT),
    ("/thermostats/heat_cool", HEAT_COOL),
    ("/thermostats/off", OFF),
    ("/thermostats/schedules/create", HVAC),
    ("/thermostats/set_fan_mode", HVAC),
    ("/thermostats/set_hvac_mode", HVAC),
    ("/thermostats/update_climate_preset", HVAC),
    ("/thermostats/update_weekly_program", PROGRAMS),
];

/// The paths of what can be done to a device with these flags, in order.
pub fn actions(flags: u32) -> impl Iterator<Item = &'static str> {
    ACTIONS
        .into_iter()
        .filter(move |(_, any)| *any == ANY || flags & any != 0)
        .map(|(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{Credential, CredentialKind};
    use crate::route::{Effect, Route};

    fn flags(names: &[&str]) -> u32 {
        names
            .iter()
            .map(|name| 1 << FLAGS.iter().position(|flag| flag == name).unwrap())
            .sum()
    }

    #[test]
    fn a_device_offers_what_its_flags_say() {
        let cases: [(&[&str], &[&str]); 5] = [
            (&[], &["/devices/update"]),
            (
                &["can_remotely_unlock"],
                &["/devices/update", "/locks/unlock_door"],
            ),
            (
                &["can_program_offline_access_codes", "can_remotely_lock"],
                &[
                    "/access_codes/create",
                    "/access_codes/report_device_constraints",
                    "/devices/update",
                    "/locks/lock_door",
                ],
            ),
            (
                &["can_turn_off_hvac"],
                &[
                    "/devices/update",
                    "/thermostats/create_climate_preset",
                    "/thermostats/delete_climate_preset",
                    "/thermostats/off",
                    "/thermostats/schedules/create",
                    "/thermostats/set_fan_mode",
                    "/thermostats/set_hvac_mode",
                    "/thermostats/update_climate_preset",
                ],
            ),
            (
                &["can_run_thermostat_programs"],
                &[
                    "/devices/update",
                    "/thermostats/daily_programs/create",
                    "/thermostats/update_weekly_program",
                ],
            ),
        ];
        for (names, expected) in cases {
            let found: Vec<_> = actions(flags(names)).collect();
            assert_eq!(found, expected, "{names:?}");
        }
    }

    #[test]
    fn each_action_is_a_route_that_a_session_may_call_and_that_changes_something() {
        let token = "seam_cst1abc_def".to_owned();
        let session = Credential::parse(CredentialKind::ClientSessionToken, token, None).unwrap();
        for (path, _) in ACTIONS {
            let route = Route::at(path).unwrap();
            assert_ne!(route.effect, Effect::Read, "{path}");
            assert!(route.check(&session).is_ok(), "{path}");
        }
    }
}
