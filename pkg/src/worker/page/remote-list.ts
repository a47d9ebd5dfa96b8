import { SeamSignedOutError } from "../../core/errors.js";
import { MANUAL_INTERVAL } from "../../lists/rules.js";
import { Snapshot } from "../../lists/snapshot.js";
import type {
  ChangeListener,
  SharedList,
} from "../../lists/list-subscription.js";
import type { Route } from "../../core/route.js";
import { Timer } from "../../core/time.js";
import type { Changes, WatchStatus } from "../../core/watch-types.js";
import type { ApiClient } from "./api-client.js";
import type { ListSink } from "./connection.js";
import type { Item, ListUpdate } from "../protocol/messages.js";
import { ListReplica } from "./list-replica.js";
import { fromPlainError } from "../protocol/plain-error.js";

/** The longest time until a list without a token is tried again, in milliseconds. */
const MAX_RETRY_MS = 60_000;

const LOADING: WatchStatus = Object.freeze({ state: "loading" });

/**
 * Lists that load or are polled: they stay alive for their listeners even if nothing else refers to
 * them.
 */
const keptLists = new Set<object>();

/** A list that the worker keeps, as the page shows it. */
export class RemoteList<T extends object> implements SharedList<T>, ListSink {
  readonly #client: ApiClient;
  readonly #route: Route;
  readonly #json: string;
  readonly #listeners = new Set<ChangeListener>();
  #interval: number;
  #id = 0;
  #replica = new ListReplica();
  #snapshot = new Snapshot<T>(this.#replica);
  #status = LOADING;
  /** The last status that the worker sent. */
  #workerStatus = LOADING;
  #isShown = true;
  /** Whether there was no token for the list. */
  #lacksToken = false;
  /** Tries again to get a token. */
  readonly #retryTimer = new Timer();
  /** Items of an update whose last part has not arrived. */
  #arrivingItems: Item[] = [];
  /** Updates that have arrived while another token is being checked and nothing is shown. */
  #heldUpdates: ListUpdate[] | undefined;

  constructor(client: ApiClient, route: Route, json: string, interval: number) {
    this.#client = client;
    this.#route = route;
    this.#json = json;
    this.#interval = interval;
    this.#startWatching();
  }

  get snapshot(): Snapshot<T> | undefined {
    return this.#isShown && !this.#heldUpdates ? this.#snapshot : undefined;
  }

  get status(): WatchStatus {
    return this.#status;
  }

