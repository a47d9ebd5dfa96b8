import type { ApiClient } from "../transport/api-client.js";
import type { Route } from "../core/route.js";
import { jitter } from "../core/jitter.js";
import type { Timer } from "../core/time.js";
import type { Changes, WatchStatus } from "../core/watch-types.js";
import { ErrorClass } from "../core/error-factory.js";
import type { CallParams } from "./scope-check.js";
import { fetchPages } from "./fetch-pages.js";
import { errorNumber, MANUAL_INTERVAL, Output } from "./rules.js";
import { Snapshot } from "./snapshot.js";
import type { Store, Stores } from "./store.js";
import {
  compile,
  lacksSpare,
  ListEvent,
  type ListModule,
  writeInput,
} from "./list-module.js";
import type { ChangeListener, SharedList } from "./list-subscription.js";

/**
 * The longest timer, in milliseconds. Timers stop while the computer sleeps, so the clock is read
 * again after this time.
 */
const MAX_SLEEP_MS = 60_000;

const LOADING: WatchStatus = Object.freeze({ state: "loading" });
const LIVE: WatchStatus = Object.freeze({ state: "live" });
/** `ListStatus` of src/lists/watched_list.rs. */
const STATES = ["loading", "live", "stale", "stopped"] as const;

/** What the lists of one client have in common. */
export interface ListContext {
  readonly client: ApiClient;
  readonly routeAt: (path: string) => Route | undefined;
  readonly listRules: ListModule;
  readonly stores: Stores;
  /** Whether the token is known to be of the user whose lists these are. */
  readonly isUserConfirmed: boolean;
  /**
   * Asks the server whose the token is. Another user's records are dropped before this resolves.
   */
  confirmUser(): Promise<void>;
  /** Listens for page visibility and network changes while any list is polled. */
  updateEnvironmentListeners(): void;
  /** Releases the handle of a closed list. */
  closed(handle: number): void;
}

/**
 * One list, which all subscribers with the same parameters share. It executes the decisions of the
 * core (src/lists/watched_list.rs): it fetches, sets timers, holds records and notifies
 * subscribers.
 */
export class PolledList<T extends object> implements SharedList<T> {
  readonly #context: ListContext;
  readonly #handle: number;
  readonly #route: Route;
  readonly #json: string;
  readonly #isAccessCodes: boolean;
  readonly #isHidden: () => boolean;
  readonly #listeners = new Set<ChangeListener>();
  #interval: number;
  /** `undefined` before the first fetch, and after its instance was lost. */
  #store: Store | undefined;
  #snapshot: Snapshot<T> | undefined;
  #status = LOADING;
  /** Why the list is stale or stopped. */
  #reason: unknown;
  #isClosed = false;
  readonly #timer: Timer;
  /** Aborts the fetch in progress. */
  #currentFetch: AbortController | undefined;
  /** Aborts the lookups that were sent with the current token. */
  #tokenController = new AbortController();
  /** The number of the fetch that each pending promise waits for, by its `resolve`. */
  readonly #waiters = new Map<() => void, number>();
  /** Counts the instances of the rules: each numbers lookups from the beginning. */
  #rulesInstance = 0;
  /** Outputs, and the ids of dropped records, that subscribers do not know of yet. */
  #outputs = 0;
  #removed: string[] = [];

  constructor(
    context: ListContext,
    handle: number,
    route: Route,
    json: string,
    interval: number,
    isHidden: () => boolean,
  ) {
    this.#context = context;
    this.#handle = handle;
    this.#route = route;
    this.#json = json;
    this.#isAccessCodes = route.responseKey === "access_codes";
    this.#interval = interval;
    this.#isHidden = isHidden;
    this.#timer = new context.client.Timer();
    // The subscription sets the interval, which begins the first fetch: a trap from then on finds
    // this list among those of the client.
    this.open(context.listRules);
  }

