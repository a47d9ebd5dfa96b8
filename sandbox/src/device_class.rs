//! The class of a device: lock, thermostat, noise sensor or another.

/// The class of a device, which follows from its `device_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceClass {
    Lock,
    Thermostat,
    NoiseSensor,
    Other,
}

impl DeviceClass {
    pub(crate) fn of(device_type: &str) -> Self {
        match device_type {
            "minut_sensor" | "noiseaware_activity_zone" => Self::NoiseSensor,
            "keynest_key" | "ios_phone" | "android_phone" | "ring_camera" => Self::Other,
            it if it.ends_with("_thermostat") => Self::Thermostat,
            // The API counts everything else as a smart lock, whatever its name ends in.
            _ => Self::Lock,
        }
    }
}
