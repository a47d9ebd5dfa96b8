//! Capabilities of a device: the actions that a session may call on it, by the device's flags.
//!
//! For most actions, Seam documents a flag that must be present and true. For the fan, presets and
//! schedules it documents none: any flag of a thermostat counts. Phones have no flags and no
//! capabilities: the server decides.

use crate::lists::flag;

/// The flags that allow an action, in the order of their bits.
const FLAGS: [&str; 13] = [
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
    "can_turn_off_hvac",
];

const AUTO_LOCK: u32 = 1;
const COOL: u32 = 1 << 1;
const HEAT: u32 = 1 << 2;
const HEAT_COOL: u32 = 1 << 3;
const CODES: u32 = 1 << 4 | 1 << 5;
const PROGRAMS: u32 = 1 << 6 | 1 << 7 | 1 << 8 | 1 << 11;
const LOCK: u32 = 1 << 9;
const UNLOCK: u32 = 1 << 10;
const OFF: u32 = 1 << 12;
const HVAC: u32 = COOL | HEAT | HEAT_COOL | OFF;
/// The action needs no flag.
const ANY: u32 = u32::MAX;

/// The routes that act on one device, and the flags of which the device must have one. A test
/// checks that JavaScript's names of the actions have the same order.
pub(crate) const ACTIONS: [(&str, u32); 18] = [
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

/// The hashes of the flags. The module does not contain their names.
#[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
const HASHES: [u64; FLAGS.len()] = {
    let mut hashes = [0; FLAGS.len()];
    let mut nth = 0;
    while nth < FLAGS.len() {
        hashes[nth] = flag(FLAGS[nth]);
        nth += 1;
    }
    hashes
};
#[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
const NEEDS: [u32; ACTIONS.len()] = {
    let mut needs = [0; ACTIONS.len()];
    let mut nth = 0;
    while nth < ACTIONS.len() {
        needs[nth] = ACTIONS[nth].1;
        nth += 1;
    }
    needs
};

/// Returns the actions that a device allows, a bit for each in their order. `has_flag` returns
/// whether the device has the flag with this hash, present and true.
pub fn allowed_actions(has_flag: impl Fn(u64) -> bool) -> u32 {
    // No flag has the highest bit. It is set for the actions that need no flag.
    let mut flags = 1 << 31;
    for (nth, hash) in HASHES.into_iter().enumerate() {
        flags |= u32::from(has_flag(hash)) << nth;
    }
    let mut bits = 0;
    for (nth, needs) in NEEDS.into_iter().enumerate() {
        bits |= u32::from(flags & needs != 0) << nth;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{Credential, CredentialKind};
    use crate::route::{Route, RouteKind};

    /// The paths of the actions that a device with these flags allows.
    fn paths(flags: &[&str]) -> Vec<&'static str> {
        let bits = allowed_actions(|hash| flags.iter().any(|name| flag(name) == hash));
        let is_set = |(nth, _): &(usize, _)| bits >> nth & 1 == 1;
        let set = ACTIONS.iter().enumerate().filter(is_set);
        set.map(|(_, (path, _))| *path).collect()
    }

    #[test]
    fn a_device_allows_the_actions_of_its_flags() {
        let cases: [(&[&str], &[&str]); 6] = [
            (&[], &["/devices/update"]),
            (&["can_unlock_with_code"], &["/devices/update"]),
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
            assert_eq!(paths(names), expected, "{names:?}");
        }
    }

    #[test]
    fn each_flag_allows_its_own_actions_in_the_order_of_the_bits() {
        const HVAC: [&str; 6] = [
            "/thermostats/create_climate_preset",
            "/thermostats/delete_climate_preset",
            "/thermostats/schedules/create",
            "/thermostats/set_fan_mode",
            "/thermostats/set_hvac_mode",
            "/thermostats/update_climate_preset",
        ];
        const CODES: [&str; 2] = [
            "/access_codes/create",
            "/access_codes/report_device_constraints",
        ];
        const PROGRAMS: [&str; 2] = [
            "/thermostats/daily_programs/create",
            "/thermostats/update_weekly_program",
        ];
        let cases: [(&str, &[&str], &[&str]); 13] = [
            (
                "can_configure_auto_lock",
                &["/locks/configure_auto_lock"],
                &[],
            ),
            ("can_hvac_cool", &["/thermostats/cool"], &HVAC),
            ("can_hvac_heat", &["/thermostats/heat"], &HVAC),
            ("can_hvac_heat_cool", &["/thermostats/heat_cool"], &HVAC),
            ("can_program_offline_access_codes", &CODES, &[]),
            ("can_program_online_access_codes", &CODES, &[]),
            (
                "can_program_thermostat_programs_as_different_each_day",
                &PROGRAMS,
                &[],
            ),
            (
                "can_program_thermostat_programs_as_same_each_day",
                &PROGRAMS,
                &[],
            ),
            (
                "can_program_thermostat_programs_as_weekday_weekend",
                &PROGRAMS,
                &[],
            ),
            ("can_remotely_lock", &["/locks/lock_door"], &[]),
            ("can_remotely_unlock", &["/locks/unlock_door"], &[]),
            ("can_run_thermostat_programs", &PROGRAMS, &[]),
            ("can_turn_off_hvac", &["/thermostats/off"], &HVAC),
        ];
        assert_eq!(cases.map(|(name, _, _)| name), FLAGS, "each has its row");
        for (name, own, shared) in cases {
            let mut expected = [own, shared, &["/devices/update"]].concat();
            // The bits are in the order of the paths.
            expected.sort_unstable();
            assert_eq!(paths(&[name]), expected, "{name}");
        }
        let all: Vec<&str> = ACTIONS.iter().map(|(path, _)| *path).collect();
        assert_eq!(paths(&FLAGS), all);
        assert!(
            all.is_sorted(),
            "the order that pkg/src/generated/capabilities.ts has"
        );
    }

    #[test]
    fn each_action_is_a_route_that_a_session_may_call_and_that_is_no_read() {
        let token = "seam_cst1abc_def".to_owned();
        let session = Credential::parse(CredentialKind::ClientSessionToken, token, None).unwrap();
        for (path, _) in ACTIONS {
            let route = Route::at(path).unwrap();
            assert_ne!(route.kind, RouteKind::Read, "{path}");
            assert!(route.check(&session).is_ok(), "{path}");
        }
    }
}
