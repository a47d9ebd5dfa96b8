import type { DeviceCapability } from "../generated/capabilities.js";
import type { Device } from "../generated/resources/index.js";

export type { DeviceCapability };

/** A device in scope, in its last known state, and its capabilities. */
export interface DeviceInScope {
  readonly device: Device;
  readonly capabilities: readonly DeviceCapability[];
}

/**
 * What a client session may do, as last fetched: a hint for what to show, while the server decides.
 * It is empty while it is not known whose the client's token is, and from then on if it is another
 * user's.
 */
export interface Scope {
  readonly client_session_id: string | undefined;
  readonly user_identity_id: string | undefined;
  /** When the session ends, by the server's clock; `null` if the server does not say. */
  readonly expires_at: Date | null;
  /** Milliseconds until the session ends, by the local clock; 0 if it has ended. */
  readonly expiresInMs: number | null;
  /** All devices: the same array until something in it changes. */
  readonly devices: readonly DeviceInScope[];
  has(device_id: string): boolean;
  /** Whether the device is in scope and its capability flags allow this. */
  can(device_id: string, capability: DeviceCapability): boolean;
  /** Returns the capabilities of a device; empty if it is not in scope. */
  capabilities(device_id: string): readonly DeviceCapability[];
}
