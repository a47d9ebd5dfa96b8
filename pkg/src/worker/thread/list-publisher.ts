import type { PolledList } from "../../lists/polled-list.js";
import { open } from "../../lists/watch-list.js";
import { NEVER } from "../../lists/rules.js";
import type { Store } from "../../lists/store.js";
import { Fact, Which } from "../../lists/list-module.js";
import type { ListSubscription } from "../../lists/list-subscription.js";
import { routeAt, type Route } from "../../core/route.js";
import type { Changes, WatchStatus } from "../../core/watch-types.js";
import type { Client } from "./shared-clients.js";
import type { Item, ListUpdate } from "../protocol/messages.js";
import { toPlain } from "../protocol/plain-error.js";

/** So many things go in one message, so that the page has no long task. */
const PIECE = 250;

/** Whom a feed is for. */
interface For {
  say(news: ListUpdate): void;
  isHidden(): boolean;
}

/** Tells one page what is new of a list that all pages of a client share. */
export class ListPublisher {
  readonly #client: Client;
  readonly #for: For;
  readonly #opened: Promise<void>;
  #interval: number;
  #share: ListSubscription<object, PolledList<object>> | undefined;
  #closed = false;
  /** What the page has been told last. */
  #store: Store | undefined;
  #status: WatchStatus | undefined;
  #order: Uint32Array = new Uint32Array();

  constructor(
    client: Client,
    route: Route,
    json: string,
    interval: number,
    whom: For,
  ) {
    this.#client = client;
    this.#for = whom;
    this.#interval = interval;
    this.#opened = this.#open(route, json);
  }

  /** Milliseconds from one round to the next. */
  interval(interval: number): void {
    this.#interval = interval;
    if (this.#share) this.#share.interval = interval;
  }

  /** The page was hidden or shown. */
  rests(): void {
    this.#share?.list.rests();
  }

  async refresh(): Promise<void> {
    await this.#opened;
    await this.#share?.refresh();
  }

  close(): void {
    this.#closed = true;
    this.#share?.close();
  }

  async #open(route: Route, json: string): Promise<void> {
    const { caller } = this.#client;
    // Who wants no rounds keeps none up.
    const isHidden = (): boolean =>
      this.#interval >= NEVER || this.#for.isHidden();
    try {
      const share = await open<object>(
        caller,
        routeAt,
        route,
        json,
        this.#interval,
        () => {},
        isHidden,
      );
      this.#share = share;
      if (this.#closed) return share.close();
      share.interval = this.#interval;
      const unlisten = share.list.listen((changes) => {
        if (this.#closed) unlisten();
        else this.#tell(share.list, changes);
      });
      this.#tell(share.list);
    } catch (reason) {
      const status = this.#plain({ state: "stopped", reason });
      this.#for.say({ status, shown: false });
    }
  }

  #tell(list: PolledList<object>, changes?: Changes): void {
    const { status, store } = list;
    const news: ListUpdate = { shown: store !== undefined };
    if (status !== this.#status) news.status = this.#plain(status);
    this.#status = status;
    let items: Item[] = [];
    if (store !== undefined && store !== this.#store) {
      this.#store = store;
      this.#order = store.slots(Which.All);
      Object.assign(news, { fresh: true, order: this.#order });
      items = this.#items(store, this.#order);
    } else if (store === undefined && changes !== undefined) {
      // All is gone: what the page shows goes as well, and it tells that.
      this.#store = undefined;
      this.#order = new Uint32Array();
      Object.assign(news, { shown: true, fresh: true, order: this.#order });
    } else if (store !== undefined && changes !== undefined) {
      news.changes = changes;
      const order = store.slots(Which.All);
      if (!same(order, this.#order)) news.order = this.#order = order;
      const slots = [Which.Added, Which.Changed].map((it) => store.slots(it));
      items = slots.flatMap((it) => this.#items(store, it));
    }
    for (; items.length > PIECE; items = items.slice(PIECE)) {
      this.#for.say({ items: items.slice(0, PIECE) });
    }
    this.#for.say({ ...news, items });
  }

  /** The bits are the core's: it alone knows which battery is low, and what can be done. */
  #items(store: Store, slots: Uint32Array): Item[] {
    const facts = new Map<number, number>();
    for (const [query, fact] of [
      [{ online: true }, Fact.Online],
      [{ low_battery: true }, Fact.LowBattery],
      [{ has_errors: true }, Fact.HasErrors],
    ] as const) {
      for (const slot of store.find(query)) {
        facts.set(slot, (facts.get(slot) ?? 0) | fact);
      }
    }
    return Array.from(slots, (slot) => [
      slot,
      store.id(slot),
      this.#client.shownText(store.text(slot) ?? "null"),
      facts.get(slot) ?? 0,
      store.capabilities(slot),
    ]);
  }

  #plain(status: WatchStatus): NonNullable<ListUpdate["status"]> {
    if (!("reason" in status)) return { state: status.state };
    const reason = this.#client.shown(toPlain(status.reason));
    return { state: status.state, reason };
  }
}

function same(one: Uint32Array, other: Uint32Array): boolean {
  return (
    one.length === other.length && one.every((it, nth) => it === other[nth])
  );
}
