//! What a device is for.

/// What a device is for.
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
            // Everything else is one of the API's smart locks, whatever its name ends in.
            _ => Self::Lock,
        }
    }
}
