import type { ApiClient } from "../transport/api-client.js";
import type { Route } from "../core/route.js";
import type { Timer } from "../core/time.js";
import type { Changes, WatchStatus } from "../core/watch-types.js";
import { ErrorClass } from "../core/error-factory.js";
import type { Named } from "./scope-check.js";
import { takePages } from "./fetch-pages.js";
import { NEVER, Poll, verdict, Verdict } from "./rules.js";
import { Snapshot } from "./snapshot.js";
import { Store } from "./store.js";
import { guarded } from "../wasm/trap-recovery.js";
import { compile, lacksSpare, type Live, makeLive } from "./list-module.js";
import type { ChangeListener, SharedList } from "./list-subscription.js";

/** A timer may sleep with the computer: it is looked at the clock so often, in milliseconds. */
const LONGEST_SLEEP = 60_000;

const LOADING: WatchStatus = Object.freeze({ state: "loading" });
const LIVE: WatchStatus = Object.freeze({ state: "live" });

/** What the lists of one client have in common. */
export interface ListContext {
  readonly caller: ApiClient;
  readonly routeAt: (path: string) => Route | undefined;
  readonly rules: Live;
  readonly module: WebAssembly.Module;
  /** Whether the token is known to be of the user whose lists they are. */
  readonly confirmed: boolean;
  /** Finds out; the lists are empty before this resolves if it is another user's. */
  confirm(): Promise<void>;
  /** Listens to page and network while any list is polled. */
  heed(): void;
}

/** One list, which all share who watch it with the same parameters. */
export class PolledList<T extends object> implements SharedList<T> {
  readonly #owner: ListContext;
  readonly #route: Route;
  readonly #json: string;
  readonly #isHidden: () => boolean;
  readonly #heard = new Set<ChangeListener>();
  #interval: number;
  readonly #poll: Poll;
  /** Nothing before the first fetch, and when what was there has gone with its instance. */
  #store: Store | undefined;
  #snapshot: Snapshot<T> | undefined;
  #status = LOADING;
  #closed = false;
  readonly #timer: Timer;
  /** Ends the round that is under way. */
  #round: AbortController | undefined;
  /** Ends all that was begun with this token. */
  #calls = new AbortController();
  /** How many rounds and looks were begun: what was asked for later counts. */
  #begun = 0;
  /** Which of them the last round was, and the last that was taken. */
  #lastRound = 0;
  #taken = 0;
  /** Which of them was taken last of each device that was looked at. */
  readonly #looks = new Map<string, number>();
  /** Who waits for the end of the round that is under way. */
  #joined: (() => void)[] = [];
  /** Who waits for the end of the next round. */
  #waiting: (() => void)[] = [];

  constructor(
    owner: ListContext,
    route: Route,
    json: string,
    interval: number,
    isHidden: () => boolean,
  ) {
    this.#owner = owner;
    this.#timer = new owner.caller.Timer();
    this.#route = route;
    this.#json = json;
    this.#interval = interval;
    this.#isHidden = isHidden;
    this.#poll = new Poll(owner.module, owner.caller.errors, interval);
    this.rests();
  }

  /** What is shown: nothing while nobody knows whose the token is. */
  get snapshot(): Snapshot<T> | undefined {
    return this.#owner.confirmed ? this.#snapshot : undefined;
  }

  /** What is shown, as texts. */
  get store(): Store | undefined {
    return this.#owner.confirmed ? this.#store : undefined;
  }

  get status(): WatchStatus {
    return this.#status;
  }

  listen(hear: ChangeListener): () => void {
    this.#heard.add(hear);
    return () => {
      this.#heard.delete(hear);
    };
  }

  get interval(): number {
    return this.#interval;
  }

  set interval(interval: number) {
    this.#interval = interval;
    this.#poll.interval = interval;
    this.#owner.heed();
    this.rests();
  }

