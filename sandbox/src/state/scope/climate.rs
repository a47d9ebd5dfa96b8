//! Changes of thermostats and noise sensors that come from outside of the API, and what Seam does
//! with its schedules.

use super::Scope;
use crate::device_class::DeviceClass;
use crate::error::ApiError;
use crate::ids::Id;
use crate::json::JsonObject;

impl Scope<'_> {
    /// Brings a thermostat to what its schedules say now, after one of them has changed.
    pub(crate) fn run_schedules(&mut self, device: Id) -> Result<(), ApiError> {
        self.device(device)?;
        self.state.run_schedules(device, self.now);
        Ok(())
    }

    /// Sets the fallback preset of a thermostat, which must have it.
    pub(crate) fn set_fallback_preset(&mut self, device: Id, key: &str) -> Result<(), ApiError> {
        self.device(device)?;
        self.state.set_fallback_preset(device, key, self.now);
        Ok(())
    }

    /// Sets the temperature threshold of a thermostat, in Celsius.
    pub(crate) fn set_temperature_threshold(
        &mut self,
        device: Id,
        limits: (Option<f64>, Option<f64>),
    ) -> Result<(), ApiError> {
        self.device(device)?;
        self.state.set_threshold(device, limits, self.now);
        Ok(())
    }

    /// A person adjusts the thermostat.
    pub(crate) fn adjust_thermostat(
        &mut self,
        device: Id,
        members: &JsonObject,
    ) -> Result<(), ApiError> {
        self.check_online(device)?;
        self.state.adjust_climate(device, members, self.now);
        Ok(())
    }

    /// The thermostat reports a temperature.
    pub(crate) fn report_temperature(&mut self, device: Id, celsius: f64) -> Result<(), ApiError> {
        self.check_online(device)?;
        self.state.report_temperature(device, celsius, self.now);
        Ok(())
    }

    /// The sensor hears a noise that triggers a threshold.
    pub(crate) fn trigger_noise(&mut self, device: Id) -> Result<(), ApiError> {
        self.check_online(device)?;
        self.state.start_noise(device, self.now);
        Ok(())
    }

    /// A noise threshold of this sensor was deleted.
    pub(crate) fn forget_threshold(&mut self, device: Id, threshold: Id) {
        self.state.forget_threshold(device, threshold);
    }

    /// Returns a noise sensor that the caller may see. Any other device is not found, as with
    /// Seam's fake server.
    pub(crate) fn noise_sensor(&self, id: Id) -> Result<Id, ApiError> {
        let device = self.device(id)?;
        if device.class() == DeviceClass::NoiseSensor {
            Ok(id)
        } else {
            Err(Self::device_not_found())
        }
    }

    /// An offline device reports nothing, so nothing can be simulated on it (our choice).
    pub(crate) fn check_online(&self, id: Id) -> Result<(), ApiError> {
        if self.device(id)?.online() {
            return Ok(());
        }
        Err(ApiError::new(
            400,
            "device_offline",
            "The device is offline",
        ))
    }
}
