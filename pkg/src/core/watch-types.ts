/** What a change has done to a list, by ids. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What `find` looks for; what is not given makes no difference. */
export interface DeviceQuery {
  readonly device_type?: string | undefined;
  readonly device_types?: readonly string[] | undefined;
  /** Capability flags, all present and true: `can_remotely_unlock`. */
  readonly can?: readonly string[] | undefined;
  readonly online?: boolean | undefined;
  /** The battery's status is low or critical; without one, the level is below a quarter. */
  readonly low_battery?: boolean | undefined;
  readonly has_errors?: boolean | undefined;
  /** A part of the name, in upper or lower case. */
  readonly text?: string | undefined;
}

/** How to watch a list. */
export interface WatchOptions {
  /** Milliseconds from one round to the next, from 1,000 on; ten minutes if not given. */
  readonly interval?: number | undefined;
  /** Closes it when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** How true what is shown is; the same object until that changes. */
export type WatchStatus =
  | { readonly state: "loading" | "live" }
  /** The last round failed: there may be news, which a later one will tell. */
  | { readonly state: "stale"; readonly reason: unknown }
  /** No round comes any more; without a reason it was closed. */
  | { readonly state: "stopped"; readonly reason?: unknown };