  /**
   * Resolves when a round has ended that began after this, or none comes any more.
   * Whatever stopped it may have passed, but for the end of the session.
   */
  refresh(): Promise<void> {
    if (!this.#want()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#next();
    });
  }

  /**
   * The same, but a round that is under way will do; and while the server wants to
   * be left alone it is not waited for: then it gives nothing.
   */
  join(): Promise<void> | undefined {
    if (!this.#round && this.#want()) this.#next();
    return this.#round && new Promise((resolve) => this.#joined.push(resolve));
  }

  /** Aborts when there is another token, which may be another user's. */
  get calls(): AbortSignal {
    return this.#calls.signal;
  }

  /** The page was hidden or shown, or the network went or came. */
  rests(): void {
    // What is not polled has nobody to be hidden from.
    this.#poll.rests(this.#interval < NEVER && this.#isHidden());
    this.#next();
  }

  /** Another token is being checked: nothing is shown until that has ended. */
  hide(): void {
    this.again();
    this.#tell(LOADING);
  }

  /** There is another token: nothing is shown until its owner is known. */
  renewed(): void {
    this.#calls.abort();
    this.#calls = new AbortController();
    // What the server asked for, it asked of the last session.
    this.#poll.open(this.#interval);
    this.hide();
  }

  /** The new token was rejected: what was shown is shown again, and asked for anew. */
  restored(reason: unknown): void {
    this.again();
    this.#tell({ state: "stale", reason });
  }

  /** It is known whose the new token is. */
  confirmed(): void {
    this.#tell(this.#status);
  }

  /** A call has changed something, perhaps of this device. */
  altered(path: string, deviceId: unknown): void {
    if (this.#route.responseKey === "access_codes") {
      const { device_id = deviceId } = JSON.parse(this.#json) as Named;
      const isOther = deviceId !== undefined && device_id !== deviceId;
      if (path.startsWith("/access_codes/") && !isOther) void this.refresh();
    } else if (
      this.#interval < NEVER &&
      typeof deviceId === "string" &&
      this.snapshot?.has(deviceId)
    ) {
      this.look(deviceId).catch(() => {});
    }
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    this.#calls.abort();
    this.#owner.heed();
  }

  /**
   * Looks at one device. With a `limit`, which ends it, one that is not in the
   * list is taken into it.
   *
   * @throws As the call; the server's own word that it is gone takes it out.
   */
  async look(device_id: string, limit?: AbortSignal): Promise<void> {
    const store = this.#store ?? this.#fresh();
    const { calls } = this;
    const route = this.#owner.routeAt("/devices/get") as Route;
    const nth = (this.#begun += 1);
    let body: unknown;
    const isOver = (): boolean =>
      calls.aborted ||
      store !== this.#store ||
      !this.#owner.confirmed ||
      nth < Math.max(this.#taken, this.#looks.get(device_id) ?? 0);
    const json = JSON.stringify({ device_id });
    const options = { signal: limit ?? calls };
    const { caller, rules } = this.#owner;
    try {
      body = await caller.call(route, json, options);
    } catch (error) {
      if (!isOver() && verdict(rules, error) === Verdict.Gone) {
        this.#looks.set(device_id, nth);
        this.leave(device_id);
      }
      throw error;
    }
    const { device } = body as { device?: { device_id?: unknown } | null };
    if (limit && device?.device_id !== device_id) {
      throw caller.errors.make(
        ErrorClass.InvalidResponse,
        "invalid_response",
        "unknown",
        "/devices/get gave another device",
      );
    }
    // A round that began later knows better, if it ends well.
    if (!limit && this.#round && nth < this.#lastRound) await this.join();
    if (isOver()) return;
    if (limit === undefined && store.slotOf(device_id) === undefined) return;
    this.#looks.set(device_id, nth);
    let text: string;
    try {
      text = JSON.stringify(device);
    } catch {
      // It nests deeper than JavaScript can write: the next fetch takes it as it comes.
      return;
    }
    store.refresh(text);
    this.#update();
  }

  /** One is not there any more. */
  leave(device_id: string): void {
    this.#store?.remove(device_id);
    if (this.#round) this.again();
    this.#update();
  }

  /** Somebody wants a round; whether one can come. */
  #want(): boolean {
    const { state, reason } = this.#status as {
      state: string;
      reason?: unknown;
    };
    const isStopped = state === "stopped";
    const isOver =
      isStopped && verdict(this.#owner.rules, reason) === Verdict.Over;
    if (this.#closed || isOver) return false;
    if (isStopped) this.#tell(LOADING);
    this.#poll.refresh();
    return true;
  }

  /** Begins a round, or waits until one is due. */
  #next(): void {
    this.#timer.stop();
    if (this.#closed) return;
    const wait = this.#poll.next();
    if (wait === -1) void this.#begin();
    if (wait < 0) return;
    const ms = Math.min(wait, LONGEST_SLEEP);
    // A process need not wait for what nobody waits for.
    const isIdle = this.#interval >= NEVER && !this.#waiting.length;
    this.#timer.start(ms, () => this.#next(), isIdle);
  }

  async #begin(): Promise<void> {
    const round = (this.#round = new AbortController());
    const { signal } = round;
    const waiting = (this.#joined = this.#waiting.splice(0));
    const { caller } = this.#owner;
    let end: () => void;
    try {
      if (!this.#owner.confirmed) await this.#owner.confirm();
      if (!this.#store && lacksSpare()) await compile();
      // Another user's token has another store by now.
      const store = this.#store ?? this.#fresh();
      const nth = (this.#lastRound = this.#begun += 1);
      if (!signal.aborted) {
        const json = this.#json;
        await takePages(store, caller, this.#route, json, signal);
      }
      if (!signal.aborted) {
        store.commit();
        this.#taken = nth;
      }
      end = () => this.#done();
    } catch (error) {
      end = () => this.#failed(error);
    }
    if (signal.aborted) {
      if (!this.#closed) {
        // A round that has begun since will do for them.
        (this.#round ? this.#joined : this.#waiting).push(...waiting);
        if (this.#waiting.length > 0 && !this.#round) {
          this.#poll.refresh();
          this.#next();
        }
        return;
      }
    } else {
      this.#round = undefined;
      try {
        end();
      } catch {
        // The store broke, which has failed the list already.
      }
    }
    for (const resolve of waiting) resolve();
    this.#next();
  }

  #done(): void {
    this.#poll.done();
    this.#update();
    if (this.#status !== LIVE) this.#tell(LIVE);
  }

  #failed(reason: unknown): void {
    const { retryAfter } = Object(reason) as { retryAfter?: number };
    const { caller, rules } = this.#owner;
    const means = verdict(rules, reason, caller.isRenewed);
    this.#poll.failed(retryAfter ?? 0);
    if (means === Verdict.Gone || means === Verdict.Over) this.empty();
    const ends = means === Verdict.Over || means === Verdict.Hopeless;
    if (ends) this.#stop();
    this.#tell({ state: ends ? "stopped" : "stale", reason });
  }

  /** Gives up the round that is under way, and begins anew. */
  again(): void {
    this.#round?.abort();
    this.#round = undefined;
    this.#poll.restart();
    if (this.#waiting.length > 0) this.#poll.refresh();
    this.rests();
  }

  #stop(): void {
    this.#timer.stop();
    this.#poll.stop();
    this.#round?.abort();
    this.#round = undefined;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Forgets all: the memory that held it goes with its store. */
  empty(): void {
    const last = this.#snapshot;
    this.#store = this.#snapshot = undefined;
    let removed: string[] = [];
    try {
      removed = last?.ids() ?? [];
    } catch {
      // Its instance has trapped, and tells no more.
    }
    if (removed.length > 0) this.#hear({ added: [], changed: [], removed });
  }

  /** The store's instance has trapped, and what it held is lost. The next fetch makes another. */
  #broke(reason: unknown): void {
    this.empty();
    // A fetch that is under way fails by itself: one failure for each, so that the backoff grows.
    if (this.#round) return;
    this.#failed(reason);
    this.#next();
  }

  #fresh(): Store {
    const { responseKey } = this.#route;
    const idMember =
      responseKey === "access_codes" ? "access_code_id" : "device_id";
    const { caller, module } = this.#owner;
    const live = guarded(
      caller.errors,
      () => makeLive(module),
      (reason) => {
        if (this.#store === store) this.#broke(reason);
        throw reason;
      },
    );
    const store: Store = new Store(live, idMember, caller.errors);
    this.#snapshot = new Snapshot(store);
    return (this.#store = store);
  }

  #update(): void {
    const it = this.#snapshot;
    if (it?.update()) this.#hear(it.changes());
  }

  #tell(status: WatchStatus): void {
    this.#status = Object.freeze(status);
    this.#hear(undefined);
  }

  #hear(changes: Changes | undefined): void {
    for (const hear of this.#heard) {
      try {
        hear(changes);
      } catch {
        // What one makes of it is its own.
      }
    }
  }
}
