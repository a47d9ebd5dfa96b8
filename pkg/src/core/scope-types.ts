import type { Device } from "../generated/resources/index.js";

/** A method that does something to one device: `locks.unlockDoor`. */
export type DeviceCapability =
  | "accessCodes.create"
  | "accessCodes.reportDeviceConstraints"
  | "devices.update"
  | "locks.configureAutoLock"
  | "locks.lockDoor"
  | "locks.unlockDoor"
  | "thermostats.cool"
  | "thermostats.createClimatePreset"
  | "thermostats.dailyPrograms.create"
  | "thermostats.deleteClimatePreset"
  | "thermostats.heat"
  | "thermostats.heatCool"
  | "thermostats.off"
  | "thermostats.schedules.create"
  | "thermostats.setFanMode"
  | "thermostats.setHvacMode"
  | "thermostats.updateClimatePreset"
  | "thermostats.updateWeeklyProgram";

/** A device in scope, as it was last seen, and what can be done to it. */
export interface DeviceInScope {
  readonly device: Device;
  readonly capabilities: readonly DeviceCapability[];
}

/**
 * What a client session may, as it was last seen: it tells what to show, and the server
 * decides. It is empty while it is not known whose the client's token is, and from then on
 * when it is another user's.
 */
export interface Scope {
  readonly client_session_id: string | undefined;
  readonly user_identity_id: string | undefined;
  /** When the session ends, by the server's clock; null if it does not say. */
  readonly expires_at: Date | null;
  /** Milliseconds until then by the clock here, 0 if that is past. */
  readonly expiresInMs: number | null;
  /** All devices: the same array until something in it changes. */
  readonly devices: readonly DeviceInScope[];
  has(device_id: string): boolean;
  /** Whether it is in scope, and its capability flags say that this can be done. */
  can(device_id: string, capability: DeviceCapability): boolean;
  /** What can be done to it; nothing if it is not in scope. */
  capabilities(device_id: string): readonly DeviceCapability[];
}
