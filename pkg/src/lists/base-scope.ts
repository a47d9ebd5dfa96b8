import { CAPABILITIES } from "../generated/capabilities.js";
import type { Device } from "../generated/resources/index.js";
import type {
  DeviceCapability,
  DeviceInScope,
  Scope,
} from "../core/scope-types.js";
import type { SessionInfo } from "../core/session-info.js";
import type { Snapshot } from "./snapshot.js";

const NONE: readonly never[] = Object.freeze([]);

/** The part of a scope that apps use: its session, and its devices with their capabilities. */
export abstract class BaseScope implements Scope {
  #lastDevices: readonly Device[] = NONE;
  #devices: readonly DeviceInScope[] = NONE;
  /** Names of capabilities, by the core's bits. */
  readonly #capabilitiesOf = new Map<number, readonly DeviceCapability[]>();

  /**
   * The session of the scope; `undefined` if the client now has another user's token. Then there
   * are no devices either.
   */
  protected abstract get sessionInfo(): SessionInfo | undefined;
  protected abstract get snapshot(): Snapshot<Device> | undefined;

  /**
   * @internal Tells Vue not to proxy this object: through a proxy its private members are not
   *   accessible.
   */
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