  set interval(interval: number) {
    if (interval === this.#interval) return;
    this.#interval = interval;
    this.#updateKept();
    if (this.#lacksToken) this.#startWatching();
    else {
      const { connection } = this.#client;
      connection.send({ type: "set-interval", id: this.#id, interval });
    }
  }

  addChangeListener(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async refresh(): Promise<void> {
    this.onFirstToken();
    // The status says how the fetch ended.
    try {
      await this.#client.whenReady();
    } catch {
      return;
    }
    const { connection, listTimeoutMs } = this.#client;
    const id = connection.nextId();
    const list = this.#id;
    await connection
      .request(id, { type: "refresh", id, list }, listTimeoutMs)
      .catch(() => {});
  }

  /** Another token is being checked, which may be another user's. */
  onTokenCheck(): void {
    if (this.#heldUpdates || this.#id === 0) return;
    this.#heldUpdates = [];
    this.#status = LOADING;
    this.#emit(undefined);
  }

  /** The other token was rejected: shows the data again, and fetches it again. */
  onTokenRejected(reason: unknown): void {
    const held = this.#heldUpdates;
    if (!held) return;
    this.#heldUpdates = undefined;
    const status: WatchStatus = Object.freeze({ state: "stale", reason });
    this.#status = status;
    this.#emit(undefined);
    for (const update of held) this.onUpdate(update);
    if (this.#lacksToken) return;
    void this.refresh().then(() => {
      // The worker sends its status only when it changes.
      if (this.#status !== status) return;
      this.#status = this.#workerStatus;
      this.#emit(undefined);
    });
  }

  /** There is a token now. */
  onFirstToken(): void {
    if (this.#lacksToken) this.#startWatching();
  }

  /** The token was replaced: shows nothing until the worker sends the list again. */
  onTokenReplaced(): void {
    this.close();
    this.#status = LOADING;
    this.#clearData();
    this.#startWatching();
  }

  close(): void {
    const { connection } = this.#client;
    this.#retryTimer.stop();
    connection.removeList(this.#id);
    this.#heldUpdates = undefined;
    this.#id = 0;
    keptLists.delete(this);
  }

  #updateKept(): void {
    const goesOn = this.#interval < MANUAL_INTERVAL || this.#status === LOADING;
    if (goesOn) keptLists.add(this);
    else keptLists.delete(this);
  }

  #startWatching(): void {
    const { connection, clientId } = this.#client;
    const id = (this.#id = connection.nextId());
    this.#updateKept();
    this.#arrivingItems = [];
    this.#retryTimer.stop();
    this.#lacksToken = false;
    const ready = this.#client.whenReady();
    const start = (): void => {
      if (id !== this.#id) return;
      const [json, interval] = [this.#json, this.#interval];
      const { path } = this.#route;
      connection.send({
        type: "watch",
        client: clientId,
        id,
        path,
        json,
        interval,
      });
    };
    if (ready === undefined) start();
    else {
      ready.then(start, (reason: unknown) => {
        if (id === this.#id) this.#retryLater(reason);
      });
    }
    connection.addList(clientId, id, this);
  }

  /** The connection has ended: data that can no longer be withdrawn is not shown. */
  onConnectionLost(reason: unknown): void {
    keptLists.delete(this);
    this.#retryTimer.stop();
    this.#heldUpdates = undefined;
    this.#id = 0;
    this.#status = Object.freeze({ state: "stopped", reason });
    this.#clearData();
  }

  /** There is no token yet: tries again later, if the list is polled. */
  #retryLater(reason: unknown): void {
    this.#client.connection.removeList(this.#id);
    // There will be no token until one is set by hand.
    if (reason instanceof SeamSignedOutError)
      return this.onConnectionLost(reason);
    this.#lacksToken = true;
    this.#status = Object.freeze({ state: "stale", reason });
    this.#updateKept();
    if (this.#interval < MANUAL_INTERVAL) {
      const ms = Math.min(this.#interval, MAX_RETRY_MS);
      this.#retryTimer.start(ms, () => this.#startWatching());
    }
    this.#emit(undefined);
  }

  onUpdate(update: ListUpdate): void {
    if (this.#heldUpdates) return void this.#heldUpdates.push(update);
    const { status, isShown, isFresh, order, items } = update;
    let { changes } = update;
    for (const item of items ?? []) this.#arrivingItems.push(item);
    if (isShown === undefined) return;
    this.#isShown = isShown;
    if (status !== undefined) {
      this.#status = this.#workerStatus = statusOf(status);
      this.#updateKept();
    }
    const arrived = this.#arrivingItems;
    this.#arrivingItems = [];
    if (isFresh) {
      this.#clearData();
      changes = {
        added: arrived.map(([, id]) => id),
        changed: [],
        removed: [],
      };
    }
    this.#replica.apply(arrived, order === undefined ? {} : { order });
    this.#emit(this.#snapshot.update() ? changes : undefined);
  }

  /** Forgets all data. */
  #clearData(): void {
    const removed = this.#snapshot.ids();
    this.#replica = new ListReplica();
    this.#snapshot = new Snapshot<T>(this.#replica);
    const gone = { added: [], changed: [], removed };
    this.#emit(removed.length > 0 ? gone : undefined);
  }

  #emit(changes: Changes | undefined): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(changes);
      } catch {
        // A listener's error is its own.
      }
    }
  }
}

function statusOf({
  state,
  reason,
}: NonNullable<ListUpdate["status"]>): WatchStatus {
  if (state === "loading") return LOADING;
  return Object.freeze(
    reason === undefined
      ? { state }
      : { state, reason: fromPlainError(reason) },
  ) as WatchStatus;
}
