import type { DeviceCapability } from "../core/scope-types.js";

/**
 * The capabilities of devices, named like the methods, in the order of the core's bits
 * (src/capabilities.rs).
 */
export const CAPABILITIES: readonly DeviceCapability[] = [
  "accessCodes.create",
  "accessCodes.reportDeviceConstraints",
  "devices.update",
  "locks.configureAutoLock",
  "locks.lockDoor",
  "locks.unlockDoor",
  "thermostats.cool",
  "thermostats.createClimatePreset",
  "thermostats.dailyPrograms.create",
  "thermostats.deleteClimatePreset",
  "thermostats.heat",
  "thermostats.heatCool",
  "thermostats.off",
  "thermostats.schedules.create",
  "thermostats.setFanMode",
  "thermostats.setHvacMode",
  "thermostats.updateClimatePreset",
  "thermostats.updateWeeklyProgram",
];
