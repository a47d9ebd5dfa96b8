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

/** A misspelt key would find everything. */
const QUERY_NAMES: readonly (keyof DeviceQuery)[] = [
  "device_type",
  "device_types",
  "can",
  "online",
  "low_battery",
  "has_errors",
  "text",
];

/** What `using` takes; nothing, where the compiler's `lib` has no `Symbol.dispose`. */
type DisposableIfKnown = {
  [
    Dispose in SymbolConstructor["dispose" & keyof SymbolConstructor]
  ]: () => void;
};

const EMPTY: readonly never[] = Object.freeze([]);
const LOADING: WatchStatus = Object.freeze({ state: "loading" });
const CLOSED: WatchStatus = Object.freeze({ state: "stopped" });

/** `using` closes it, where there is `Symbol.dispose`. */
export interface Watch<T extends object> extends DisposableIfKnown {}

/**
 * A list that is kept fresh until it is closed. Its methods need no `this`.
 */
export class Watch<T extends object> {
  readonly #listeners = new Set<() => void>();
  /** Resolves to nothing: who waits for it must not hold a list that is closed. */
  readonly #loaded: Promise<void>;
  readonly #stopListening: (() => void) | undefined;
  /** Its stack leads to the line that made the watch. */
  readonly #called = new Error();
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
          // It may have come to one that is there already.
          this.#notify();
        },
        (reason: unknown) => {
          if (this.#status !== LOADING) return;
          this.close();
          this.#status = { state: "stopped", reason };
          setStackOf(this.#called, reason);
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

  /** How true it is. */
  get status(): WatchStatus {
    return this.#subscription?.sharedList.status ?? this.#status;
  }

  /** How many there are. */
  get size(): number {
    return this.#snapshot?.size ?? 0;
  }

  /** The whole list, frozen: the same array until something in it changes. */
  readonly getSnapshot = (): readonly T[] => this.#snapshot?.all() ?? EMPTY;

  /** The ids of those that the query takes, of all without one, without building any. */
  readonly ids = (query: DeviceQuery = {}): string[] => {
    checkNames(query, QUERY_NAMES);
    return this.#snapshot?.ids(query) ?? [];
  };

  /** The one with this id, without building the others. */
  readonly get = (id: string): T | undefined => this.#snapshot?.get(id);

  /** Those with these ids, without building the others; one that is not there is left out. */
  readonly slice = (ids: Iterable<string>): T[] =>
    this.#snapshot?.slice(ids) ?? [];

  /** Those that the query takes, in the order of the list. */
  readonly find = (query: DeviceQuery): T[] => {
    checkNames(query, QUERY_NAMES);
    return this.#snapshot?.find(query) ?? [];
  };

  /**
   * Calls `listener` after the list or its status has changed, until what it
   * gives is called. Fits React's `useSyncExternalStore`, with `getSnapshot`.
   */
  readonly subscribe = (listener: () => void): (() => void) => {
    const notify = (): void => listener();
    this.#listeners.add(notify);
    return () => {
      this.#listeners.delete(notify);
    };
  };

  /** Each change, by ids, beginning with all that is there as added. Ends when it is closed. */
  readonly changes: AsyncIterable<Changes> = {
    [Symbol.asyncIterator]: () => this.#iterateChanges(),
  };

  /**
   * Asks now; resolves when a round has ended that began after this, or the
   * list has stopped. How it ended, `status` tells.
   */
  readonly refresh = async (): Promise<void> => {
    await this.#loaded;
    await this.#subscription?.refresh();
  };

  /** Ends it: nothing is shown any more, and no round comes for it. */
  readonly close = (): void => {
    // A listener that closes it is not called for that.
    if (this.#status === CLOSED) return;
    this.#stopListening?.();
    this.#status = CLOSED;
    this.#subscription?.close();
    this.#subscription = undefined;
    this.#notify();
  };

  get #snapshot(): Snapshot<T> | undefined {
    return this.#subscription?.sharedList.snapshot;
  }

  readonly #notify = (): void => {
    setStackOf(this.#called, (this.status as { reason?: unknown }).reason);
    for (const notify of this.#listeners) {
      // Not by `queueMicrotask`, which fake timers replace.
      void Promise.resolve().then(() => {
        if (this.#listeners.has(notify)) notify();
      });
    }
  };

  /** Not a generator: that would end only after what it waits for. */
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
    /** Keeps the list of `/devices/list` fresh. */
    watch(
      parameters?: Omit<DevicesListParameters, "limit" | "page_cursor">,
      options?: WatchOptions,
    ): Watch<Device>;
  }
}

declare module "../generated/namespaces/locks.js" {
  interface SeamHttpLocks {
    /** Keeps the list of `/locks/list` fresh. */
    watch(
      parameters?: Omit<LocksListParameters, "limit" | "page_cursor">,
      options?: WatchOptions,
    ): Watch<Device>;
  }
}

declare module "../generated/namespaces/thermostats.js" {
  interface SeamHttpThermostats {
    /** Keeps the list of `/thermostats/list` fresh. */
    watch(
      parameters?: Omit<ThermostatsListParameters, "limit" | "page_cursor">,
      options?: WatchOptions,
    ): Watch<Device>;
  }
}

declare module "../generated/namespaces/noise-sensors.js" {
  interface SeamHttpNoiseSensors {
    /** Keeps the list of `/noise_sensors/list` fresh. */
    watch(
      parameters?: Omit<NoiseSensorsListParameters, "limit" | "page_cursor">,
      options?: WatchOptions,
    ): Watch<Device>;
  }
}

declare module "../generated/namespaces/access-codes.js" {
  interface SeamHttpAccessCodes {
    /** Keeps the list of `/access_codes/list` fresh. */
    watch(
      parameters: Omit<AccessCodesListParameters, "limit" | "page_cursor">,
      options?: WatchOptions,
    ): Watch<AccessCode>;
  }
}
