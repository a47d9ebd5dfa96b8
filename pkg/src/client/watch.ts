import type { ApiClient } from "../transport/api-client.js";
import { invalidOptions } from "../core/error-factory.js";
import { loadLists } from "./lazy-modules.js";
import type { Snapshot } from "../lists/snapshot.js";
import type { ListSubscription } from "../lists/list-subscription.js";
import { checkNames, checkRequestOptions } from "../core/options.js";
import { prepareParameters } from "../core/parameters.js";
import type { AccessCode, Device } from "../generated/resources/index.js";
import { type Route, routeAt } from "../core/route.js";
import type {
  Changes,
  DeviceQuery,
  WatchOptions,
  WatchStatus,
} from "../core/watch-types.js";
import { onAborted } from "../core/signal.js";
import { setStackOf } from "../core/error-factory.js";

/** The keys of a query. A misspelt key would match every device. */
const QUERY_NAMES: readonly (keyof DeviceQuery)[] = [
  "device_type",
  "device_types",
  "can",
  "online",
  "low_battery",
  "has_errors",
  "text",
];

/** What `using` needs; empty where the compiler's `lib` has no `Symbol.dispose`. */
type DisposableIfKnown = {
  [
    Dispose in SymbolConstructor["dispose" & keyof SymbolConstructor]
  ]: () => void;
};

const EMPTY: readonly never[] = Object.freeze([]);
const LOADING: WatchStatus = Object.freeze({ state: "loading" });
const CLOSED: WatchStatus = Object.freeze({ state: "stopped" });

/** `using` closes the list where `Symbol.dispose` exists. */
export interface Watch<T extends object> extends DisposableIfKnown {}

/** A list that is kept fresh until it is closed. Its methods do not need `this`. */
export class Watch<T extends object> {
  readonly #listeners = new Set<() => void>();
  /** Resolves with no value, so that pending callers do not keep a closed list alive. */
  readonly #loaded: Promise<void>;
  readonly #stopListening: (() => void) | undefined;
  /**
   * Its stack has the line that created the watch. Dropped on close, because its frames keep the
   * client alive.
   */
  #called: Error | undefined = new Error();
  #status = LOADING;
  #subscription: ListSubscription<T> | undefined;

