import type { DeviceCapabilityFlag } from "../generated/capabilities.js";
import type { Device } from "../generated/resources/index.js";

/** The ids of the items that a change added, changed or removed. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** A query for `find`; members that are not given match everything. */
export interface DeviceQuery {
  readonly device_type?: Device["device_type"] | undefined;
  readonly device_types?: readonly Device["device_type"][] | undefined;
  /** Flags that must be present and true. */
  readonly can?: readonly DeviceCapabilityFlag[] | undefined;
  readonly online?: boolean | undefined;
  /** The battery's status is low or critical; without a status, the level is below 25 %. */
  readonly low_battery?: boolean | undefined;
  readonly has_errors?: boolean | undefined;
  /** A part of the name, case-insensitive. */
  readonly text?: string | undefined;
}

/** The options of a watched list. */
export interface WatchOptions {
  /** The poll interval in milliseconds, at least 1,000. Default: 600,000 (ten minutes). */
  readonly interval?: number | undefined;
  /** Closes the list when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Freshness of the list. Referentially stable until the state changes. */
export type WatchStatus =
  | { readonly state: "loading" | "live" }
  /** The last fetch failed: the list may have changed since; a later fetch will show it. */
  | { readonly state: "stale"; readonly reason: unknown }
  /** The list is no longer fetched; without a reason it was closed. */
  | { readonly state: "stopped"; readonly reason?: unknown };