  /** Opens the list in an instance of the rules: the first one, or another after a trap. */
  open(rules: ListModule): void {
    this.#rulesInstance += 1;
    this.#outputs |= Output.Status;
    rules.list_open(
      this.#handle,
      this.#isAccessCodes,
      this.#interval,
      performance.now(),
    );
    if (this.#waiters.size === 0) return;
    const fetch = this.#handleEvent(ListEvent.Refetch, 0, 0, rules);
    for (const resolve of this.#waiters.keys())
      this.#waiters.set(resolve, fetch);
  }

  /** The records; `undefined` while it is not known whose the token is. */
  get snapshot(): Snapshot<T> | undefined {
    return this.#context.isUserConfirmed ? this.#snapshot : undefined;
  }

  /** The JSON texts of the records; `undefined` while it is not known whose the token is. */
  get store(): Store | undefined {
    return this.#context.isUserConfirmed ? this.#store : undefined;
  }

  get status(): WatchStatus {
    return this.#status;
  }

  addChangeListener(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  get interval(): number {
    return this.#interval;
  }

  set interval(interval: number) {
    this.#interval = interval;
    this.#handleEvent(ListEvent.Interval, interval);
    this.#context.updateEnvironmentListeners();
    this.updatePaused();
  }

  /**
   * Resolves when a fetch has ended that started after this call, or when none will start, because
   * the session has ended or the list is closed.
   */
  refresh(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    const fetch = this.#handleEvent(ListEvent.Refetch);
    const done = fetch ? this.#waitFor(fetch) : Promise.resolve();
    this.apply();
    return done;
  }

  /**
   * As `refresh`, but also waits for a fetch that is already in progress. Returns `undefined` if
   * none can start now, because of the server's `Retry-After`.
   */
  joinFetch(): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    this.#handleEvent(ListEvent.Join);
    this.apply();
    const fetch = !this.#isClosed && this.#handleEvent(ListEvent.Joined);
    return fetch ? this.#waitFor(fetch) : undefined;
  }

  #waitFor(fetch: number): Promise<void> {
    return new Promise((resolve) => this.#waiters.set(resolve, fetch));
  }

  /** Aborts when the token is replaced by one that may be another user's. */
  get tokenSignal(): AbortSignal {
    return this.#tokenController.signal;
  }

  /** Passes the visibility of the page and the state of the network to the rules. */
  updatePaused(): void {
    if (this.#isClosed) return;
    const isOffline = globalThis.navigator?.onLine === false;
    const bits = (this.#isHidden() ? 1 : 0) + (isOffline ? 2 : 0);
    this.#handleEvent(ListEvent.Environment, 0, bits);
    this.apply();
  }

  /** Sets the `reason` of the status, in case the next outputs make the list stale. */
  setReason(reason: unknown): void {
    this.#reason = reason;
  }

  /** Handles a call that has changed something; `deviceId` is the device that it names, if any. */
  onMutation(path: string, deviceId: unknown): void {
    if (this.#isClosed) return;
    const { device_id = deviceId } = JSON.parse(this.#json) as CallParams;
    const id = typeof deviceId === "string" ? deviceId : "";
    const isOther = deviceId !== undefined && device_id !== deviceId;
    const bits = (isOther ? 1 : 0) + (this.snapshot?.has(id) ? 2 : 0);
    writeInput(this.#rules, path);
    const step = this.#handleEvent(ListEvent.Mutation, 0, bits);
    this.apply();
    if (step === 1) this.refetchOne(id).catch(() => {});
  }

  /**
   * Looks one device up. `check` is the abort signal of a lookup before an action: it also adds a
   * device that is not in the list.
   *
   * @throws As the call. A device that is out of scope is removed.
   */
  async refetchOne(device_id: string, check?: AbortSignal): Promise<void> {
    const { client, routeAt } = this.#context;
    const route = routeAt("/devices/get") as Route;
    const lookup = this.#isClosed ? 0 : this.#handleEvent(ListEvent.Lookup);
    const instance = this.#rulesInstance;
    const isOver = (): boolean =>
      this.#isClosed || instance !== this.#rulesInstance;
    const json = JSON.stringify({ device_id });
    const options = { signal: check ?? this.tokenSignal };
    let body: unknown;
    try {
      body = await client.call(route, json, options);
    } catch (error) {
      if (!isOver()) {
        writeInput(this.#rules, device_id);
        const number = errorNumber(error);
        if (this.#handleEvent(ListEvent.LookupFailed, lookup, number))
          this.removeDevice(device_id);
      }
      throw error;
    }
    const { device } = body as { device?: { device_id?: unknown } | null };
    if (check && device?.device_id !== device_id) {
      throw client.errorFactory.createError(
        ErrorClass.InvalidResponse,
        "invalid_response",
        "unknown",
        "/devices/get gave another device",
      );
    }
    for (let step = 2; step === 2;) {
      if (isOver()) return;
      const inList = this.#store?.slotOf(device_id) !== undefined;
      const bits = (check ? 1 : 0) + (inList ? 2 : 0);
      writeInput(this.#rules, device_id);
      step = this.#handleEvent(ListEvent.LookupFound, bits, lookup);
      if (step === 2) await this.joinFetch();
      else if (step !== 0) return;
    }
    let text: string;
    try {
      text = JSON.stringify(device);
    } catch {
      // It nests too deeply for `JSON.stringify`. The next fetch keeps the text as it was sent.
      return;
    }
    (this.#store ?? this.#createStore()).refresh(text);
    this.#updateSnapshot();
  }

  /** Removes a device that is out of scope. */
  removeDevice(device_id: string): void {
    if (this.#isClosed) return;
    this.#store?.remove(device_id);
    this.#handleEvent(ListEvent.DeviceRemoved);
    this.#updateSnapshot();
    this.apply();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.stop();
    this.#currentFetch?.abort();
    this.#tokenController.abort();
    this.#store?.close();
    this.#rules.list_close(this.#handle);
    this.#context.closed(this.#handle);
    this.#settle(Infinity);
    this.#context.updateEnvironmentListeners();
  }

  get #rules(): ListModule {
    return this.#context.listRules;
  }

  /** Passes an event to the rules; wasm/lists/src/lists.rs has the arguments and result of each. */
  #handleEvent(event: ListEvent, a = 0, b = 0, rules = this.#rules): number {
    return rules.list_event(this.#handle, event, performance.now(), a, b);
  }

  /** Executes the outputs of the rules. */
  apply(): void {
    this.takeOutputs();
    this.notify();
  }

  /**
   * Executes the outputs that abort requests and drop records. Subscribers are notified by
   * `notify`.
   */
  takeOutputs(): void {
    if (this.#isClosed) return;
    const outputs = this.#handleEvent(ListEvent.TakeOutputs);
    this.#outputs |= outputs;
    if (outputs & Output.AbortFetch) {
      this.#currentFetch?.abort();
      this.#currentFetch = undefined;
    }
    if (outputs & Output.AbortLookups) {
      this.#tokenController.abort();
      this.#tokenController = new AbortController();
    }
    if (outputs & Output.Empty) this.#dropRecords();
  }

  /**
   * Notifies subscribers, resolves pending promises, and schedules the next fetch. Each step may
   * close the list.
   */
  notify(): void {
    const outputs = this.#outputs;
    const removed = this.#removed;
    this.#outputs = 0;
    this.#removed = [];
    if (removed.length > 0) this.#emit({ added: [], changed: [], removed });
    if (this.#isClosed) return;
    if (outputs & Output.Status) {
      const state = STATES[this.#handleEvent(ListEvent.Status)] ?? "stopped";
      const reason = this.#reason;
      this.#status =
        state === "loading"
          ? LOADING
          : state === "live"
            ? LIVE
            : Object.freeze({ state, reason });
    }
    if (outputs & (Output.Status | Output.Notify)) this.#emit(undefined);
    if (this.#isClosed) return;
    if (outputs & Output.Settle)
      this.#settle(this.#handleEvent(ListEvent.Settled));
    if (outputs & Output.Poll) this.#schedule();
  }

  #settle(fetch: number): void {
    for (const [resolve, waitsFor] of this.#waiters) {
      if (waitsFor > fetch) continue;
      this.#waiters.delete(resolve);
      resolve();
    }
  }

  /** Starts a fetch, or a timer until one is due. */
  #schedule(): void {
    this.#timer.stop();
    if (this.#isClosed) return;
    const wait = this.#handleEvent(ListEvent.Poll);
    if (wait === -1) void this.#fetchList();
    if (!(wait >= 0)) return;
    const ms = Math.min(wait, MAX_SLEEP_MS);
    // The timer of a list that nobody waits for must not keep the process alive.
    const isIdle = this.#interval >= MANUAL_INTERVAL && !this.#waiters.size;
    this.#timer.start(ms, () => this.#schedule(), isIdle);
  }

  async #fetchList(): Promise<void> {
    const currentFetch = (this.#currentFetch = new AbortController());
    const { signal } = currentFetch;
    const context = this.#context;
    const { client } = context;
    try {
      if (!context.isUserConfirmed) await context.confirmUser();
      if (!this.#store && lacksSpare()) await compile();
      if (signal.aborted) return;
      // Read only now: while the user was confirmed, another user's store may have been dropped.
      const store = this.#store ?? this.#createStore();
      this.#handleEvent(ListEvent.FetchSent);
      await fetchPages(store, client, this.#route, this.#json, signal);
      if (signal.aborted) return;
      store.commit();
      this.#currentFetch = undefined;
      this.#handleEvent(ListEvent.FetchDone, 0, jitter());
    } catch (error) {
      if (signal.aborted) return;
      this.#currentFetch = undefined;
      return this.#onFetchFailed(error);
    }
    try {
      this.#updateSnapshot();
    } catch {
      // The instance has trapped, which `onInstanceLost` handles.
    }
    this.apply();
  }

  #onFetchFailed(reason: unknown): void {
    const { retryAfterMs = 0 } = Object(reason) as { retryAfterMs?: number };
    this.#reason = reason;
    const { refreshesToken } = this.#context.client;
    this.#handleEvent(
      ListEvent.FetchFailed,
      retryAfterMs,
      errorNumber(reason, refreshesToken) + (jitter() << 12),
    );
    this.apply();
  }

  #dropRecords(): void {
    try {
      this.#removed = this.#snapshot?.ids() ?? [];
    } catch {
      // The instance has trapped, and its ids are lost.
    }
    this.#store?.close();
    this.#store = this.#snapshot = undefined;
  }

  /**
   * Handles a trap in the instance of the records or of the rules. The next fetch creates another.
   */
  onInstanceLost(reason: unknown): void {
    if (this.#isClosed) return;
    this.#reason = reason;
    this.#handleEvent(ListEvent.RecordsLost, 0, jitter());
    this.apply();
  }

  /** No instance of the rules works now: nothing is shown, and nobody waits. */
  onRulesLost(reason: unknown): void {
    this.#currentFetch?.abort();
    this.#timer.stop();
    this.#dropRecords();
    this.#status = Object.freeze({ state: "stopped", reason });
    this.#outputs = Output.Notify;
    this.notify();
    this.#settle(Infinity);
  }

  /** Aborts the fetch that an earlier instance of the rules started. */
  abortFetch(): void {
    this.#currentFetch?.abort();
    this.#currentFetch = undefined;
  }

  #createStore(): Store {
    const store: Store = this.#context.stores.create(
      this.#isAccessCodes ? "access_code_id" : "device_id",
      (reason) => {
        if (this.#store === store) this.onInstanceLost(reason);
      },
    );
    this.#snapshot = new Snapshot(store);
    return (this.#store = store);
  }

  #updateSnapshot(): void {
    const snapshot = this.#snapshot;
    if (snapshot?.update()) this.#emit(snapshot.changes());
  }

  #emit(changes: Changes | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch {
        // An error of a listener must not affect the others.
      }
    }
  }
}
