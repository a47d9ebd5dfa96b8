//! What may be done with a device.

macro_rules! capabilities {
    ($($name:ident = $path:literal,)*) => {
        /// An action that a scope may allow on a device.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Capability {
            $(#[doc = concat!("`", $path, "`")] $name,)*
        }

        impl Capability {
            /// All capabilities, in the order of the core's bits.
            pub(crate) const ALL: [Self; [$($path),*].len()] = [$(Self::$name),*];

            /// Returns the path of the action's route.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$name => $path,)*
                }
            }

            /// Returns the bit in the result of
            /// [`allowed_actions`](crate::capabilities::allowed_actions).
            pub(crate) const fn bit(self) -> u32 {
                1 << self as u32
            }
        }
    };
}

capabilities! {
    CreateAccessCode = "/access_codes/create",
    ReportDeviceConstraints = "/access_codes/report_device_constraints",
    UpdateDevice = "/devices/update",
    ConfigureAutoLock = "/locks/configure_auto_lock",
    LockDoor = "/locks/lock_door",
    UnlockDoor = "/locks/unlock_door",
    Cool = "/thermostats/cool",
    CreateClimatePreset = "/thermostats/create_climate_preset",
    CreateDailyProgram = "/thermostats/daily_programs/create",
    DeleteClimatePreset = "/thermostats/delete_climate_preset",
    Heat = "/thermostats/heat",
    HeatCool = "/thermostats/heat_cool",
    TurnOffHvac = "/thermostats/off",
    CreateThermostatSchedule = "/thermostats/schedules/create",
    SetFanMode = "/thermostats/set_fan_mode",
    SetHvacMode = "/thermostats/set_hvac_mode",
    UpdateClimatePreset = "/thermostats/update_climate_preset",
    UpdateWeeklyProgram = "/thermostats/update_weekly_program",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capabilities::ACTIONS;

    #[test]
    fn capabilities_have_the_order_of_the_actions_of_the_core() {
        let paths = Capability::ALL.map(Capability::path);
        assert_eq!(paths, ACTIONS.map(|(path, _)| path));
        for (nth, capability) in Capability::ALL.into_iter().enumerate() {
            assert_eq!(capability.bit(), 1 << nth);
        }
    }
}
