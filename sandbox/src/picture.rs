//! Pictures of devices and providers: small SVGs of our own in `data:` URLs, so that a page that
//! shows them requests nothing from Seam's servers. A URI has no spaces, so the SVGs have commas.

use crate::device_class::DeviceClass;

macro_rules! svg {
    ($path:literal) => {
        concat!(
            "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0,0,24,24'%3E",
            "%3Cpath%20fill='%23567'%20d='",
            $path,
            "'/%3E%3C/svg%3E"
        )
    };
}

const LOCK: &str = svg!("M6,10V8a6,6,0,0,1,12,0v2h1v11H5V10zm3,0h6V8a3,3,0,0,0-6,0z");
const THERMOSTAT: &str = svg!("M9,13V5a3,3,0,0,1,6,0v8a5,5,0,1,1-6,0z");
const NOISE_SENSOR: &str = svg!("M3,10h3v4H3zm5-5h3v14H8zm5,3h3v8h-3zm5,2h3v4h-3z");
const OTHER: &str = svg!("M4,4h16v16H4z");

/// A picture for providers and access systems.
pub(crate) const LOGO: &str = svg!("M12,2l9,5v10l-9,5-9-5V7z");

/// Returns the URL and the description of the picture of a device.
pub(crate) fn of_device(class: DeviceClass) -> (&'static str, &'static str) {
    match class {
        DeviceClass::Lock => (LOCK, "Lock"),
        DeviceClass::Thermostat => (THERMOSTAT, "Thermostat"),
        DeviceClass::NoiseSensor => (NOISE_SENSOR, "Noise sensor"),
        DeviceClass::Other => (OTHER, "Device"),
    }
}
