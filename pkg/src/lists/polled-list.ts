import type { ApiClient } from "../transport/api-client.js";
import type { Route } from "../core/route.js";
import type { Timer } from "../core/time.js";
import type { Changes, WatchStatus } from "../core/watch-types.js";
import { ErrorClass } from "../core/error-factory.js";
import type { CallParams } from "./scope-check.js";
import { fetchPages } from "./fetch-pages.js";
import {
  MANUAL_INTERVAL,
  RefetchScheduler,
  classifyError,
  RefetchError,
} from "./rules.js";
import { Snapshot } from "./snapshot.js";
import { Store } from "./store.js";
import { recoverFromTraps } from "../wasm/trap-recovery.js";
import {
  compile,
  lacksSpare,
  type ListModule,
  createListModule,
} from "./list-module.js";
import type { ChangeListener, SharedList } from "./list-subscription.js";

/**
 * A timer may sleep with the computer, so the clock is checked at least this often, in
 * milliseconds.
 */
const MAX_SLEEP_MS = 60_000;

const LOADING: WatchStatus = Object.freeze({ state: "loading" });
const LIVE: WatchStatus = Object.freeze({ state: "live" });

/** What the lists of one client have in common. */
export interface ListContext {
  readonly client: ApiClient;
  readonly routeAt: (path: string) => Route | undefined;
  readonly listRules: ListModule;
  readonly wasmModule: WebAssembly.Module;
  /** Whether the token is known to be of the user whose lists these are. */
  readonly isUserConfirmed: boolean;
  /**
   * Finds out whose the token is; if it is another user's, the lists are empty before this
   * resolves.
   */
  confirmUser(): Promise<void>;
  /** Listens to the page and the network while any list is polled. */
  updateEnvironmentListeners(): void;
}

/** A list that is shared by all who watch it with the same parameters. */
export class PolledList<T extends object> implements SharedList<T> {
  readonly #context: ListContext;
  readonly #route: Route;
  readonly #json: string;
  readonly #isHidden: () => boolean;
  readonly #listeners = new Set<ChangeListener>();
  #interval: number;
  readonly #scheduler: RefetchScheduler;
  /** `undefined` before the first fetch, and after a trap. */
  #store: Store | undefined;
  #snapshot: Snapshot<T> | undefined;
  #status = LOADING;
  #isClosed = false;
  readonly #timer: Timer;
  /** Aborts the current fetch. */
  #currentFetch: AbortController | undefined;
  /** Aborts everything that was started with this token. */
  #tokenController = new AbortController();
  /** The number of fetches, of the list or one device, that were started: the later one counts. */
  #lastStarted = 0;
  /** The numbers of the last fetch of the list, and of the last one that was committed. */
  #lastFetch = 0;
  #lastCommitted = 0;
  /** The number of the last fetch that was applied, by device. */
  readonly #deviceFetches = new Map<string, number>();
  /** Callers that wait for the end of the current fetch. */
  #currentWaiters: (() => void)[] = [];
  /** Callers that wait for the end of the next fetch. */
  #nextWaiters: (() => void)[] = [];

