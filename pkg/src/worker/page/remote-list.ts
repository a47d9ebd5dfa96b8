import { SeamSignedOutError } from "../../core/errors.js";
import { NEVER } from "../../lists/rules.js";
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
import { fromPlain } from "../protocol/plain-error.js";

/** The longest that is waited for a token, in milliseconds. */
const LONGEST_WAIT = 60_000;

const LOADING: WatchStatus = Object.freeze({ state: "loading" });

/** Those that load or are polled: they go on for who listens, even if nobody has more of them. */
const kept = new Set<object>();

/** A list that the worker keeps, as the page shows it. */
export class RemoteList<T extends object> implements SharedList<T>, ListSink {
  readonly #caller: ApiClient;
  readonly #route: Route;
  readonly #json: string;
  readonly #heard = new Set<ChangeListener>();
  #interval: number;
  #id = 0;
  #mirror = new ListReplica();
  #snapshot = new Snapshot<T>(this.#mirror);
  #status = LOADING;
  /** The status that the worker told of last. */
  #told = LOADING;
  #shown = true;
  /** Whether there was no token for it. */
  #isWithout = false;
  /** Until it is tried again to have one. */
  readonly #timer = new Timer();
  /** What has come of news whose rest is on its way. */
  #items: Item[] = [];
  /** What has come while another token is being checked, and nothing is shown. */
  #held: ListUpdate[] | undefined;

  constructor(caller: ApiClient, route: Route, json: string, interval: number) {
    this.#caller = caller;
    this.#route = route;
    this.#json = json;
    this.#interval = interval;
    this.#watch();
  }

  get snapshot(): Snapshot<T> | undefined {
    return this.#shown && !this.#held ? this.#snapshot : undefined;
  }

  get status(): WatchStatus {
    return this.#status;
  }

  set interval(interval: number) {
    if (interval === this.#interval) return;
    this.#interval = interval;
    this.#keep();
    if (this.#isWithout) this.#watch();
    else {
      const { connection } = this.#caller;
      connection.say({ say: "interval", id: this.#id, interval });
    }
  }

  listen(hear: ChangeListener): () => void {
    this.#heard.add(hear);
    return () => {
      this.#heard.delete(hear);
    };
  }

  async refresh(): Promise<void> {
    this.resume();
    // How it ended, the status tells.
    try {
      await this.#caller.ready();
    } catch {
      return;
    }
    const { connection, patience } = this.#caller;
    const id = connection.number();
    const list = this.#id;
    await connection
      .ask(id, { say: "refresh", id, list }, patience)
      .catch(() => {});
  }

  /** Another token is being checked, which may be another user's. */
  checking(): void {
    if (this.#held || this.#id === 0) return;
    this.#held = [];
    this.#status = LOADING;
    this.#tell(undefined);
  }

  /** That was rejected: what was shown is shown again, and asked for anew. */
  restored(reason: unknown): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    const status: WatchStatus = Object.freeze({ state: "stale", reason });
    this.#status = status;
    this.#tell(undefined);
    for (const news of held) this.hear(news);
    if (this.#isWithout) return;
    void this.refresh().then(() => {
      // The worker tells of its status only when that is another.
      if (this.#status !== status) return;
      this.#status = this.#told;
      this.#tell(undefined);
    });
  }

  /** There is a token now. */
  resume(): void {
    if (this.#isWithout) this.#watch();
  }

  /** There is another token: the list is another's until it is told anew. */
  renewed(): void {
    this.close();
    this.#status = LOADING;
    this.#empty();
    this.#watch();
  }

  close(): void {
    const { connection } = this.#caller;
    this.#timer.stop();
    connection.unlisten(this.#id);
    this.#held = undefined;
    this.#id = 0;
    kept.delete(this);
  }

  #keep(): void {
    const goesOn = this.#interval < NEVER || this.#status === LOADING;
    if (goesOn) kept.add(this);
    else kept.delete(this);
  }

  #watch(): void {
    const { connection, number: client } = this.#caller;
    const id = (this.#id = connection.number());
    this.#keep();
    this.#items = [];
    this.#timer.stop();
    this.#isWithout = false;
    const ready = this.#caller.ready();
    const say = (): void => {
      if (id !== this.#id) return;
      const [json, interval] = [this.#json, this.#interval];
      const { path } = this.#route;
      connection.say({ say: "watch", client, id, path, json, interval });
    };
    if (ready === undefined) say();
    else {
      ready.then(say, (reason: unknown) => {
        if (id === this.#id) this.#wait(reason);
      });
    }
    connection.listen(client, id, this);
  }

  /** What can no longer be taken back is no longer shown. */
  end(reason: unknown): void {
    kept.delete(this);
    this.#timer.stop();
    this.#held = undefined;
    this.#id = 0;
    this.#status = Object.freeze({ state: "stopped", reason });
    this.#empty();
  }

  /** There is no token yet: it is tried again, if the list is polled. */
  #wait(reason: unknown): void {
    this.#caller.connection.unlisten(this.#id);
    // Until another is given by hand there will be none.
    if (reason instanceof SeamSignedOutError) return this.end(reason);
    this.#isWithout = true;
    this.#status = Object.freeze({ state: "stale", reason });
    this.#keep();
    if (this.#interval < NEVER) {
      const ms = Math.min(this.#interval, LONGEST_WAIT);
      this.#timer.start(ms, () => this.#watch());
    }
    this.#tell(undefined);
  }

  hear(news: ListUpdate): void {
    if (this.#held) return void this.#held.push(news);
    const { status, shown, fresh, order, items } = news;
    let { changes } = news;
    for (const item of items ?? []) this.#items.push(item);
    if (shown === undefined) return;
    this.#shown = shown;
    if (status !== undefined) {
      this.#status = this.#told = statusOf(status);
      this.#keep();
    }
    const arrived = this.#items;
    this.#items = [];
    if (fresh) {
      this.#empty();
      changes = {
        added: arrived.map(([, id]) => id),
        changed: [],
        removed: [],
      };
    }
    this.#mirror.apply(arrived, order === undefined ? {} : { order });
    this.#tell(this.#snapshot.update() ? changes : undefined);
  }

  /** Forgets all. */
  #empty(): void {
    const removed = this.#snapshot.ids();
    this.#mirror = new ListReplica();
    this.#snapshot = new Snapshot<T>(this.#mirror);
    const gone = { added: [], changed: [], removed };
    this.#tell(removed.length > 0 ? gone : undefined);
  }

  #tell(changes: Changes | undefined): void {
    for (const hear of [...this.#heard]) {
      try {
        hear(changes);
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
    reason === undefined ? { state } : { state, reason: fromPlain(reason) },
  ) as WatchStatus;
}
