import type { Device } from "../generated/resources/index.js";
import type {
  DeviceCapability,
  DeviceInScope,
  Scope,
} from "../core/scope-types.js";
import type { SessionInfo } from "../core/session-info.js";
import { CAPABILITIES } from "./capabilities.js";
import type { Snapshot } from "./snapshot.js";

const NONE: readonly never[] = Object.freeze([]);

/** A scope as it is shown: what is known of the session, and its devices. */
export abstract class BaseScope implements Scope {
  #lastDevices: readonly Device[] = NONE;
  #devices: readonly DeviceInScope[] = NONE;
  /** The names of what can be done, by the core's bits. */
  readonly #capabilitiesOf = new Map<number, readonly DeviceCapability[]>();

  /** Nothing when it is another one's; so the devices. */
  protected abstract get sessionInfo(): SessionInfo | undefined;
  protected abstract get snapshot(): Snapshot<Device> | undefined;

  /** @internal Vue leaves it as it is: behind a proxy of Vue's it could not read its private members. */
  get __v_skip(): true {
    return true;
  }

  get client_session_id(): string | undefined {
    return this.sessionInfo?.client_session_id;
  }

  get user_identity_id(): string | undefined {
    return this.sessionInfo?.user_identity_id ?? undefined;
  }

  get expires_at(): Date | null {
    const at = this.sessionInfo?.expires_at;
    return at == null ? null : new Date(at);
  }

  get expiresInMs(): number | null {
    const at = this.expires_at;
    return at && Math.max(0, +at - Date.now());
  }

  get devices(): readonly DeviceInScope[] {
    const all = this.snapshot?.all() ?? NONE;
    if (all !== this.#lastDevices) {
      this.#lastDevices = all;
      this.#devices = Object.freeze(
        all.map((device) => {
          const capabilities = this.capabilities(device.device_id);
          return Object.freeze({ device, capabilities });
        }),
      );
    }
    return this.#devices;
  }

  has(device_id: string): boolean {
    return this.snapshot?.has(device_id) ?? false;
  }

  can(device_id: string, capability: DeviceCapability): boolean {
    return this.capabilities(device_id).includes(capability);
  }

  capabilities(device_id: string): readonly DeviceCapability[] {
    const bits = this.snapshot?.capabilities(device_id) ?? 0;
    let names = this.#capabilitiesOf.get(bits);
    if (names === undefined) {
      names = Object.freeze(CAPABILITIES.filter((_, nth) => (bits >> nth) & 1));
      this.#capabilitiesOf.set(bits, names);
    }
    return names;
  }
}