  constructor(
    lists: ListContext,
    route: Route,
    json: string,
    interval: number,
    isHidden: () => boolean,
  ) {
    this.#context = lists;
    this.#timer = new lists.client.Timer();
    this.#route = route;
    this.#json = json;
    this.#interval = interval;
    this.#isHidden = isHidden;
    this.#scheduler = new RefetchScheduler(
      lists.wasmModule,
      lists.client.errorFactory,
      interval,
    );
    this.updatePaused();
  }

  /** The list as objects; `undefined` while the user is not known. */
  get snapshot(): Snapshot<T> | undefined {
    return this.#context.isUserConfirmed ? this.#snapshot : undefined;
  }

  /** The list as texts. */
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
    this.#scheduler.interval = interval;
    this.#context.updateEnvironmentListeners();
    this.updatePaused();
  }

  /**
   * Resolves when a fetch that started after this call has ended, or none will come. Starts a
   * stopped list again, unless the session has ended.
   */
  refresh(): Promise<void> {
    if (!this.#requestFetch()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#nextWaiters.push(resolve);
      this.#schedule();
    });
  }

  /**
   * Like `refresh`, but joins a fetch in progress. Returns `undefined` while a `Retry-After` delay
   * is pending.
   */
  joinFetch(): Promise<void> | undefined {
    if (!this.#currentFetch && this.#requestFetch()) this.#schedule();
    return (
      this.#currentFetch &&
      new Promise((resolve) => this.#currentWaiters.push(resolve))
    );
  }

  /** Aborts when the token is replaced, perhaps by another user's. */
  get tokenSignal(): AbortSignal {
    return this.#tokenController.signal;
  }

  /** Pauses or resumes: the page was hidden or shown, or the network changed. */
  updatePaused(): void {
    // A list that is not polled does not pause.
    this.#scheduler.updatePaused(
      this.#interval < MANUAL_INTERVAL && this.#isHidden(),
    );
    this.#schedule();
  }

  /** Another token is being checked: shows nothing until that has ended. */
  hideData(): void {
    this.restart();
    this.#setStatus(LOADING);
  }

  /** The token was replaced: shows nothing until its user is known. */
  onTokenReplaced(): void {
    this.#tokenController.abort();
    this.#tokenController = new AbortController();
    // The server asked the last session to wait, not this one.
    this.#scheduler.reset(this.#interval);
    this.hideData();
  }

  /** The other token was rejected: shows the data again, and fetches it again. */
  onTokenRejected(reason: unknown): void {
    this.restart();
    this.#setStatus({ state: "stale", reason });
  }

  /** The user of the new token is known. */
  onUserConfirmed(): void {
    this.#setStatus(this.#status);
  }

  /** A call has changed something, perhaps this device. */
  onMutation(path: string, deviceId: unknown): void {
    if (this.#route.responseKey === "access_codes") {
      const { device_id = deviceId } = JSON.parse(this.#json) as CallParams;
      const isOther = deviceId !== undefined && device_id !== deviceId;
      if (path.startsWith("/access_codes/") && !isOther) void this.refresh();
    } else if (
      this.#interval < MANUAL_INTERVAL &&
      typeof deviceId === "string" &&
      this.snapshot?.has(deviceId)
    ) {
      this.refetchOne(deviceId).catch(() => {});
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#tokenController.abort();
    this.#context.updateEnvironmentListeners();
  }

  /**
   * Fetches one device. With `lookup`, a signal that aborts it, a device that is not in the list is
   * added.
   *
   * @throws As the call; a device that the server says is gone is removed.
   */
  async refetchOne(device_id: string, lookup?: AbortSignal): Promise<void> {
    const store = this.#store ?? this.#createStore();
    const { tokenSignal } = this;
    const route = this.#context.routeAt("/devices/get") as Route;
    const sequence = (this.#lastStarted += 1);
    let body: unknown;
    const isOver = (): boolean =>
      tokenSignal.aborted ||
      store !== this.#store ||
      !this.#context.isUserConfirmed ||
      sequence <
        Math.max(this.#lastCommitted, this.#deviceFetches.get(device_id) ?? 0);
    const json = JSON.stringify({ device_id });
    const options = { signal: lookup ?? tokenSignal };
    const { client, listRules } = this.#context;
    try {
      body = await client.call(route, json, options);
    } catch (error) {
      if (
        !isOver() &&
        classifyError(listRules, error) === RefetchError.OutOfScope
      ) {
        this.#deviceFetches.set(device_id, sequence);
        this.removeDevice(device_id);
      }
      throw error;
    }
    const { device } = body as { device?: { device_id?: unknown } | null };
    if (lookup && device?.device_id !== device_id) {
      throw client.errorFactory.createError(
        ErrorClass.InvalidResponse,
        "invalid_response",
        "unknown",
        "/devices/get gave another device",
      );
    }
    // A fetch of the list that started later has newer data, if it succeeds.
    if (!lookup && this.#currentFetch && sequence < this.#lastFetch)
      await this.joinFetch();
    if (isOver()) return;
    if (lookup === undefined && store.slotOf(device_id) === undefined) return;
    this.#deviceFetches.set(device_id, sequence);
    let text: string;
    try {
      text = JSON.stringify(device);
    } catch {
      // The device nests deeper than `JSON.stringify` can write: the next fetch of the list takes
      // it.
      return;
    }
    store.refresh(text);
    this.#updateSnapshot();
  }

  /** Removes a device from the list. */
  removeDevice(device_id: string): void {
    this.#store?.remove(device_id);
    if (this.#currentFetch) this.restart();
    this.#updateSnapshot();
  }

  /** Requests a fetch. Returns whether one can come. */
  #requestFetch(): boolean {
    const { state, reason } = this.#status as {
      state: string;
      reason?: unknown;
    };
    const isStopped = state === "stopped";
    const isOver =
      isStopped &&
      classifyError(this.#context.listRules, reason) ===
        RefetchError.SessionEnded;
    if (this.#isClosed || isOver) return false;
    if (isStopped) this.#setStatus(LOADING);
    this.#scheduler.requestFetch();
    return true;
  }

  /** Starts a fetch, or the timer until one is due. */
  #schedule(): void {
    this.#timer.stop();
    if (this.#isClosed) return;
    const wait = this.#scheduler.next();
    if (wait === -1) void this.#fetchList();
    if (wait < 0) return;
    const ms = Math.min(wait, MAX_SLEEP_MS);
    // In Node, the process does not wait for a fetch that nobody waits for.
    const isIdle =
      this.#interval >= MANUAL_INTERVAL && !this.#nextWaiters.length;
    this.#timer.start(ms, () => this.#schedule(), isIdle);
  }

  async #fetchList(): Promise<void> {
    const currentFetch = (this.#currentFetch = new AbortController());
    const { signal } = currentFetch;
    const waiting = (this.#currentWaiters = this.#nextWaiters.splice(0));
    const { client } = this.#context;
    let end: () => void;
    try {
      if (!this.#context.isUserConfirmed) await this.#context.confirmUser();
      if (!this.#store && lacksSpare()) await compile();
      // Another user's token has another store by now.
      const store = this.#store ?? this.#createStore();
      const sequence = (this.#lastFetch = this.#lastStarted += 1);
      if (!signal.aborted) {
        const json = this.#json;
        await fetchPages(store, client, this.#route, json, signal);
      }
      if (!signal.aborted) {
        store.commit();
        this.#lastCommitted = sequence;
      }
      end = () => this.#onFetched();
    } catch (error) {
      end = () => this.#onFetchFailed(error);
    }
    if (signal.aborted) {
      if (!this.#isClosed) {
        // A fetch that has started since serves them as well.
        (this.#currentFetch ? this.#currentWaiters : this.#nextWaiters).push(
          ...waiting,
        );
        if (this.#nextWaiters.length > 0 && !this.#currentFetch) {
          this.#scheduler.requestFetch();
          this.#schedule();
        }
        return;
      }
    } else {
      this.#currentFetch = undefined;
      try {
        end();
      } catch {
        // The store has trapped, which has failed the list already.
      }
    }
    for (const resolve of waiting) resolve();
    this.#schedule();
  }

  #onFetched(): void {
    this.#scheduler.onFetched();
    this.#updateSnapshot();
    if (this.#status !== LIVE) this.#setStatus(LIVE);
  }

  #onFetchFailed(reason: unknown): void {
    const { retryAfter } = Object(reason) as { retryAfter?: number };
    const { client, listRules } = this.#context;
    const refetchError = classifyError(
      listRules,
      reason,
      client.refreshesToken,
    );
    this.#scheduler.onFetchFailed(retryAfter ?? 0);
    if (
      refetchError === RefetchError.OutOfScope ||
      refetchError === RefetchError.SessionEnded
    )
      this.clearData();
    const ends =
      refetchError === RefetchError.SessionEnded ||
      refetchError === RefetchError.Permanent;
    if (ends) this.#stop();
    this.#setStatus({ state: ends ? "stopped" : "stale", reason });
  }

  /** Aborts the current fetch and starts again. */
  restart(): void {
    this.#currentFetch?.abort();
    this.#currentFetch = undefined;
    this.#scheduler.restart();
    if (this.#nextWaiters.length > 0) this.#scheduler.requestFetch();
    this.updatePaused();
  }

  #stop(): void {
    this.#timer.stop();
    this.#scheduler.stop();
    this.#currentFetch?.abort();
    this.#currentFetch = undefined;
    for (const resolve of this.#nextWaiters.splice(0)) resolve();
  }

  /** Forgets all data; the memory is freed with the store. */
  clearData(): void {
    const last = this.#snapshot;
    this.#store = this.#snapshot = undefined;
    let removed: string[] = [];
    try {
      removed = last?.ids() ?? [];
    } catch {
      // The instance has trapped, so the ids cannot be read.
    }
    if (removed.length > 0) this.#emit({ added: [], changed: [], removed });
  }

  /** The store's instance has trapped, and its data is lost. The next fetch makes a new one. */
  #onTrap(reason: unknown): void {
    this.clearData();
    // A fetch in progress fails by itself: one failure each, so that the backoff grows.
    if (this.#currentFetch) return;
    this.#onFetchFailed(reason);
    this.#schedule();
  }

  #createStore(): Store {
    const { responseKey } = this.#route;
    const idMember =
      responseKey === "access_codes" ? "access_code_id" : "device_id";
    const { client, wasmModule } = this.#context;
    const live = recoverFromTraps(
      client.errorFactory,
      () => createListModule(wasmModule),
      (reason) => {
        if (this.#store === store) this.#onTrap(reason);
        throw reason;
      },
    );
    const store: Store = new Store(live, idMember, client.errorFactory);
    this.#snapshot = new Snapshot(store);
    return (this.#store = store);
  }

  #updateSnapshot(): void {
    const it = this.#snapshot;
    if (it?.update()) this.#emit(it.changes());
  }

  #setStatus(status: WatchStatus): void {
    this.#status = Object.freeze(status);
    this.#emit(undefined);
  }

  #emit(changes: Changes | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch {
        // A listener's error is its own.
      }
    }
  }
}