  /** @internal */
  constructor(
    client: ApiClient,
    route: Route,
    params?: unknown,
    options: WatchOptions = {},
  ) {
    checkNames(options, ["interval", "signal"]);
    const { interval = 600_000, signal } = options;
    checkRequestOptions({ signal });
    const misplaced = Object(params) as WatchOptions;
    if ((misplaced.interval ?? misplaced.signal) !== undefined) {
      throw invalidOptions("options are the second argument of watch");
    }
    if (!(typeof interval === "number" && interval >= 1_000)) {
      throw invalidOptions("interval must be 1000 milliseconds or more");
    }
    const json = JSON.stringify(prepareParameters(route, params) ?? {});
    this.#loaded = loadLists()
      .then(({ open }) => {
        if (signal?.aborted) throw signal.reason;
        return open<T>(client, routeAt, route, json, interval, this.#notify);
      })
      .then(
        (list) => {
          if (this.#status !== LOADING) return list.close();
          this.#subscription = list;
          // The list may have data already.
          this.#notify();
        },
        (reason: unknown) => {
          if (this.#status !== LOADING) return;
          setStackOf(this.#called, reason);
          this.close();
          this.#status = { state: "stopped", reason };
        },
      );
    if (Symbol.dispose) this[Symbol.dispose] = this.close;
    this.#stopListening = signal && onAborted(signal, this.close);
    if (signal?.aborted) this.close();
  }

  /** @internal See {@link SeamHttpRequest}. */
  get __v_skip(): true {
    return true;
  }

  /** Freshness of the list. */
  get status(): WatchStatus {
    return this.#subscription?.sharedList.status ?? this.#status;
  }

  /** The number of items. */
  get size(): number {
    return this.#snapshot?.size ?? 0;
  }

  /** Returns the whole list, frozen: the same array until something in it changes. */
  readonly getSnapshot = (): readonly T[] => this.#snapshot?.all() ?? EMPTY;

  /** Returns the ids that match the query, or all ids, without creating any item. */
  readonly ids = (query: DeviceQuery = {}): string[] => {
    checkNames(query, QUERY_NAMES);
    return this.#snapshot?.ids(query) ?? [];
  };

  /** Returns the item with this id, without creating the others. */
  readonly get = (id: string): T | undefined => this.#snapshot?.get(id);

  /**
   * Returns the items with these ids, without creating the others; ids that are not in the list are
   * skipped.
   */
  readonly slice = (ids: Iterable<string>): T[] =>
    this.#snapshot?.slice(ids) ?? [];

  /** Returns the items that match the query, in list order. */
  readonly find = (query: DeviceQuery): T[] => {
    checkNames(query, QUERY_NAMES);
    return this.#snapshot?.find(query) ?? [];
  };

  /**
   * Calls `listener` after the list or its status has changed, until the returned function is
   * called. Fits React's `useSyncExternalStore`, with `getSnapshot`.
   */
  readonly subscribe = (listener: () => void): (() => void) => {
    const notify = (): void => listener();
    this.#listeners.add(notify);
    return () => {
      this.#listeners.delete(notify);
    };
  };

  /** The changes, by ids. The first one has all items as added. Ends when the list is closed. */
  readonly changes: AsyncIterable<Changes> = {
    [Symbol.asyncIterator]: () => this.#iterateChanges(),
  };

  /**
   * Fetches now. Resolves when a fetch that started after this call has ended, or the list has
   * stopped; `status` says how it ended.
   */
  readonly refresh = async (): Promise<void> => {
    await this.#loaded;
    await this.#subscription?.refresh();
  };

  /** Closes the list: it shows nothing and is not fetched again. */
  readonly close = (): void => {
    // A listener that closes the list is not called for that.
    if (this.#status === CLOSED) return;
    this.#stopListening?.();
    this.#status = CLOSED;
    this.#subscription?.close();
    this.#subscription = this.#called = undefined;
    this.#notify();
  };

  get #snapshot(): Snapshot<T> | undefined {
    return this.#subscription?.sharedList.snapshot;
  }

  readonly #notify = (): void => {
    setStackOf(this.#called, (this.status as { reason?: unknown }).reason);
    for (const notify of this.#listeners) {
      // Not `queueMicrotask`, which fake timers replace.
      void Promise.resolve().then(() => {
        if (this.#listeners.has(notify)) notify();
      });
    }
  };

  /** Not a generator: its `return` would wait for the next change. */
  #iterateChanges(): AsyncIterableIterator<Changes, void> {
    let it: AsyncIterator<Changes, void> | undefined;
    let isOver = false;
    let end = (): void => {};
    const over = new Promise<void>((resolve) => (end = resolve));
    const opened = this.#loaded.then(() => {
      it = isOver ? undefined : this.#subscription?.iterateChanges();
    });
    const done = async (): Promise<IteratorReturnResult<void>> => {
      isOver = true;
      end();
      void it?.return?.();
      return { done: true, value: undefined };
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        if (!it && !isOver) await Promise.race([over, opened]);
        return (isOver ? undefined : it?.next()) ?? done();
      },
      return: done,
    };
  }
}

declare module "../generated/namespaces/devices.js" {
  interface SeamHttpDevices {
    /** Watches the list of `/devices/list`. */
    watch(
      parameters?: Omit<DevicesListParameters, "limit" | "page_cursor">,
      options?: WatchOptions,
    ): Watch<Device>;
  }
}

declare module "../generated/namespaces/locks.js" {
  interface SeamHttpLocks {
    /** Watches the list of `/locks/list`. */
    watch(
      parameters?: Omit<LocksListParameters, "limit" | "page_cursor">,
      options?: WatchOptions,
    ): Watch<Device>;
  }
}

declare module "../generated/namespaces/thermostats.js" {
  interface SeamHttpThermostats {
    /** Watches the list of `/thermostats/list`. */
    watch(
      parameters?: Omit<ThermostatsListParameters, "limit" | "page_cursor">,
      options?: WatchOptions,
    ): Watch<Device>;
  }
}

declare module "../generated/namespaces/noise-sensors.js" {
  interface SeamHttpNoiseSensors {
    /** Watches the list of `/noise_sensors/list`. */
    watch(
      parameters?: Omit<NoiseSensorsListParameters, "limit" | "page_cursor">,
      options?: WatchOptions,
    ): Watch<Device>;
  }
}

declare module "../generated/namespaces/access-codes.js" {
  interface SeamHttpAccessCodes {
    /** Watches the list of `/access_codes/list`. */
    watch(
      parameters: Omit<AccessCodesListParameters, "limit" | "page_cursor">,
      options?: WatchOptions,
    ): Watch<AccessCode>;
  }
}
