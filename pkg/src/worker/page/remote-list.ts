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

/** The longest that is waited for a token, in milliseconds. */
const MAX_RETRY_MS = 60_000;

const LOADING: WatchStatus = Object.freeze({ state: "loading" });

/** Those that load or are polled: they go on for who listens, even if nobody has more of them. */
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
  /** The status that the worker told of last. */
  #workerStatus = LOADING;
  #isShown = true;
  /** Whether there was no token for it. */
  #lacksToken = false;
  /** Until it is tried again to have one. */
  readonly #retryTimer = new Timer();
  /** What has come of news whose rest is on its way. */
  #arrivingItems: Item[] = [];
  /** What has come while another token is being checked, and nothing is shown. */
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
    // How it ended, the status tells.
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

  /** That was rejected: what was shown is shown again, and asked for anew. */
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
      // The worker tells of its status only when that is another.
      if (this.#status !== status) return;
      this.#status = this.#workerStatus;
      this.#emit(undefined);
    });
  }

  /** There is a token now. */
  onFirstToken(): void {
    if (this.#lacksToken) this.#startWatching();
  }

  /** There is another token: the list is another's until it is told anew. */
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

  /** What can no longer be taken back is no longer shown. */
  onConnectionLost(reason: unknown): void {
    keptLists.delete(this);
    this.#retryTimer.stop();
    this.#heldUpdates = undefined;
    this.#id = 0;
    this.#status = Object.freeze({ state: "stopped", reason });
    this.#clearData();
  }

  /** There is no token yet: it is tried again, if the list is polled. */
  #retryLater(reason: unknown): void {
    this.#client.connection.removeList(this.#id);
    // Until another is given by hand there will be none.
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

  /** Forgets all. */
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
        // What one makes of it is nothing to the others.
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
